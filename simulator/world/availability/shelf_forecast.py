"""The supply of one shelf from now on: receipts of purchases under way, and the purchases that the policy will make."""

from __future__ import annotations

import math
from bisect import bisect, insort
from collections.abc import Iterator, Sequence
from math import inf
from operator import attrgetter, itemgetter

from simulator.engine.backlog import Order, Shelf, Terms
from simulator.policies.replenishment.view import DemandOutlook
from simulator.world.availability.decisions_ahead import DecisionsAhead
from simulator.world.availability.known import KnownEvents
from simulator.world.availability.purchase_timeline import SLACK, ExpectedReceipt, Portions, PurchaseTimeline
from simulator.world.suppliers.depot import Depot, Recipe
from simulator.world.suppliers.purchase import Purchase, Seller
from simulator.world.suppliers.stocking_node import StockingNode
from simulator.world.suppliers.vendor import Vendor

DAY, LEAVES = attrgetter("day"), itemgetter(0)
MOST_PURCHASES = 200
"""Purchases that are looked ahead for one shelf."""
Ask = tuple[float, float]
"""(day, units) that are asked for."""


class ForecastView:
    """A shelf as its replenishment decision would see it on a later day: the `StockView` of purchases to come.

    Expected losses leave fractions of a unit, but a decision counts whole units.
    """

    def __init__(self, forecast: ShelfForecast, now: float, reviews: int) -> None:
        self.forecast, self.now, self.reviews = forecast, now, reviews
        self.item, self.lead_time = forecast.view.item, forecast.view.lead_time
        self.position = math.floor(forecast.position + 0.5)
        self.memory = forecast.memory

    @property
    def net(self) -> int:
        """Net stock, with what will have been received by then."""
        come = sum(receipt.units for receipt in self.forecast.receipts if receipt.day <= self.now)
        return math.floor(self.forecast.net + come + 0.5)

    @property
    def on_order(self) -> int:
        """Units bought and not received by then."""
        return self.position - self.net

    @property
    def asked(self) -> int:
        """Units by which the position has fallen since the review before."""
        return math.floor(self.forecast.before + 0.5) - self.position

    @property
    def pipeline(self) -> tuple[tuple[float, int], ...]:
        """(days until it is expected, units) of what will be on order then."""
        coming = [receipt for receipt in self.forecast.receipts if receipt.day > self.now]
        return tuple((max(receipt.usual - self.now, 0.0), math.floor(receipt.units + 0.5)) for receipt in coming)

    @property
    def outlook(self) -> DemandOutlook:
        """As it is seen today."""
        return self.forecast.view.outlook


