"""Outlooks: when units will be free, from the stock, the backlog ahead and the purchases under way."""

from __future__ import annotations

import math
from functools import cached_property
from typing import NamedTuple

import numpy as np

from simulator.engine.backlog import Queue
from simulator.engine.orders import Order
from simulator.engine.shelf import Shelf
from simulator.policies.outlook import Outlook
from simulator.randomness.distribution import Distribution, Floats
from simulator.world.stage import Stage
from simulator.world.suppliers import Purchase, Vendor

SAMPLE = 20_000
"""Draws that stand for a law where it is not a plain number."""
SCENES = 1024
"""Joint scenes of receipts and transit from which a quantile is read."""
TURNS = tuple(math.sqrt(prime) % 1 for prime in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53))
"""Irrational turns: the k-th purchase takes the points of a lattice with the k-th turn."""
OVERDUE = 1.0
"""Days that a purchase is still expected to take when it is later than any lead time of its law."""


class Belief:
    """What a planner knows of a law: its sorted draws."""

    def __init__(self, law: Distribution, rng: np.random.Generator) -> None:
        moments = law.moments()
        fixed = moments.variance == 0
        self.draws: Floats = np.array([moments.mean]) if fixed else np.sort(law.block(rng, SAMPLE))

    def _from(self, elapsed: float) -> int:
        """Place of the first draw that is still possible."""
        return int(np.searchsorted(self.draws, elapsed, side="right")) if elapsed > 0 else 0

    @cached_property
    def _sums(self) -> tuple[Floats, Floats]:
        """From the k-th draw on, the sum of the draws and of their squares about the mean of all."""
        away = self.draws - self.draws.mean()
        return np.append(np.cumsum(self.draws[::-1])[::-1], 0.0), np.append(np.cumsum((away**2)[::-1])[::-1], 0.0)

    def remaining(self, elapsed: float) -> float:
        """Mean days that are left after so many."""
        k = self._from(elapsed)
        left = self.draws.size - k
        return float(self._sums[0][k]) / left - elapsed if left else OVERDUE

    def spread(self, elapsed: float) -> float:
        """Standard deviation of the days that are left."""
        k = self._from(elapsed)
        left = self.draws.size - k
        if not left:
            return 0.0
        sums, squares = self._sums
        away = float(sums[k]) / left - float(sums[0]) / self.draws.size
        return math.sqrt(max(float(squares[k]) / left - away**2, 0.0))

    def quantiles(self, elapsed: float, at: Floats) -> Floats:
        """Days that are left at these probabilities in (0, 1)."""
        rest = self.draws[self._from(elapsed) :]
        if not rest.size:
            return np.full(at.size, OVERDUE)
        return rest[np.minimum((at * rest.size).astype(np.int64), rest.size - 1)] - elapsed


class Receipt(NamedTuple):
    """Units that are under way, as the planner sees them."""

    day: float
    """When they are expected, days from now."""
    units: int
    made: float
    purchase: Purchase | None
    """None: a purchase that could be made now."""


