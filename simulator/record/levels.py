"""Levels over time, derived from the facts: on hand, backlog, on order, phantom stock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.foundation.compiled.changes import Changes
from simulator.foundation.compiled.sorting import Merged, stable_order
from simulator.record.facts import Facts
from simulator.record.ledger import Bools, FactColumns, Floats

Level = Literal["on_hand", "backlog", "on_order", "phantom"]
LEVELS: tuple[Level, ...] = ("on_hand", "backlog", "on_order", "phantom")
"""`phantom`: units on record in excess of the stock on hand."""
HELD: dict[Level, str] = {**{level: level for level in LEVELS}, "backlog": "backordered"}
"""Where `ItemLevels` has each level."""
PART = 200_000
"""Rows of a part of all levels, unless one item has more."""
Change = tuple[Floats, NDArray[Any], NDArray[Any]]
"""Times (days), item numbers and signed units by which the level changes; three arrays of one length."""


def changes(facts: Facts, level: Level) -> Iterator[Change]:
    """Yields every change of a level, the facts of one kind after those of another."""
    held = facts.cancelled["held"] > 0
    if level == "on_hand":
        yield facts.since_start, facts.demand.items, -facts.at_once
        sourced, sent = facts.sourced, facts.transfers
        if sourced.size:  # taken from another shelf than the one of the customer's own site
            times = facts.opens[sourced.numbers("order")]
            yield times, sourced["home"], sourced["taken"]
            yield times, sourced["item"], -sourced["taken"]
        if sent.size:
            there = sent.where(sent["arrives"] < facts.world.horizon)
            yield sent["time"], sent["origin"], -sent["units"]
            yield there["arrives"], there["item"], there["units"]
        yield _change(facts.receipts)
        yield _change(facts.fills, -1)
        yield _change(facts.replaced, -1)
        yield _change(facts.cancelled.where(held))
        yield _change(facts.recovered, -1)
        yield _change(facts.adjusted)
        yield from assembly(facts)
    elif level == "backlog":
        yield backorders(facts)
        yield _change(facts.fills, -1)
        yield _change(facts.cancelled.where(~held), -1)
    elif level == "phantom":
        adjusted = facts.adjusted
        yield adjusted["time"], adjusted["item"], adjusted["record"] - adjusted["units"]
    else:
        bought = facts.purchases
        yield np.maximum(bought["time"], 0.0), bought["item"], bought["units"]
        yield _change(facts.withdrawn, -1)
        receipts = facts.receipts
        yield receipts["time"], receipts["item"], -(receipts["units"] + receipts["lost"])
        sent = facts.transfers
        if sent.size:  # units in transfer are on order at the site to which they go
            there = sent.where(sent["arrives"] < facts.world.horizon)
            yield sent["time"], sent["item"], sent["units"]
            yield there["arrives"], there["item"], -there["units"]


def assembly(facts: Facts) -> Iterator[Change]:
    """Yields kits that come into being, then the units of each component that are used for them, in order of time."""
    made = facts.assembled
    if made.size:
        yield _change(made)
        kits = made.numbers("item")
        for part, kit, each in facts.world.parts:
            mine = kits == kit
            yield made["time"][mine], np.full(int(mine.sum()), float(part)), -each * made["units"][mine]


def _change(facts: FactColumns, sign: int = 1) -> Change:
    return facts["time"], facts["item"], sign * facts["units"]


def backorders(facts: Facts) -> Change:
    """Units that went on backorder, when they did; a backlog from before the start at time 0."""
    short = facts.backordered
    times = np.append(facts.opens, 0.0)[np.maximum(short.numbers("order"), -1)]
    if facts.opening.count:
        times = np.maximum(times, 0.0)
    return times, short["item"], short["units"]


def initial(stock: tuple[int, ...], level: Level) -> Floats:
    """Units of every item at time 0 before anything happens (an initial backlog enters as a change at time 0)."""
    if level == "on_hand":
        return np.maximum(np.array(stock, dtype=np.float64), 0)
    return np.zeros(len(stock))


class StepFunction(NamedTuple):
    """A quantity over time: it is `values[k]` from `times[k]` (days) on; the first time is 0."""

    times: Floats
    values: Floats

    def before(self, times: Floats) -> Floats:
        """The values just before these times (at time 0: the first value)."""
        found: Floats = self.values[np.maximum(np.searchsorted(self.times, times, side="left") - 1, 0)]
        return found

    def mean(self, start: float, end: float) -> float:
        """The time average over [start, end)."""
        edges = np.append(self.times, end)
        areas = np.diff(np.clip(edges, start, end, out=edges))
        del edges  # a long run has no memory to spare
        areas *= self.values
        return float(np.sum(areas) / (end - start))

    def peak(self, start: float) -> float:
        """The highest value from `start` on."""
        first = max(int(np.searchsorted(self.times, start, side="right")) - 1, 0)
        return float(self.values[first:].max())


def step_function(times: Floats, changes: Floats) -> StepFunction:
    """The running sum of changes at these times, in any order; one value for each instant."""
    order = stable_order(times)
    times = times[order]  # a long run has no memory to spare: what was given is freed if nobody else holds it
    changes = changes[order]
    del order
    values = np.cumsum(changes, out=changes)
    last = np.append(times[1:] != times[:-1], True)
    return StepFunction(times[last], values[last])


class Steps(NamedTuple):
    """A level of every item, sorted by item and time; an item's first row is its level at time 0.

    Several rows of one item and instant are one change: only the last of them is a level (see `is_last`).
    """

    items: NDArray[Any]
    times: Floats
    units: Floats

    @property
    def is_last(self) -> Bools:
        """Which rows are the last of their item and instant."""
        return np.append((self.items[1:] != self.items[:-1]) | (self.times[1:] != self.times[:-1]), True)

    @property
    def ends(self) -> Bools:
        """Which rows are the last of their item."""
        return np.append(self.items[1:] != self.items[:-1], True)

    def parts(self) -> Iterator[Steps]:
        """The levels of some items at a time, so that what follows from them takes little memory in a long run."""
        ends, first = np.flatnonzero(self.ends) + 1, 0
        while first < self.items.size:
            last = int(
                ends[max(np.searchsorted(ends, first + PART, side="right") - 1, np.searchsorted(ends, first + 1))]
            )
            yield Steps(*(column[first:last] for column in self))
            first = last

    def durations(self, start: float, end: float) -> Floats:
        """Days of [start, end) for which each row lasts, up to the next row of the item."""
        since: Floats = np.clip(self.times, start, end)
        until = np.append(since[1:], end)
        until[self.ends] = end
        return until - since


def smallest(numbers: int) -> type[np.int16] | type[np.int32]:
    """The type of that many numbers; numpy sorts 16 bits in time proportional to the rows."""
    return np.int16 if numbers <= np.iinfo(np.int16).max else np.int32


def path(facts: Facts, level: Level, items: Sequence[int] | None) -> StepFunction:
    """The level of some items together (None: of all) over time."""
    if items is None:
        found: StepFunction = _once(facts, level, _path)
        return found
    times, units = [np.zeros(1)], [np.array([initial(facts.initial, level)[items].sum()])]
    for when, which, change in changes(facts, level):
        mine = np.isin(which, items)
        times.append(when[mine])
        units.append(change[mine])
    return step_function(np.concatenate(times), np.concatenate(units))


def steps(facts: Facts, level: Level) -> Steps:
    """The paths of all items at once."""
    found: Steps = _once(facts, level, _steps)
    return found


def gathered(facts: Facts, level: Level) -> Changes:
    """Every change of a level, in the types that the compiled library reads."""
    found: Changes = _once(facts, level, _gathered)
    return found


def _gathered(facts: Facts, level: Level) -> Changes:
    return Changes(changes(facts, level))


def _once(facts: Facts, level: Level, work: Callable[[Facts, Level], Any]) -> Any:
    """Works something out once for all who ask, except in a long run."""
    key = level, work.__name__
    if facts.is_long:
        return work(facts, level)
    if key not in facts.levels:
        facts.levels[key] = work(facts, level)
    return facts.levels[key]


def _steps(facts: Facts, level: Level) -> Steps:
    n, first = len(facts.world.items), initial(facts.initial, level)
    number = smallest(n)
    if (found := Merged(gathered(facts, level), first).steps()) is not None:
        ends, times, units = found
        return Steps(np.repeat(np.arange(n, dtype=number), np.diff(ends, prepend=0)), times, units)
    item, time, change = _in_order_of_time(facts, level)
    order = np.argsort(item, kind="stable")
    item, time = item[order], time[order]
    change = change[order]
    del order
    # One running sum over all items; subtracting what the items before came to leaves each item's own level.
    running = np.cumsum(change, out=change)
    heads = np.searchsorted(item, np.arange(n, dtype=number), side="left")
    before = np.where(heads > 0, running[heads - 1], 0.0)
    running -= np.repeat(before, np.diff(heads, append=item.size))
    return Steps(item, time, running)


def _path(facts: Facts, level: Level) -> StepFunction:
    if (found := Merged(gathered(facts, level), initial(facts.initial, level)).path()) is not None:
        return StepFunction(*found)
    _, time, change = _in_order_of_time(facts, level)
    last = np.append(time[1:] != time[:-1], True)
    return StepFunction(time[last], np.cumsum(change)[last])


def _in_order_of_time(facts: Facts, level: Level) -> tuple[NDArray[Any], Floats, Floats]:
    """Item, time and units of every change, in order of time; the level at time 0 comes first."""
    n = len(facts.world.items)
    number = smallest(n)
    items, times, units = [np.arange(n, dtype=number)], [np.zeros(n)], [initial(facts.initial, level)]
    for when, which, change in changes(facts, level):
        items.append(which.astype(number))
        times.append(when)
        units.append(change)
    item, time, units_ = joined(items), joined(times), joined(units)
    order = stable_order(time)  # merges the kinds of facts, each of which is in order of time
    return item[order], time[order], units_[order]


def joined(parts: list[NDArray[Any]]) -> NDArray[Any]:
    """All parts as one; empties the list, for a long run has no memory to spare."""
    found: NDArray[Any] = np.concatenate(parts)
    parts.clear()
    return found


def areas(facts: Facts, level: Level, start: float, end: float) -> Floats:
    """Integral of every item's level over [start, end), unit-days, shape (items,).

    Each change counts with the days that are left after it, so that nothing has to be sorted.
    """
    total = initial(facts.initial, level) * (end - start)
    if gathered(facts, level).areas(start, end, total):
        return total
    for when, which, change in changes(facts, level):
        left = end - np.clip(when, start, end)
        total += np.bincount(which.astype(np.int64), weights=change * left, minlength=total.size)
    return total
