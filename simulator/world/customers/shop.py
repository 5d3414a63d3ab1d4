"""The shop: a SimPy process draws the orders with all that they bring, a window at a time, and feeds them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.engine.backlog import Terms
from simulator.events.event import Span
from simulator.events.surge import Surge
from simulator.randomness.distribution import Distribution, Floats
from simulator.randomness.orderbook import Ints, OrderBook, OrderSource, Times, lines_of_orders, or_at_once
from simulator.randomness.streams import Streams
from simulator.record.ledger import Demand, Ledger
from simulator.scenario.schema.customers import Customers
from simulator.world.clock import FedClock, Phase, Process, Row
from simulator.world.delivery.clearance import Clearance
from simulator.world.orders.arrival import Extras, Recall
from simulator.world.orders.flow import Flow
from simulator.world.waiting.wanted_days import WantedDays

DRAWN_AT_ONCE = 4096
"""About how many orders a window of the order book has; results do not depend on it."""
FEW = 256
"""Orders of which Python's numbers are made at once; results do not depend on it."""


REQUESTS = 2**40
"""More orders than a file has: the numbers of what belongs together differ between streams of orders."""
NO_RECALLS: tuple[Recall, ...] = ()
"""Of orders for more than is needed: the data call nothing off, but the customer may call surplus off."""


class Draw:
    """A column of draws for the orders of one inflow, in the order in which they are placed."""

    def __init__(self, law: Distribution, rng: np.random.Generator) -> None:
        self.draw = law.drawer(rng)
        self.constant = law.moments().mean if law.moments().variance == 0 else None

    def block(self, n: int) -> Floats:
        """The next n numbers."""
        return np.full(n, self.constant) if self.constant is not None else self.draw(n)


@dataclass
class Dip:
    """A fall in demand: each usual order (or its lines of some items) is kept with a probability."""

    event: Surge
    spans: list[Span]
    rng: np.random.Generator
    items: Ints | None

    def thin(self, book: OrderBook, horizon: float) -> OrderBook:
        """The orders that are still placed; one uniform draw per order, whatever the event's strength."""
        lost = np.zeros(len(book))
        for span in self.spans:
            lost = np.minimum(lost, self.event.extra(span, book.times, horizon))
        gone = self.rng.random(len(book)) < -lost
        if self.items is None:
            return book.select(~gone)
        return book.keep_lines(~(book.lines_of(gone) & np.isin(book.items, self.items)))


class Shape(Protocol):
    """How demand differs from the usual over a span."""

    @property
    def multiple(self) -> float:
        """Peak demand as a multiple of the usual."""

    def extra(self, span: Span, times: Floats, horizon: float) -> Floats:
        """Change of demand at each time as a multiple of the usual."""


class Crowd:
    """The additional orders of a spike: a Poisson stream thinned to the shape of the spike."""

    def __init__(
        self,
        event: Shape,
        spans: Sequence[Span],
        usual: Callable[[Floats], Floats],
        draw: Callable[[int], tuple[Ints, Ints, Ints]],
        rng: np.random.Generator,
        horizon: float,
        items: Ints | None,
    ) -> None:
        self.event, self.usual, self.draw = event, usual, draw
        self.rng, self.horizon, self.items = rng, horizon, items
        self.times = Times(self._blocks(spans))

    def _blocks(self, spans: Sequence[Span]) -> Iterator[Floats]:
        for span in spans:
            end = min(span.end, self.horizon)
            edges = np.append(
                np.arange(span.start, end, 1 / 48), np.nextafter(end, 0.0)
            )  # twice an hour, for the maximum
            most = float(self.usual(edges).max(initial=0.0)) * max(self.event.multiple - 1, 0.0)
            times = np.sort(
                span.start + self.rng.random(self.rng.poisson(most * (end - span.start))) * (end - span.start)
            )
            strength = self.usual(times) * self.event.extra(span, times, self.horizon)
            yield times[self.rng.random(times.size) * most < strength]

    def until(self, end: float) -> OrderBook:
        times = self.times.until(end)
        book = OrderBook(times, *self.draw(times.size))
        wanted = book.quantities > 0
        if self.items is not None:
            wanted &= np.isin(book.items, self.items)
        return book.keep_lines(wanted)


