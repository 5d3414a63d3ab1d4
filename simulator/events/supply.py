"""Disruptions of supply and delivery: supplier delays, outages, closures, lost capacity."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated, ClassVar, Self

import numpy as np
from pydantic import Field, model_validator

from simulator.events.effect import CapacityCut, EventEffect, EventStreams, LeadTimeChange, Owner, Stoppage
from simulator.events.event import MOST_SPANS, CarrierNames, Event, Span, SupplierNames, WarehouseNames, merged
from simulator.foundation.units import Number, PositiveDuration, Share, wrong
from simulator.randomness.distribution import Durations, Floats, Waits
from simulator.randomness.distributions.continuous import Constant
from simulator.randomness.estimate import sample, some_longer

NOTHING = Constant.model_construct(value=0.0)


class SupplierDelay(Event, kind="supplier_delay"):
    """Purchases that a supplier releases while it lasts take longer."""

    example: ClassVar = {
        "kind": "supplier_delay",
        "supplier": "pottery",
        "at": "118 d",
        "lasts": "30 d",
        "extra": "10 d",
    }

    supplier: SupplierNames
    """The supplier or suppliers that are late."""
    extra: Durations = NOTHING
    """Days added to the lead time of each purchase; an item's n-th purchase while it lasts uses the n-th number."""
    factor: Annotated[Number, Field(ge=0)] = 1.0
    """Multiple of the lead time, applied before `extra`."""
    lead_time: Waits | None = None
    """Lead time in place of the usual one, before `factor` and `extra`; an item's n-th purchase while it lasts uses the
    n-th number."""

    def model_post_init(self, context: object) -> None:
        if self.extra.least < 0:
            raise wrong(
                f"`extra` may become negative (down to {self.extra.least:g} d); `factor` makes lead times shorter"
            )

    def effects(self, streams: EventStreams) -> tuple[EventEffect, ...]:
        extra: dict[Owner, Callable[[], float]] = {}
        instead: dict[Owner, Callable[[], float]] = {}

        def later(lead_time: float, owner: Owner) -> float:
            if self.lead_time is not None:
                if owner not in instead:
                    instead[owner] = self.lead_time.sampler(streams.stream("instead", *owner))
                lead_time = instead[owner]()
            if owner not in extra:
                extra[owner] = self.extra.sampler(streams.stream(*owner))
            return lead_time * self.factor + extra[owner]()

        def estimate(draws: Floats, rng: np.random.Generator) -> Floats:
            if self.lead_time is not None:
                draws = sample(self.lead_time, rng)
            return some_longer(draws * self.factor, 1.0, self.extra, rng)

        return tuple(LeadTimeChange(target, later, estimate) for target in self.targets())


class Stop(Event):
    """Suppliers, carriers or warehouses stop for a while: what arrives meanwhile waits until they go on."""

    supplier: SupplierNames | None = None
    """Suppliers that release no purchase: it waits, and its lead time runs from the reopening."""
    carrier: CarrierNames | None = None
    """Carriers that take no parcel: it waits at their depot, and its transit runs from the reopening."""
    warehouse: WarehouseNames | None = None
    """`true` (or the names of some of the `warehouses`): nothing leaves there until it reopens; parcels that the
    pickers already have are still picked."""

    resumes: Share = 1.0
    """Chance that it resumes at all; otherwise what waits there waits for ever."""

    def spans(self, rng: np.random.Generator, horizon: float) -> list[Span]:
        """When it happens, as for every event; an occurrence that does not resume is the last."""
        return self._last(rng, super().spans(rng, horizon))

    def follows(self, rng: np.random.Generator, triggers: list[Span], horizon: float) -> list[Span]:
        """The same for an event that another one triggers."""
        return self._last(rng, super().follows(rng, triggers, horizon))

    def _last(self, rng: np.random.Generator, spans: list[Span]) -> list[Span]:
        if self.resumes < 1:
            for k, span in enumerate(spans):
                if rng.random() >= self.resumes:
                    return [*spans[:k], Span(span.start, math.inf)]
        return spans

    def effects(self, streams: EventStreams) -> tuple[EventEffect, ...]:
        return tuple(Stoppage(target) for target in self.targets())


class Outage(Stop, kind="outage"):
    """An unplanned stop: no purchase is released or parcel taken until it is repaired."""

    example: ClassVar = {
        "kind": "outage",
        "supplier": "pottery",
        "every": {"kind": "exponential", "mean": "90 d"},
        "lasts": {"kind": "exponential", "mean": "5 d"},
    }


class KnockOut(Stop, kind="knock_out"):
    """Something is out of action for a while, whatever else happens: what `backorder stress` does to each target."""

    example: ClassVar = {"kind": "knock_out", "supplier": "pottery", "at": "60 d", "lasts": "30 d"}


class Closure(Stop, kind="closure"):
    """A planned stop: a holiday, a stock-taking."""

    example: ClassVar = {
        "kind": "closure",
        "supplier": "pottery",
        "at": "25 d",
        "lasts": "16 d",
        "name": "New Year holiday",
    }

    repeats: PositiveDuration | None = None
    """Days after which it begins again, and again until the end of the run; once unless given."""

    @model_validator(mode="after")
    def _repeated(self) -> Self:
        if self.repeats is not None:
            if self.at is None or (self.until is None and self.lasts is None):
                raise wrong("`repeats` needs `at`, and `until` or `lasts`")
            if self.chance < 1 or self.resumes < 1:
                raise wrong("`repeats` cannot be combined with a `chance` or `resumes` below 100 %")
        return self

    def spans(self, rng: np.random.Generator, horizon: float) -> list[Span]:
        """When it happens, as for every event, and again every `repeats` days."""
        found = super().spans(rng, horizon)
        if self.repeats is None or not found:
            return found
        times = min(math.ceil((horizon - found[0].start) / self.repeats), MOST_SPANS)
        shifts = (k * self.repeats for k in range(times))
        return merged(Span(found[0].start + shift, found[0].end + shift) for shift in shifts)


class CapacityLoss(Event, kind="capacity_loss"):
    """A supplier's production lines run slower for a while (illness, a strike, a lack of staff)."""

    cause = "capacity"
    example: ClassVar = {"kind": "capacity_loss", "supplier": "pottery", "at": "60 d", "lasts": "4 w", "left": "60 %"}

    supplier: SupplierNames
    """The supplier or suppliers, which must have a `capacity`."""
    left: Share
    """Share of the capacity that is left."""

    def effects(self, streams: EventStreams) -> tuple[EventEffect, ...]:
        return tuple(CapacityCut(target, self.left) for target in self.targets())
