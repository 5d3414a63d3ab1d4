"""Availability: when units will be free, from the stock, the backlog ahead and the purchases under way."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from simulator.engine.backlog import Line, Order, Queue, Release, Shelf
from simulator.policies.outlook import Outlook
from simulator.randomness.distribution import Distribution, Floats
from simulator.world.orders.followers import Fills
from simulator.world.state import ReplicationState
from simulator.world.suppliers.purchase import Purchase, Seller

SAMPLE = 20_000
"""Draws that represent a lead-time distribution."""
JOINT_SAMPLES = 1024
"""Joint samples of receipts and transit, from which quantiles are read."""
TURNS = tuple(math.sqrt(prime) % 1 for prime in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53))
"""Irrational multipliers: the k-th purchase uses the points of a lattice with the k-th one (quasi-Monte Carlo)."""
BEYOND = 32
"""Purchases beyond the sufficient ones that are considered where receipts may overtake each other."""
OVERDUE = 1.0
"""Days that a purchase is still expected to take when it is later than any draw of its lead time."""


class LeadTimeEstimate:
    """An estimate of a lead time or transit: its sorted draws."""

    def __init__(self, law: Distribution, rng: np.random.Generator) -> None:
        moments = law.moments()
        fixed = moments.variance == 0
        self.draws: Floats = np.array([moments.mean]) if fixed else np.sort(law.block(rng, SAMPLE))

    def _from(self, elapsed: float) -> int:
        """Place of the first draw that is still possible."""
        return int(np.searchsorted(self.draws, elapsed, side="right")) if elapsed > 0 else 0

    @cached_property
    def _sums(self) -> tuple[Floats, Floats]:
        """From the k-th draw on: the sum of the draws, and of their squared deviations from the mean of all."""
        away = self.draws - self.draws.mean()
        return np.append(np.cumsum(self.draws[::-1])[::-1], 0.0), np.append(np.cumsum((away**2)[::-1])[::-1], 0.0)

    def remaining(self, elapsed: float) -> float:
        """Mean days left after `elapsed` days."""
        k = self._from(elapsed)
        left = self.draws.size - k
        return float(self._sums[0][k]) / left - elapsed if left else OVERDUE

    def spread(self, elapsed: float) -> float:
        """Standard deviation of the days left."""
        k = self._from(elapsed)
        left = self.draws.size - k
        if not left:
            return 0.0
        sums, squares = self._sums
        away = float(sums[k]) / left - float(sums[0]) / self.draws.size
        return math.sqrt(max(float(squares[k]) / left - away**2, 0.0))

    def quantiles(self, elapsed: float, at: Floats) -> Floats:
        """Quantiles of the days left, at probabilities in (0, 1)."""
        rest = self.draws[self._from(elapsed) :]
        if not rest.size:
            return np.full(at.size, OVERDUE)
        return rest[np.minimum((at * rest.size).astype(np.int64), rest.size - 1)] - elapsed


class Receipt(NamedTuple):
    """Units under way, as the planner sees them."""

    day: float
    """When they are expected."""
    units: int
    purchase: Purchase | None
    """None: a purchase that waits at its supplier."""


class SupplyPlan:
    """The purchases under way to a shelf and the lines that wait there, valid until either changes."""

    def __init__(
        self, shelf: Shelf, under_way: Sequence[Purchase], expected: Callable[[Purchase], float], ready: float
    ) -> None:
        self.held = sum(purchase.arriving for purchase in under_way if purchase.released is None)
        """Units of purchases that wait at their suppliers."""
        released = [purchase for purchase in under_way if purchase.released is not None]
        self.coming = sorted((Receipt(max(expected(p), ready), p.arriving, p) for p in released), key=lambda r: r.day)
        self.days = [receipt.day for receipt in self.coming]
        self.units = list(accumulate((receipt.units for receipt in self.coming), initial=0))
        """Units of the k nearest receipts together."""
        self.shelf = shelf

    @cached_property
    def ahead(self) -> dict[int, int]:
        """Order -> units that wait for the item and are served before its own."""
        found: dict[int, int] = {}
        backlog = self.shelf.backlog
        units = 0
        for line in backlog if isinstance(backlog, Queue) else sorted(backlog, key=_rank):
            found.setdefault(line.order.number, units)
            units += line.open
        return found


def _rank(line: Line) -> tuple[int, int]:
    return line.order.terms.rank(line.order.number)


class Availability:
    """Works out when units will be available at one warehouse, from what a planner can know."""

    def __init__(self, state: ReplicationState) -> None:
        self.state = state
        self.estimates: dict[str, LeadTimeEstimate] = {}
        self.delivery_times: dict[int, tuple[LeadTimeEstimate, float]] = {}
        self.plans: dict[int, tuple[tuple[int, ...], SupplyPlan]] = {}
        self.lags = {
            number: spec.visibility_lag
            for number, (_, name) in enumerate(state.numbering.shelves)
            if (spec := state.scenario.items[name]).visibility_lag
        }
        """Item -> days after which the seller learns that a drop-ship vendor has run out."""
        self.ran_out: dict[int, float] = {}
        """Item -> when its vendor ran out."""
        self.changes = 0
        """Counts what may change a plan, beside new orders and purchases."""
        self.followers = state.flow.followers
        self.followers.filled.add(self.filled)
        self.followers.released.add(self.released)
        for node in state.nodes:
            node.purchasing.watch()

    def filled(self, fills: Fills, now: float) -> None:
        """The backlog has changed."""
        self.changes += 1

    def released(self, order: Order, release: Release) -> None:
        """The backlog has changed."""
        self.changes += 1

    # ----------------------------------------------------------- estimates
    def estimate(self, vendor: Seller) -> LeadTimeEstimate:
        """The estimate of a supplier's lead time."""
        if vendor.key not in self.estimates:
            rng = self.state.streams.keyed("belief", "lead_time", vendor.key)
            self.estimates[vendor.key] = LeadTimeEstimate(vendor.law, rng)
        return self.estimates[vendor.key]

    def delivery_time(self, segment: int) -> tuple[LeadTimeEstimate, float]:
        """The estimate of the time from the shelf to a segment's customers, and its mean (days)."""
        if segment not in self.delivery_times:
            state = self.state
            name = state.numbering.segments[segment] if state.numbering.segments else ""
            carrier = state.scenario.carrier_of(name) if name else None
            site = state.scenario.site_of(name) if name else state.numbering.sites[0]
            picking = state.scenario.sites[site].picking.time.moments().mean
            if carrier is None:
                estimate = LeadTimeEstimate(Distribution.plain_value(0.0), np.random.default_rng(0))
            else:
                rng = state.streams.keyed("belief", "transit", carrier, name)
                estimate = LeadTimeEstimate(state.scenario.carriers[carrier].transit, rng)
            estimate.draws = estimate.draws + picking
            self.delivery_times[segment] = (estimate, float(estimate.draws.mean()))
        return self.delivery_times[segment]

    def expected(self, purchase: Purchase) -> float:
        """The day on which a released purchase is expected: as announced, else its mean lead time after the release."""
        if purchase.announced is not None:
            return purchase.announced
        assert purchase.released is not None
        return purchase.released + self.estimate(purchase.supplier).remaining(0.0)

    def plan(self, shelf: Shelf) -> SupplyPlan:
        """The supply plan of a shelf, worked out again when something has changed."""
        flow = self.state.flow
        key = (flow.placed, flow.purchases, flow.purchasing.changes, self.changes)
        known = self.plans.get(shelf.item)
        if known is None or known[0] != key:
            plan = SupplyPlan(
                shelf, flow.purchasing.under_way.get(shelf.item, ()), self.expected, flow.embargo.get(shelf.item, 0.0)
            )
            known = self.plans[shelf.item] = (key, plan)
        return known[1]

    # ------------------------------------------------------------- outlook
    def of(self, shelf: Shelf, units: int, ahead: int, now: float, segment: int, fresh: bool = True) -> Outlook:
        """The outlook for units with `ahead` others to be served before them; `fresh`: they are ordered just now."""
        _, mean = self.delivery_time(segment)
        need = units + ahead - shelf.on_hand
        if shelf.item in self.lags and self._seems_there(shelf, need, fresh and not ahead, now):
            need = 0
        if need <= 0:
            return Outlook(0.0, 0.0, 0.0, mean, lambda p: self.quantile(shelf, 0, now, segment, p))
        vendor = self.state.flow.purchasing.first(shelf.item)
        covered = self._covered(shelf, need, now, vendor)
        scheduled, spread = (None, 0.0) if covered is None else covered
        possible = scheduled
        if possible is None and vendor is not None:
            estimate = self.estimate(vendor)
            possible, spread = estimate.remaining(0.0), estimate.spread(0.0)
            possible = max(possible, self.state.flow.embargo.get(shelf.item, 0.0) - now)
        by = lambda p: self.quantile(shelf, need, now, segment, p)  # noqa: E731 - only some decisions need it
        return Outlook(scheduled, possible, spread, mean, by, shelf.on_hand >= units)

    def _seems_there(self, shelf: Shelf, need: int, first: bool, now: float) -> bool:
        """Whether the vendor ran out so recently that the seller does not know it yet."""
        if need <= 0:
            return True
        if first:
            self.ran_out[shelf.item] = now
            for ran_out in self.followers.ran_out:
                ran_out(shelf, self.lags[shelf.item])
        return now - self.ran_out.get(shelf.item, -math.inf) < self.lags[shelf.item]

    def of_order(self, order: Order, now: float) -> list[Outlook]:
        """The outlook for each waiting line of an order."""
        segment = order.terms.segment
        found = []
        for line in order.waiting or ():
            ahead = self.plan(line.shelf).ahead.get(order.number, line.shelf.backordered)
            found.append(self.of(line.shelf, line.open, ahead, now, segment, order.placed == now))
        return found

    def _covered(self, shelf: Shelf, need: int, now: float, vendor: Seller | None) -> tuple[float, float] | None:
        """Days until the units under way cover `need`, and the standard deviation of the receipt that completes them;
        None where they do not cover it.

        Most receipts keep their expected day while the plan is valid, so a bisection searches their cumulative units.
        The others are merged into them by day: overdue receipts, whose remaining time grows with the clock, and
        purchases that wait at their supplier.
        """
        plan = self.plan(shelf)
        overdue = bisect_right(plan.days, now)
        others = [
            Receipt(now + self.estimate(r.purchase.supplier).remaining(now - r.purchase.released), r.units, r.purchase)
            for r in plan.coming[:overdue]
            if r.purchase is not None and r.purchase.released is not None
        ]
        if plan.held:
            others += [
                Receipt(now + p.supplier.ahead(p, now) + self.estimate(p.supplier).remaining(0.0), p.arriving, None)
                for p in self.state.flow.purchasing.under_way[shelf.item]
                if p.released is None
            ]
        # `got`: units of the merged receipts, less the overdue part of the cumulative units, which they replace.
        got = -plan.units[overdue]
        for other in sorted(others, key=lambda receipt: receipt.day):
            before = bisect_right(plan.days, other.day)
            if before > overdue and plan.units[before] + got >= need:
                break
            got += other.units
            if plan.units[max(before, overdue)] + got >= need:
                return self._when(other, now, vendor)
        k = bisect_left(plan.units, need - got, lo=overdue)
        return None if k >= len(plan.units) else self._when(plan.coming[max(k, 1) - 1], now, vendor)

    def _when(self, receipt: Receipt, now: float, vendor: Seller | None) -> tuple[float, float]:
        purchase = receipt.purchase
        days = max(receipt.day - now, 0.0)
        if purchase is None or purchase.released is None:
            return days, 0.0 if vendor is None else self.estimate(vendor).spread(0.0)
        if purchase.announced is not None:
            return days, 0.0
        return days, self.estimate(purchase.supplier).spread(now - purchase.released)

    def quantile(self, shelf: Shelf, need: int, now: float, segment: int, p: float) -> float | None:
        """Days until `need` units are delivered with probability p, over joint samples of receipts and transit."""
        lattice: Floats = np.arange(JOINT_SAMPLES, dtype=np.float64) + 0.5
        delivery_time, _ = self.delivery_time(segment)
        days = delivery_time.quantiles(0.0, np.mod(lattice * (TURNS[-1] if need > 0 else 1 / JOINT_SAMPLES), 1.0))
        if need > 0:
            stock = self._joint_samples(shelf, need, now, lattice)
            if stock is None:
                return None
            days = days + stock
        return float(np.sort(days)[min(math.ceil(p * JOINT_SAMPLES) - 1, JOINT_SAMPLES - 1)])

    def _joint_samples(self, shelf: Shelf, need: int, now: float, lattice: Floats) -> Floats | None:
        """In each sample, the days until `need` units are covered by purchases under way, or else by one made now.

        Row k has the days of the k-th purchase in all samples: quantiles of its estimate at the points of a lattice, so
        that 1024 samples are as good as many more random ones, and results do not use up random numbers.
        """
        purchasing = self.state.flow.purchasing
        first, under_way = purchasing.first(shelf.item), purchasing.under_way.get(shelf.item, ())
        reached = list(accumulate(purchase.arriving for purchase in under_way))
        enough = bisect_left(reached, need) + 1
        fifo = all(purchase.supplier.fifo for purchase in under_way)
        chosen: list[Purchase | None] = list(under_way[: enough if fifo else enough + BEYOND])
        units = [purchase.arriving for purchase in chosen if purchase is not None]
        if sum(units) < need:
            if first is None:
                return None
            chosen, units = [*chosen, None], [*units, need]
        days = np.empty((len(chosen), JOINT_SAMPLES))
        for k, purchase in enumerate(chosen):
            vendor = first if purchase is None else purchase.supplier
            assert vendor is not None
            if purchase is not None and purchase.announced is not None:
                days[k] = max(purchase.announced - now, 0.0)
                continue
            waited = 0.0 if purchase is None or purchase.released is None else now - purchase.released
            at: Floats = np.mod(lattice * (TURNS[k % len(TURNS)] if k else 1 / JOINT_SAMPLES), 1.0)
            if vendor.fifo and k:
                # The time waited so far says nothing about its own lead time: the purchase before may hold it up.
                days[k] = np.maximum(self.estimate(vendor).quantiles(0.0, at) - waited, days[k - 1])
            else:
                days[k] = self.estimate(vendor).quantiles(waited, at)
        if fifo and (first is None or first.fifo):  # receipts arrive in the order of the purchases
            last: Floats = days[bisect_left(list(accumulate(units)), need)]
            return last
        order = np.argsort(days, axis=0, kind="stable")
        place = (np.cumsum(np.array(units)[order], axis=0) >= need).argmax(axis=0)
        found: Floats = np.take_along_axis(days, order, axis=0)[place, np.arange(JOINT_SAMPLES)]
        return found
