"""What a decision may know of when units will be available: a read-only outlook, worked out by the simulation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outlook:
    """When units that a customer asks for will be free for that customer; days from now."""

    committed: float | None
    """Until stock and the purchases under way cover them, each expected at its mean; 0: they are available now; None:
    they are not covered."""
    scheduled: float | None
    """The same with the purchases that this demand triggers at this instant."""
    possible: float | None
    """The same with all purchases that the policy will make; None: it will never buy enough."""
    spread: float
    """Standard deviation of the receipt that covers them, days."""
    delivery: Callable[[float], float]
    """Days until the units are free -> days until they are at the customer's door."""
    by: Callable[[float], float | None]
    """Probability p -> days until the door that are not exceeded with probability p, purchases to come included."""
    left_over: bool = False
    """Enough units are on the shelf, but promised to others."""
