"""Disruptions of transport: a closed route, strict customs, a carrier in its peak season."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import numpy as np

from simulator.events.effect import Blockage, EventEffect, EventStreams, LeadTimeChange, Owner
from simulator.events.event import CarrierNames, Event, SupplierNames
from simulator.foundation.units import Share
from simulator.randomness.distribution import Floats, Waits
from simulator.randomness.estimate import some_longer


class PathClosed(Event, kind="path_closed"):
    """A route is closed (weather, a blocked canal): nothing departs, and what is under way stands still meanwhile."""

    cause = "transport"
    example: ClassVar = {"kind": "path_closed", "supplier": "pottery", "at": "40 d", "lasts": "6 d", "name": "storm"}

    supplier: SupplierNames | None = None
    """Suppliers whose shipments do not travel."""
    carrier: CarrierNames | None = None
    """Carriers whose parcels do not travel."""

    def effects(self, streams: EventStreams) -> tuple[EventEffect, ...]:
        return tuple(Blockage(target) for target in self.targets())


class CustomsCheck(Event, kind="customs"):
    """Customs inspects more of the shipments that leave while it lasts."""

    cause = "transport"
    example: ClassVar = {
        "kind": "customs",
        "supplier": "pottery",
        "at": "40 d",
        "lasts": "30 d",
        "inspected": "40 %",
        "delay": {"kind": "gamma", "mean": "6 d", "cv": 0.5},
    }

    supplier: SupplierNames
    """Suppliers whose shipments may be inspected."""
    inspected: Share
    """Share of the shipments that are inspected."""
    delay: Waits
    """Days that an inspection takes; an item's n-th shipment while it lasts uses the n-th numbers."""

    def effects(self, streams: EventStreams) -> tuple[EventEffect, ...]:
        drawn: dict[Owner, tuple[np.random.Generator, Callable[[], float]]] = {}

        def inspect(lead_time: float, owner: Owner) -> float:
            if owner not in drawn:
                drawn[owner] = (streams.stream("coin", *owner), self.delay.sampler(streams.stream("delay", *owner)))
            draw, delay = drawn[owner]
            # Both numbers are taken of every shipment, so that a policy that ships more often meets the same ones.
            inspected, days = draw.random() < self.inspected, delay()
            return lead_time + days if inspected else lead_time

        def estimate(draws: Floats, rng: np.random.Generator) -> Floats:
            return some_longer(draws, self.inspected, self.delay, rng)

        return tuple(LeadTimeChange(target, inspect, estimate) for target in self.targets())


class CarrierPeak(Event, kind="carrier_peak"):
    """A carrier's peak season: a share of the parcels that it takes while it lasts arrive late."""

    cause = "transport"
    example: ClassVar = {
        "kind": "carrier_peak",
        "carrier": "van",
        "at": "300 d",
        "lasts": "5 w",
        "late": "8 %",
        "delay": {"kind": "lognormal", "mean": "3 d", "cv": 0.8},
    }

    carrier: CarrierNames
    """The carrier or carriers."""
    late: Share
    """Share of their parcels that arrive late."""
    delay: Waits
    """Days by which a late parcel is delayed; drawn for the parcel, whatever the policy."""

    def effects(self, streams: EventStreams) -> tuple[EventEffect, ...]:
        def late(transit: float, owner: Owner) -> float:
            rng = streams.keyed("carrier_peak", *owner)
            return transit + float(self.delay.block(rng, 1)[0]) if rng.random() < self.late else transit

        def estimate(draws: Floats, rng: np.random.Generator) -> Floats:
            return some_longer(draws, self.late, self.delay, rng)

        return tuple(LeadTimeChange(target, late, estimate) for target in self.targets())
