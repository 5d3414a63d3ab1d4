"""Carriers: a parcel's transit belongs to the order and the parcel's number, whatever the policy."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.engine.backlog import Order
from simulator.randomness.distribution import Distribution
from simulator.randomness.streams import Streams
from simulator.world.orders.ports import Parcel
from simulator.world.switchboard import Gate


class Courier:
    """One carrier as the warehouse meets it."""

    def __init__(
        self, key: str, transit: Distribution | None, streams: Streams, gate: Gate, site: str | None = None
    ) -> None:
        """`site`: its parcels leave from there, not from the customer's own site, with transits of their own."""
        self.key, self.law, self.streams, self.gate, self.site = key, transit, streams, gate, site

    def delivery(self, parcel: Parcel, now: float) -> float | None:
        """The day of delivery of a parcel that is handed over now."""
        order, number, _ = parcel
        transits: Sequence[float] = order.arrival.transits
        if self.site is None and number < len(transits):  # the usual case, spared a call
            return now + transits[number]
        return now + self.transit(order, number)

    def transit(self, order: Order, parcel: int) -> float:
        """Days in transit of a parcel."""
        if self.site is not None:
            return self._from_site(self.site, order, parcel)
        transits = order.arrival.transits
        return float(transits[parcel]) if parcel < len(transits) else self.extra_transit(order, parcel)

    def extra_transit(self, order: Order, parcel: int) -> float:
        """Days in transit of a parcel beyond those drawn with the arrival; 0 without a carrier."""
        if self.law is None:
            return 0.0
        rng = self.streams.keyed("extra_transit", self.key, order.terms.owner, str(order.arrival.serial), str(parcel))
        return float(self.law.block(rng, 1)[0])

    def _from_site(self, site: str, order: Order, parcel: int) -> float:
        """Days in transit from another site than the customer's own."""
        if self.law is None:
            return 0.0
        owner = (order.terms.owner, str(order.arrival.serial), str(parcel))
        return float(self.law.block(self.streams.keyed("site_transit", site, self.key, *owner), 1)[0])
