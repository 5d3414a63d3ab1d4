"""Every table of the ledger of a replication as a Parquet file, with names in place of the numbers of objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from pathlib import Path

import numpy as np

from simulator.experiment.keeping import parquet
from simulator.experiment.keeping.parquet import Column, connected, named, texts, write_parquet
from simulator.experiment.storage.kept_files import FACTS, ORDERS, kept_file
from simulator.model.amounts import in_units
from simulator.model.loyalty import Experience
from simulator.model.nouns import Adjustment, Answer, Cause, Exit, HurryKind, Message, Refusal, World
from simulator.record.facts import Facts
from simulator.record.ledger import COLUMNS, FactColumns
from simulator.record.run import Run

SHOP = ""
"""Where the customers buy; a supplier with stock has facts of its own, under its name."""
FLAGS = {"told", "read", "page", "held", "bad", "on"}
"""Columns of 0 and 1."""
WHOLE = {"line", "units", "part", "taken", "purchase", "parcel", "entry", "record", "lost", "event"}
"""Columns of whole numbers."""
OF_UNITS = {"units", "taken", "record", "lost", "forecast", "actual"}
"""Columns of quantities, which are no whole numbers where items have a granularity."""
WORDS: dict[str, type[IntEnum]] = {
    "exit": Exit,
    "cause": Cause,
    "message": Message,
    "answer": Answer,
    "experience": Experience,
    "kind": HurryKind,
}
"""Columns that hold a number with a name."""
WHY: dict[str, type[IntEnum]] = {"adjusted": Adjustment, "blocked": Refusal}
"""What `why` means, by table."""
LINES, STOCK = "lines", "stock"


def keep_facts(run: Run, folder: Path) -> None:
    """Write every table that has rows, and last the orders, whose file stands for all of them.

    The tables and columns are those of `FactTables`. `stage` is '' for the shop and the name of the supplier for
    suppliers with stock; `order` is the user's own number and `number` that of the run; `item`, `supplier`, `segment`
    and so on are names, and `site` is that of the item's stock. Times are days from the start, -inf for before it.
    """
    stages: dict[str, Facts] = {SHOP: run, **run.suppliers}
    with connected() as database:

        def write(table: str, slices: Iterator[dict[str, Column]]) -> None:
            path = kept_file(folder, FACTS, run.policy, run.replication, table)
            write_parquet(database, path, (_labelled(run, columns) for columns in slices))

        for table in COLUMNS:
            if any(getattr(facts, table).size for facts in stages.values()):
                write(table, (part for stage, facts in stages.items() for part in _table(facts, table, stage)))
        write(STOCK, (_stock(facts, stage) for stage, facts in stages.items()))
        write(LINES, (part for stage, facts in stages.items() for part in _lines(facts, stage)))
        write(ORDERS, (part for stage, facts in stages.items() for part in _orders(facts, stage)))


def _labelled(run: Run, columns: dict[str, Column]) -> dict[str, Column]:
    size = next(iter(columns.values())).size
    labels = {"policy": texts([run.policy] * size), "replication": np.full(size, run.replication, dtype=np.int64)}
    return labels | columns


def _slices(size: int) -> Iterator[slice]:
    yield from (slice(first, min(first + parquet.SLICE, size)) for first in range(0, max(size, 1), parquet.SLICE))


def _stage(stage: str, size: int) -> Column:
    found: Column = np.full(size, stage, dtype=object)
    return found


def _table(facts: Facts, table: str, stage: str) -> Iterator[dict[str, Column]]:
    whole: FactColumns = getattr(facts, table)
    for rows in _slices(whole.size) if whole.size else ():
        found: dict[str, Column] = {"stage": _stage(stage, rows.stop - rows.start)}
        for name in COLUMNS[table]:
            found |= _column(facts, table, name, whole[name][rows])
        if table == "purchases":
            found["purchase"] = np.arange(rows.start, rows.stop)
            known = facts.opening.purchases
            names = (known[row].name if row in known else "" for row in range(rows.start, rows.stop))
            found["name"] = texts(names)
        if table in ("parcels", "lost"):
            found["parcel"] = np.arange(rows.start, rows.stop)
        yield found


def _column(facts: Facts, table: str, name: str, values: Column) -> dict[str, Column]:
    """A column of facts with names in place of numbers; a column of orders or items becomes two."""
    world = facts.world
    if name == "order":
        numbers = values.astype(np.int64)
        return {"order": _own_names(facts, numbers), "number": numbers}
    if name == "item":
        return {"item": named(_items(world), values), "site": named((item.site for item in world.items), values)}
    if name in ("origin", "home"):
        return {name: named((item.site for item in world.items), values)}
    if name in WORDS or name == "why":
        kinds = WHY[table] if name == "why" else WORDS[name]
        return {name: named(_words(kinds), values)}
    nouns: dict[str, Sequence[str]] = {
        "supplier": [supplier.name for supplier in world.suppliers],
        "segment": [segment.name for segment in world.segments],
        "site": [site.name for site in world.sites],
        "event": [event.name for event in world.events],
    }
    if name in nouns:
        return {name: named(nouns[name], values)}
    if name in FLAGS:
        return {name: values > 0}
    if name in OF_UNITS and world.grain != 1.0:
        return {name: in_units(world, values)}
    return {name: values.astype(np.int64) if name in WHOLE else values}


def _units(world: World, values: Column) -> Column:
    """Quantities: whole numbers, unless items have a granularity."""
    found: Column = values.astype(np.int64) if world.grain == 1.0 else in_units(world, values)
    return found


def _words(kinds: Iterable[IntEnum]) -> list[str]:
    return [kind.name.lower() for kind in kinds]


def _items(world: World) -> list[str]:
    return [item.name for item in world.items]


def _own_names(facts: Facts, numbers: Column) -> Column:
    """The user's own numbers of these orders."""
    found, places = np.unique(numbers, return_inverse=True)
    names = [facts.own_names(n, n + 1)[0] if n >= 0 else str(n) for n in found.tolist()]
    return texts(names)[places]


