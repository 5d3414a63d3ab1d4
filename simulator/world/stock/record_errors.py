"""Record errors: losses, miscounts and corrections of the record, and a storefront that shows a wrong record."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence

from simulator.engine.backlog import Order, Shelf, Shown
from simulator.events.effect import RecordShift
from simulator.model.nouns import Adjustment, Cause
from simulator.randomness.distribution import Floats
from simulator.scenario.schema.records import RecordsSpec
from simulator.world.clock import Phase, Process
from simulator.world.orders.arrival import Visit
from simulator.world.state import ReplicationState
from simulator.world.suppliers.purchase import Purchase

DAYS_AT_ONCE = 256
"""Days of losses that are drawn at once; results do not depend on it."""


def build_record_errors(state: ReplicationState) -> None:
    """Keeps records apart from the stock where they may be wrong."""
    errors = any(isinstance(effect, RecordShift) for o in state.occurrences for effect in o.effects)
    if errors or any(site.records is not None for site in state.scenario.sites.values()):
        RecordErrors(state).start()


class ShelfRecord:
    """The record of one item."""

    __slots__ = ("elsewhere", "losing", "misplacing", "seen", "spec")

    def __init__(self, spec: RecordsSpec, losing: DailyDraws | None, misplacing: DailyDraws | None) -> None:
        self.spec, self.losing, self.misplacing = spec, losing, misplacing
        self.elsewhere = 0
        """Misplaced units, which nobody finds until the next count."""
        self.seen: deque[tuple[float, int]] = deque()
        """(day, free units on record from then on), as far back as the storefront lags."""


class DailyDraws:
    """One uniform number in [0, 1) per day, whatever the stock or the policy."""

    def __init__(self, state: ReplicationState, purpose: str, key: str) -> None:
        self.rng = state.streams.stream(purpose, key)
        self.drawn: Floats = self.rng.random(0)
        self.taken = 0

    def next(self) -> float:
        """The next day's number."""
        if self.taken == self.drawn.size:
            self.drawn, self.taken = self.rng.random(DAYS_AT_ONCE), 0
        self.taken += 1
        return float(self.drawn[self.taken - 1])


def binomial(u: float, n: int, p: float) -> int:
    """The u-quantile of a binomial distribution of n units with probability p each.

    >>> binomial(0.5, 10, 0.0), binomial(0.999999, 3, 0.5), binomial(0.35, 1, 0.64)
    (0, 3, 0)
    """
    if n <= 0 or p <= 0:
        return 0
    if p >= 1:
        return n
    mass = math.exp(n * math.log1p(-p))
    if mass == 0.0:  # so many units that the normal approximation is as good
        from statistics import NormalDist

        law = NormalDist(n * p, math.sqrt(n * p * (1 - p)))
        return min(max(round(law.inv_cdf(min(max(u, 1e-12), 1 - 1e-12))), 0), n)
    total, k = mass, 0
    while u >= total and k < n:
        mass *= (n - k) / (k + 1) * p / (1 - p)
        k += 1
        total += mass
    return k


