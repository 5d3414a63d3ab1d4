"""Customers in a scenario: a segment, what it orders and when, and how it takes a wait."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

import simulator.randomness.arrivals
import simulator.randomness.baskets  # noqa: F401 - registers the kinds
from simulator.foundation.plugin import Spec
from simulator.foundation.units import Factor, Number, Share, Whole, wrong
from simulator.randomness.arrival import Arrivals
from simulator.randomness.basket import Basket
from simulator.randomness.distribution import Waits
from simulator.randomness.join import Join
from simulator.scenario.schema.common import Name
from simulator.scenario.schema.loyalty import LoyaltySpec
from simulator.scenario.schema.presets import Preset, filled
from simulator.scenario.schema.shoppers import CartsSpec, Contact, Impatience, Inflation, Offer, Otherwise, WaitlistSpec


class Customers(Spec):
    """A segment of customers."""

    arrivals: Arrivals
    """When its orders come."""
    basket: Basket | None = None
    """What an order holds; a recorded order book (`kind: trace`) brings its own."""
    priority: Annotated[Whole, Field(ge=1)] = 1
    """1 is served first under `allocation: priority`."""
    patience: Waits | None = None
    """Days a customer waits for what is not there, then cancels the rest; for ever unless given."""
    impatience: Impatience | None = None
    """What makes them lose patience faster; nothing unless given (`{}` for the evidence: x2 without a date, x1.5 after
    the promised day)."""
    join: Join | None = None
    """Whether they order what is on backorder; all do unless given."""
    otherwise: Otherwise | None = None
    """What they do when they do not order; they go without unless given (`{}` for the evidence)."""
    waitlist: WaitlistSpec = Field(default_factory=WaitlistSpec)
    """Whether those who signed up for a wait-list come back."""
    contact: Contact | None = None
    """How often they ask where their order is; never unless given (`{}` for our assumptions)."""
    carts: CartsSpec | None = None
    """Carts they fill and leave beside their orders, with the same things in them; none unless given."""
    offer: Offer = Field(default_factory=Offer)
    """What they choose when they are offered to keep, switch or cancel (`communication: options`)."""
    preset: Preset | None = None
    """Fills `join`, `otherwise`, `impatience`, `contact` and `loyalty` where they are absent: `evidence` (what was
    measured), `vendor` (what sellers of message software tell), `classroom` (strong effects); what is given wins."""
    loyalty: LoyaltySpec | None = None
    """What a delay does to their later orders; nothing unless given (`{}` for the evidence)."""
    scarcity: Factor = 0.0
    """Orders on top of the usual ones, as a share, that come because an item is on backorder: what is scarce must be
    good (M47: no figure was found; 0 unless given)."""
    label: Number = 0.0
    """Pull of what the storefront says of a backordered item, in log-odds of joining: 0.4 for a friendly label, -0.4
    for a bare "out of stock" (grade D: our assumption)."""
    need_by: Waits | None = None
    """Days from the order within which the customer needs everything delivered: measured (`otif_requested`), and kept
    where the fulfilment policy says `must_arrive`."""
    inflate: Inflation | None = None
    """Whether they order more than they need (`{}` for double), as rationing by what is asked for invites; nobody does
    unless given."""
    one_parcel: Share = 0.0
    """Share of orders whose customer asks for a single, complete parcel, whatever the fulfilment policy."""
    carrier: Name | None = None
    """Who delivers; the first carrier unless given."""
    site: Name | None = None
    """Which of the `warehouses` serves it; the first unless given."""
    stream: Name | None = None
    """Name of its random numbers, its own name unless given; keep it when renaming to keep the numbers."""

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, words: Any) -> Any:
        return filled(words)

    @model_validator(mode="after")
    def _whole_orders(self) -> Self:
        if self.basket is None and not self.arrivals.recorded:
            raise wrong("`basket:` is missing (only `arrivals: {kind: trace}` brings its own)")
        if self.basket is not None and self.arrivals.recorded:
            raise wrong("`basket:` does nothing here: the recorded orders bring their own lines")
        return self
