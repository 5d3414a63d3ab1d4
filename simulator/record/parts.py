"""What became of an order: parts of its lines, each with the dates of its own way from the order to the door."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from simulator.record.ledger import Floats, Ints
from simulator.record.levels import at_once

if TYPE_CHECKING:
    from simulator.record.run import Run

NEVER = math.inf
KINDS = ("backordered", "refused", "recovered", "fills", "cancelled", "parcels")


@dataclass(frozen=True)
class Part:
    """Units of one line that went the same way. Dates are days; inf: not in this run."""

    order: int
    line: int
    item: int
    units: float
    placed: float
    filled: float = NEVER
    shipped: float = NEVER
    delivered: float = NEVER
    parcel: int = -1
    """Row of its parcel among the facts; -1: none."""
    gone: float = NEVER
    """Refused or cancelled."""
    cause: int = -1
    """`Cause` of the cancellation; -1 with `gone`: not ordered."""
    exit: int = -1
    """How it left at checkout, or what it is in place of (`Exit`)."""

    @property
    def over(self) -> float:
        """When it leaves the stage."""
        return min(self.delivered, self.gone)


def parts_of(run: Run, order: int) -> list[Part]:
    """The parts of one order; below 0 a backlog from before the start."""
    return parts(run, [order])[order]


def parts(run: Run, orders: list[int]) -> dict[int, list[Part]]:
    """The parts of the named orders, by order."""
    taken = at_once(run)
    rows = {name: _rows(getattr(run, name), orders) for name in KINDS}
    return {order: _order(run, order, taken, {name: found[order] for name, found in rows.items()}) for order in orders}


def open_between(run: Run, start: float, end: float) -> list[int]:
    """Orders that were placed before `end` and are not over by `start`, those from before the run first."""
    last = np.array(run.demand.times, dtype=np.float64)
    waiting = np.zeros(last.size)
    for facts, sign in ((run.backordered, 1.0), (run.fills, -1.0), (run.cancelled, -1.0)):
        own = facts["order"] >= 0
        if "held" in facts:
            own = own & (facts["held"] == 0)
        np.add.at(waiting, facts["order"][own].astype(np.int64), sign * facts["units"][own])
    dated = ((run.parcels, "delivered"), (run.recovered, "time"), (run.fills, "time"), (run.cancelled, "time"))
    for facts, date in dated:
        own = facts["order"] >= 0
        np.maximum.at(last, facts["order"][own].astype(np.int64), facts[date][own])
    there = run.came & (run.demand.times < end) & ((last >= start) | (waiting > 0))
    before = sorted({int(order) for order in run.backordered["order"] if order < 0}, reverse=True)
    early = [order for order in before if any(part.over >= start for part in parts_of(run, order))]
    return [*early, *np.flatnonzero(there).tolist()]


def _rows(facts: dict[str, Floats], orders: list[int]) -> dict[int, Ints]:
    """The rows of each order in a table, in order of time."""
    wanted = np.isin(facts["order"], orders)
    found: dict[int, list[int]] = {order: [] for order in orders}
    for row in np.flatnonzero(wanted).tolist():
        found[int(facts["order"][row])].append(row)
    return {order: np.array(rows, dtype=np.int64) for order, rows in found.items()}


def _order(run: Run, order: int, taken: Ints, rows: dict[str, Ints]) -> list[Part]:
    placed = float(run.demand.times[order]) if order >= 0 else 0.0
    found: list[Part] = []
    if order >= 0:
        start, end = run.line_starts[order : order + 2].tolist()
        for line, place in enumerate(range(start, end)):
            if taken[place] > 0:
                item = int(run.demand.items[place])
                found.append(Part(order, line, item, float(taken[place]), placed, filled=placed))
    waiting: dict[tuple[int, int], float] = {}
    for row in rows["backordered"].tolist():
        key = _key(run.backordered, row)
        waiting[key] = waiting.get(key, 0.0) + float(run.backordered["units"][row])
    for row in rows["refused"].tolist():
        line, item = _key(run.refused, row)
        how = int(run.refused["exit"][row])
        found.append(Part(order, line, item, float(run.refused["units"][row]), placed, gone=placed, exit=how))
    for row in rows["recovered"].tolist():
        line, item = _key(run.recovered, row)
        time, how = float(run.recovered["time"][row]), int(run.recovered["exit"][row])
        found.append(Part(order, line, item, float(run.recovered["units"][row]), time, filled=time, exit=how))
    for row in rows["fills"].tolist():
        line, item = key = _key(run.fills, row)
        units = float(run.fills["units"][row])
        waiting[key] = waiting.get(key, 0.0) - units
        found.append(Part(order, line, item, units, placed, filled=float(run.fills["time"][row])))
    back: list[Part] = []
    for row in rows["cancelled"].tolist():
        line, item = key = _key(run.cancelled, row)
        units, cause = float(run.cancelled["units"][row]), int(run.cancelled["cause"][row])
        left = Part(order, line, item, units, placed, gone=float(run.cancelled["time"][row]), cause=cause)
        if run.cancelled["held"][row]:
            back.append(left)
        else:
            waiting[key] = waiting.get(key, 0.0) - units
            found.append(left)
    found = _put_back(found, back)
    found = _packed(found, [(row, *_parcel(run, row)) for row in rows["parcels"].tolist()])
    found += [Part(order, line, item, units, placed) for (line, item), units in waiting.items() if units > 0]
    return sorted(found, key=lambda part: (part.line, part.filled, part.gone))


def _key(facts: dict[str, Floats], row: int) -> tuple[int, int]:
    return int(facts["line"][row]), int(facts["item"][row])


def _parcel(run: Run, row: int) -> tuple[float, float, float]:
    facts = run.parcels
    return float(facts["shipped"][row]), float(facts["delivered"][row]), float(facts["units"][row])


def _put_back(found: list[Part], back: list[Part]) -> list[Part]:
    """What had been filled and was cancelled before it left: the last fills of its line go back to the shelf."""
    for left in back:
        units = left.units
        for k in reversed(range(len(found))):
            part = found[k]
            if units <= 0 or (part.line, part.item) != (left.line, left.item) or part.gone < NEVER:
                continue
            some = min(units, part.units)
            units -= some
            found[k] = replace(part, units=part.units - some)
            found.append(replace(part, units=some, gone=left.gone, cause=left.cause))
    return [part for part in found if part.units > 0]


def _packed(found: list[Part], parcels: list[tuple[int, float, float, float]]) -> list[Part]:
    """Filled parts go into the first parcel that leaves after the fill and has room; a part may be split by that."""
    ready = sorted((p for p in found if p.filled < NEVER and p.gone == NEVER), key=lambda part: part.filled)
    packed = [p for p in found if not (p.filled < NEVER and p.gone == NEVER)]
    for row, shipped, delivered, room in sorted(parcels, key=lambda parcel: parcel[1]):
        left: list[Part] = []
        for part in ready:
            some = min(room, part.units) if part.filled <= shipped else 0.0
            room -= some
            if some:
                packed.append(replace(part, units=some, shipped=shipped, delivered=delivered, parcel=row))
            if part.units > some:
                left.append(replace(part, units=part.units - some))
        ready = left
    return packed + ready