class ShelfForecast:
    """One shelf from now on, if nothing is asked for but what waits, and the `demands` (day, units).

    Receipts are known from the start; purchases that the policy will make are added as long as somebody needs them.
    """

    def __init__(
        self, forecasts: ShelfForecasts, node: StockingNode, shelf: Shelf, now: float, demands: Sequence[Ask] = ()
    ) -> None:
        self.forecasts, self.node, self.shelf, self.now = forecasts, node, shelf, now
        self.view = node.views[shelf.item]
        self.ahead = DecisionsAhead(node, shelf, now)
        self.ends, self.ready_from = forecasts.ends(node, shelf.item), forecasts.ready_from(node, shelf.item)
        self.receipts: list[ExpectedReceipt] = []
        """By day."""
        today = int(sum(units for day, units in demands if day <= now))
        self.drops: list[Ask] = sorted(ask for ask in demands if ask[0] > now)
        """(day, units) that lower the position: units that are asked for, or do not arrive, by day."""
        self.position = float(shelf.position - today)
        self.net = self.view.net - today
        self.day = now
        """When the policy may buy next under continuous review."""
        self.memory, self.before = self.view.memory, float(self.view.before)
        """What the decision remembers, and the position after the last scheduled review."""
        self.bought = list(node.purchasing.bought[shelf.item])
        self.left = MOST_PURCHASES
        """Decisions that may still be looked at."""
        self.assumed = False
        """A purchase was added that does not follow from the policy's levels."""
        self.queues: dict[Vendor, list[tuple[float, float]]] = {}
        """(day on which it leaves, earliest day of what leaves later) of every receipt from a supplier whose purchases
        do not overtake each other, in order of both."""
        # In the order in which they leave, not arrive: a supplier whose purchases do not overtake each other holds a
        # later one back until the one before it has arrived (see `_add`).
        coming = [
            receipt
            for purchase in node.purchasing.under_way.get(shelf.item, ())
            for receipt in forecasts.timeline(purchase.supplier, shelf).receipts(purchase, now)
        ]
        for receipt in sorted(coming, key=lambda receipt: receipt.leaves):
            self._add(receipt)
        self.committed = list(self.receipts)
        while self.position <= self.ahead.trigger and self.day <= now and self.extend():
            pass
        self.scheduled = list(self.receipts)
        """Also of the purchases that continuous review makes at this instant."""

    def _add(self, receipt: ExpectedReceipt) -> None:
        vendor = receipt.timeline.vendor
        day = receipt.day
        if vendor.fifo:
            queue = self.queues.setdefault(vendor, [])
            place = bisect(queue, receipt.leaves, key=LEAVES)
            day = max(day, queue[place - 1][1]) if place else day
            queue.insert(place, (receipt.leaves, day))
        if (day := max(day, self.ready_from)) != receipt.day:
            receipt = receipt._replace(day=day)
        if receipt.lost:
            insort(self.drops, (day, receipt.lost))
        if day < self.ends:
            insort(self.receipts, receipt, key=DAY)

    # --------------------------------------------------------------- purchases
    def extend(self) -> bool:
        """Adds the purchases of the policy's next decision; False: it will decide nothing more."""
        if self.left <= 0:
            return False
        self.left -= 1
        if self.ahead.changes and self._next_day() >= self.ahead.changes[0][0]:
            self.day = max(self.day, self.ahead.change())
            return True
        # The next decision is the earliest of three: continuous review while the position is at the trigger, the next
        # fall of the position (which may bring it there), and the next scheduled review.
        review, scheduled = self.ahead.rhythm.time(self.ahead.reviews), False
        if self.position <= self.ahead.trigger and self.day <= review:
            day = self.day
        elif self.drops and self.drops[0][0] <= review:  # the position falls, and may reach the trigger
            day, lost = self.drops.pop(0)
            self.position -= lost
            self.day = max(self.day, day)
            return True
        else:
            day, scheduled = review, True
            self.ahead.reviews += 1
        if not day < self.ends or math.isinf(day):
            self.left = 0
            return False
        reached = self.position
        view = ForecastView(self, day, self.ahead.reviews - scheduled)
        if scheduled and self.ahead.decision.sees_history:
            view.memory = self.memory = self.ahead.decision.remembers(view)
        for wanted, supplier, lot in self.ahead.decision.buys(view):
            asked = self.node.purchasing.asked(self.shelf, round(wanted), supplier, self.bought)
            if asked is None:
                continue
            vendor, place = asked
            units = vendor.least(wanted, lot)
            self.position += units
            if place is not None:
                self.bought[place] += units
            for receipt in self.forecasts.timeline(vendor, self.shelf).planned(self.shelf.item, units, day, self.now):
                self._add(receipt)
        if scheduled:
            self.before = self.position
        settled = self.position == reached and not self.drops and not self.ahead.changes
        if settled and day == review and not self.ahead.rhythm.days:
            self.left = 0  # nothing will lower the position any more: later reviews find the same
            return False
        if self.position == reached and day < review:
            # It bought nothing although the position is at the trigger; asked at the same instant again, it would
            # answer the same, without end.
            self.day = math.nextafter(day, math.inf)
            return not settled or review < math.inf
        return True

    def _next_day(self) -> float:
        """The day of the next decision, if nothing changes before."""
        review = self.ahead.rhythm.time(self.ahead.reviews)
        first = self.day if self.position <= self.ahead.trigger else self.drops[0][0] if self.drops else review
        return min(first, review)

    # --------------------------------------------------------------- coverage
    def reached(self, receipts: Sequence[ExpectedReceipt], need: float) -> ExpectedReceipt | None:
        """The receipt with which `need` units have arrived; None where these are not enough."""
        for receipt in receipts:
            need -= receipt.units
            if need <= SLACK:
                return receipt
        return None

    def possible(self, need: float) -> ExpectedReceipt | None:
        """The receipt with which `need` units will have arrived, purchases to come included.

        A policy whose levels leave units on backorder buys them with later demand, which nobody knows: they are planned
        as if they were bought at its next chance.
        """
        while (found := self.reached(self.receipts, need)) is None and self.extend():
            pass
        if found is None and not self.assumed:
            self.assumed = True
            self._assume(need - sum(receipt.units for receipt in self.receipts))
            found = self.reached(self.receipts, need)
        return found

    def _assume(self, units: float) -> None:
        """Adds a purchase of units that the policy buys sooner or later."""
        continuous = self.ahead.rhythm.trigger > -inf
        day = self.now if continuous else self.ahead.rhythm.time(self.ahead.reviews)
        wanted = math.ceil(units - SLACK)
        asked = self.node.purchasing.asked(self.shelf, wanted, None, self.bought)
        if asked is None or not day < self.ends or not (continuous or self.ahead.rhythm.period < inf):
            return
        for receipt in self.forecasts.timeline(asked[0], self.shelf).planned(
            self.shelf.item, asked[0].least(wanted), day, self.now
        ):
            self._add(receipt)

    def portions(self, stock: int, ahead: int, units: int, splits: bool, day: float) -> Portions:
        """When units that are asked for on a day are filled, with `stock` units free and `ahead` units before them: in
        parts as they come where the line may be split."""
        found: Portions = []
        done, have = 0, float(stock)
        receipts = self._all()
        while True:
            filled = int(min(max(have - ahead + SLACK, 0.0), units))
            if filled > done and (splits or filled == units):
                found.append((day, filled - done))
                done = filled
            receipt = None if done == units else next(receipts, None)
            if receipt is None:
                break
            have, day = have + receipt.units, max(day, receipt.day)
        return found if done == units else [*found, (inf, units - done)]

    def _all(self) -> Iterator[ExpectedReceipt]:
        place = 0
        while True:
            if place < len(self.receipts):
                yield self.receipts[place]
                place += 1
            elif not self.extend():
                return


