"""The path of a parcel from the shelf to a segment's door, as the planner knows it.

filled -> warehouse open -> picked -> warehouse open -> carrier open -> picked up -> transit -> door
"""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.model.timetable import Timetable
from simulator.randomness.distribution import Distribution, Floats
from simulator.randomness.estimate import SAMPLE, LeadTimeEstimate, sample
from simulator.world.availability.calendar import Days
from simulator.world.availability.known import KnownEvents
from simulator.world.delivery.picking import PickingArea


class DeliveryTimeline:
    """One segment's path to the door, from its own site or from another one."""

    def __init__(self, known: KnownEvents, segment: int, other: str | None = None) -> None:
        state = known.state
        scenario, names = state.scenario, state.numbering.segments
        name = names[segment] if names else ""
        carrier = scenario.carrier_of(name) if name else None
        home = scenario.site_of(name) if name else state.numbering.sites[0]
        site = home if other is None else other
        spec = None if carrier is None else scenario.carriers[carrier]
        owner = (scenario.customers[name].stream or name) if name else ""
        key = carrier if spec is None or carrier is None else spec.stream or carrier
        picker = state.flow.pickers[segment]
        if site != home and state.flow.sites is not None:
            picker = state.flow.sites.area(state.numbering.sites.index(site))
        assert isinstance(picker, PickingArea)
        self.picker = picker
        self.warehouse = known.gate("warehouse", site)
        self.carrier, self.route = known.gate("carriers", carrier or ""), known.route("carriers", carrier or "")
        self.pickup = None if spec is None or spec.pickup is None else Timetable(spec.pickup.every, spec.pickup.first)

        def stream(purpose: str) -> np.random.Generator:
            return state.streams.keyed("belief", purpose, key or "", owner)

        self.picking = LeadTimeEstimate.of(picker.time, stream("picking"))
        law = scenario.transit_of(name, site) if name else None
        self.transit = LeadTimeEstimate(_transit(spec, law, stream))
        self.simple = not (
            self.pickup
            or self.warehouse.closures
            or self.carrier.closures
            or self.route.closures
            or (picker.takes_time and picker.workers.count)
        )
        """Whether the path takes equally long at all times."""

    @property
    def mean(self) -> float:
        """Mean days of picking and transit without any wait between them."""
        return self.picking.remaining() + self.transit.remaining()

    def arrives(self, filled: Days, now: float, at: tuple[Floats, Floats] | None = None) -> Days:
        """The day at the door of units that are filled on a day: at the means, or at these probabilities of picking and
        transit."""
        picking: Any = self.picking.remaining() if at is None else self.picking.quantiles(0.0, at[0])
        transit: Any = self.transit.remaining() if at is None else self.transit.quantiles(0.0, at[1])
        if self.simple:
            return filled + picking + transit
        day = self.warehouse.opens(filled, now)
        if self.picker.takes_time:
            free = self.picker.workers.next_free
            day = (np.maximum(day, free) if isinstance(day, np.ndarray) else max(day, free)) + picking
            day = self.warehouse.opens(day, now)
        day = self.carrier.opens(day, now)
        if self.pickup is not None:
            day = self.pickup.next_each(day) if isinstance(day, np.ndarray) else self.pickup.next(day)
        return self.route.stands_still(day, transit, now)


def _transit(spec: Any, law: Distribution | None, stream: Any) -> Floats:
    """Draws of the transit time, with the parcels of the carrier (`spec`) that stall."""
    if law is None:
        law = Distribution.plain_value(0.0) if spec is None else spec.transit
    draws = sample(law, stream("transit"))
    if spec is not None and spec.stalled > 0:
        rng = stream("stalled")
        days = spec.stalled_for.block(rng, SAMPLE)
        draws = np.resize(draws, SAMPLE) + np.where(rng.random(SAMPLE) < spec.stalled, days, 0.0)
    return draws
