"""What the kernel asks Python for while it plays: random numbers, decisions, effects of events, forecasts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import nan
from typing import Any

import numpy as np

from simulator.events.effect import EventEffect
from simulator.foundation.collector import give_back
from simulator.foundation.signals import Deferred
from simulator.kernel.book import ColumnBook
from simulator.kernel.border import CALLS, EXTRA, TABLES, KernelFacts, KernelWorld
from simulator.kernel.outside import KernelClock
from simulator.randomness.distribution import BLOCK, FIRST_BLOCK, Distribution, Floats
from simulator.randomness.streams import IDLE, Streams
from simulator.record.gauge import TABLES as READ
from simulator.record.gauge import Gauge
from simulator.record.ledger import FactTable
from simulator.world.buying.planner import Track, replan
from simulator.world.delivery.carriers import Courier
from simulator.world.delivery.picking import PickingArea
from simulator.world.state import ReplicationState
from simulator.world.stock.allocation import ClaimsOfCustomers
from simulator.world.suppliers.vendor import Vendor

AT_TRIGGER, AT_REVIEW, AFTER_REVIEW = range(3)
"""Moments of `decide`, as in play.h."""


class DrawnStream:
    """A stream of random numbers that is drawn a block at a time, as a sampler draws it; other plays read it again."""

    def __init__(self, streams: Streams, law: Distribution, *name: str) -> None:
        self.streams, self.law, self.name = streams, law, name
        self.size = FIRST_BLOCK
        self.draw: Callable[[int], Floats] | None = None
        self.blocks: list[Floats] = []
        self.next = 0

    def block(self) -> Floats:
        """The next block."""
        if self.next == len(self.blocks):
            if self.draw is None:
                self.draw = self.law.drawer(self.streams.stream(*self.name) if self.law.random else IDLE)
            size, self.size = self.size, min(4 * self.size, BLOCK)
            self.blocks.append(np.ascontiguousarray(self.draw(size), dtype=np.float64))
        self.next += 1
        return self.blocks[self.next - 1]


@dataclass
class KnownOfBook:
    """What measuring a run has worked out from its order book alone: other runs with the same book use it again."""

    facts: dict[str, Any] = field(default_factory=dict)
    """Attributes of the run by name."""
    evidence: dict[str, Any] = field(default_factory=dict)
    """Attributes of its evidence by name."""
    due: tuple[Any, Any, list[Floats], Floats | None] | None = None
    """A promise, its `Facts.dates_by_rule`, all due dates of every order, and these in one array."""
    of_lines: dict[bytes, Floats] = field(default_factory=dict)
    """Values of the items of all counted lines, such as prices, by the bytes of those of all items."""


@dataclass
class KeptNumbers:
    """The random numbers of one replication, for other plays of it."""

    book: ColumnBook | None = None
    known: KnownOfBook = field(default_factory=KnownOfBook)
    streams: dict[tuple[str, ...], DrawnStream] = field(default_factory=dict)
    """Yields and lead times by name."""
    extra: dict[tuple[str, int, int], float] = field(default_factory=dict)
    """Times of parcels beyond those drawn with the order, by purpose, order and parcel."""

    def rewound(self, streams: Streams, laws: Sequence[tuple[Distribution, tuple[str, ...]]]) -> list[DrawnStream]:
        """The streams of these laws and names, from their first number on."""
        found = []
        for law, name in laws:
            if name not in self.streams:
                self.streams[name] = DrawnStream(streams, law, *name)
            found.append(self.streams[name])
            found[-1].next = 0
        return found


class KernelCalls:
    """The functions of one play. An error is kept, and the kernel told to stop: it must not pass through C."""

    def __init__(
        self,
        state: ReplicationState,
        world: KernelWorld,
        facts: KernelFacts,
        sources: Sequence[tuple[Vendor, int]],
        streams: Sequence[DrawnStream],
        effects: Sequence[EventEffect],
        plannings: Sequence[Sequence[Track]],
    ) -> None:
        assert isinstance(state.clock, KernelClock)
        self.clock, self.state, self.world, self.facts = state.clock, state, world, facts
        self.sources, self.effects, self.plannings = sources, effects, plannings
        self.book: ColumnBook
        self.owners: list[str] = []
        """Names of the random numbers of each inflow of the book."""
        self.of_items: dict[str, Any] = {}
        """What evidence knows of the items, in whichever replication."""
        self.begin(streams, {})
        self.claims = ClaimsOfCustomers(state.scenario, state.numbering)
        self.gauges = [Gauge(state.ledger, len(state.numbering.shelves)) for _ in plannings]
        failed = {"lengthen": nan, "pick_time": nan, "transit_time": nan, "rank": nan, "decide": -1}
        failed |= dict.fromkeys(("buy_outside", "withdraw_outside"), -(2**63))
        for name, prototype in CALLS.items():
            guarded = prototype(partial(self._guarded, getattr(self, name), failed.get(name, 0)))
            world.kept[name] = guarded
            setattr(world, name, guarded)

    def begin(self, streams: Sequence[DrawnStream], extra: dict[tuple[str, int, int], float]) -> None:
        """Forgets the play before; `extra` is that of the `KeptNumbers`."""
        self.streams, self.extra = streams, extra
        self.error: BaseException | None = None
        self.signals = Deferred()
        self.read = dict.fromkeys(TABLES, 0)
        """Doubles of each table that the ledger has already."""

    def _guarded(self, function: Callable[..., Any], failed: float, *arguments: float) -> Any:
        try:
            if self.signals.came:
                self.signals.handle()
            return function(*arguments)
        except BaseException as error:  # noqa: BLE001 - also an interrupt; the play ends, then it is raised
            self.error = error
            return failed

    # ----------------------------------------------------------------------------------------- random numbers
    def more(self, stream: int) -> int:
        """Draws the next block of a stream of lead times or yields."""
        block = self.streams[stream].block()
        self.world.kept["stream_at"][stream] = block.ctypes.data  # type: ignore[index]
        return block.size

    def lengthen(self, source: int, lead: float) -> float:
        """A lead time under the rules of the events in force, and of customs."""
        vendor, shelf = self.sources[source]
        for rule in vendor.route.rules:
            lead = rule(lead, (vendor.key, vendor.keys[shelf]))
        return lead

    def _keyed(self, purpose: str, law: Distribution, key: str, order: int, parcel: int) -> float:
        """The number of a parcel beyond those drawn with the order."""
        if (purpose, order, parcel) not in self.extra:
            owner = self.owners[self.book.inflow[order]]
            rng = self.state.streams.keyed(purpose, key, owner, str(self.book.serial[order]), str(parcel))
            self.extra[purpose, order, parcel] = float(law.block(rng, 1)[0])
        return self.extra[purpose, order, parcel]

    def pick_time(self, order: int, parcel: int) -> float:
        """The picking time of a parcel beyond those drawn with the order."""
        area = self.state.flow.pickers[self.book.demand.segments[order]]
        assert isinstance(area, PickingArea)
        return self._keyed("extra_picking", area.time, area.key, order, parcel)

    def transit_time(self, order: int, parcel: int) -> float:
        """Days in transit of a parcel beyond those drawn with the order."""
        courier = self.state.flow.carriers[self.book.demand.segments[order]]
        assert isinstance(courier, Courier)
        return 0.0 if courier.law is None else self._keyed("extra_transit", courier.law, courier.key, order, parcel)

    def fill_in_transits(self) -> None:
        """Sets the delivery of parcels whose transit was not drawn with the order: nobody in the world reacts to it."""
        extra = np.frombuffer(self.facts.rows_of(EXTRA), dtype=np.float64).reshape(-1, 3).astype(np.int64)
        if extra.size:
            parcels = np.frombuffer(self.facts.rows_of(TABLES.index("parcels")), dtype=np.float64).reshape(-1, 4)
            for row, order, parcel in extra.tolist():
                parcels[row, 1] = parcels[row, 0] + self.transit_time(order, parcel)

    # ---------------------------------------------------------------------------------------------- decisions
    def rank(self, order: int) -> float:
        """The first part of an order's rank under `allocation: margin`."""
        lines = slice(self.book.line_ptr[order], self.book.line_ptr[order + 1])
        items, units = self.book.demand.items[lines].tolist(), self.book.demand.quantities[lines].tolist()
        return -self.claims.margin_of(items, units)

    def decide(self, number: int, moment: int, now: float, *levels: int) -> int:
        """Puts into `buys` what the replenishment decision of a shelf buys; returns how many purchases."""
        flow, shelf = self.state.flow, self.state.engine.shelves[number]
        view, decision = flow.views[number], flow.replenishment[number]
        self.clock.now = now
        shelf.mirror(*levels)
        if moment == AFTER_REVIEW:
            view.reviews += 1
            view.before = shelf.position
            return 0
        if moment == AT_REVIEW and decision.sees_history:
            view.memory = decision.remembers(view)
        buys = decision.buys(view)
        self.world.fill(buys=[number for buy in buys for number in (buy.units, buy.lot)])
        return len(buys)

    def buy_outside(self, number: int, moment: int, now: float, *levels: int) -> int:
        """Buys from suppliers that Python plays; returns the new position of the shelf."""
        flow, shelf = self.state.flow, self.state.engine.shelves[number]
        view, decision = flow.views[number], flow.replenishment[number]
        self.clock.now = now
        shelf.mirror(*levels)
        if moment == AT_REVIEW and decision.sees_history:
            view.memory = decision.remembers(view)
        flow.purchase_is_made(shelf, now)
        return shelf.position

    def withdraw_outside(self, number: int, units: int, now: float, *levels: int) -> int:
        """Withdraws units from purchases under way; returns the new position of the shelf."""
        shelf = self.state.engine.shelves[number]
        self.clock.now = now
        shelf.mirror(*levels)
        self.state.flow.purchasing.withdraw(shelf, units, now)
        return shelf.position

    def wake(self, number: int, _: int, now: float) -> int:
        """Something happens at a supplier that Python plays."""
        self.clock.wake(number, now)
        return 1

    def effect(self, number: int, begins: int, now: float) -> int:
        """Begins or ends what an event does."""
        board, effect = self.state.board, self.effects[number]
        self.clock.now = now
        if begins:
            board.begin(effect)
        else:
            board.end(effect)
        self.note_rules()
        return 1

    def note_rules(self) -> None:
        """Tells the kernel whose lead times are under a rule."""
        vendors = self.state.flow.purchasing.vendors.values()
        ruled = [bool(vendor.route.rules) for vendor in vendors if isinstance(vendor, Vendor)]
        self.world.kept["ruled"][:] = ruled  # type: ignore[index]

    # ---------------------------------------------------------------------------------------------- forecasts
    def plan(self, number: int, _: int, now: float) -> int:
        """Makes new forecasts from what has happened so far, and sets the levels that follow from them."""
        self.clock.now = now
        for name in READ:
            if name in self.read:
                self.adopt(name)
        replan(self.gauges[number], self.plannings[number], now)
        self.note_levels(self.plannings[number])
        return 1

    def note_levels(self, tracks: Sequence[Track]) -> None:
        """Tells the kernel the levels and triggers that follow from the forecasts."""
        trigger, s, S = (self.world.kept[name] for name in ("trigger", "s", "S"))
        for track in tracks:
            number = track.shelf.item
            levels = track.decision.tuned(self.state.flow.views[number].outlook).levels()
            trigger[number] = whole_trigger(track.shelf.trigger)  # type: ignore[index]
            s[number], S[number] = levels.get("s", 0), levels["S"]  # type: ignore[index]

    def adopt_all(self, forget: Callable[[int], None] | None = None) -> None:
        """Makes all rows that the ledger does not have yet its columns, when the play has ended; `forget` then frees
        the rows of a table by its number, so that memory never has to hold all facts twice."""
        self.fill_in_transits()
        for number, name in enumerate(TABLES):
            table: FactTable = getattr(self.state.ledger, name)
            if len(table):
                self.adopt(name)
            else:
                rows = np.frombuffer(self.facts.rows_of(number), dtype=np.float64)
                table.adopt(rows, None if forget is None else partial(self._give_back, number))
            if forget is not None:
                forget(number)

    def _give_back(self, table: int, begin: int, end: int) -> None:
        """Gives back the memory of some doubles of a table, which are in the ledger by now."""
        give_back(self.facts.rows[table] + 8 * begin, 8 * (end - begin))

    def adopt(self, name: str) -> None:
        """Moves the rows of a table that are new into the ledger."""
        table = TABLES.index(name)
        getattr(self.state.ledger, name).add(self.facts.rows_of(table, self.read[name]))
        self.read[name] = self.facts.filled[table]


def whole_trigger(trigger: float) -> int:
    """A trigger as the kernel reads it; never is far below every position."""
    return -(2**62) if trigger == -np.inf else int(trigger)
