"""What a customer wished for when the order was placed, in words."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulator.record.facts import Facts


def wish(facts: Facts, order: int, date: Callable[[float], str]) -> str:
    """The day on which the goods are wanted, as the end of a sentence; '' if at once.

    Args:
        date: writes a time, in days, as a date.
    """
    wanted, opens = facts.demand.wanted, facts.demand.opens
    if wanted is None or opens is None or np.isnan(wanted[order]):
        return ""

    def day(time: float) -> str:
        return " ".join(date(float(time)).split())

    later = opens[order] > facts.demand.times[order]
    reserved = f"; stock is reserved from {day(opens[order])} on" if later else ""
    return f", wanted on {day(wanted[order])}{reserved}"
