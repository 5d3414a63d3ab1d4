"""What the flow of orders needs of the delivery side."""

from __future__ import annotations

from typing import Protocol

from simulator.engine.backlog import Order
from simulator.world.orders.arrival import Parcel
from simulator.world.switchboard import Gate


class Picker(Protocol):
    """Makes up parcels."""

    constant: float | None
    """Days that each parcel takes; None where they are drawn."""

    def pick(self, parcel: Parcel, now: float) -> None:
        """Starts on a parcel, which `Flow.goods_are_handed_over` gets when it is made up."""


class Carrier(Protocol):
    """Delivers parcels."""

    gate: Gate

    def extra_transit(self, order: Order, parcel: int) -> float:
        """Days in transit of a parcel beyond those drawn with the arrival."""

    def delivery(self, parcel: Parcel, now: float) -> float | None:
        """The day of delivery of a parcel that is handed over now; None: it is lost."""
