"""Deliveries in parts: part of a purchase leaves as soon as it is complete, and the rest follows.

goods are complete -> the first part leaves -> gap -> the rest leaves
"""

from __future__ import annotations

import math
from collections.abc import Callable

from simulator.randomness.streams import IDLE, Streams
from simulator.scenario.schema.supply import PartialDeliveries
from simulator.world.clock import Phase
from simulator.world.suppliers.lanes import SupplyRoute
from simulator.world.suppliers.purchase import Purchase, Samplers, Seller


def first_part(units: int, share: float, pack: int) -> int:
    """Units in the first part of a delivery: a share, rounded half up to whole packs; all where that leaves nothing for
    one of the parts."""
    return min(math.floor(units * share / pack + 0.5) * pack, units) or units


class PartsInTurn:
    """Divides what a supplier has completed, and sends the parts on their route."""

    def __init__(self, spec: PartialDeliveries, vendor: Seller, route: SupplyRoute, streams: Streams) -> None:
        self.vendor, self.route, self.share = vendor, route, spec.share
        key, keys, law = vendor.key, vendor.keys, spec.gap

        def sampler(item: int) -> Callable[[], float]:
            return law.sampler(streams.stream("gap", key, keys[item]) if law.random else IDLE)

        self.gap = Samplers(sampler)

    def enter(self, purchase: Purchase, now: float) -> None:
        """The first part leaves; the rest stays behind."""
        vendor = self.vendor
        gap = self.gap[purchase.shelf.item]()  # also for what is not divided: the n-th to leave has the n-th gap
        units = first_part(purchase.units, self.share, vendor.multiple)
        if units == purchase.units:
            purchase.halved = -math.inf
            self.route.enter(purchase, now)
            return
        first = vendor.part(purchase, units)
        first.served = purchase.served
        first.halved, purchase.halved = -math.inf, now
        self.route.enter(first, now)
        vendor.clock.after(gap, Phase.RECEIPT, self.rest_leaves, purchase)

    def rest_leaves(self, purchase: Purchase, now: float) -> None:
        """The rest is complete, unless all of it was withdrawn meanwhile."""
        purchase.halved = -math.inf
        if purchase.units:
            self.route.enter(purchase, now)