class Inflow:
    """One stream of orders with all that they bring: a segment's usual orders, or a crowd on top of them."""

    def __init__(
        self,
        owner: str,
        source: OrderSource,
        spec: Customers,
        streams: Streams,
        transit: Distribution | None,
        carrier: str,
        picking: Distribution | None,
        dips: Sequence[Dip] = (),
        purposes: Sequence[str | None] = (),
        identified: bool = False,
    ) -> None:
        self.owner, self.source, self.dips, self.identified = owner, source, dips, identified
        self.serial = 0
        self.together = spec.one_parcel
        self.names_dates, self.names_prices = spec.names_dates, spec.arrivals.names_prices
        self.names_changes = spec.arrivals.names_changes
        self.recorded = bool(spec.arrivals.order_names)
        self.inflation = spec.inflate

        def draw(law: Distribution | None, *name: str) -> Draw | None:
            return None if law is None else Draw(law, streams.stream(*name))

        self.patience = draw(spec.patience, "patience", owner)
        recorded = getattr(spec.arrivals, "need_by", None)  # a column goes before the law
        self.need_by = draw(None if recorded else spec.need_by, "need_by", owner)
        self.wanted = draw(spec.wanted, "wanted", owner)
        self.holds = None if spec.hold is None else spec.hold.drawer(streams, owner)
        self.transit = draw(transit, "transit", carrier, owner)
        self.picking = draw(picking, "picking", owner)
        self.draws = [purpose and streams.stream("coin", purpose, owner) for purpose in purposes]
        self.wish = streams.stream("one_parcel", owner) if 0 < spec.one_parcel < 1 else None

    def until(self, end: float, horizon: float) -> OrderBook:
        """The next orders before `end`, with patience, dates and the wish for one parcel."""
        book = self.source.until(end)
        for dip in self.dips:
            book = dip.thin(book, horizon)
        n = len(book)
        if self.inflation is not None:
            book.quantities = self.inflation.asked(book.quantities)
        if book.patience is None and self.patience is not None:
            book.patience = self.patience.block(n)
        if book.wanted is None and self.wanted is not None:
            book.wanted = self.wanted.block(n)
        if self.need_by is not None and (book.need_by is None or book.wanted is not None):
            book.need_by = np.maximum(self.need_by.block(n), or_at_once(book.need_by, n))
        if book.wanted is not None:
            days = or_at_once(book.wanted, n)
            book.need_by = book.wanted if book.need_by is None else np.maximum(book.need_by, days)
        if self.holds is not None:
            book.hold, book.released = self.holds(n)
        if book.one_parcel is None and self.together:
            chosen = np.ones(n, dtype=bool) if self.wish is None else self.wish.random(n) < self.together
            book.one_parcel = chosen
        return book

    def choices(self, n: int) -> Iterable[tuple[float, ...]]:
        """The uniform draws of the next n orders, 0 where none is needed."""
        if not any(self.draws):
            return repeat(())
        columns = [listed(draw.random(n)) if draw else repeat(0.0, n) for draw in self.draws]
        return zip(*columns)  # noqa: B905 - of one length

    def extras(self, book: OrderBook, need_by: Floats | None) -> Iterable[Extras]:
        """The extras of the orders; all share one where none is needed."""
        known = book.customer if self.identified else None
        plain = self.picking is None and need_by is None and book.hold is None
        if plain and not any(self.draws) and known is None:
            return repeat(Extras())
        days = repeat(math.inf) if need_by is None else listed(need_by)
        wanted = repeat(math.inf) if book.wanted is None else listed(book.wanted)
        customers = repeat(-1) if known is None else listed(known)
        picks, choices = self.parcels(self.picking, book), self.choices(len(book))
        extras: list[Iterable[Any]] = [picks, choices, days, wanted, customers]
        if book.hold is not None and book.released is not None:
            extras += [listed(book.hold), listed(book.released)]
        return map(Extras, *extras)

    def parcels(self, draw: Draw | None, book: OrderBook) -> Iterator[Sequence[float]]:
        """For each order as many draws as it has lines, for its first parcels; (0,) where nothing is drawn."""
        if draw is None:
            return repeat((0.0,))
        counts = book.counts
        if counts.size and counts.max() == 1:
            return zip(listed(draw.block(len(book))))
        return split(draw.block(int(counts.sum())), counts)


def listed(values: NDArray[Any]) -> Iterator[Any]:
    """The numbers of an array for Python, a few at a time, so that they are read from the processor's cache."""
    return chain.from_iterable(values[k : k + FEW].tolist() for k in range(0, len(values), FEW))


def split(values: NDArray[Any], counts: Ints) -> Iterator[list[Any]]:
    """The same in consecutive parts of the given lengths."""
    ends = np.cumsum(counts).tolist()

    def parts(k: int) -> list[list[Any]]:
        first, mine = ends[k - 1] if k else 0, ends[k : k + FEW]
        some = values[first : mine[-1]].tolist()
        return [some[a - first : b - first] for a, b in zip([first, *mine], mine)]  # noqa: B905 - one start too many

    return chain.from_iterable(parts(k) for k in range(0, len(ends), FEW))


