"""What a planner knows of the events of a replication: closures, closed routes and changed lead times."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

from simulator.events.effect import Blockage, Delisting, LeadTimeChange, LeadTimeEstimation, Stoppage
from simulator.events.event import Span
from simulator.events.supply import Closure
from simulator.randomness.estimate import LeadTimeEstimate
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.schema.supply import lead_times
from simulator.world.availability.calendar import ClosureCalendar, KnownClosure
from simulator.world.occurrence import Occurrence
from simulator.world.state import ReplicationState

LeadTimeChangeKnown = tuple[LeadTimeEstimation, Span, float]
"""Change of draws, when it is in force, and the day from which it is known."""
EPOCH = -math.inf
"""Known from before the start."""


class KnownEvents:
    """Scheduled closures are public from the start; every other event is known once it has begun.

    The end of an event that has begun is known where its length is a plain number; otherwise it is expected after the
    mean of the days that its distribution leaves.
    """

    def __init__(self, state: ReplicationState) -> None:
        self.state = state
        self.lead_time_changes: dict[str, list[LeadTimeChangeKnown]] = {}
        self.calendars: dict[tuple[type, str, str], ClosureCalendar] = {}
        self.delistings: dict[int, float] = {}
        """The day on which the shop plans to delist an item; inf: never."""
        self.lengths: dict[str, LeadTimeEstimate] = {}
        """How long events last, by their keys: drawn once."""

    def gate(self, family: str, name: str) -> ClosureCalendar:
        """When a supplier, a carrier or a warehouse is shut."""
        return self._calendar(Stoppage, family, name)

    def route(self, family: str, name: str) -> ClosureCalendar:
        """When goods of a supplier, or parcels of a carrier, do not travel."""
        return self._calendar(Blockage, family, name)

    def _calendar(self, effect: type, family: str, name: str) -> ClosureCalendar:
        key = (effect, family, name)
        if key not in self.calendars:
            self.calendars[key] = ClosureCalendar(
                KnownClosure(span.start, partial(self._end, occurrence, span), _known_from(occurrence, span))
                for occurrence in self._occurrences(effect, family, name)
                for span in occurrence.spans
            )
        return self.calendars[key]

    def _occurrences(self, effect: type, family: str, name: str) -> Iterator[Occurrence]:
        for occurrence in self.state.occurrences:
            for found in occurrence.effects:
                if type(found) is effect and found.target.family == family and found.target.name in ("", name):
                    yield occurrence
                    break

    def _end(self, occurrence: Occurrence, span: Span, now: float) -> float:
        """The day on which an event is expected to end."""
        law = occurrence.event.lasts
        scheduled = _known_from(occurrence, span) < span.start or occurrence.event.until is not None
        if scheduled or law is None or law.moments().variance == 0 or now < span.start:
            return span.end
        if now >= span.end:
            return span.end
        if occurrence.key not in self.lengths:
            rng = self.state.streams.keyed("estimate", "lasts", occurrence.key)
            self.lengths[occurrence.key] = LeadTimeEstimate.of(law, rng)
        return now + self.lengths[occurrence.key].remaining(now - span.start)

    def changes(self, supplier: str) -> list[LeadTimeChangeKnown]:
        """(change of draws, span, day from which it is known) of the events that change a supplier's lead times."""
        if supplier not in self.lead_time_changes:
            self.lead_time_changes[supplier] = found = []
            for occurrence in self._occurrences(LeadTimeChange, "suppliers", supplier):
                effect = next(e for e in occurrence.effects if isinstance(e, LeadTimeChange))
                if effect.estimate is not None:
                    found += [(effect.estimate, span, _known_from(occurrence, span)) for span in occurrence.spans]
        return self.lead_time_changes[supplier]

    def delisted(self, item: int) -> float:
        """The day on which the shop plans to delist an item; inf: none."""
        if item not in self.delistings:
            self.delistings[item] = self._delisted(self.state.numbering.shelves[item][1])
        return self.delistings[item]

    def _delisted(self, name: str) -> float:
        days = [
            span.start
            for occurrence in self._occurrences(Delisting, "items", name)
            for span in occurrence.spans
            if occurrence.event.chance >= 1 and occurrence.event.at is not None and not occurrence.triggered
        ]
        return min(days, default=math.inf)


def _known_from(occurrence: Occurrence, span: Span) -> float:
    event = occurrence.event
    scheduled = isinstance(event, Closure) and event.at is not None and event.chance >= 1 and not occurrence.triggered
    return EPOCH if scheduled else span.start


def comes_later(s: Scenario) -> bool:
    """Whether no receipt is ever expected on the day itself: whatever is not in stock takes time."""
    return (
        len(s.sites) == 1
        and s.opening is None
        and s.catalogue is None
        and all(item.release is None for item in s.items.values())
        and not any(supplier.announces for supplier in s.suppliers.values())
        and all(law.moments().mean > 0 for supplier in s.suppliers.values() for law in lead_times(supplier).values())
    )
