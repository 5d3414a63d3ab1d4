"""Availability: the day on which units could be free for a customer, and at the door; one answer for all who ask.

Dates follow from the same calendars, timetables, queues and policies that later move the goods (see
docs/explanation/dates.md): what a planner cannot know (draws, events that have not begun, later demand) stays hidden.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from simulator.engine.backlog import Order, Shelf, Terms
from simulator.policies.outlook import Outlook
from simulator.randomness.distribution import Floats
from simulator.world.availability.delivery_timeline import DeliveryTimeline
from simulator.world.availability.known import KnownEvents, comes_later
from simulator.world.availability.lattice import JOINT_SAMPLES, points
from simulator.world.availability.leaving_days import AT_ONCE, LeavingDay, LeavingDays
from simulator.world.availability.purchase_timeline import SLACK, ExpectedReceipt, deciding
from simulator.world.availability.queues_ahead import QueuesAhead
from simulator.world.availability.shelf_forecast import ShelfForecast, ShelfForecasts
from simulator.world.orders.waiting_order import wanted_day
from simulator.world.state import ReplicationState
from simulator.world.suppliers.purchase import Purchase

Taken = Mapping[int, int]
"""Units by shelf."""
NOTHING: Taken = {}


class Request(NamedTuple):
    """Units of one item that somebody asks for, with those that are served before them."""

    shelf: Shelf
    need: float
    """Units that must still be received; 0 or less: they are available."""
    units: int
    new: int
    """Units of it that the position does not contain yet."""


class Availability:
    """Works out outlooks for the customers of all warehouses."""

    def __init__(self, state: ReplicationState) -> None:
        self.state, self.flow = state, state.flow
        self.window = state.decided.window
        self.known = KnownEvents(state)
        self.comes_later = comes_later(state.scenario)
        self.forecasts = ShelfForecasts(self.known)
        self.by_site = len(state.numbering.items) if state.numbering.shares(state.policy) else 0
        """Shelves of each site, where sites serve each other's customers; else 0."""
        self.leaving = LeavingDays(state)
        self.deliveries: dict[tuple[int, str | None], DeliveryTimeline] = {}
        self.queues = QueuesAhead(state)
        self.lags = {
            number: spec.visibility_lag
            for number, (_, name) in enumerate(state.numbering.shelves)
            if (spec := state.scenario.items[name]).visibility_lag
        }
        """Days by item after which the seller learns that a drop-ship vendor has run out."""
        self.ran_out: dict[int, float] = {}
        """Item -> when its vendor ran out."""
        for node in state.nodes:
            node.purchasing.watch()

    # --------------------------------------------------------------- supply and delivery
    def delivery(self, segment: int, site: str | None = None) -> DeliveryTimeline:
        """The path to a segment's door from a site; None: from its own."""
        if (segment, site) not in self.deliveries:
            self.deliveries[segment, site] = DeliveryTimeline(self.known, segment, site)
        return self.deliveries[segment, site]

    def site(self, shelf: Shelf) -> str | None:
        """The site of a shelf where sites serve each other's customers; None: it is the customer's own."""
        return self.state.numbering.sites[shelf.item // self.by_site] if self.by_site else None

    def mean_delivery(self, order: Order) -> float:
        """Mean days to the door of what waits of an order, from the furthest of the sites where it waits."""
        sites = {self.site(line.shelf) for line in order.waiting or ()} or {None}
        return max(self.delivery(order.terms.segment, site).mean for site in sites)

    def forecast(self, shelf: Shelf, now: float, new: int = 0) -> ShelfForecast:
        """The supply of a shelf; `new`: units that are about to be asked for now."""
        return self.forecasts.of(self.flow, shelf, now, [(now, float(new))] if new else ())

    def expected(self, purchase: Purchase, now: float) -> float:
        """The day on which the last units of a purchase are expected."""
        return self.forecasts.expected(purchase, now)

    # --------------------------------------------------------------- outlooks
    def of(self, shelf: Shelf, units: int, order: Order, now: float, mine: Taken = NOTHING, hidden: int = 0) -> Outlook:
        """For a line of an order that is being placed: `mine` are the units of each shelf that earlier lines of the
        order get before it (see `adds`), and `hidden` those that the seller's record misses. Days to the door count
        from the day on which the customer wants the goods."""
        return self.together(self.requests(shelf, units, order, now, mine, hidden), order, now, self.site(shelf))

    def adds(self, mine: Counter[int], shelf: Shelf, units: int) -> None:
        """Counts the units that a line of an order gets among those of its lines: of a kit, its components."""
        for part, each in self.state.engine.parts_of(shelf):
            mine[part.item] += each * units

    def requests(
        self, shelf: Shelf, units: int, order: Order, now: float, mine: Taken = NOTHING, hidden: int = 0
    ) -> list[Request]:
        """What a line of an order that is being placed asks for: see `of`."""
        terms, demands = order.terms, []
        for part, each in self.state.engine.parts_of(shelf):
            ahead = self.queues.before(part, order) + hidden
            asked = mine.get(part.item, 0) + each * units
            need = ahead + asked - (part.on_hand - terms.reserve)
            if part.item in self.lags and self._seems_available(part, need, not ahead, now):
                need = 0
            demands.append(Request(part, need, each * units, asked))
        return demands

    def waits(self, shelf: Shelf, units: int, order: Order, now: float, mine: Taken = NOTHING, hidden: int = 0) -> bool:
        """Whether units of a line that is being placed are not free for it today: `of(…).possible` is not 0."""
        demands = self.requests(shelf, units, order, now, mine, hidden)
        if self.comes_later:  # no forecast is needed
            return any(demand.need > 0 for demand in demands)
        return self.together(demands, order, now, self.site(shelf)).possible != 0.0

    def together(self, demands: Sequence[Request], order: Order, now: float, site: str | None) -> Outlook:
        """For lines of an order that is being placed, at one site: they are available when the last of them is."""
        last = max(now, order.due) + self._window(order)
        found = self._outlook(demands, order.terms, now, last, site, self.leaving.of(order, now, site))
        return found if order.due == -math.inf else found.after(max(wanted_day(order) - now, 0.0))

    def of_order(self, order: Order, now: float) -> list[Outlook]:
        """For all lines of an order that wait, one outlook for each site where any of them wait: they are available
        when the last of them is."""
        demands: dict[str | None, list[Request]] = {}
        mine: Counter[int] = Counter()
        """Units of each item that earlier lines of the order get."""
        for line in order.waiting or ():
            kept = self.state.engine.aside.get((order.number, line.number))
            for part, each in self.state.engine.parts_of(line.shelf):
                units = each * line.open - (0 if kept is None else kept.units[part.item])
                ahead = self.queues.before(part, order)
                need = ahead + mine[part.item] + units - (part.on_hand - order.terms.reserve)
                if part.item in self.lags and self._seems_available(part, need, order.placed == now and not ahead, now):
                    need = 0
                mine[part.item] += units
                demands.setdefault(self.site(part), []).append(Request(part, need, units, 0))
        last = order.since + self._window(order)
        return [
            self._outlook(here, order.terms, now, last, site, self.leaving.of(order, now, site))
            for site, here in demands.items()
        ]

    def _window(self, order: Order) -> float:
        """Days from the order after which the seller cancels what waits; a customer who is asked may extend them."""
        window = self.window.of(order)
        return math.inf if window.asks else window.length

    def at_once(self, segment: int, now: float, site: str | None = None, leaves: LeavingDay = AT_ONCE) -> Outlook:
        """For an order of a segment that is filled from the stock of a site (None: of its own), and leaves no earlier
        than is given."""
        return self._outlook([], Terms(lambda number: (0, number), segment=segment), now, math.inf, site, leaves)

    def _seems_available(self, shelf: Shelf, need: float, first: bool, now: float) -> bool:
        """Whether the vendor has run out so recently that the seller does not know it yet."""
        if need <= 0:
            return True
        if first:
            self.ran_out[shelf.item] = now
            for ran_out in self.flow.followers.ran_out:
                ran_out(shelf, self.lags[shelf.item])
        return now - self.ran_out.get(shelf.item, -math.inf) < self.lags[shelf.item]

    def _outlook(
        self, demands: Sequence[Request], terms: Terms, now: float, last: float, site: str | None, leaves: LeavingDay
    ) -> Outlook:
        """When the last of these demands on a site is met; None for a date after `last`, when the seller cancels.
        Goods that are there earlier are kept until they leave."""
        delivery = self.delivery(terms.segment, site)
        found: dict[str, float | None] = {}
        covering: ExpectedReceipt | None = None
        """The receipt that decides the last of the dates."""
        supply = [self.forecast(d.shelf, now, d.new) if d.need > 0 else None for d in demands]
        for kind in ("committed", "scheduled", "possible"):
            days: float | None = 0.0
            for demand, forecast in zip(demands, supply, strict=True):
                receipt = None if forecast is None else self._receipt(forecast, kind, demand.need)
                if receipt is None and demand.need > 0:
                    days = None
                    break
                if receipt is not None and receipt.day - now >= (days or 0.0):
                    if receipt.day > last or math.isinf(receipt.day):
                        days = None
                        break
                    days, covering = receipt.day - now, receipt
            found[kind] = days
        return Outlook(
            found["committed"],
            found["scheduled"],
            found["possible"],
            0.0 if covering is None else self._spread(covering, now),
            lambda days: delivery.arrives(max(now + days, leaves.day), now) - now,
            lambda p: self._quantile(demands, delivery, p, now, last, leaves),
            all(demand.shelf.on_hand >= demand.units for demand in demands),
        )

    @staticmethod
    def _receipt(forecast: ShelfForecast, kind: str, need: float) -> ExpectedReceipt | None:
        if kind == "committed":
            return forecast.reached(forecast.committed, need)
        if kind == "scheduled":
            return forecast.reached(forecast.scheduled, need)
        return forecast.possible(need)

    @staticmethod
    def _spread(receipt: ExpectedReceipt, now: float) -> float:
        if receipt.announced is not None:
            return 0.0
        return receipt.timeline.estimate_of(receipt, now).spread(max(now - receipt.leaves, 0.0))

    # --------------------------------------------------------------- quantiles
    def _quantile(
        self,
        demands: Sequence[Request],
        delivery: DeliveryTimeline,
        p: float,
        now: float,
        last: float,
        leaves: LeavingDay,
    ) -> float | None:
        """Days until everything is at the door with probability p, over joint samples of receipts and delivery."""
        filled: Floats = np.full(JOINT_SAMPLES, now)
        waits = False
        # Lines of one item wait for the same receipts: the last of them decides.
        last_of = {demand.shelf: demand for demand in sorted(demands, key=lambda demand: demand.need)}
        for place, demand in enumerate(dict.fromkeys(last_of[demand.shelf] for demand in demands)):
            if demand.need > 0:
                days = self._samples(demand, 5 * place, now)
                if days is None:
                    return None
                filled, waits = np.maximum(filled, days), True
        # The seller's window ends the wait for goods, not the transit: the quantile of the fill is compared with it.
        rank = min(math.ceil(p * JOINT_SAMPLES) - 1, JOINT_SAMPLES - 1)
        if waits and last < math.inf and not np.sort(filled)[rank] <= last:
            return None
        if leaves.day > now:
            filled = np.maximum(filled, leaves.sampled(now, points(14)))
        door = delivery.arrives(filled, now, (points(15), points(16 if waits else 0)))
        day = float(np.sort(door)[rank])
        return None if math.isinf(day) else day - now

    def _samples(self, demand: Request, turn: int, now: float) -> Floats | None:
        """In each joint sample the day on which the requested units have been received, purchases to come included."""
        forecast = self.forecast(demand.shelf, now, demand.new)
        if forecast.possible(demand.need) is None:
            return None
        receipts = deciding(forecast.receipts, demand.need)
        days = np.empty((len(receipts), JOINT_SAMPLES))
        before: dict[object, int] = {}
        embargo = self.flow.embargo.get(demand.shelf.item, 0.0)
        for k, receipt in enumerate(receipts):
            vendor = receipt.timeline.vendor
            ordered = vendor.fifo and vendor in before
            # That a purchase has not come says nothing of its own lead time where the one before may hold it up.
            at = receipt.timeline.sampled(receipt, now, points(turn + k), given=not ordered)
            days[k] = np.maximum(at, days[before[vendor]]) if ordered else at
            before[vendor] = k
            if embargo > now:
                np.maximum(days[k], embargo, out=days[k])
        certain = all(receipt.timeline.certain_share for receipt in receipts)
        in_order = receipts[0].timeline.vendor.fifo and len(before) == 1
        if certain and (in_order or (len(receipts) == 1 and receipts[0].units >= demand.need - SLACK)):
            last: Floats = days[-1]  # receipts come in the order in which they were bought
            return last
        # Receipts may overtake each other, and each may bring less than expected: add up the units of every sample in
        # its own order, and take the day on which they suffice.
        parts = [receipt.timeline.sampled_units(receipt, points(turn + k + 7)) for k, receipt in enumerate(receipts)]
        units = np.array(parts if certain else [np.broadcast_to(part, JOINT_SAMPLES) for part in parts])
        order = np.argsort(days, axis=0, kind="stable")
        got = np.cumsum(units[order] if certain else np.take_along_axis(units, order, axis=0), axis=0)
        reached = got >= demand.need - SLACK
        place = np.where(reached[-1], reached.argmax(axis=0), len(receipts) - 1)
        samples = np.arange(JOINT_SAMPLES)
        found: Floats = days[order[place, samples], samples]
        short = ~reached[-1]
        if short.any():  # more is lost than expected: the purchase that replaces it takes as long again
            again = receipts[-1].timeline.estimate(now, now).quantiles(0.0, points(turn + 11))
            found = np.where(short, found + again, found)
        return found
