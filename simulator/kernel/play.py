"""Hands a replication over to the kernel: the objects that the builders of `world` made, as flat arrays."""

from __future__ import annotations

import ctypes
import math
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from simulator.events.effect import EventEffect, Stoppage
from simulator.foundation.signals import handled_where_asked
from simulator.kernel.book import ColumnBook, cards, draw_book, with_opening
from simulator.kernel.border import KernelFacts, KernelWorld, pointers
from simulator.kernel.calls import DrawnStream, KeptNumbers, KernelCalls
from simulator.kernel.numbers import ASKED, RULES, SERVICE, SHIPS
from simulator.kernel.outside import KernelBuyer, KernelClock, KernelHandle, plays_suppliers
from simulator.kernel.shelves import hand_over_assortment, hand_over_shelves
from simulator.randomness.distributions.continuous import Constant
from simulator.randomness.streams import Streams
from simulator.record.ledger import COLUMNS, ItemLevels
from simulator.record.run import Run
from simulator.world.buying.planner import tracks_by_period
from simulator.world.customers.order_streams import OrderStreams
from simulator.world.delivery.picking import PickingArea
from simulator.world.simulate import finish
from simulator.world.state import ReplicationState
from simulator.world.stock.assortment import Assortment
from simulator.world.suppliers.vendor import Vendor
from simulator.world.switchboard import Gate
from simulator.world.waiting.charging import Charging
from simulator.world.waiting.holding import Holding
from simulator.world.waiting.waiting_orders import WaitingOrders

SHUT, EFFECT = 0, 1


DRAWS = ("patience", "line_ptr", "transit_ptr", "transit", "pick_ptr", "pick")
"""What orders bring for the kernel alone, by the names that the book and the world have for it."""


class NotPlayed(Exception):
    """The kernel met something that only the other lane can play, or explain."""


