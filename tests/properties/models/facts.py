"""The facts of a run in plain Python, with names in place of numbers, so that runs of two worlds can be compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import numpy as np

from simulator.record.ledger import COLUMNS
from simulator.record.run import Run

TABLES = tuple(name for name in COLUMNS if name != "happened")
"""All facts but the days of events: what an event does, not that it happens."""
TIMES = {
    "time",
    "placed",
    "shipped",
    "delivered",
    "started",
    "ended",
    "done",
    "bought",
    "until",
    "date",
    "missed",
    "arrives",
}
TIMES |= {"days", "start", "end"}
UNITS = {"units", "lost", "record", "forecast", "actual", "taken"}


def same_name(name: str) -> str:
    return name


def rows(run: Run, table: str) -> list[dict[str, float]]:
    """The rows of one table as dictionaries of plain numbers."""
    columns = getattr(run, table)
    names = list(columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*(columns[n].tolist() for n in names), strict=True)]


def digest(run: Run) -> str:
    """SHA-256 of everything that was recorded, bit for bit."""
    found = sha256()
    for column in (run.demand.times, run.demand.segments, run.demand.counts, run.demand.items, run.demand.quantities):
        found.update(np.ascontiguousarray(column).tobytes())
    found.update(b"none" if run.demand.need_by is None else run.demand.need_by.tobytes())
    for table in TABLES:
        for name, column in getattr(run, table).items():
            found.update(f"{table}.{name}".encode())
            found.update(np.ascontiguousarray(column).tobytes())
    found.update(repr((run.initial, run.final)).encode())
    return found.hexdigest()


def named(
    run: Run,
    time: float = 1.0,
    units: int = 1,
    rename: Callable[[str], str] = same_name,
    segments: set[str] | None = None,
) -> dict[str, list[Any]]:
    """Every fact with names in place of numbers; an order is (segment, k-th order of that segment).

    Times are multiplied by `time`, quantities by `units`, names go through `rename`. With `segments`, only what belongs
    to these segments' orders, and to purchases of the items they ask for, is kept.
    """
    world = run.world
    items = [rename(item.name) for item in world.items]
    suppliers = [rename(supplier.name) for supplier in world.suppliers]
    who: list[tuple[str, int]] = []
    serial: Counter[str] = Counter()
    for number in run.demand.segments.tolist():
        name = rename(world.segments[number].name)
        who.append((name, serial[name]))
        serial[name] += 1
    bought: list[tuple[str, str, int]] = []
    count: Counter[tuple[str, str]] = Counter()
    for row in rows(run, "purchases"):
        key = (suppliers[int(row["supplier"])], items[int(row["item"])])
        bought.append((*key, count[key]))
        count[key] += 1
    mine = set(items)
    if segments is not None:
        mine = {
            items[item]
            for item, order in zip(run.demand.items.tolist(), run.line_orders.tolist(), strict=True)
            if who[order][0] in segments
        }

    def told(row: dict[str, float]) -> tuple[Any, ...] | None:
        found: list[Any] = []
        for name, value in row.items():
            if name == "order":
                owner = who[int(value)] if value >= 0 else ("before", items[-int(value) - 1])
                if segments is not None and owner[0] not in segments and owner[1] not in mine:
                    return None
                found.append(owner)
            elif name == "item":
                if segments is not None and "order" not in row and items[int(value)] not in mine:
                    return None
                found.append(items[int(value)])
            elif name == "supplier":
                found.append(suppliers[int(value)])
            elif name == "purchase":
                found.append(bought[int(value)])
            elif name in TIMES:
                found.append(value * time)
            elif name in UNITS:
                found.append(value * units)
            else:
                found.append(value)
        return tuple(found)

    tables: dict[str, list[Any]] = {}
    for table in TABLES:
        tables[table] = [fact for row in rows(run, table) if (fact := told(row)) is not None]
    need = run.demand.need_by
    starts = run.line_starts.tolist()
    tables["demand"] = [
        (
            placed * time,
            who[k],
            None if need is None else need[k] * time,
            [
                (items[int(run.demand.items[line])], int(run.demand.quantities[line]) * units)
                for line in range(starts[k], starts[k + 1])
            ],
        )
        for k, placed in enumerate(run.demand.times.tolist())
        if segments is None or who[k][0] in segments
    ]
    tables["final"] = sorted(
        (name, level.on_hand * units, level.on_order * units, level.backordered * units)
        for name, level in zip(items, run.final, strict=True)
        if name in mine
    )
    return tables


def without(tables: dict[str, list[Any]], *names: str) -> dict[str, list[Any]]:
    """All tables but these."""
    return {name: facts for name, facts in tables.items() if name not in names}
