"""A waiting order: its dates, its patience, and what the customer knows."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.engine.backlog import Order
from simulator.world.pace import Pace


@dataclass(slots=True, eq=False)
class WaitingOrder:
    """One waiting order."""

    order: Order
    patience: Pace
    promised: float | None = field(default=None, init=False)
    """The seller's own date, day; None: no date."""
    quoted: float | None = field(default=None, init=False)
    """The date that the customer knows, day; None: no date."""
    early: bool = field(default=False, init=False)
    """The goods are wanted on a later day, for which they can still be in time."""
    slips: int = field(default=0, init=False)
    """How often a later date was quoted."""
    broken: bool = field(default=False, init=False)
    """The date that the customer knows has passed."""
    informed: bool = field(default=False, init=False)
    """The customer has read a message since the last broken date."""
    messages: int = field(default=0, init=False)
    """Messages sent."""
    offered: bool = field(default=False, init=False)
    """The customer was offered to keep, switch or cancel."""
    annoyed: bool = field(default=False, init=False)
    """The customer waited too long for an answer from support."""
    contact: Pace | None = field(default=None, init=False)
    """The time to the next contact."""
    stand: object = field(default=None, init=False)
    """Where the order stands under a rule of consent."""

    @property
    def open(self) -> bool:
        """Whether any unit of the order still waits."""
        return bool(self.order.waiting)


def window_left(length: float, order: Order, now: float) -> float:
    """Days that are left of a window that begins when an order is placed, or, if it is for a later day, with its wait:
    all of it, unless the order is older."""
    if order.placed == now >= order.due:  # nearly always
        return length
    return length if order.since == now else max(length + order.since - now, 0.0)


def waiting_order_of(order: Order) -> WaitingOrder | None:
    """The waiting order of an order; None where it never waited or where waiting orders are not tracked."""
    return getattr(order, "wait", None)


def wanted_day(order: Order) -> float:
    """The day on which the goods of an order are wanted; inf: at once."""
    days: float = order.arrival.extras.wanted
    return order.placed + days
