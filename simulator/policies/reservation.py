"""Reservation: when stock is reserved for an order, and how long before its wanted day goods may leave."""

from __future__ import annotations

from bisect import bisect_right
from typing import Literal, NamedTuple

from simulator.foundation.plugin import Spec
from simulator.foundation.units import NonNegativeDuration

Where = Literal["at_checkout", "at_cart"]


class Reservation(Spec):
    """Reservation for orders with a wanted day; other orders are served at once."""

    at: Where = "at_checkout"
    """When stock is reserved for a shopper, as with the plain words."""
    ahead: NonNegativeDuration | None = None
    """Stock is reserved no earlier than so many days before the wanted day; with the order unless given."""
    early: NonNegativeDuration = 0.0
    """Goods may arrive so many days before the wanted day; on that day unless given."""


class ReservationTimes(NamedTuple):
    """Which reservation holds for orders placed from which day on."""

    days: tuple[float, ...]
    """The first day of each, the first of them -inf."""
    found: tuple[Reservation, ...]

    def of(self, placed: float) -> Reservation:
        """That of an order placed at a time; at the time of a change, the new one."""
        return self.found[bisect_right(self.days, placed) - 1]


AT_ONCE = Reservation.model_construct()  # unchecked: a validator would be built at every start
"""Stock is reserved with the order, and goods arrive on the wanted day."""