def _orders(facts: Facts, stage: str) -> Iterator[dict[str, Column]]:
    """The orders of the book, whether they came or not."""
    demand, world = facts.demand, facts.world
    for rows in _slices(len(demand.times)):
        size = rows.stop - rows.start
        found: dict[str, Column] = {
            "stage": _stage(stage, size),
            "order": texts(facts.own_names(rows.start, rows.stop)),
            "number": np.arange(rows.start, rows.stop),
            "segment": named((segment.name for segment in world.segments), demand.segments[rows]),
            "customer": texts(facts.customers_of(rows.start, rows.stop)),
            "came": facts.came[rows],
            "placed": demand.times[rows],
            "lines": demand.counts[rows].astype(np.int64),
        }
        for name in ("need_by", "wanted", "opens", "leaves", "due", "held_until"):
            column = getattr(demand, name)
            found[name] = np.full(size, np.nan) if column is None else column[rows]
        yield found


def _lines(facts: Facts, stage: str) -> Iterator[dict[str, Column]]:
    demand = facts.demand
    for rows in _slices(len(demand.items)):
        size = rows.stop - rows.start
        owner = facts.line_orders[rows].astype(np.int64)
        yield {
            "stage": _stage(stage, size),
            **_column(facts, LINES, "order", owner),
            "line": np.arange(rows.start, rows.stop) - facts.line_starts[owner],
            **_column(facts, LINES, "item", demand.items[rows]),
            "quantity": _units(facts.world, demand.quantities[rows]),
            "at_once": _units(facts.world, facts.at_once[rows]),
            "price": np.full(size, np.nan) if demand.prices is None else demand.prices[rows] / facts.world.grain,
        }


def _stock(facts: Facts, stage: str) -> dict[str, Column]:
    """Stock of every item at the start, and its levels at the end."""
    numbers = np.arange(len(facts.world.items))
    final = np.array(facts.final, dtype=np.int64).reshape(len(facts.final), -1)
    ends = ("on_hand", "on_order", "backordered", "phantom", "aside")
    return {
        "stage": _stage(stage, numbers.size),
        **_column(facts, STOCK, "item", numbers),
        "initial": _units(facts.world, np.array(facts.initial, dtype=np.int64)),
        **{
            name: _units(facts.world, final[:, k]) if final.size else np.zeros(numbers.size, dtype=np.int64)
            for k, name in enumerate(ends)
        },
    }
