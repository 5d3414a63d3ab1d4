"""Customers in a scenario: a segment, what it orders and when, and how it reacts to delays."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

import simulator.randomness.arrivals
import simulator.randomness.baskets  # noqa: F401 - registers the kinds
from simulator.foundation.plugin import Spec
from simulator.foundation.units import Factor, Number, Share, Whole, wrong
from simulator.randomness.arrival import Arrivals
from simulator.randomness.basket import Basket
from simulator.randomness.distribution import Waits
from simulator.randomness.join import Join
from simulator.randomness.split import Split
from simulator.scenario.schema.common import Name
from simulator.scenario.schema.loyalty import LoyaltySpec
from simulator.scenario.schema.presets import Preset, filled
from simulator.scenario.schema.shoppers import (
    CartsSpec,
    Contact,
    Fees,
    HoldSpec,
    Impatience,
    Inflation,
    Offer,
    Otherwise,
    Returns,
    WaitlistSpec,
)


def _one_site(value: Any) -> Any:
    if isinstance(value, list):
        raise wrong("a segment has one site of its own; other sites serve it where the policy says so (`sourcing`)")
    return value


class Customers(Spec):
    """A segment of customers."""

    arrivals: Arrivals
    """When its orders arrive."""
    basket: Basket | None = None
    """What an order contains; recorded orders (`kind: trace`) have their own lines."""
    priority: Annotated[Whole, Field(ge=1)] = 1
    """1 is served first under `allocation: priority`."""
    patience: Waits | None = None
    """Days a customer waits for backordered goods before cancelling the rest; for ever unless given."""
    impatience: Impatience | None = None
    """What makes customers lose patience faster; nothing unless given (`{}` for the evidence: x2 without a date, x1.5
    after the promised day)."""
    join: Join | None = None
    """Whether customers order an item that is on backorder; all do unless given."""
    otherwise: Otherwise | None = None
    """What customers do who do not order; they buy nothing unless given (`{}` for the evidence)."""
    waitlist: WaitlistSpec = Field(default_factory=WaitlistSpec)
    """Whether wait-listed customers come back."""
    contact: Contact | None = None
    """How often customers ask where their order is; never unless given (`{}` for our assumptions)."""
    carts: CartsSpec | None = None
    """Abandoned carts in addition to the orders, with the same contents; none unless given."""
    offer: Offer = Field(default_factory=Offer)
    """What customers choose when offered to keep, switch or cancel (`communication: options`)."""
    preset: Preset | None = None
    """Sets `join`, `otherwise`, `impatience`, `contact` and `loyalty` where they are not given: `evidence` (measured
    values), `vendor` (claims of sellers of message software), `classroom` (strong effects); given keys win."""
    loyalty: LoyaltySpec | None = None
    """How a delay changes a customer's later orders; not at all unless given (`{}` for the evidence)."""
    scarcity: Factor = 0.0
    """Additional orders, as a share of the usual ones, because an item is on backorder: scarcity suggests quality (M47:
    no figure was found; 0 unless given)."""
    label: Number = 0.0
    """Effect of the storefront's label for a backordered item on the log-odds of ordering: 0.4 for a friendly label,
    -0.4 for a bare "out of stock" (grade D: our assumption)."""
    need_by: Waits | None = None
    """Days from the order within which the customer needs everything delivered: measured (`otif_requested`), and
    enforced where the fulfilment policy has `must_arrive`. With `wanted`, the last day that is in time: the wanted day
    where it is before that. Recorded orders can name a column instead."""
    wanted: Waits | None = None
    """Days from the order to the day on which the customer wants the goods; at once unless given. Goods arrive on that
    day, not before (`reservation: early` allows it), and waits and `otif_requested` count from it. Recorded orders can
    name a column instead."""
    hold: HoldSpec | None = None
    """Orders that are held until they are cleared (credit, fraud, payment pending): they keep their units and their
    place in the queue, and nothing leaves before the hold ends. None are unless given."""
    inflate: Inflation | None = None
    """Whether customers order more than they need (`{}` for double), as rationing in proportion to orders invites; no
    customer does unless given."""
    returns: Returns | None = None
    """Goods that customers send back after delivery; none unless given. Goods that a recorded order book calls off
    after they have left are treated in the same way."""
    fees: Fees | None = None
    """What customers pay for shipping and for further parcels; nothing unless given."""
    split: Split | None = None
    """What customers choose who are asked whether what is there leaves at once, for the fee of an `extra_parcel`, or
    waits for the rest (`{kind: logit}` for our assumptions); nobody is asked unless given."""
    one_parcel: Share = 0.0
    """Share of orders whose customer requests a single, complete parcel, whatever the fulfilment policy."""
    carrier: Name | None = None
    """The carrier that delivers; the first one unless given."""
    site: Annotated[Name, BeforeValidator(_one_site)] | None = None
    """The segment's own one of the `warehouses`, which serves it unless the policy says otherwise (`sourcing`); the
    first that reaches it unless given."""
    stream: Name | None = None
    """Name of its random numbers, its own name unless given; set it when renaming to keep the numbers."""

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, values: Any) -> Any:
        return by_order(filled(values))

    @property
    def names_dates(self) -> bool:
        """Whether some customer says by which day everything is needed."""
        return self.need_by is not None or self.arrivals.names_dates or self.wants_later

    @property
    def wants_later(self) -> bool:
        """Whether some customer wants the goods on a later day."""
        return self.wanted is not None or self.arrivals.wants_later

    def model_post_init(self, context: object) -> None:
        if self.basket is None and not self.arrivals.recorded:
            raise wrong("`basket:` is missing (only `arrivals: {kind: trace}` has its own)")
        if self.basket is not None and self.arrivals.recorded:
            raise wrong("`basket:` has no effect here: recorded orders have their own lines")
        if self.hold is not None and self.inflate is not None:
            raise wrong("`hold` and `inflate` cannot be combined: surplus would be sent back before it has left")
        if self.hold is not None and self.wants_later:
            raise wrong("`hold` and `wanted` cannot be combined: an order could be refused before it opens")


ONE_BY_ORDER = ("patience", "need_by", "wanted")
"""Keys that an order book can give with one value for each order."""


def by_order(customers: Any) -> Any:
    """The keys of a segment, where a sequence from the file of its own order book names a column of that book.

    A sequence gives its k-th value to the k-th order, but such a file has one row for each order line.

    >>> days = {"kind": "sequence", "file": "orders.csv", "column": "days"}
    >>> by_order({"arrivals": {"kind": "trace", "file": "orders.csv"}, "need_by": days})["arrivals"]
    {'kind': 'trace', 'file': 'orders.csv', 'need_by': 'days'}
    """
    arrivals = customers.get("arrivals") if isinstance(customers, dict) else None
    if not isinstance(arrivals, dict) or arrivals.get("kind") != "trace" or not isinstance(arrivals.get("file"), str):
        return customers
    columns = {}
    for key in ONE_BY_ORDER:
        law = customers.get(key)
        same = (
            isinstance(law, dict)
            and law.get("kind") == "sequence"
            and all(law.get(part) == arrivals.get(part) for part in ("file", "sheet"))
        )
        if same and key not in arrivals and law.get("scale", 1) == 1:
            columns[key] = law.get("column")
    return {**customers, "arrivals": {**arrivals, **columns}} if columns else customers
