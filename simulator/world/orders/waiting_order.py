"""What the world keeps of one order while it waits: its dates, its patience, what was said."""

from __future__ import annotations

from simulator.engine.backlog import Order
from simulator.world.pace import Pace


class WaitingOrder:
    """One waiting order."""

    __slots__ = (
        "broken",
        "contact",
        "informed",
        "messages",
        "offered",
        "order",
        "patience",
        "promised",
        "slips",
        "stand",
        "told",
        "upset",
    )

    def __init__(self, order: Order, patience: float, now: float) -> None:
        self.order = order
        self.patience = Pace(patience, 1.0, now)
        self.promised: float | None = None
        """The seller's own date, day; None: no date."""
        self.told: float | None = None
        """The date that the customer knows, day; None: no date."""
        self.slips = 0
        """How often the customer was told a later date."""
        self.broken = False
        """The date that the customer knows has passed."""
        self.informed = False
        """The customer has read something since the last broken date."""
        self.messages = 0
        """Messages that were sent."""
        self.offered = False
        """The customer was offered to keep, switch or cancel."""
        self.upset = False
        """The customer waited too long for an answer."""
        self.contact: Pace | None = None
        """The time to the next contact."""
        self.stand: object = None
        """Where the order stands under a rule of consent."""

    @property
    def open(self) -> bool:
        """Whether anything of the order still waits."""
        return bool(self.order.waiting)


def waiting_order_of(order: Order) -> WaitingOrder | None:
    """What is kept of an order; None where it never waited, or where nobody follows those that do."""
    return getattr(order, "wait", None)
