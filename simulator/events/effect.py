"""Effects: what an event does to one target while it lasts; the simulation registers what each of them acts on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from simulator.randomness.distribution import Floats
from simulator.randomness.streams import Streams


class Target(NamedTuple):
    """One object of the scenario that an event acts on."""

    family: str
    """`suppliers`, `carriers`, `warehouse`, `customers` or `items`."""
    name: str
    """Its name; '' in the family `warehouse` stands for all warehouses."""


Owner = tuple[str, ...]
"""Names whose random numbers a lead time uses: supplier and item of a purchase; carrier, customer, order and number of
a parcel."""
LeadTimeRule = Callable[[float, Owner], float]
"""Usual lead time in days, and its owner -> lead time under the event."""


LeadTimeEstimation = Callable[[Floats, np.random.Generator], Floats]
"""Draws of the usual lead time -> draws under the event, days; never from the event's own random numbers."""


class EventStreams:
    """The random numbers of one event."""

    def __init__(self, streams: Streams, key: str) -> None:
        self.streams, self.key = streams, key

    def stream(self, *name: str) -> np.random.Generator:
        """A stream that is drawn from again and again; each name may be asked for once."""
        return self.streams.stream("event_effect", self.key, *name)

    def keyed(self, purpose: str, *name: str) -> np.random.Generator:
        """A generator of its own for something that is drawn for only once, such as a parcel."""
        return self.streams.keyed(purpose, self.key, *name)


@dataclass(frozen=True)
class EventEffect:
    """What happens to one target from the start to the end of an event."""

    target: Target
    ends_last: ClassVar[bool] = False
    """It ends after everything else that starts or ends at the instant."""


class Stoppage(EventEffect):
    """Nothing leaves: a supplier releases no purchase, a carrier takes no parcel, a warehouse sends nothing; all of it
    waits, and goes on at the end."""

    ends_last = True  # what then goes on meets the other events of the instant in their new state


class Blockage(EventEffect):
    """A supplier's shipments or a carrier's parcels do not depart, and what is under way stands still."""


@dataclass(frozen=True)
class LeadTimeChange(EventEffect):
    """The lead times of a supplier's purchases, or the transit times of a carrier's parcels, that start meanwhile."""

    rule: LeadTimeRule
    estimate: LeadTimeEstimation | None = None
    """What a planner makes of lead times once the event is known; None: they are planned as usual."""


@dataclass(frozen=True)
class CapacityCut(EventEffect):
    """A supplier's production runs slower; the supplier must have a `capacity`."""

    left: float
    """Share of the capacity that is left."""


@dataclass(frozen=True)
class ForecastScaling(EventEffect):
    """Every forecast of an item's demand is multiplied."""

    factor: float


@dataclass(frozen=True)
class RecordShift(EventEffect):
    """At the start, the record of an item's stock changes and the stock does not."""

    units: int


class Delisting(EventEffect):
    """At the start, an item leaves the assortment permanently."""
