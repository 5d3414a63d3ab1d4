"""Orders that are open at the start: they keep their number, age, promised day and place in the queue."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from simulator.engine.backlog import Order, Shown, Terms
from simulator.model.opening import OpenBook
from simulator.randomness.estimate import LeadTimeEstimate
from simulator.record.ledger import Demand
from simulator.world.customers.order_streams import draws_needed, terms_for
from simulator.world.delivery.clearance import Clearance
from simulator.world.orders.arrival import Arrival, Extras, UniformDraws
from simulator.world.sites.sourcing import LinePart, SiteSourcing
from simulator.world.state import ReplicationState
from simulator.world.waiting.terms import FulfilmentByOrder
from simulator.world.waiting.waiting_orders import WaitingOrders
from simulator.world.waiting.wanted_days import WantedDays

OPEN = "\x1eopen"
"""Suffix of the name of the random numbers of a segment's open orders: its later orders keep theirs."""


def place_open_orders(state: ReplicationState) -> None:
    """Puts the open orders of the scenario into the backlog, the oldest first; stock that is free goes to them at
    time 0."""
    opening = state.scenario.opening
    if opening is not None and opening.orders is not None:
        OpenQueue(state, opening.orders.book).place_all()


class OpenQueue:
    """The open orders on their way into the backlog of one replication."""

    def __init__(self, state: ReplicationState, book: OpenBook) -> None:
        self.state, self.book, self.flow = state, book, state.flow
        names = state.numbering.segments
        first = next(iter(state.scenario.customers))
        self.segments = [names.index(name or first) for name in book.segments]
        """Number of the segment of every order."""
        self.owners = [f"{state.scenario.customers[name].stream or name}{OPEN}" for name in names]
        self.numbers = [state.numbering.catalogue_of(name).numbers for name in names]
        self.patience: dict[int, LeadTimeEstimate] = {}
        """How long customers of a segment wait, by its number."""
        self.draws = draws_needed(state)
        self.sourcing = self.flow.followers.part(SiteSourcing)
        self.waiting = self.flow.followers.part(WaitingOrders)
        self.fulfilment = self.flow.followers.part(FulfilmentByOrder)

    def place_all(self) -> None:
        """Records all orders and puts them into the backlog."""
        book, engine = self.book, self.state.engine
        items = [self._item(order, line) for order in range(len(book)) for line in self._lines(order)]
        dated = any(spec.names_dates for spec in self.state.scenario.customers.values())
        priced = any(spec.arrivals.names_prices for spec in self.state.scenario.customers.values())
        recorded = any(spec.arrivals.order_names for spec in self.state.scenario.customers.values())
        later = self.flow.followers.part(WantedDays)
        demand = Demand(
            book.placed,
            np.array(self.segments, dtype=np.int16),
            book.counts.astype(np.int32),
            np.array(items, dtype=np.int32),
            book.quantities.astype(np.int32),
            np.full(len(book), math.inf) if dated else None,  # on which day it is needed is not on record
            None if later is None else np.full(len(book), math.nan),
            prices=np.full(len(items), math.nan) if priced else None,
            recorded=np.full(len(book), -1, dtype=np.int32) if recorded else None,
        )
        if any(spec.arrivals.names_changes for spec in self.state.scenario.customers.values()):
            demand.request = np.full(len(book), -1, dtype=np.int64)
            demand.changed = np.full(len(items), math.nan)
        if self.flow.followers.part(Clearance) is not None:
            demand.held_until, demand.cleared = np.full(len(book), math.nan), np.ones(len(book), dtype=bool)
        self.state.ledger.order_book(demand if later is None else later.dated(demand), 0.0)
        if self.waiting is not None:
            self.waiting.open_before = {k: book.date_of(k) for k in range(len(book))}
        for number in range(len(book)):
            self._place(number)
        engine.due.clear()  # what the backlog calls for is bought at the first reviews
        for shelf in engine.shelves:
            if shelf.on_hand and (shelf.backordered or shelf.claimed):
                engine.receive(shelf, 0)

    def _lines(self, order: int) -> range:
        lines = self.book.lines_of(order)
        return range(lines.start, lines.stop)

    def _item(self, order: int, line: int) -> int:
        return self.numbers[self.segments[order]][self.book.items[line]]

    def _place(self, number: int) -> None:
        book, ledger, serial = self.book, self.state.ledger, str(number)
        terms, streams = self._terms(number), self.state.streams
        items = [self._item(number, line) for line in self._lines(number)]
        units = book.quantities[book.lines_of(number)].tolist()
        draws = UniformDraws._fields if self.draws else ()
        coins = tuple(float(streams.keyed("coin", coin, terms.owner, serial).random()) for coin in draws)
        # Picking and transit are drawn when a parcel needs them: how many there will be is not known.
        extras, placed = Extras((), coins), float(book.placed[number])
        if self.sourcing is not None:
            own, items = items, self._at_sites(number, items)
            if own != items:
                self.sourcing.parts[number] = [
                    LinePart(line, *part) for line, part in enumerate(zip(items, units, units, strict=True))
                ]
                extras = extras._replace(asked=own)
        order = Order(number, placed, terms, Arrival(placed, terms, number, math.inf, (), items, units, None, extras))
        if self.fulfilment is not None:
            self.fulfilment.chooses(order, [], None, 0.0)
        date = book.date_of(number)
        if date is not None:
            ledger.promises.write(0.0, number, date, 1)
        self.flow.placed = number + 1
        engine = self.state.engine
        shown = {item: Shown(engine.available(engine.shelves[item]), 0, math.inf) for item in items}
        self._waits(order, shown, self._patience(number, terms.owner), 0.0)

    def _at_sites(self, number: int, items: list[int]) -> list[int]:
        """The shelves at which the lines of an order wait, in place of those at the customer's own site."""
        sites = [self.book.site_of(line) for line in self._lines(number)]
        names = [self.book.items[line] for line in self._lines(number)]
        numbering = self.state.numbering
        return [
            numbering.number(name, site) if site else item for item, name, site in zip(items, names, sites, strict=True)
        ]

    def _terms(self, number: int) -> Terms:
        segment = self.segments[number]
        spec = self.state.scenario.customers[self.state.numbering.segments[segment]]
        owner, wish = self.owners[segment], spec.one_parcel
        if 0 < wish < 1:
            wish = float(self.state.streams.keyed("one_parcel", owner, str(number)).random() < wish)
        priority = int(self.book.priority[number]) or spec.priority
        return terms_for(self.state, segment, priority, owner, wish == 1.0)

    def _waits(self, order: Order, shown: Mapping[int, Shown], patience: float, now: float) -> None:
        """The order waits with all of its lines; `patience` is what is left of it, days."""
        engine, followers, items = self.state.engine, self.flow.followers, order.arrival.items
        engine.taken = 0
        engine.place(order, items, order.arrival.quantities, range(len(items)), shown)
        for ordered in followers.ordered:
            ordered(order, now)
        self.flow.order_waits(order, patience, now)
        for placed in followers.placed:
            placed(order, now)

    def _patience(self, number: int, owner: str) -> float:
        """Days for which the customer goes on waiting: one who has waited longer than any should stays for good."""
        segment, streams = self.segments[number], self.state.streams
        law = self.state.scenario.customers[self.state.numbering.segments[segment]].patience
        if law is None:
            return math.inf
        if segment not in self.patience:
            self.patience[segment] = LeadTimeEstimate.of(law, streams.keyed("belief", "patience", owner))
        estimate, age = self.patience[segment], -float(self.book.placed[number])
        if estimate.draws[-1] <= age:
            return math.inf
        at = np.array([streams.keyed("patience", owner, str(number)).random()])
        return float(estimate.quantiles(age, at)[0])
