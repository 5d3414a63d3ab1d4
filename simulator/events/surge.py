"""What spikes and promotions share: for a while, some customer segments order more (or less) of some items."""

from __future__ import annotations

from abc import abstractmethod

from simulator.events.effect import EventEffect, EventStreams
from simulator.events.event import Event, ItemNames, SegmentNames, Span
from simulator.randomness.distribution import Floats


class Surge(Event):
    """A change of demand."""

    cause = "demand"

    customers: SegmentNames
    """The segment or segments whose demand changes."""
    items: ItemNames | None = None
    """Only the demand for these items; all items unless given."""

    def effects(self, streams: EventStreams) -> tuple[EventEffect, ...]:
        return ()

    @property
    @abstractmethod
    def multiple(self) -> float:
        """Demand at its strongest as a multiple of the usual; below 1 it falls."""

    @abstractmethod
    def extra(self, span: Span, times: Floats, horizon: float) -> Floats:
        """Change of demand at each time as a multiple of the usual: 4 where it is fivefold, 0 outside the span."""
