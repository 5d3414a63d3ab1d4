"""The way from a supplier to its buyer: lead time, departures with slots, customs, freight."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, WrapValidator

from simulator.foundation.errors import misspelt
from simulator.foundation.plugin import Spec
from simulator.foundation.quantities import PositiveUnits
from simulator.foundation.units import Duration, Money, NonNegativeDuration, Share, wrong
from simulator.foundation.validators import adapter_of
from simulator.policies.decisions import DEFAULT
from simulator.randomness.distribution import Distribution, Waits
from simulator.scenario.schema.common import Name


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


@lru_cache(maxsize=1)
def _readers() -> tuple[TypeAdapter[Any], TypeAdapter[Any]]:
    """Readers of one law and of a mapping site -> law; made late, when all kinds of distributions are known."""
    return adapter_of(Waits), adapter_of(dict[Name, Waits])


def _is_by_site(value: Any) -> bool:
    """Whether a value is a mapping site -> law, not a law whose `kind` is missing."""
    if not isinstance(value, dict) or "kind" in value or not value:
        return False
    if DEFAULT in value:
        return True
    parameters = {name for kind in Distribution.kinds.values() for name in kind.model_fields}
    return not parameters & set(value) and not misspelt("kind", value)


def _read(value: Any, _: Any) -> Any:
    one, by_site = _readers()
    if not _is_by_site(value):
        return one.validate_python(value)
    found = by_site.validate_python(value)
    if DEFAULT not in found:
        raise wrong(f"`default:` is missing{misspelt(DEFAULT, found)}: the lead time to all sites that are not named")
    return found


LeadTime = Annotated[Waits | dict[Name, Waits], WrapValidator(_read)]
"""One law, or a mapping site -> law with a `default`. Read by hand: the branch of a union would be a step in the place
of an error."""
