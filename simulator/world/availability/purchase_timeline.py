"""The path of a purchase from the decision to buy to the buyer's shelf, as the buyer's planner knows it.

decision -> order delay -> stock, material or production line of the supplier -> (in parts) -> gate -> open route
-> departure with room -> lead time, customs -> (first in, first out) -> day on which the goods count as received
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from math import inf
from typing import NamedTuple, Protocol

import numpy as np

from simulator.engine.backlog import Order
from simulator.randomness.distribution import Floats
from simulator.randomness.estimate import LeadTimeEstimate, sample
from simulator.record.ledger import BEFORE
from simulator.world.availability.calendar import Days
from simulator.world.availability.known import KnownEvents
from simulator.world.availability.production import ProductionSchedule
from simulator.world.suppliers.depot import Depot, FromMaterial, FromStock, Recipe
from simulator.world.suppliers.lanes import Inspections
from simulator.world.suppliers.parts import first_part
from simulator.world.suppliers.plant import Plant
from simulator.world.suppliers.purchase import Purchase, arriving
from simulator.world.suppliers.vendor import Vendor

SLACK = 1e-9
"""Units that sums of expected units may be off by rounding."""
BEYOND = 32
"""Receipts that are looked at beyond those that would do, where receipts may overtake each other."""
Portions = list[tuple[float, int]]
"""(day, units): parts of a purchase and when each of them is ready."""


class StockForecasts(Protocol):
    """What is known of the stock of suppliers: see `ShelfForecasts`."""

    def portions(self, depot: Depot, order: Order, now: float) -> Portions:
        """When the parts of a purchase that wait at a supplier are filled."""

    def complete(self, depot: Depot, order: Order, now: float) -> float:
        """When all that an order at a supplier waits for is available."""

    def portions_of_new(
        self, depot: Depot, item: int, units: int, reached: float, mail: Sequence[tuple[float, Purchase]], now: float
    ) -> Portions:
        """When units would be filled that are asked for at a supplier on a day."""

    def complete_material(self, depot: Depot, recipe: Recipe, units: int, reached: float, now: float) -> float:
        """When the material for `units` units would be complete."""


class ExpectedReceipt(NamedTuple):
    """Units of a purchase that are expected to be received together."""

    day: float
    """When they are expected, days."""
    units: float
    """Units that are expected to arrive."""
    lost: float
    """Units that are expected not to arrive."""
    leaves: float
    """When their lead time starts, days."""
    bought: float
    """When they were bought, or will be, days."""
    timeline: PurchaseTimeline
    announced: float | None = None
    """The day that the supplier has announced."""
    delay: LeadTimeEstimate | None = None
    """How long after `leaves` it comes, where that is not its supplier's lead time."""

    @property
    def usual(self) -> float:
        """The day on which the buyer expects it by the supplier's mean days."""
        if self.announced is not None or self.bought == BEFORE:
            return self.day
        return self.bought + self.timeline.mean_days


def deciding(receipts: Sequence[ExpectedReceipt], need: float) -> Sequence[ExpectedReceipt]:
    """The receipts that may decide when `need` units have arrived, in the order in which they leave."""
    receipts = sorted(receipts, key=lambda receipt: (receipt.leaves, receipt.day))
    reached = list(accumulate(receipt.units for receipt in receipts))
    # A receipt behind these can only be decisive by overtaking one of them, or by making up for what it loses.
    enough = next((k for k, units in enumerate(reached, 1) if units >= need - SLACK), len(receipts))
    in_order = all(receipt.timeline.vendor.fifo for receipt in receipts[:enough])
    certain = all(receipt.timeline.certain_share for receipt in receipts[:enough])
    return receipts[: enough if in_order and certain else enough + BEYOND]


