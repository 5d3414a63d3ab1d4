"""Stocking sites in a scenario: what they hold, how parcels are picked, and which customers they reach."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from simulator.foundation.plugin import Spec
from simulator.foundation.quantities import Quantity
from simulator.foundation.units import Money, Number, Whole
from simulator.randomness.distribution import Waits
from simulator.scenario.schema.common import Name, constant
from simulator.scenario.schema.records import RecordsSpec


class SiteReach(Spec):
    """The way from a site to the customers of a segment."""

    transit: Waits | None = None
    """Time from this site to the customer; the transit of the segment's carrier unless given."""
    cost: Money | None = None
    """Cost of a parcel from this site; the costs of the segment's carrier unless given."""


class Picking(Spec):
    """Picking: from the shelf to the parcel."""

    time: Waits = Field(default_factory=lambda: constant(0.0))
    """Time to pick one parcel."""
    workers: Annotated[Whole, Field(ge=1)] | None = None
    """Parcels that can be picked at the same time, first come, first served; unlimited unless given."""


class Warehouse(Spec):
    """A stocking site."""

    stock: dict[Name, Quantity] = {}
    """Units on hand at the start by item, 0 unless given; a negative number is an initial backlog."""
    picking: Picking = Field(default_factory=Picking)
    """How parcels are picked."""
    priority: Annotated[Whole, Field(ge=1)] = 1
    """Priority at a supplier with stock and `allocation: {kind: priority}`; 1 is served first."""
    space: Annotated[Number, Field(gt=0)] | None = None
    """Space for stock, in the unit of the items' `volume`; only measured (`space_used`), not enforced."""
    records: RecordsSpec | None = None
    """How the inventory record drifts from the stock; it is exact unless given."""
    reach: dict[Name, SiteReach] | None = None
    """One of several sites: the customer segments to which it can send goods, beside those whose own site it is; all of
    them, by their carriers, unless given."""