class Shop:
    """All inflows together: draws their orders a window at a time and feeds them to the clock."""

    def __init__(
        self,
        clock: FedClock,
        flow: Flow,
        ledger: Ledger,
        inflows: list[Inflow],
        terms: Callable[[int, int, bool], Terms],
        rate: float,
        horizon: float,
    ) -> None:
        self.clock, self.flow, self.ledger, self.horizon = clock, flow, ledger, horizon
        self.inflows, self.terms = inflows, terms
        self.later = flow.followers.part(WantedDays)
        self.held = flow.followers.part(Clearance) is not None
        self.needs = any(inflow.names_dates for inflow in inflows)
        self.priced = any(inflow.names_prices for inflow in inflows)
        self.changes = any(inflow.names_changes for inflow in inflows)
        self.recorded = any(inflow.recorded for inflow in inflows)
        windows = max(1, min(math.ceil(rate * horizon / DRAWN_AT_ONCE), 10_000_000))
        self.edges = [horizon * k / windows for k in range(windows)] + [horizon]

    def open(self) -> Process:
        """A SimPy process: before each window, draws its orders, records them and feeds them to the clock."""
        for start, end in zip(self.edges, self.edges[1:]):  # noqa: B905 - pairs of neighbours
            yield self.clock.until(start, Phase.SWITCH)
            self.clock.feed(self._window(start, end), self.flow.entrance)

    def _window(self, start: float, end: float) -> Iterable[Row]:
        books = [inflow.until(end, self.horizon) for inflow in self.inflows]
        if len(books) == 1:
            rows, demand = self._rows(0, books[0])
            self._note(demand, start)
            return rows
        made = [self._rows(k, book) for k, book in enumerate(books)]
        times = np.concatenate([book.times for book in books])
        order = np.argsort(times, kind="stable")
        everything = Demand.join([demand for _, demand in made])
        self._note(everything.take(order, lines_of_orders(everything.counts, order)), start)
        everyone = [row for rows, _ in made for row in rows]
        return [everyone[k] for k in order.tolist()]

    def _note(self, demand: Demand, start: float) -> None:
        """Records the orders of a window, which begins now."""
        self.ledger.order_book(demand if self.later is None else self.later.dated(demand), start)

    def _rows(self, number: int, book: OrderBook) -> tuple[Iterator[Row], Demand]:
        """One plain tuple per order, with the fields of an `Arrival`, and the same orders as facts."""
        inflow = self.inflows[number]
        n = len(book)
        first = inflow.serial
        inflow.serial += n
        single = bool(n) and int(book.counts.max()) == 1
        need_by = None
        if self.needs:
            need_by = np.full(n, math.inf) if book.need_by is None else book.need_by
        rows = zip(  # noqa: B905 - as many as there are times
            listed(book.times),
            self._terms(number, book),
            range(first, first + n),
            repeat(math.inf) if book.patience is None else listed(book.patience),
            inflow.parcels(inflow.transit, book) if book.transits is None else listed(book.transits),
            zip(listed(book.items)) if single else split(book.items, book.counts),
            zip(listed(book.quantities)) if single else split(book.quantities, book.counts),
            repeat(NO_RECALLS if inflow.inflation else None) if book.cancel_at is None else _recalls(book, inflow),
            inflow.extras(book, need_by),
        )
        segment = self.terms(number, 0, False).segment
        demand = Demand(
            book.times,
            np.full(n, segment, dtype=np.int16),
            book.counts.astype(np.int32),
            book.items.astype(np.int32),
            book.quantities.astype(np.int32),
            need_by,
            None if self.later is None else book.wanted_days,
            prices=book.line_prices if self.priced else None,
            recorded=book.recorded_numbers if self.recorded else None,
        )
        if self.changes:
            none = np.full(n, -1, dtype=np.int64)
            demand.request = none if book.request is None else book.request + number * REQUESTS
            demand.changed = np.full(len(book.items), np.nan) if book.changed is None else book.changed
        if self.held:
            days = np.zeros(n) if book.hold is None else book.hold
            demand.held_until = np.where(days > 0, book.times + days, np.nan)
            demand.cleared = np.ones(n, dtype=bool) if book.released is None else book.released
        return rows, demand

    def _terms(self, number: int, book: OrderBook) -> Iterator[Terms]:
        if book.priority is None and book.one_parcel is None:
            return repeat(self.terms(number, 0, False))
        code = np.zeros(len(book), dtype=np.int64) if book.priority is None else 2 * book.priority
        if book.one_parcel is not None:
            code = code + book.one_parcel
        known = {k: self.terms(number, k // 2, k % 2 == 1) for k in np.unique(code).tolist()}
        return map(known.__getitem__, listed(code))


def _recalls(book: OrderBook, inflow: Inflow) -> list[tuple[Recall, ...] | None]:
    """The recorded recalls of each order."""
    assert book.cancel_at is not None
    assert book.cancel_quantity is not None
    found: list[tuple[Recall, ...] | None] = [NO_RECALLS if inflow.inflation else None] * len(book)
    lines = np.flatnonzero(np.isfinite(book.cancel_at))
    owner = np.repeat(np.arange(len(book)), book.counts)
    head = np.concatenate(([0], np.cumsum(book.counts)))
    for line in lines.tolist():
        k = int(owner[line])
        recall = Recall(line - int(head[k]), float(book.cancel_at[line]), int(book.cancel_quantity[line]))
        if book.lowered is not None:
            recall = recall._replace(lowered=bool(book.lowered[line]))
        found[k] = (*(found[k] or ()), recall)
    return found