class RecordErrors:
    """Lets customers order what the storefront shows, and moves stock and record apart and together again."""

    def __init__(self, state: ReplicationState) -> None:
        self.state, self.clock, self.engine = state, state.clock, state.engine
        self.flow, self.ledger = state.flow, state.ledger
        self.records = [self._record_of(k, site) for k, (site, _) in enumerate(state.numbering.shelves)]
        self.oversold: dict[int, int] = {}
        """Item -> units that the storefront shows beyond what is free, while an order is placed."""
        items = state.scenario.items
        state.board.register(RecordShift, "items", items, lambda e: self.misbook(e.target.name, e.units))
        followers = state.flow.followers
        followers.admits.add(self.admits)
        followers.waits.add(self.waits)
        followers.visited.add(self.visited)
        followers.received.add(self.received)

    def _record_of(self, number: int, site: str) -> ShelfRecord:
        spec = self.state.scenario.sites[site].records or RecordsSpec()
        key = self.state.numbering.shelf_key(number)
        losing = DailyDraws(self.state, "loss", key) if spec.loss else None
        misplacing = DailyDraws(self.state, "misplaced", key) if spec.misplaced else None
        return ShelfRecord(spec, losing, misplacing)

    def start(self) -> None:
        """Starts the daily losses and the counts."""
        for shelf in self.engine.shelves:
            self.note(shelf, -math.inf)
        counted: dict[float, list[Shelf]] = {}
        for records, shelf in zip(self.records, self.engine.shelves, strict=True):
            if records.spec.count_every is not None:
                counted.setdefault(records.spec.count_every, []).append(shelf)
        losing = any(records.losing or records.misplacing for records in self.records)
        if losing or counted:
            self.clock.process(self.days(losing, counted))

    # ------------------------------------------------------------------------------------------------ stock and record
    def days(self, losing: bool, counted: Mapping[float, Sequence[Shelf]]) -> Process:
        """A SimPy process: at the end of each day the losses, then the counts that fall on it, then counts in between.

        Args:
            losing: whether any units are lost or misplaced.
            counted: days between two counts -> what is counted then.
        """
        day, counts = 1, dict.fromkeys(counted, 1)
        while True:
            # rounded, since 24 times 7 h is 7 d
            next_counts = {period: round(number * period, 9) for period, number in counts.items()}
            now = min([float(day)] * losing + list(next_counts.values()))
            yield self.clock.until(now, Phase.REVIEW)
            if losing and now == day:
                day += 1
                self._day_ends()
            for period, time in next_counts.items():
                if time == now:
                    counts[period] += 1
                    self._count(counted[period])

    def _day_ends(self) -> None:
        """Some units are lost or misplaced, and the record does not know."""
        for records, shelf in zip(self.records, self.engine.shelves, strict=True):
            if records.losing is not None:
                lost = binomial(records.losing.next(), shelf.on_hand, records.spec.loss)
                self.adjust(shelf, -lost, 0, Adjustment.LOST)
            if records.misplacing is not None:
                mislaid = binomial(records.misplacing.next(), shelf.on_hand, records.spec.misplaced)
                records.elsewhere += mislaid
                self.adjust(shelf, -mislaid, 0, Adjustment.MISPLACED)

    def _count(self, shelves: Sequence[Shelf]) -> None:
        """Finds what was misplaced, and sets the records right."""
        for shelf in shelves:
            records = self.records[shelf.item]
            found, records.elsewhere = records.elsewhere, 0
            self.adjust(shelf, found, 0, Adjustment.FOUND)
            self.set_right(shelf)

    def set_right(self, shelf: Shelf) -> None:
        """Sets the record to the stock."""
        self.adjust(shelf, 0, -shelf.phantom, Adjustment.COUNTED)

    def misbook(self, item: str, units: int) -> None:
        """Changes the record of an item at every site, but not its stock; a record is never below 0."""
        for shelf, (_, name) in zip(self.engine.shelves, self.state.numbering.shelves, strict=True):
            if name == item:
                least = -(shelf.on_hand + shelf.phantom)
                self.adjust(shelf, 0, max(units, least), Adjustment.MISBOOKED)

    def adjust(self, shelf: Shelf, units: int, record: int, why: Adjustment) -> None:
        """Changes stock and record, and allocates and reviews the stock."""
        if not units and not record:
            return
        now = self.clock.now
        self.ledger.adjusted.write(now, shelf.item, units, record, why)
        self.engine.adjust(shelf, units, record)
        self.flow.stock_is_allocated(now)
        if self.engine.due:
            self.flow.stock_is_reviewed(now)
        self.note(shelf, now)

    # ----------------------------------------------------------------------------------------------------- storefront
    def free(self, shelf: Shelf) -> int:
        """Units on record less backorders."""
        return shelf.on_hand + shelf.phantom - shelf.backordered

    def note(self, shelf: Shelf, now: float) -> None:
        """Notes a change of the record, which the storefront will show after its lag."""
        records = self.records[shelf.item]
        if records.spec.sync_lag:
            records.seen.append((now, self.free(shelf)))

    def received(self, purchase: Purchase, now: float) -> None:
        """Goods were received and recorded."""
        self.note(purchase.shelf, now)

    def shown(self, shelf: Shelf, now: float) -> int:
        """Units that the storefront shows as available."""
        records = self.records[shelf.item]
        free = self.free(shelf)
        if records.spec.sync_lag:
            seen = records.seen
            while len(seen) > 1 and seen[1][0] <= now - records.spec.sync_lag:
                seen.popleft()
            free = seen[0][1]
        return max(free - records.spec.buffer, 0)

    def admits(self, visit: Visit, now: float) -> bool:
        """The order is placed against what the storefront shows: it may be accepted for units that are not there, and
        refused units that are."""
        found = {}
        self.oversold.clear()
        for item in dict.fromkeys(visit.arrival.items):
            shelf = self.engine.shelves[item]
            limit = self.limit(shelf, visit, now)
            more = self.shown(shelf, now) - (0 if shelf.backordered else shelf.on_hand)
            if more > 0:
                self.oversold[item] = more
                found[item] = Shown(0, more, max(limit, shelf.backordered + more))
            elif more < 0 and limit < math.inf:  # without a limit, an order for hidden units is accepted too
                found[item] = Shown(-more, 0, limit)
        visit.shown = found or None
        return True

    def limit(self, shelf: Shelf, visit: Visit, now: float) -> float:
        """Units that may stand on backorder for the order that the visitor may place."""
        if self.engine.limits is None:
            return shelf.limit
        arrival = visit.arrival
        return self.engine.limits(Order(self.flow.placed, now, arrival.terms, arrival), shelf)[0]

    def waits(self, order: Order, now: float) -> None:
        """Lines that wait although they were shown are oversold, which is noticed when they are to be picked."""
        for line in order.waiting or ():
            item = line.shelf.item
            units = min(self.oversold.get(item, 0), line.open)
            if units > 0:
                self.oversold[item] -= units
                self.ledger.oversold.write(now, order.number, line.number, item, units)
                before = line.shelf.backordered - line.open
                limits = self.engine.limits
                limit = line.shelf.limit if limits is None else limits(order, line.shelf)[0]
                within = max(limit - before, 0.0)
                refund = units - int(min(units, within))
                sold = (order, line.number, line.shelf, refund)
                self.clock.after(self.records[item].spec.found_after, Phase.CANCEL, self.picker_finds_nothing, sold)

    def visited(self, visit: Visit, now: float) -> None:
        """Hidden units go to the backlog if the order left one, and the storefront will show what has changed."""
        if visit.order is None:
            return
        for item, shown in (visit.shown or {}).items():
            shelf = self.engine.shelves[item]
            if shown.hidden and shelf.backordered:
                self.engine.receive(shelf, 0)
                self.flow.stock_is_allocated(now)
        self.oversold.clear()
        for item in dict.fromkeys(visit.arrival.items):
            self.note(self.engine.shelves[item], now)

    def picker_finds_nothing(self, sold: tuple[Order, int, Shelf, int], now: float) -> None:
        """Picking finds an empty shelf: corrects the record, and cancels units beyond the limit on backorders."""
        order, number, shelf, refund = sold
        if shelf.phantom > 0 and not shelf.on_hand:
            self.set_right(shelf)
        still = next((line.open for line in order.waiting or () if line.number == number), 0)
        if refund and still:
            self.flow.units_are_called_off(order, number, min(refund, still), Cause.RECORD, now)
            self.note(shelf, now)
