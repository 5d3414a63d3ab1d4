"""What became of an order: parts of its lines, each with its own dates from the order to the customer's door."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from simulator.record.facts import Facts
from simulator.record.ledger import FactColumns, Floats

NEVER = math.inf
KINDS = ("backordered", "refused", "recovered", "fills", "cancelled", "parcels", "sourced")
Row = dict[str, float]
Rows = dict[str, list[Row]]
"""Rows about one order by table, in order of time; `row` is a row's number in its table."""


@dataclass(frozen=True)
class OrderPart:
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
    """When it was refused or cancelled."""
    cause: int = -1
    """`Cause` of the cancellation; -1 with `gone`: not ordered."""
    exit: int = -1
    """How it left at checkout, or what it replaces (`Exit`)."""

    @property
    def over(self) -> float:
        """When it was delivered, refused or cancelled."""
        return min(self.delivered, self.gone)


def parts_of(facts: Facts, order: int) -> list[OrderPart]:
    """The parts of one order; numbers below 0 are backlogs from before the start."""
    return parts(facts, [order])[order]


def parts(facts: Facts, orders: list[int]) -> dict[int, list[OrderPart]]:
    """The parts of these orders, by order."""
    taken = facts.at_once.astype(np.float64)
    rows: dict[int, Rows] = {order: {name: [] for name in KINDS} for order in orders}
    for name in KINDS:
        table: FactColumns = getattr(facts, name)
        for k in np.flatnonzero(np.isin(table["order"], orders)).tolist():
            row = {key: float(column[k]) for key, column in table.items()}
            rows[int(row["order"])][name].append({**row, "row": k})
    return {order: _of_order(facts, order, taken, found) for order, found in rows.items()}


def open_between(facts: Facts, start: float, end: float) -> list[int]:
    """Orders that were placed before `end` and are not over by `start`, those from before the run first."""
    last = np.array(facts.demand.times, dtype=np.float64)
    left = facts.cancelled.where(facts.cancelled["held"] == 0)
    waiting = facts.per_order(facts.backordered) - facts.per_order(facts.fills) - facts.per_order(left)
    for table, date in (
        (facts.parcels.own, "delivered"),
        (facts.recovered.own, "time"),
        (facts.fills.own, "time"),
        (facts.cancelled.own, "time"),
    ):
        np.maximum.at(last, table.numbers("order"), table[date])
    there = facts.came & (facts.demand.times < end) & ((last >= start) | (waiting > 0))
    before = sorted({int(order) for order in facts.backordered["order"] if order < 0}, reverse=True)
    early = [order for order in before if any(part.over >= start for part in parts_of(facts, order))]
    return [*early, *np.flatnonzero(there).tolist()]


def _of_order(facts: Facts, order: int, taken: Floats, rows: Rows) -> list[OrderPart]:
    placed = float(facts.demand.times[order]) if order >= 0 else 0.0
    opens = float(facts.opens[order]) if order >= 0 and facts.came[order] else placed

    def part(row: Row, **dates: Any) -> OrderPart:
        return OrderPart(order, int(row["line"]), int(row["item"]), row["units"], **{"placed": placed, **dates})

    found: list[OrderPart] = []
    if order >= 0:
        first, end = facts.line_starts[order : order + 2].tolist()
        elsewhere = [{**row, "units": row["taken"]} for row in rows["sourced"] if row["taken"]]
        found += [part(row, filled=opens) for row in elsewhere]
        for place in range(first, end):
            line = place - first
            units = float(taken[place]) - sum(row["units"] for row in elsewhere if row["line"] == line)
            if units > 0:
                row = {"line": line, "item": facts.demand.items[place], "units": units}
                found.append(part(row, filled=opens))
    found += [part(row, gone=opens, exit=int(row["exit"])) for row in rows["refused"]]
    found += [part(row, placed=row["time"], filled=row["time"], exit=int(row["exit"])) for row in rows["recovered"]]
    found += [part(row, filled=row["time"]) for row in rows["fills"]]
    left = [row for row in rows["cancelled"] if not row["held"]]
    found += [part(row, gone=row["time"], cause=int(row["cause"])) for row in left]
    held = [row for row in rows["cancelled"] if row["held"]]
    found = _put_back(found, [part(row, gone=row["time"], cause=int(row["cause"])) for row in held])
    found = _packed(found, rows["parcels"], facts)
    waiting: dict[tuple[float, float], float] = {}
    for sign, ended in ((1, rows["backordered"]), (-1, rows["fills"]), (-1, left)):
        for row in ended:
            key = row["line"], row["item"]
            waiting[key] = waiting.get(key, 0.0) + sign * row["units"]
    found += [part({"line": line, "item": item, "units": u}) for (line, item), u in waiting.items() if u > 0]
    return sorted(found, key=lambda part: (part.line, part.filled, part.gone))


def _put_back(found: list[OrderPart], back: list[OrderPart]) -> list[OrderPart]:
    """Takes out what had been filled and was cancelled before it left: the last fills of its line."""
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


def origins_of_parcels(facts: Facts) -> dict[int, int]:
    """Row of a parcel -> where it leaves from (see `ItemFacts.origin`); the others leave from the one warehouse."""
    sent, sites = facts.drop_shipped, facts.sent_from
    found = dict(zip(sent.numbers("parcel").tolist(), sent.numbers("supplier").tolist(), strict=True))
    return found | dict(zip(sites.numbers("parcel").tolist(), (-1 - sites.numbers("site")).tolist(), strict=True))


def place_of(facts: Facts, origin: int) -> str:
    """The name of the site that an origin stands for, where sites serve each other's customers; else ''."""
    return facts.world.sites[-1 - origin].name if facts.world.shared and origin < 0 else ""


def _packed(found: list[OrderPart], parcels: list[Row], facts: Facts) -> list[OrderPart]:
    """Puts filled parts into the first parcel of their origin that leaves after the fill and has room, splitting them
    as needed."""
    items, origins = facts.world.items, origins_of_parcels(facts)
    ready = sorted((p for p in found if p.filled < NEVER and p.gone == NEVER), key=lambda part: part.filled)
    packed = [p for p in found if not (p.filled < NEVER and p.gone == NEVER)]
    for parcel in sorted(parcels, key=lambda parcel: parcel["shipped"]):
        room, shipped, delivered = parcel["units"], parcel["shipped"], parcel["delivered"]
        origin = origins.get(int(parcel["row"]), -1)
        left: list[OrderPart] = []
        for part in ready:
            some = min(room, part.units) if part.filled <= shipped and items[part.item].origin == origin else 0.0
            room -= some
            if some:
                packed.append(
                    replace(part, units=some, shipped=shipped, delivered=delivered, parcel=int(parcel["row"]))
                )
            if part.units > some:
                left.append(replace(part, units=part.units - some))
        ready = left
    return packed + ready
