"""A purchase on its way: how much, from whom, and which of its days are known."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from simulator.engine.backlog import Shelf

if TYPE_CHECKING:
    from simulator.world.suppliers.vendor import Vendor


class Purchase:
    """Units of one item on their way from a supplier."""

    __slots__ = (
        "announced",
        "due",
        "lead_time",
        "made",
        "number",
        "received",
        "released",
        "served",
        "share",
        "shelf",
        "stood",
        "supplier",
        "units",
    )

    def __init__(
        self, number: int, made: float, supplier: Vendor, shelf: Shelf, units: int, share: float, lead: float
    ) -> None:
        self.number = number
        self.made = made
        """When it was decided, days."""
        self.supplier = supplier
        self.shelf = shelf
        self.units = units
        """Units bought and not withdrawn."""
        self.share = share
        """Share of them that will arrive; the rest is lost."""
        self.lead_time = lead
        """As drawn, days."""
        self.due = math.inf
        """When it will be received, days; inf while it waits at the supplier."""
        self.released: float | None = None
        """When its lead time started, days; None while a shut gate holds it."""
        self.announced: float | None = None
        """The day of receipt, where the supplier tells it; None: the planner knows the law of the lead time only."""
        self.stood = 0.0
        """Days that its path had been closed, as far as its travel allows for them."""
        self.received = math.inf
        """When it was received, days."""
        self.served = -1
        """Number of the order that it is at a supplier with stock, once some of it has left there."""

    def part(self, units: int) -> Purchase:
        """The part that travels on its own; what stays behind is this purchase, with so many units less."""
        part = Purchase(self.number, self.made, self.supplier, self.shelf, units, self.share, self.lead_time)
        self.units -= units
        return part

    @property
    def arriving(self) -> int:
        """Units that will be received, rounded half up."""
        return self.units if self.share == 1.0 else math.floor(self.units * self.share + 0.5)
