"""Carriers: a parcel's transit belongs to the order and the parcel's number, whatever the policy."""

from __future__ import annotations

from simulator.engine.backlog import Order
from simulator.randomness.distribution import Distribution
from simulator.randomness.streams import Streams
from simulator.world.orders.flow import SERIAL
from simulator.world.switchboard import Gate


class Courier:
    """One carrier as the warehouse meets it."""

    def __init__(self, key: str, transit: Distribution | None, streams: Streams, gate: Gate) -> None:
        self.key, self.transit, self.streams, self.gate = key, transit, streams, gate

    def extra_transit(self, order: Order, parcel: int) -> float:
        """Days in transit of a parcel beyond those drawn when the order was placed; 0 where nobody carries."""
        if self.transit is None:
            return 0.0
        rng = self.streams.keyed("extra_transit", self.key, order.terms.owner, str(order.brought[SERIAL]), str(parcel))
        return float(self.transit.block(rng, 1)[0])
