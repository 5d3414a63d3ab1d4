"""The way from a supplier to its buyer: departures with slots, customs, freight."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from simulator.foundation.plugin import Spec
from simulator.foundation.units import Duration, Money, NonNegativeDuration, PositiveUnits, Share
from simulator.randomness.distribution import Waits


class Departures(Spec):
    """Goods leave only at fixed times: a truck at five, a ship on Wednesday."""

    every: Annotated[Duration, Field(ge=1e-3)]
    """Days between two departures."""
    first: NonNegativeDuration = 0.0
    """When the first one leaves."""
    units: PositiveUnits | None = None
    """Units that fit; the rest waits for the next departure. Unlimited unless given."""


class Customs(Spec):
    """Some shipments are inspected."""

    inspected: Share
    """Share of the shipments that are inspected."""
    delay: Waits
    """Days that an inspection takes; an item's n-th shipment takes the n-th numbers."""


class LaneCost(Spec):
    """Freight, currency."""

    shipment: Money = 0.0
    """Per departure with goods; purchases that leave together share it."""
    unit: Money = 0.0
    """Per unit."""


class Lane(Spec):
    """How goods travel; the travel time is the supplier's `lead_time`."""

    departures: Departures | None = None
    """Fixed times of departure; any time unless given."""
    customs: Customs | None = None
    """Inspections on the way."""
    cost: LaneCost = Field(default_factory=LaneCost)
    """What the freight costs."""
