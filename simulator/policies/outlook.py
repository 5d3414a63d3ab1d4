"""What a decision knows of when units will be available: a read-only outlook that the simulation computes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outlook:
    """When the units of a request will be available to it, in days from now."""

    scheduled: float | None
    """Until stock on hand and purchases under way, each at its expected day, cover them; 0: they are on hand;
    None: they are not covered."""
    possible: float | None
    """The same, or else until a purchase made now would arrive; None: no supplier sells the item."""
    spread: float
    """Standard deviation of the receipt that covers them."""
    door: float
    """Mean days from the shelf to delivery."""
    by: Callable[[float], float | None]
    """Probability p -> days until delivery that are not exceeded with probability p, a purchase made now included."""
    left_over: bool = False
    """There are enough units on hand, but they are promised to others."""
