"""What is agreed or known of an order when it is placed, in words: the wanted day, and a hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from simulator.model.nouns import Cause
from simulator.record.facts import Facts


def wish(facts: Facts, order: int, date: Callable[[float], str]) -> str:
    """The day on which the goods are wanted, and the end of a hold, as the end of a sentence; '' if there is neither.

    Args:
        date: writes a time, in days, as a date.
    """

    def day(time: float) -> str:
        return " ".join(date(float(time)).split())

    wanted, opens, until = facts.demand.wanted, facts.demand.opens, facts.demand.held_until
    found = ""
    if wanted is not None and opens is not None and not np.isnan(wanted[order]):
        later = opens[order] > facts.demand.times[order]
        reserved = f"; stock is reserved from {day(opens[order])} on" if later else ""
        found = f", wanted on {day(wanted[order])}{reserved}"
    if until is not None and not np.isnan(until[order]):
        found += f", held until {day(until[order])}"
    return found


def was_not_released(facts: Facts, cancelled: Mapping[str, float]) -> bool:
    """Whether the seller cancelled units because the hold of their order ended without release."""
    until, cleared, order = facts.demand.held_until, facts.demand.cleared, int(cancelled["order"])
    if until is None or cleared is None or order < 0 or cancelled["cause"] != Cause.SELLER:
        return False
    return bool(cancelled["time"] == until[order] and not cleared[order])


def why_cancelled(facts: Facts, cancelled: Mapping[str, float]) -> str:
    """Why units were cancelled, in words."""
    if was_not_released(facts, cancelled):
        return "the order was not released from its hold"
    return Cause(int(cancelled["cause"])).text