class ShelfForecasts:
    """The forecasts of all shelves, at the warehouses and at suppliers that hold stock."""

    def __init__(self, known: KnownEvents) -> None:
        self.known = known
        state = known.state
        self.warehouses = state.flow
        self.release = state.flow.embargo
        self.season = {
            number: spec.season.to
            for number, (_, name) in enumerate(state.numbering.shelves)
            if (spec := state.scenario.items[name]).season is not None
        }
        """Item -> the day on which its season ends."""
        self.timelines: dict[tuple[Seller, str], PurchaseTimeline] = {}
        self.memory: dict[Shelf, tuple[tuple[float, ...], ShelfForecast]] = {}
        """The forecast of a shelf, and the state that it was made from."""

    def timeline(self, vendor: Seller, shelf: Shelf) -> PurchaseTimeline:
        """The path of a supplier's goods to one shelf."""
        key = (vendor, vendor.site_of.get(shelf.item, ""))
        if key not in self.timelines:
            assert isinstance(vendor, Vendor)
            self.timelines[key] = PurchaseTimeline(vendor, shelf.item, self.known, self)
        return self.timelines[key]

    def expected(self, purchase: Purchase, now: float) -> float:
        """The day on which the last units of a purchase are expected."""
        timeline = self.timeline(purchase.supplier, purchase.shelf)
        return max((receipt.day for receipt in timeline.receipts(purchase, now)), default=now)

    def of(self, node: StockingNode, shelf: Shelf, now: float, demands: Sequence[Ask] = ()) -> ShelfForecast:
        """One shelf from now on, with the units that will be asked for on these days; without any, it is remembered."""
        if demands:
            return ShelfForecast(self, node, shelf, now, demands)
        nodes = self.known.state.nodes
        key = (now, shelf.position, shelf.on_hand, *(node.purchases + node.purchasing.changes for node in nodes))
        known = self.memory.get(shelf)
        if known is None or known[0] != key:
            known = self.memory[shelf] = (key, ShelfForecast(self, node, shelf, now))
        return known[1]

    def ready_from(self, node: StockingNode, item: int) -> float:
        """The day before which goods of an item do not count as received."""
        return self.release.get(item, 0.0) if node is self.warehouses else 0.0

    def ends(self, node: StockingNode, item: int) -> float:
        """The day from which an item is neither bought nor received any more."""
        if node is not self.warehouses:
            return inf
        if item in node.purchasing.closed:
            return self.known.state.clock.now
        return min(self.season.get(item, inf), self.known.delisted(item))

    # --------------------------------------------------------------- suppliers that hold stock
    def portions(self, depot: Depot, order: Order, now: float) -> Portions:
        """When the parts of a purchase that wait at a supplier are filled."""
        found: Portions = []
        for line in order.waiting or ():
            rank = order.terms.rank(order.number)
            ahead = sum(other.open for other in line.shelf.backlog if other.order.terms.rank(other.order.number) < rank)
            stock = line.shelf.on_hand - order.terms.reserve
            forecast = self.of(depot, line.shelf, now)
            found += forecast.portions(stock, ahead, line.open, order.terms.splits_lines, now)
        return found

    def complete(self, depot: Depot, order: Order, now: float) -> float:
        """When all that an order at a supplier waits for is available."""
        return max((day for day, _ in self.portions(depot, order, now)), default=now)

    def portions_of_new(
        self, depot: Depot, item: int, units: int, reached: float, mail: Sequence[tuple[float, Purchase]], now: float
    ) -> Portions:
        """When units would be filled that are asked for at a supplier on a day; its backlog and the purchases in the
        `mail` come first."""
        shelf, terms = depot.engine.shelves[depot.local[item]], depot.terms[item]
        before = [(day, float(p.units)) for day, p in mail if depot.local.get(p.shelf.item) == shelf.item]
        return self._filled(depot, shelf, terms, units, [*before, (reached, float(units))], now)

    def _filled(
        self, depot: Depot, shelf: Shelf, terms: Terms, units: int, asks: Sequence[Ask], now: float
    ) -> Portions:
        """When the last of these asks is filled."""
        ahead = shelf.backordered + int(sum(before for _, before in asks[:-1]))
        stock = shelf.on_hand - terms.reserve
        if stock - ahead >= units:  # the usual case needs no forecast
            return [(asks[-1][0], units)]
        return self.of(depot, shelf, now, asks).portions(stock, ahead, units, terms.splits_lines, asks[-1][0])

    def complete_material(self, depot: Depot, recipe: Recipe, units: int, reached: float, now: float) -> float:
        """When the material for `units` units is complete, if the purchase reaches the supplier on a day."""
        day = reached
        for item, each in recipe:
            ask = (reached, float(each * units))
            portions = self._filled(depot, depot.engine.shelves[item], depot.production, each * units, [ask], now)
            day = max(day, *(ready for ready, _ in portions))
        return day
