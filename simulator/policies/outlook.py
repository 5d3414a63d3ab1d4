"""What a decision may know of when units will be there: a read-only outlook, worked out by the world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outlook:
    """When units that somebody asks for will be free for him, seen from now; days."""

    scheduled: float | None
    """Until the stock on hand and the purchases under way cover them, each expected at its mean; 0: they are there;
    None: they are not covered."""
    possible: float | None
    """The same, or else until a purchase made now would be there; None: nobody sells the item."""
    spread: float
    """Standard deviation of the receipt that covers them."""
    door: float
    """Mean days from the shelf to the customer's door."""
    by: Callable[[float], float | None]
    """Probability p -> days until the door that are not exceeded with probability p, a purchase made now included."""
    left_over: bool = False
    """Enough units lie on the shelf that are promised to others."""
