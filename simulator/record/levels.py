"""Levels over time, derived from the facts: on hand, backlog, on order, phantom stock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from simulator.record.ledger import Floats, Ints

if TYPE_CHECKING:
    from simulator.record.run import Run

Level = Literal["on_hand", "backlog", "on_order", "phantom"]
LEVELS: tuple[Level, ...] = ("on_hand", "backlog", "on_order", "phantom")
"""`phantom`: units that the record has more than there are on hand."""
Change = tuple[Floats, Floats, Floats]
"""Times (days), item numbers, units by which the level changes (signed); three arrays of one length."""


def changes(run: Run, level: Level) -> Iterator[Change]:
    """Every change of a level, as facts of one kind after the other."""
    if level == "on_hand":
        yield _at_once(run)
        yield run.receipts["time"], run.receipts["item"], run.receipts["units"]
        yield run.fills["time"], run.fills["item"], -run.fills["units"]
        yield run.replaced["time"], run.replaced["item"], -run.replaced["units"]
        held = run.cancelled["held"] > 0
        yield run.cancelled["time"][held], run.cancelled["item"][held], run.cancelled["units"][held]
        yield run.recovered["time"], run.recovered["item"], -run.recovered["units"]
        yield run.adjusted["time"], run.adjusted["item"], run.adjusted["units"]
    elif level == "backlog":
        yield backorders(run)
        yield run.fills["time"], run.fills["item"], -run.fills["units"]
        waiting = run.cancelled["held"] == 0
        yield run.cancelled["time"][waiting], run.cancelled["item"][waiting], -run.cancelled["units"][waiting]
    elif level == "phantom":
        yield run.adjusted["time"], run.adjusted["item"], run.adjusted["record"] - run.adjusted["units"]
    else:
        yield run.purchases["time"], run.purchases["item"], run.purchases["units"]
        yield run.withdrawn["time"], run.withdrawn["item"], -run.withdrawn["units"]
        gone = run.receipts["units"] + run.receipts["lost"]
        yield run.receipts["time"], run.receipts["item"], -gone


def backorders(run: Run) -> Change:
    """Units that went on backorder, when they did; a backlog from before the start at time 0."""
    facts = run.backordered
    number = facts["order"].astype(np.int64)
    times = np.zeros(number.size)
    own = number >= 0
    times[own] = run.demand.times[number[own]]
    return times, facts["item"], facts["units"]


def _at_once(run: Run) -> Change:
    """Units taken off the shelf the moment they were asked for, as falls of the level."""
    times = run.demand.times[run.line_orders]
    units = -at_once(run).astype(np.float64)
    return times, run.demand.items.astype(np.float64), units


def at_once(run: Run) -> Ints:
    """Units of every line taken off the shelf at its order, shape (L,)."""
    taken = run.demand.quantities.astype(np.int64)
    for short in (run.backordered, run.refused):
        own = {name: column[short["order"] >= 0] for name, column in short.items()}
        np.subtract.at(taken, run.lines_at(own), own["units"].astype(np.int64))
    return taken


def initial(run: Run, level: Level) -> Floats:
    """Units of every item at time 0, before anything happens (a backlog from before enters as a change at time 0)."""
    if level == "on_hand":
        return np.maximum(np.array(run.initial, dtype=np.float64), 0)
    return np.zeros(len(run.initial))


class Path(NamedTuple):
    """A level over time: it has `values[k]` from `times[k]` (days) on; the first time is 0."""

    times: Floats
    values: Floats


def path(run: Run, level: Level, items: Sequence[int] | None) -> Path:
    """The level of some items together, or the sum over all items, as a step function; one value an instant."""
    chosen = slice(None) if items is None else items
    times, units = [np.zeros(1)], [np.array([initial(run, level)[chosen].sum()])]
    for when, which, change in changes(run, level):
        mine = slice(None) if items is None else np.isin(which, items)
        times.append(when[mine])
        units.append(change[mine])
    when, change = np.concatenate(times), np.concatenate(units)
    order = np.argsort(when, kind="stable")
    when, value = when[order], np.cumsum(change[order])
    last = np.append(when[1:] != when[:-1], True)
    return Path(when[last], value[last])


class Steps(NamedTuple):
    """A level of every item, sorted by item and time; an item's first row is its level at time 0. Several rows of one
    item and instant are one change: only the last of them is a level."""

    items: Ints
    times: Floats
    units: Floats


def steps(run: Run, level: Level) -> Steps:
    """The paths of all items at once."""
    n = len(run.world.items)
    items, times, units = [np.arange(n)], [np.zeros(n)], [initial(run, level)]
    for when, which, change in changes(run, level):
        items.append(which.astype(np.int64))
        times.append(when)
        units.append(change)
    item, time, change = np.concatenate(items), np.concatenate(times), np.concatenate(units)
    order = np.lexsort((time, item))
    item, time = item[order], time[order]
    running = np.cumsum(change[order])
    heads = np.searchsorted(item, np.arange(n), side="left")
    before = np.where(heads > 0, running[heads - 1], 0.0)
    return Steps(item, time, running - before[item])


def areas(run: Run, level: Level, start: float, end: float) -> Floats:
    """Integral of every item's level over [start, end), unit-days, shape (items,); no sorting is needed."""
    total = initial(run, level) * (end - start)
    for when, which, change in changes(run, level):
        left = end - np.clip(when, start, end)
        total += np.bincount(which.astype(np.int64), weights=change * left, minlength=total.size)
    return total
