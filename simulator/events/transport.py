"""What goes wrong on the way: a path that is closed, a strict customs office, a courier in its peak."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Self

import numpy as np
from pydantic import model_validator

from simulator.events.event import Event, Names, Streams, Switch, Switchboard, Whose, listed
from simulator.foundation.units import Share, wrong
from simulator.randomness.distribution import Waits


class PathClosed(Event, kind="path_closed"):
    """Weather, a blocked canal: nothing departs, and what is under way stands still until the way is open again."""

    example: ClassVar = {"kind": "path_closed", "supplier": "pottery", "at": "40 d", "lasts": "6 d", "name": "storm"}

    supplier: Names | None = None
    """Suppliers whose goods do not travel."""
    carrier: Names | None = None
    """Carriers whose parcels do not travel."""

    @model_validator(mode="after")
    def _aimed(self) -> Self:
        if not self.targets():
            raise wrong("name whose way is closed: `supplier` or `carrier`")
        return self

    def targets(self) -> tuple[tuple[str, str], ...]:
        return (
            *(("suppliers", name) for name in listed(self.supplier)),
            *(("carriers", name) for name in listed(self.carrier)),
        )

    def switch(self, board: Switchboard, streams: Streams) -> Switch:
        return Switch.of_each(
            listed(self.supplier),
            lambda name: board.block("suppliers", name),
            lambda name: board.unblock("suppliers", name),
        )


class CustomsCheck(Event, kind="customs"):
    """A customs office looks closer: of the shipments that leave while it lasts more are inspected than usual."""

    example: ClassVar = {
        "kind": "customs",
        "supplier": "pottery",
        "at": "40 d",
        "lasts": "30 d",
        "inspected": "40 %",
        "delay": {"kind": "gamma", "mean": "6 d", "cv": 0.5},
    }

    supplier: Names
    """Suppliers whose shipments are inspected."""
    inspected: Share
    """Share of the shipments that are."""
    delay: Waits
    """Days that an inspection takes; an item's n-th shipment while it lasts takes the n-th numbers."""

    def targets(self) -> tuple[tuple[str, str], ...]:
        return tuple(("suppliers", name) for name in listed(self.supplier))

    def switch(self, board: Switchboard, streams: Streams) -> Switch:
        drawn: dict[Whose, tuple[np.random.Generator, Callable[[], float]]] = {}

        def inspect(lead_time: float, whose: Whose) -> float:
            if whose not in drawn:
                drawn[whose] = (streams("coin", *whose), self.delay.sampler(streams("delay", *whose)))
            coin, delay = drawn[whose]
            inspected, days = coin.random() < self.inspected, delay()
            return lead_time + days if inspected else lead_time

        return Switch.of_each(
            listed(self.supplier), lambda name: board.slow(name, inspect), lambda name: board.restore(name, inspect)
        )


class CarrierPeak(Event, kind="carrier_peak"):
    """The courier's peak season: a share of the parcels that are handed over while it lasts come late."""

    example: ClassVar = {
        "kind": "carrier_peak",
        "carrier": "van",
        "at": "300 d",
        "lasts": "5 w",
        "late": "8 %",
        "delay": {"kind": "lognormal", "mean": "3 d", "cv": 0.8},
    }

    carrier: Names
    """The carrier or carriers."""
    late: Share
    """Share of their parcels that come late."""
    delay: Waits
    """Days by which they do; it belongs to the parcel, whatever the policy."""

    def targets(self) -> tuple[tuple[str, str], ...]:
        return tuple(("carriers", name) for name in listed(self.carrier))