class KernelPlay:
    """One replication of one policy in the kernel."""

    def __init__(self, state: ReplicationState, kept: KeptNumbers | None = None) -> None:
        """`state` is built on a `KernelClock`, and its processes are not started; `kept` is from another play of the
        replication, and this one adds to it."""
        self.kept = kept or KeptNumbers()
        self.state, self.world, self.facts = state, KernelWorld(), KernelFacts()
        assert isinstance(state.clock, KernelClock)
        self.clock, self.outside = state.clock, plays_suppliers(state)
        early = len(state.clock.early)
        vendors = state.flow.purchasing.vendors.values()
        self.vendors = [vendor for vendor in vendors if isinstance(vendor, Vendor)]
        self.gates = [*state.board.gates.values()]
        self.effects: list[EventEffect] = []
        followers = state.flow.followers
        self.charging, self.waiting = followers.part(Charging), followers.part(WaitingOrders)
        self.holding = followers.part(Holding)
        self.opening = [line.order for shelf in state.engine.shelves for line in shelf.backlog]
        """Orders from before the start."""
        self.kinds: list[tuple[int, int, bool]] | None = None
        """Those of which the kernel has the terms."""
        self._events()
        self.sources, self.streams = self._suppliers()
        self._delivery()
        self.order_streams = OrderStreams(state)
        self.owners = [
            *(inflow.owner for inflow in self.order_streams.inflows),
            *(order.terms.owner for order in self.opening),
        ]
        self._rules()
        self.book = self._orders(self.kept.book)
        self.plannings = tracks_by_period(state)
        hand_over_shelves(self.world, state, set(self.order_streams.fulfilment.critical()))
        self.world.fill(plans=len(self.plannings), plan_period=[*self.plannings])
        hand_over_assortment(self.world, state)
        self.calls = KernelCalls(
            state, self.world, self.facts, self.sources, self.streams, self.effects, [*self.plannings.values()]
        )
        self.calls.extra, self.calls.book, self.calls.owners = self.kept.extra, self.played, self.owners
        self.calls.note_rules()
        for tracks in self.plannings.values():
            self.calls.note_levels(tracks)
        self._entries(early)

    def _entries(self, early: int) -> None:
        """What the suppliers that Python plays have put into the queue when they were built, and put when they start;
        the alarms of the assortment are the kernel's."""
        for depot in self.state.depots:
            depot.start_reviews()
        for depot in self.state.depots:
            depot.first_reviews()
        entries = [(n >= early, *entry) for n, entry in enumerate(self.clock.early)]
        calls = self.clock.calls
        entries = [e for e in entries if not isinstance(getattr(calls[e[3]][0], "__self__", None), Assortment)]
        for number, (_, _, _, made) in enumerate(entries):
            calls[number] = calls.pop(made)
        self.clock.made = len(entries)
        self.world.fill(
            outside=self.outside,
            built=sum(not later for later, _, _, _ in entries),
            started=sum(later for later, _, _, _ in entries),
            entry_time=[time for _, time, _, _ in entries],
            entry_phase=[int(phase) for _, _, phase, _ in entries],
        )

    def _gate(self, gate: Gate) -> int:
        for number, known in enumerate(self.gates):
            if known is gate:
                return number
        self.gates.append(gate)
        return len(self.gates) - 1

    def _events(self) -> None:
        occurrences = [occurrence for occurrence in self.state.occurrences if occurrence.effects]
        operations = [[op for effect in o.effects for op in self._operations(effect)] for o in occurrences]
        spans = [span for occurrence in occurrences for span in occurrence.spans]
        flat = [op for each in operations for op in each]
        self.world.fill(
            events=len(occurrences),
            span_ptr=pointers([len(o.spans) for o in occurrences]),
            op_ptr=pointers([len(each) for each in operations]),
            span_start=[span.start for span in spans],
            span_end=[span.end for span in spans],
            ends_last=[any(effect.ends_last for effect in o.effects) for o in occurrences],
            op_kind=[kind for kind, _ in flat],
            op_target=[target for _, target in flat],
        )

    def _operations(self, effect: EventEffect) -> list[tuple[int, int]]:
        """(kind, target) of all that an effect does; the kernel has gates of its own."""
        family, name = effect.target
        if isinstance(effect, Stoppage) and not (self.outside and family == "suppliers"):
            known = self.state.board.gates
            if (family, name) in known:
                return [(SHUT, self._gate(known[family, name]))]
            return [(SHUT, self._gate(gate)) for (of, _), gate in known.items() if of == family]
        self.effects.append(effect)
        return [(EFFECT, len(self.effects) - 1)]

    def _suppliers(self) -> tuple[list[tuple[Vendor, int]], list[DrawnStream]]:
        """The suppliers; returns (supplier, shelf) of every source, and its streams of yields and lead times."""
        vendors, flat = self.vendors, []
        for shelf, shares in enumerate(self.state.flow.purchasing.sources):
            flat += [(vendor, shelf, share) for vendor, share in shares if isinstance(vendor, Vendor)]
        numbers = {vendor.number: number for number, vendor in enumerate(vendors)}
        laws = [
            (law, purpose, vendor, shelf)
            for vendor, shelf, _ in flat
            for law, purpose in ((vendor.yield_law, "yield"), (vendor.law, "lead_time"))
        ]
        self.world.fill(
            vendors=len(vendors),
            minimum=[vendor.minimum for vendor in vendors],
            vendor_gate=[self._gate(vendor.route.gate) for vendor in vendors],
            vendor_number=[vendor.number for vendor in vendors],
            order_delay=[vendor.order_delay for vendor in vendors],
            fifo=[vendor.fifo for vendor in vendors],
            ruled=[False for _ in vendors],
            sources=len(flat),
            source_ptr=pointers([len(shares) for shares in self.state.flow.purchasing.sources]),
            source_vendor=[numbers[vendor.number] for vendor, _, _ in flat],
            source_share=[share for _, _, share in flat],
            streams=len(laws),
            constant_draw=[law.value if isinstance(law, Constant) else math.nan for law, _, _, _ in laws],
            stream_at=np.zeros(len(laws), dtype=np.int64),
        )
        self.laws = [(law, (purpose, vendor.key, vendor.keys[shelf])) for law, purpose, vendor, shelf in laws]
        return [(vendor, shelf) for vendor, shelf, _ in flat], self.kept.rewound(self.state.streams, self.laws)

    def _delivery(self) -> None:
        flow = self.state.flow
        pickers = [picker for picker in flow.pickers if isinstance(picker, PickingArea)]
        areas = [*dict.fromkeys(pickers)]
        self.world.fill(
            segments=len(pickers),
            areas=len(areas),
            direct=flow.direct,
            area=[areas.index(picker) for picker in pickers],
            carrier_gate=[self._gate(carrier.gate) for carrier in flow.carriers],
            delivery_time=self.holding.delivery_times if self.holding is not None else [0.0] * len(pickers),
            area_gate=[self._gate(area.gate) for area in areas],
            workers=[-1 if area.workers.count is None else area.workers.count for area in areas],
            takes_time=[area.takes_time for area in areas],
            constant=[math.nan if area.constant is None else area.constant for area in areas],
            gates=len(self.gates),
        )

    def _rules(self) -> None:
        """What decides on orders whichever the replication is."""
        state, ships = self.state, self.order_streams.fulfilment
        payment = state.decided.payment.only
        card = None if payment is None or self.charging is None else payment.card
        self.world.fill(
            horizon=state.scenario.clock.horizon,
            window=state.flow.window,
            share=getattr(ships, "share", 0.0),
            hold=ships.hold,
            ships=SHIPS[type(ships)],
            most_parcels=getattr(ships, "parcels", 0),
            policy_holds=not ships.splits_orders,
            holding=self.holding is not None,
            order_of_service=SERVICE[type(state.policy.allocation)],
            tracked=self.waiting is not None,
            reauth_days=0.0 if card is None else card.reauth_days,
            fails=0.0 if card is None else card.fails,
            opening=len(self.opening),
            opening_number=[order.number for order in self.opening],
        )

    def _orders(self, book: ColumnBook | None) -> ColumnBook:
        state, streams, waiting = self.state, self.order_streams, self.waiting
        if book is None:
            book = draw_book(streams.inflows, [number for number, _ in streams.owners], streams.horizon)
        self.played = played = with_opening(book, self.opening, len(streams.inflows))
        kinds, mine = played.kinds
        if kinds != self.kinds:
            self._terms(kinds)
        demand = played.demand
        self.world.fill(
            orders=len(book.demand.times),
            times=demand.times,
            patience=played.patience if waiting is None else waiting.without_date(played.patience, demand.segments),
            need_by=demand.need_by if streams.fulfilment.must_arrive else None,
            order_terms=mine,
            line_ptr=played.line_ptr,
            item=demand.items,
            quantity=demand.quantities,
            transit_ptr=played.transit_ptr,
            transit=played.transit,
            pick_ptr=played.pick_ptr,
            pick=played.pick,
            recall_at=played.recall_at,
            recall_units=played.recall_units,
            card=None if self.charging is None else cards(played, streams.inflows),
        )
        if book.demand.times.size or streams.inflows:
            state.ledger.order_book(replace(book.demand))  # the finished run empties it
        return book

    def _terms(self, kinds: list[tuple[int, int, bool]]) -> None:
        """The terms of each kind of order; those from before the start have their own."""
        streams, inflows = self.order_streams, len(self.order_streams.inflows)
        terms = [streams.terms(*kind) if kind[0] < inflows else self.opening[kind[0] - inflows].terms for kind in kinds]
        self.kinds = kinds
        self.world.fill(
            terms=len(terms),
            reserve=[t.reserve for t in terms],
            segment=[t.segment for t in terms],
            priority=[t.priority for t in terms],
            splits_lines=[t.splits_lines for t in terms],
            splits_orders=[t.splits_orders for t in terms],
            asks_ships=[t.ships is not None for t in terms],
            least=[t.least_of_line for t in terms],
        )

    @cached_property
    def replays(self) -> bool:
        """Whether other replications need nothing but another book and other numbers: no events that have times of
        their own, no visits that depend on what happens, no customs that draw as they go on, and no rules in Python
        that remember what has happened."""
        state = self.state
        asked = any(RULES[type(decision)] == ASKED for decision in state.replenishment)
        written = any(len(getattr(state.ledger, name)) for name in COLUMNS)
        follows = self.charging is not None or self.waiting is not None or self.order_streams.footfall is not None
        ruled = any(vendor.route.rules for vendor in self.vendors)
        return not (self.outside or self.plannings or state.occurrences or asked or written or follows or ruled)

    def turn_to(self, streams: Streams, kept: KeptNumbers | None) -> None:
        """Prepares another replication, if this play `replays`; its order book is drawn unless one is kept."""
        self.kept = kept = kept or KeptNumbers()
        self.state.streams = streams
        self.state.ledger.books.clear()  # all else went with the run before
        self.facts.empty()
        if kept.book is None:
            self.order_streams = OrderStreams(self.state)
        self.book = self._orders(kept.book)
        self.calls.book = self.played
        self.calls.begin(kept.rewound(streams, self.laws), kept.extra)

    def run(self, kernel: ctypes.CDLL, policy: str, seed: int, replication: int) -> Run:
        """Plays to the horizon, and gives back all memory but that of the facts; see `to_horizon`."""
        state = self.state
        try:
            levels = self.to_horizon(kernel)
            self._let_go_of_draws()
            self.calls.adopt_all(lambda table: kernel.forget_rows(ctypes.byref(self.facts), table))
        finally:
            self.forget(kernel)
        return finish(state, policy, seed, replication, levels)

    def _let_go_of_draws(self) -> None:
        """Frees what only the play needed of the book, unless another policy has it too: the facts become columns next,
        which takes as much memory."""
        none: dict[str, Any] = dict.fromkeys(DRAWS, np.empty(0))
        self.book = self.played = self.calls.book = replace(self.played, **none)
        for name in DRAWS:
            del self.world.kept[name]

    def forget(self, kernel: ctypes.CDLL) -> None:
        """Ends the play and gives back its memory; it and the functions that the kernel calls hold each other."""
        kernel.forget(ctypes.byref(self.facts))
        for part in (self.world.kept, vars(self.calls), vars(self)):
            part.clear()

    def play(self, kernel: ctypes.CDLL, policy: str, seed: int, replication: int) -> Run:
        """Plays to the horizon, and keeps the memory for `turn_to`; the run has facts of its own. See `to_horizon`."""
        levels = self.to_horizon(kernel)
        self.calls.adopt_all()
        return finish(self.state, policy, seed, replication, levels)

    def to_horizon(self, kernel: ctypes.CDLL) -> tuple[ItemLevels, ...]:
        """Plays to the horizon; returns the levels at the end, and leaves the rows with the kernel.

        Raises:
            NotPlayed: the other lane must play this replication, from the start.
        """
        state, facts, n = self.state, self.facts, len(self.state.engine.shelves)
        handle = KernelHandle(kernel, lambda: facts.play)
        self.clock.push = handle.schedule
        if self.outside:
            buyer = KernelBuyer(state.flow, handle.receive)
            for vendor in self.vendors:
                vendor.buyer = buyer
        with handled_where_asked() as self.calls.signals:
            failed = kernel.play(ctypes.byref(self.world), ctypes.byref(facts))
        if self.calls.error is not None and not isinstance(self.calls.error, Exception):
            raise self.calls.error
        if failed:
            raise NotPlayed from self.calls.error
        columns = [facts.levels(name, n) for name in ("on_hand", "on_order", "backordered")]
        return tuple(ItemLevels(*row) for row in zip(*columns, strict=True))