class Outlooks:
    """Works out outlooks for one warehouse; whoever asks gets the date that a planner could give."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.beliefs: dict[str, Belief] = {}
        self.doors: dict[int, tuple[Belief, float]] = {}
        stage.flow.purchasing.watch_all()

    # ------------------------------------------------------------- beliefs
    def belief(self, vendor: Vendor) -> Belief:
        """What is known of a supplier's lead time."""
        if vendor.key not in self.beliefs:
            rng = self.stage.streams.keyed("belief", "lead_time", vendor.key)
            self.beliefs[vendor.key] = Belief(vendor.law, rng)
        return self.beliefs[vendor.key]

    def door(self, segment: int) -> tuple[Belief, float]:
        """What is known of the way from the shelf to a segment's door, and its mean (days)."""
        if segment not in self.doors:
            stage = self.stage
            name = stage.cast.segments[segment] if stage.cast.segments else ""
            carrier = stage.scenario.carrier_of(name) if name else None
            site = stage.scenario.site_of(name) if name else stage.cast.sites[0]
            picking = stage.scenario.sites[site].picking.time.moments().mean
            if carrier is None:
                belief = Belief(Distribution.plain_value(0.0), np.random.default_rng(0))
            else:
                rng = stage.streams.keyed("belief", "transit", carrier, name)
                belief = Belief(stage.scenario.carriers[carrier].transit, rng)
            belief.draws = belief.draws + picking
            self.doors[segment] = (belief, float(belief.draws.mean()))
        return self.doors[segment]

    def elapsed(self, purchase: Purchase, now: float) -> float:
        """Days since a purchase was released; 0 while a shut gate holds it."""
        return 0.0 if purchase.released is None else now - purchase.released

    def receipts(self, shelf: Shelf, now: float) -> list[Receipt]:
        """What is under way to a shelf, the nearest first."""
        found = []
        last = 0.0
        for purchase in self.stage.flow.purchasing.under_way.get(shelf.item, ()):
            if purchase.announced is not None:
                day = max(purchase.announced - now, 0.0)
            else:
                day = self.belief(purchase.supplier).remaining(self.elapsed(purchase, now))
            if purchase.supplier.fifo:
                day = last = max(day, last)
            found.append(Receipt(day, purchase.arriving, purchase.made, purchase))
        return sorted(found, key=lambda receipt: receipt.day)

    # ------------------------------------------------------------- outlook
    def of(self, shelf: Shelf, units: int, ahead: int, now: float, segment: int) -> Outlook:
        """For so many units with so many others to be served before them."""
        _, mean = self.door(segment)
        need = units + ahead - shelf.on_hand
        if need <= 0:
            return Outlook(0.0, 0.0, 0.0, mean, lambda p: self.quantile(shelf, [], 0, now, segment, p))
        receipts = self.receipts(shelf, now)
        scheduled, spread = self._covered(receipts, need, now)
        possible, vendor = scheduled, self.stage.flow.purchasing.first(shelf.item)
        if possible is None and vendor is not None:
            belief = self.belief(vendor)
            possible, spread = belief.remaining(0.0), belief.spread(0.0)
            receipts = [*receipts, Receipt(possible, need, now, None)]
        return Outlook(
            scheduled,
            possible,
            spread,
            mean,
            lambda p: self.quantile(shelf, receipts, need, now, segment, p),
            shelf.on_hand >= units,
        )

    def of_order(self, order: Order, now: float) -> list[Outlook]:
        """For each line of an order that waits."""
        segment = order.terms.segment
        return [
            self.of(line.shelf, line.open, self.ahead(line.shelf, order), now, segment) for line in order.waiting or ()
        ]

    @staticmethod
    def ahead(shelf: Shelf, order: Order | None) -> int:
        """Units that wait for the item and are served before this order's; None: before one placed now, last."""
        if order is None or not shelf.backordered:
            return shelf.backordered
        if isinstance(shelf.backlog, Queue):
            units = 0
            for line in shelf.backlog:
                if line.order is order:
                    break
                units += line.open
            return units
        rank = order.terms.rank(order.number)
        return sum(
            line.open
            for line in shelf.backlog
            if line.order is not order and line.order.terms.rank(line.order.number) < rank
        )

    def _covered(self, receipts: list[Receipt], need: int, now: float) -> tuple[float | None, float]:
        """Days until the receipts reach the units, and the standard deviation of the one that does."""
        for receipt in receipts:
            need -= receipt.units
            if need <= 0:
                purchase = receipt.purchase
                if purchase is None or purchase.announced is not None:
                    return receipt.day, 0.0
                return receipt.day, self.belief(purchase.supplier).spread(self.elapsed(purchase, now))
        return None, 0.0

    def quantile(
        self, shelf: Shelf, receipts: list[Receipt], need: int, now: float, segment: int, p: float
    ) -> float | None:
        """Days until so many units are at the door with probability p, over joint scenes of receipts and transit."""
        lattice = (np.arange(SCENES) + 0.5) / SCENES
        door, _ = self.door(segment)
        days = door.quantiles(0.0, (lattice * TURNS[-1] * SCENES) % 1) if need > 0 else door.quantiles(0.0, lattice)
        if need > 0:
            stock = self._scenes(shelf, receipts, need, now)
            if stock is None:
                return None
            days = days + stock
        return float(np.sort(days)[min(math.ceil(p * SCENES) - 1, SCENES - 1)])

    def _scenes(self, shelf: Shelf, receipts: list[Receipt], need: int, now: float) -> Floats | None:
        """In each scene the days until the receipts reach the units; None: they never do."""
        in_order = sorted(receipts, key=lambda receipt: (receipt.made, receipt.purchase is None))
        if not in_order or sum(receipt.units for receipt in in_order) < need:
            return None
        first = self.stage.flow.purchasing.first(shelf.item)
        vendors: set[Vendor] = set()
        days = np.empty((len(in_order), SCENES))
        lattice: Floats = np.arange(SCENES, dtype=np.float64) + 0.5
        for k, receipt in enumerate(in_order):
            purchase = receipt.purchase
            vendor = purchase.supplier if purchase is not None else first
            assert vendor is not None
            vendors.add(vendor)
            if purchase is not None and purchase.announced is not None:
                days[k] = receipt.day
                continue
            elapsed = 0.0 if purchase is None else self.elapsed(purchase, now)
            at: Floats = np.mod(lattice * (TURNS[k % len(TURNS)] if k else 1 / SCENES), 1.0)
            days[k] = self.belief(vendor).quantiles(elapsed, at)
            if vendor.fifo and k:
                days[k] = np.maximum(days[k], days[k - 1])
        if all(vendor.fifo for vendor in vendors):  # receipts come in the order in which they were bought
            last: Floats = days[int(np.searchsorted(np.cumsum([receipt.units for receipt in in_order]), need))]
            return last
        order = np.argsort(days, axis=0, kind="stable")
        units = np.array([receipt.units for receipt in in_order])[order]
        reached = (np.cumsum(units, axis=0) >= need).argmax(axis=0)
        found: Floats = np.take_along_axis(days, order, axis=0)[reached, np.arange(SCENES)]
        return found
