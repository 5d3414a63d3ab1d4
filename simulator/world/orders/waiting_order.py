"""A waiting order: its dates, its patience, and what the customer knows."""

from __future__ import annotations

from simulator.engine.backlog import Order
from simulator.world.pace import Pace


class WaitingOrder:
    """One waiting order."""

    __slots__ = (
        "annoyed",
        "broken",
        "contact",
        "informed",
        "messages",
        "offered",
        "order",
        "patience",
        "promised",
        "quoted",
        "slips",
        "stand",
    )

    def __init__(self, order: Order, patience: float, now: float) -> None:
        self.order = order
        self.patience = Pace(patience, 1.0, now)
        self.promised: float | None = None
        """The seller's own date, day; None: no date."""
        self.quoted: float | None = None
        """The date that the customer knows, day; None: no date."""
        self.slips = 0
        """How often a later date was quoted."""
        self.broken = False
        """The date that the customer knows has passed."""
        self.informed = False
        """The customer has read a message since the last broken date."""
        self.messages = 0
        """Messages sent."""
        self.offered = False
        """The customer was offered to keep, switch or cancel."""
        self.annoyed = False
        """The customer waited too long for an answer from support."""
        self.contact: Pace | None = None
        """The time to the next contact."""
        self.stand: object = None
        """Where the order stands under a rule of consent."""

    @property
    def open(self) -> bool:
        """Whether anything of the order still waits."""
        return bool(self.order.waiting)


def waiting_order_of(order: Order) -> WaitingOrder | None:
    """The waiting order of an order; None where it never waited or where waiting orders are not tracked."""
    return getattr(order, "wait", None)
