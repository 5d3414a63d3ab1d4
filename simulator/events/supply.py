"""What goes wrong on the way to the shelf and to the door: supplier delays, outages, closures."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from simulator.events.event import Event, Names, Span, Streams, Switch, Switchboard, Whose, listed
from simulator.foundation.units import Number, Share, wrong
from simulator.randomness.distribution import Durations, Waits
from simulator.randomness.distributions.continuous import Constant

NOTHING = Constant.model_construct(value=0.0)


class SupplierDelay(Event, kind="supplier_delay"):
    """Purchases released while it lasts take longer."""

    example: ClassVar = {
        "kind": "supplier_delay",
        "supplier": "pottery",
        "at": "118 d",
        "lasts": "30 d",
        "extra": "10 d",
    }

    supplier: Names
    """The supplier or suppliers that are late."""
    extra: Durations = NOTHING
    """Days added to the lead time of each purchase; an item's n-th purchase in it takes the n-th number."""
    factor: Annotated[Number, Field(ge=0)] = 1.0
    """Multiple of the lead time, applied before `extra`."""
    lead_time: Waits | None = None
    """Lead time in place of the usual one, before `factor` and `extra`; an item's n-th purchase in it takes the n-th
    number."""

    @model_validator(mode="after")
    def _later(self) -> Self:
        if self.extra.least < 0:
            raise wrong(
                f"`extra` may become negative (down to {self.extra.least:g} d); `factor` makes lead times shorter"
            )
        return self

    def targets(self) -> tuple[tuple[str, str], ...]:
        return tuple(("suppliers", name) for name in listed(self.supplier))

    def switch(self, board: Switchboard, streams: Streams) -> Switch:
        extra: dict[Whose, Callable[[], float]] = {}
        instead: dict[Whose, Callable[[], float]] = {}

        def later(lead_time: float, whose: Whose) -> float:
            if self.lead_time is not None:
                if whose not in instead:
                    instead[whose] = self.lead_time.sampler(streams("instead", *whose))
                lead_time = instead[whose]()
            if whose not in extra:
                extra[whose] = self.extra.sampler(streams(*whose))
            return lead_time * self.factor + extra[whose]()

        return Switch.of_each(
            listed(self.supplier), lambda name: board.slow(name, later), lambda name: board.restore(name, later)
        )


class Stop(Event):
    """A gate is shut for a while: what arrives at it is held, and goes on when it opens."""

    supplier: Names | None = None
    """Suppliers that release no purchase: it waits, and its lead time runs from the reopening."""
    carrier: Names | None = None
    """Carriers that take no parcel: it waits at the depot, and its transit runs from the reopening."""
    warehouse: Literal[True] | Names | None = None
    """`true` (or the names of some of the `warehouses`): nothing leaves there until it reopens; what had come to the
    pickers before is still picked."""

    resumes: Share = 1.0
    """Chance that it goes on again at all; else what waits there waits for ever."""

    def spans(self, rng: np.random.Generator, horizon: float) -> list[Span]:
        """When it happens, as for every event; one that does not resume is the last."""
        return self._last(rng, super().spans(rng, horizon))

    def follows(self, rng: np.random.Generator, triggers: list[Span], horizon: float) -> list[Span]:
        """The same where it is triggered."""
        return self._last(rng, super().follows(rng, triggers, horizon))

    def _last(self, rng: np.random.Generator, spans: list[Span]) -> list[Span]:
        if self.resumes < 1:
            for place, span in enumerate(spans):
                if rng.random() >= self.resumes:
                    return [*spans[:place], Span(span.start, math.inf)]
        return spans

    @model_validator(mode="after")
    def _aimed(self) -> Self:
        if not self.targets():
            raise wrong("name what stops: `supplier`, `carrier` or `warehouse: true`")
        return self

    def targets(self) -> tuple[tuple[str, str], ...]:
        return (
            *(("suppliers", name) for name in listed(self.supplier)),
            *(("carriers", name) for name in listed(self.carrier)),
            *(("warehouse", name) for name in ([""] if self.warehouse is True else listed(self.warehouse))),
        )

    def switch(self, board: Switchboard, streams: Streams) -> Switch:
        def begin() -> None:
            for family, name in self.targets():
                board.shut(family, name)

        def end() -> None:
            for family, name in self.targets():
                board.open(family, name)

        return Switch(begin, end, end_is_last=True)  # what goes on then meets the events of the instant as they are


class Outage(Stop, kind="outage"):
    """Something breaks down: no purchase is released, no parcel taken, until it is repaired."""

    example: ClassVar = {
        "kind": "outage",
        "supplier": "pottery",
        "every": {"kind": "exponential", "mean": "90 d"},
        "lasts": {"kind": "exponential", "mean": "5 d"},
    }


class KnockOut(Stop, kind="knock_out"):
    """Something is out of action for a while, whatever else happens to it: what `backorder stress` does to each."""

    example: ClassVar = {"kind": "knock_out", "supplier": "pottery", "at": "60 d", "lasts": "30 d"}


class Closure(Stop, kind="closure"):
    """Something is closed on purpose: a holiday, a stock-taking."""

    example: ClassVar = {
        "kind": "closure",
        "supplier": "pottery",
        "at": "25 d",
        "lasts": "16 d",
        "name": "New Year holiday",
    }


class CapacityLoss(Event, kind="capacity_loss"):
    """Fewer hands: a supplier's lines run slower for a while (illness, a strike, a lack of staff)."""

    example: ClassVar = {"kind": "capacity_loss", "supplier": "pottery", "at": "60 d", "lasts": "4 w", "left": "60 %"}

    supplier: Names
    """The supplier or suppliers, which must have a `capacity`."""
    left: Share
    """Share of the capacity that is left."""

    def targets(self) -> tuple[tuple[str, str], ...]:
        return tuple(("suppliers", name) for name in listed(self.supplier))

    def switch(self, board: Switchboard, streams: Streams) -> Switch:
        return Switch.of_each(
            listed(self.supplier),
            lambda name: board.weaken("suppliers", name, self.left),
            lambda name: board.strengthen("suppliers", name, self.left),
        )
