"""What is agreed of an order, in words: the wanted day, a hold, and what its customer asks to change later."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np

from simulator.model.amounts import of_item
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
    if (added := int(facts.adds_to[order])) >= 0:
        found += f", added to order {facts.name_of(added)} of {day(facts.demand.times[added])}"
    if until is not None and not np.isnan(until[order]):
        found += f", held until {day(until[order])}"
    return found


class ChangeRequest(NamedTuple):
    """What a customer asked to change after the order was placed."""

    time: float
    """Days from the start."""
    what: str
    """The units added, '2 mug', or the item of which fewer were wanted."""
    order: str
    """The order that adds the units; '' if fewer were wanted, and they had left."""


def changes(facts: Facts, order: int) -> Iterator[ChangeRequest]:
    """The requests of an order's customer, but for those whose units were cancelled."""
    demand, items = facts.demand, facts.world.items
    if order < 0 or demand.changed is None:
        return
    raised = []
    for number in np.flatnonzero(facts.adds_to == order).tolist():
        raised.append(time := float(demand.times[number]))
        lines = slice(*facts.line_starts[number : number + 2])
        more = zip(demand.quantities[lines].tolist(), demand.items[lines].tolist(), strict=True)
        what = ", ".join(of_item(facts.world, units, item) for units, item in more)
        yield ChangeRequest(time, what, facts.name_of(number))
    first, end = facts.line_starts[order : order + 2].tolist()
    for line in range(first, end):
        time = float(demand.changed[line])
        if time < facts.world.horizon and time not in raised and not _reached(facts, order, line - first, time):
            yield ChangeRequest(time, items[int(demand.items[line])].name, "")


def _reached(facts: Facts, order: int, line: int, day: float) -> bool:
    """Whether units of a line were called off on a day."""
    gone = facts.cancelled
    return bool(((gone["order"] == order) & (gone["line"] == line) & (gone["time"] == day)).any())


def was_lowered(facts: Facts, cancelled: Mapping[str, float]) -> bool:
    """Whether units were called off because the customer asked for a smaller quantity."""
    days, order = facts.demand.changed, int(cancelled["order"])
    if days is None or order < 0 or cancelled["cause"] != Cause.CALLED_OFF:
        return False
    return bool(days[int(facts.line_starts[order]) + int(cancelled["line"])] == cancelled["time"])


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
    if was_lowered(facts, cancelled):
        return "the customer asked for less"
    return Cause(int(cancelled["cause"])).text
