"""What spikes and promotions share: for a while, some segments ask for more (or less) of some items."""

from __future__ import annotations

from abc import abstractmethod

from simulator.events.event import Event, Names, Span, listed
from simulator.randomness.distribution import Floats


class Surge(Event):
    """A change of demand."""

    customers: Names
    """The segment or segments whose demand changes."""
    items: Names | None = None
    """Only the demand for these items; all items unless given."""

    def targets(self) -> tuple[tuple[str, str], ...]:
        segments = [("customers", name) for name in listed(self.customers)]
        return (*segments, *(("items", name) for name in listed(self.items)))

    @property
    @abstractmethod
    def multiple(self) -> float:
        """Demand at its strongest as a multiple of the usual; below 1 it falls."""

    @abstractmethod
    def extra(self, span: Span, times: Floats, horizon: float) -> Floats:
        """Change of demand at each time as a multiple of the usual: 4 where it is fivefold, 0 outside the span."""
