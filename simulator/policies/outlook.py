"""What a decision may know of when units will be available: a read-only outlook, worked out by the simulation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace


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

    def after(self, days: float) -> Outlook:
        """The same for a customer who minds only the days after the next `days`: they are what lies before the door."""

        def by(p: float) -> float | None:
            found = self.by(p)
            return None if found is None else max(found - days, 0.0)

        return replace(self, delivery=lambda free: max(self.delivery(free) - days, 0.0), by=by)
