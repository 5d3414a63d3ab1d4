"""The order book of one replication as flat columns: drawn once, and shared by all policies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.backlog import Order
from simulator.kernel.border import pointers
from simulator.randomness.orderbook import lines_of_orders
from simulator.record.ledger import Demand, Floats, Ints
from simulator.world.customers.shop import Draw, Inflow
from simulator.world.orders.arrival import UniformDraws

Places = NDArray[np.int32]
MOST_LINES = 2**31 - 1


@dataclass
class ColumnBook:
    """n orders in order of time, with all that they bring whatever the policy."""

    demand: Demand
    line_ptr: Places
    """Place of each order's first line, and the number of lines; `transit_ptr` and `pick_ptr` are places of numbers."""
    inflow: NDArray[np.integer]
    """Number of the inflow of each order."""
    serial: NDArray[np.integer]
    """How many orders came before it in its inflow."""
    code: Ints
    """2 x its own priority (0: that of its segment) + whether it wants one parcel."""
    patience: Floats
    transit_ptr: Places
    transit: Floats
    pick_ptr: Places
    pick: Floats
    recall_at: Floats | None
    """By line, when the record calls units of it off (nan: never); None where it never does."""
    recall_units: Ints | None

    @cached_property
    def kinds(self) -> tuple[list[tuple[int, int, bool]], Any]:
        """The kinds of orders as (inflow, priority, together), and the kind of each order."""
        if not self.inflow.any() and not self.code.any():
            return [(0, 0, False)] * bool(self.inflow.size), np.zeros(self.inflow.size, dtype=np.int32)
        codes = int(self.code.max()) + 1
        found, mine = np.unique(self.inflow.astype(np.int64) * codes + self.code, return_inverse=True)
        kinds = [(k // codes, k % codes // 2, bool(k % codes % 2)) for k in found.tolist()]
        return kinds, mine.astype(np.int32)


def draw_book(inflows: Sequence[Inflow], segments: Sequence[int], horizon: float) -> ColumnBook:
    """Everything that orders bring, a whole replication at a time: random streams belong to inflows, so the numbers are
    those that a window at a time would give. `segments` are the numbers of the inflows' segments."""
    needs = any(inflow.names_dates for inflow in inflows)
    priced = any(inflow.names_prices for inflow in inflows)
    recorded = any(inflow.recorded for inflow in inflows)
    parts = [
        _part(number, inflow, segment, horizon, (needs, priced, recorded))
        for number, (inflow, segment) in enumerate(zip(inflows, segments, strict=True))
    ]
    if not parts:
        none, whole = np.empty(0), np.empty(0, dtype=np.int64)
        zero = np.zeros(1, dtype=np.int32)
        return ColumnBook(Demand.join([]), zero, whole, whole, whole, none, zero, none, zero, none, None, None)
    return (
        parts[0]
        if len(parts) == 1
        else _merged(parts, np.argsort(np.concatenate([p.demand.times for p in parts]), kind="stable"))
    )


def with_opening(book: ColumnBook, opening: Sequence[Order], inflows: int) -> ColumnBook:
    """The book with orders from before the start, of one line each, behind all others; each is an inflow of its own."""
    if not opening:
        return book
    n, demand = len(opening), book.demand
    before = Demand(
        np.array([order.placed for order in opening]),
        np.array([order.terms.segment for order in opening], dtype=np.int16),
        np.ones(n, dtype=np.int32),
        np.array([order.arrival.items[0] for order in opening], dtype=np.int32),
        np.array([order.arrival.quantities[0] for order in opening], dtype=np.int32),
        None if demand.need_by is None else np.full(n, np.inf),
        prices=None if demand.prices is None else np.full(n, np.nan),
        recorded=None if demand.recorded is None else np.full(n, -1, dtype=np.int32),
    )
    serial = np.array([order.arrival.serial for order in opening])
    patience = np.array([order.arrival.patience for order in opening])
    lines, transit_ptr = np.arange(n + 1, dtype=np.int32), np.zeros(n + 1, dtype=np.int32)
    picks = np.array([order.arrival.extras.picks[0] for order in opening])
    numbers, zeros = inflows + np.arange(n), np.zeros(n, dtype=np.int64)
    extra = ColumnBook(
        before, lines, numbers, serial, zeros, patience, transit_ptr, np.empty(0), lines, picks, None, None
    )
    return _merged([book, extra], np.arange(len(demand.times) + n))


def _part(number: int, inflow: Inflow, segment: int, horizon: float, columns: tuple[bool, bool, bool]) -> ColumnBook:
    """The orders of one inflow; `columns`: whether the book has dates, prices, and numbers of recorded orders."""
    needs, priced, recorded = columns
    book = inflow.until(horizon, horizon)
    n = len(book)
    lines = places_of(book.counts)
    need_by = None
    if needs:
        need_by = np.full(n, np.inf) if book.need_by is None else book.need_by
    code = np.zeros(n, dtype=np.int64) if book.priority is None else 2 * book.priority
    if book.one_parcel is not None:
        code = code + book.one_parcel
    if book.transits is not None:
        width = book.transits.shape[1]
        transit_ptr = places_of(np.full(n, width, dtype=np.int32))
        transit = np.ascontiguousarray(book.transits).ravel()
    else:
        transit_ptr, transit = _drawn(inflow.transit, lines)
    demand = Demand(
        book.times,
        np.full(n, segment, dtype=np.int16),
        book.counts.astype(np.int32),
        book.items.astype(np.int32),
        book.quantities.astype(np.int32),
        need_by,
        prices=book.line_prices if priced else None,
        recorded=book.recorded_numbers if recorded else None,
    )
    return ColumnBook(
        demand,
        lines,
        np.full(n, number, dtype=np.int32) if number else np.zeros(n, dtype=np.int32),  # pages nobody touches
        np.arange(n, dtype=np.int32),
        code,
        np.full(n, np.inf) if book.patience is None else book.patience,
        transit_ptr,
        transit,
        *_drawn(inflow.picking, lines),
        book.cancel_at,
        book.cancel_quantity,
    )


def _drawn(draw: Draw | None, lines: Places) -> tuple[Places, Floats]:
    """As many numbers as an order has lines; a single 0 where nothing is drawn."""
    if draw is None:
        return np.arange(lines.size, dtype=np.int32), np.zeros(lines.size - 1)
    return lines, draw.block(int(lines[-1]))


def places_of(counts: NDArray[np.integer[Any]]) -> Places:
    """Where the part of each order begins in a flat array, and where the last one ends.

    Raises:
        MemoryError: there are more parts than the kernel counts, and than memory has room for.
    """
    if (total := int(counts.sum(dtype=np.int64))) > MOST_LINES:
        raise MemoryError(f"{total:,} order lines in one replication")
    return pointers(counts, np.int32)


def _merged(parts: list[ColumnBook], order: Ints) -> ColumnBook:
    """All parts as one book, in this order of their orders."""
    whole = Demand.join([replace(part.demand) for part in parts])
    lines = lines_of_orders(whole.counts, order)

    def by_order(column: str) -> Any:
        return np.concatenate([getattr(part, column) for part in parts])[order]

    def ragged(pointer: str, column: str) -> tuple[Places, Floats]:
        counts = np.concatenate([np.diff(getattr(part, pointer)) for part in parts])
        values = np.concatenate([getattr(part, column) for part in parts])
        return places_of(counts[order]), values[lines_of_orders(counts, order)]

    def by_line(values: Callable[[ColumnBook], Any], blank: float) -> Any:
        blanks = [np.full(part.demand.items.size, blank) for part in parts]
        return np.concatenate([b if values(p) is None else values(p) for p, b in zip(parts, blanks, strict=True)])[
            lines
        ]

    recalls = any(part.recall_at is not None for part in parts)
    demand = replace(
        whole,
        times=whole.times[order],
        segments=whole.segments[order],
        counts=whole.counts[order],
        items=whole.items[lines],
        quantities=whole.quantities[lines],
        need_by=None if whole.need_by is None else whole.need_by[order],
        prices=None if whole.prices is None else whole.prices[lines],
        recorded=None if whole.recorded is None else whole.recorded[order],
    )
    return ColumnBook(
        demand,
        places_of(demand.counts),
        by_order("inflow"),
        by_order("serial"),
        by_order("code"),
        by_order("patience"),
        *ragged("transit_ptr", "transit"),
        *ragged("pick_ptr", "pick"),
        by_line(lambda part: part.recall_at, np.nan) if recalls else None,
        by_line(lambda part: part.recall_units, 0) if recalls else None,
    )


def cards(book: ColumnBook, inflows: Sequence[Inflow]) -> Floats:
    """The draw of each order's card; no card of an order from before the start can fail."""
    found = np.ones(book.inflow.size)
    for number, inflow in enumerate(inflows):
        mine, rng = book.inflow == number, inflow.draws[UniformDraws._fields.index("card")]
        assert isinstance(rng, np.random.Generator)
        found[mine] = rng.random(int(mine.sum()))
    return found