class PurchaseTimeline:
    """One supplier and one shelf, or all shelves with the same lead time, as the buyer's planner knows them."""

    def __init__(self, vendor: Vendor, item: int, known: KnownEvents, forecasts: StockForecasts) -> None:
        """`item` is the number of one of the shelves."""
        self.vendor, self.known, self.forecasts = vendor, known, forecasts
        self.law, self.mean_days = vendor.law_to(item), vendor.mean_days(item)
        self.streams = known.state.streams
        self.gate, self.route = known.gate("suppliers", vendor.name), known.route("suppliers", vendor.name)
        source = vendor.source
        self.stock = source.depot if isinstance(source, FromStock) else None
        """The stock from which the supplier serves purchases, where it keeps any."""
        source = source.other if isinstance(source, FromStock) else source
        self.material = source if isinstance(source, FromMaterial) else None
        """Where it takes the material of what it makes."""
        source = source.maker if isinstance(source, FromMaterial) else source
        self.plant = source if isinstance(source, Plant) else None
        """Its production lines, where its capacity is limited."""
        self.production = None if self.plant is None else ProductionSchedule(self.plant, self.gate)
        self.estimates: dict[tuple[int, ...], LeadTimeEstimate] = {}
        self.usual = self._draws()
        shares = vendor.yield_law.moments()
        self.share = shares.mean
        """Mean share of a purchase that arrives."""
        self.certain_share = shares.variance == 0
        self.shares = LeadTimeEstimate.of(vendor.yield_law, self.streams.keyed("belief", "yield", vendor.key))
        parts, rng = vendor.in_parts, self.streams.keyed("belief", "gap", vendor.key)
        self.gap = None if parts is None else LeadTimeEstimate.of(parts.gap, rng)
        """Days until the rest of a purchase follows its first part, where the supplier delivers in parts."""

    def _draws(self) -> Floats:
        """The lead time as its distribution has it, with the inspections of the lane."""
        draws = sample(self.law, self.streams.keyed("belief", "lead_time", self.vendor.key))
        for rule in self.vendor.route.rules:
            if isinstance(rule, Inspections):
                draws = rule.estimate(draws, self.streams.keyed("belief", "customs", self.vendor.key))
        return draws

    # --------------------------------------------------------------- lead time
    def estimate(self, released: float, now: float) -> LeadTimeEstimate:
        """The lead time of a purchase that starts its journey on a day, as far as is known now."""
        active: tuple[int, ...] = ()
        if changes := self.known.changes(self.vendor.name):
            active = tuple(
                number
                for number, (_, span, known_from) in enumerate(changes)
                if known_from <= now and span.start <= released < span.end
            )
        if active not in self.estimates:
            draws = self.usual
            rng = self.streams.keyed("belief", "changed", self.vendor.key, *map(str, active))
            for number in active:
                draws = changes[number][0](draws, rng)
            self.estimates[active] = LeadTimeEstimate(draws)
        return self.estimates[active]

    def estimate_of(self, receipt: ExpectedReceipt, now: float) -> LeadTimeEstimate:
        """How long after `leaves` a receipt comes, as far as is known now."""
        return self.estimate(receipt.leaves, now) if receipt.delay is None else receipt.delay

    def arrival(
        self,
        leaves: float,
        announced: float | None,
        delay: LeadTimeEstimate | None,
        now: float,
        at: Floats | None = None,
    ) -> Days:
        """The day of what leaves on a day, see `ExpectedReceipt`: at its mean, or for probabilities `at` in (0, 1) at
        these quantiles."""
        if announced is not None:
            return self.route.stands_still(now, max(announced - now, 0.0), now)
        begun, elapsed = max(leaves, now), max(now - leaves, 0.0)
        estimate = self.estimate(leaves, now) if delay is None else delay
        days: Days = estimate.remaining(elapsed) if at is None else estimate.quantiles(elapsed, at)
        return self.route.stands_still(begun, days, now)

    def sampled(self, receipt: ExpectedReceipt, now: float, at: Floats, given: bool) -> Floats:
        """The day of a receipt at these probabilities, `given` that it has not come yet, or unconditionally."""
        if given or receipt.announced is not None or receipt.leaves >= now:
            found = self.arrival(receipt.leaves, receipt.announced, receipt.delay, now, at)
        else:
            days = self.estimate_of(receipt, now).quantiles(0.0, at)
            found = self.route.stands_still(now, np.maximum(receipt.leaves + days - now, 0.0), now)
        return np.broadcast_to(np.asarray(found, dtype=np.float64), at.shape)

    def sampled_units(self, receipt: ExpectedReceipt, at: Floats) -> float | Floats:
        """Units that arrive, at these probabilities of the share that does."""
        if self.certain_share:
            return receipt.units
        share = self.shares.quantiles(0.0, at)
        return np.floor((receipt.units + receipt.lost) * share + 0.5)

    # --------------------------------------------------------------- purchases
    def receipts(self, purchase: Purchase, now: float) -> list[ExpectedReceipt]:
        """The expected receipts of a purchase that was made."""
        if purchase.released is not None:
            leaves = purchase.released + self.vendor.days_closed(purchase, now)
            stored = purchase.received < inf  # until a release
            if purchase.delay is not None and not stored:
                return [self._receipt(leaves, purchase.units, purchase.made, now, None, purchase.delay)]
            here = purchase.received if stored else purchase.announced
            return [self._receipt(leaves, purchase.units, purchase.made, now, here)]
        found = []
        for ready, units in self._divided(self._ready(purchase, now), purchase):
            for leaves, part in self._docked(ready, units, purchase, now):
                found.append(self._receipt(leaves, part, purchase.made, now))
        return found

    def planned(self, item: int, units: int, bought: float, now: float) -> list[ExpectedReceipt]:
        """The expected receipts of a purchase of `units` units that would be made on a day, now or later."""
        reached = bought + self.vendor.order_delay
        found = []
        for ready, part in self._divided(self._ready_later(item, units, reached, now)):
            for leaves, some in self._docked(ready, part, None, now):
                found.append(self._receipt(leaves, some, bought, now))
        return found

    def _receipt(
        self,
        leaves: float,
        units: int,
        bought: float,
        now: float,
        announced: float | None = None,
        delay: LeadTimeEstimate | None = None,
    ) -> ExpectedReceipt:
        expected = float(arriving(units, self.share)) if self.certain_share else units * self.share
        day = max(float(self.arrival(leaves, announced, delay, now)), now)
        return ExpectedReceipt(day, expected, units - expected, leaves, bought, self, announced, delay)

    # --------------------------------------------------------------- at the supplier
    def _ready(self, purchase: Purchase, now: float) -> Portions:
        """When the units of a purchase that has not left are ready to leave."""
        vendor, item = self.vendor, purchase.shelf.item
        if self.gap is not None and purchase.halved < inf:
            return [(self._rest_leaves(purchase.halved, now), purchase.units)]
        if purchase.reaches > now:
            return self._ready_later(item, purchase.units, purchase.reaches, now, purchase.number)
        if not vendor.look_through:
            return [(now, purchase.units)]
        if self.stock is not None and purchase in self.stock.waiting:
            return self.forecasts.portions(self.stock, self.stock.waiting[purchase], now)
        complete = now
        if self.material is not None and (order := self.material.depot.gathering.get(purchase)) is not None:
            complete = self.forecasts.complete(self.material.depot, order, now)
        if self.plant is not None and self.production is not None:
            here = self.plant.holds(purchase)
            if here or complete > now:
                job = purchase if here else None
                return [(self._made(job, purchase.units, item, complete, now), purchase.units)]
        return [(complete, purchase.units)]

    def _ready_later(self, item: int, units: int, reached: float, now: float, before: float = inf) -> Portions:
        """When units that reach the supplier on a day, today or later, are ready to leave."""
        vendor, depot = self.vendor, self.stock
        if not vendor.look_through:
            return [(reached, units)]
        if depot is not None and item in depot.local:
            return self.forecasts.portions_of_new(depot, item, units, reached, self._mail(reached, before, now), now)
        if self.material is not None and item in self.material.recipes:
            recipe = self.material.recipes[item]
            reached = self.forecasts.complete_material(self.material.depot, recipe, units, reached, now)
        if self.production is not None:
            return [(self._made(None, units, item, reached, now, before), units)]
        return [(reached, units)]

    def _made(
        self, job: Purchase | None, units: int, item: int, reached: float, now: float, before: float = inf
    ) -> float:
        """When the production lines have made units; purchases in the mail that reach them earlier go first."""
        assert self.production is not None
        return self.production.done(job, units, self.vendor.keys[item], reached, now, self._mail(reached, before, now))

    def _mail(self, reached: float, before: float, now: float) -> list[tuple[float, Purchase]]:
        """The purchases that will reach the supplier before one of a day and number, with the days on which they do."""
        if not self.vendor.order_delay and now >= self.vendor.mail_until:
            return []
        coming = (p for purchases in self.vendor.buyer.purchasing.under_way.values() for p in purchases)
        mine = [p for p in coming if p.supplier is self.vendor and p.released is None and p.reaches > now]
        earlier = [p for p in mine if (p.reaches, p.number) < (reached, before)]
        return [(p.reaches, p) for p in sorted(earlier, key=lambda p: (p.reaches, p.number))]

    # --------------------------------------------------------------- parts
    def _divided(self, complete: Portions, purchase: Purchase | None = None) -> Portions:
        """What is complete by day, in the parts in which the supplier delivers it."""
        parts = self.vendor.in_parts
        if parts is None or self.gap is None or (purchase is not None and purchase.halved < inf):
            return complete
        found: Portions = []
        for day, units in complete:
            first = first_part(units, parts.share, self.vendor.multiple)
            found.append((day, first))
            if first < units:
                found.append((day + self.gap.remaining(), units - first))
        return found

    def _rest_leaves(self, since: float, now: float) -> float:
        """When the rest of a purchase leaves that has stayed behind since a day; now if it waits for nothing more."""
        assert self.gap is not None
        if since == -inf:
            return now
        if self.gap.certain:  # exactly the instant at which it leaves: a departure may be due then
            return max(since + self.gap.remaining(), now)
        return now + self.gap.remaining(now - since)

    # --------------------------------------------------------------- departure
    def _docked(self, ready: float, units: int, purchase: Purchase | None, now: float) -> Portions:
        """When units that are ready leave: the gate and the route are open, and a departure has room for them."""
        day = ready
        while day < inf:  # the route may be closed on the day on which the gate opens, and the other way round
            opened = self.route.opens(self.gate.opens(day, now), now)
            if opened == day:
                break
            day = opened
        lane = self.vendor.route
        timetable = lane.timetable
        if timetable is None or day == inf:
            return [(day, units)]
        ahead = lane.ahead(purchase)
        # Goods that wait at the lane already take room on the departures from now on, also on those before `day`.
        number = timetable.next_number(now if ahead else day)
        found: Portions = []
        while units > 0:
            leaves = timetable.departure(number)
            number += 1
            if self.gate.is_closed(leaves, now) or self.route.is_closed(leaves, now):
                if not any(
                    start <= leaves < end < inf for start, end in (*self.gate.spans(now), *self.route.spans(now))
                ):
                    return [*found, (inf, units)]
                continue
            left = lane.room
            gone = int(min(ahead, left))
            ahead, left = ahead - gone, left - gone
            if leaves >= day and left > 0:
                part = int(min(units, left))
                found.append((leaves, part))
                units -= part
        return found
