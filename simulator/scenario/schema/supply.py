"""Suppliers in a scenario: what they sell, the stock they hold, and their own suppliers."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, field_validator

from simulator.events.supply import Closure
from simulator.foundation.plugin import Spec
from simulator.foundation.quantities import PositiveUnits, Units
from simulator.foundation.units import (
    Factor,
    Holding,
    HoldingCost,
    Moment,
    Money,
    NonNegativeDuration,
    Rate,
    Share,
    current_start,
    since_start,
    wrong,
)
from simulator.model.calendar import WEEK, since_monday
from simulator.policies.allocation.allocation import Allocation, Fifo
from simulator.policies.decisions import DEFAULT, PerItem
from simulator.policies.fulfilment import AsAvailable, Fulfilment
from simulator.policies.replenishment.replenishment import Replenishment
from simulator.randomness.distribution import Distribution, Shares, Waits, never_negative
from simulator.scenario.schema.common import ClosedPeriod, Name, constant
from simulator.scenario.schema.lanes import Lane, LeadTime
from simulator.scenario.schema.production import Capacity, OpeningHours, days_off

EVERYTHING = ["all"]
"""The value of a supplier's `items` for `all`."""


class SupplierCosts(Spec):
    """Costs of stock and backlog at a supplier, currency; every default is 0."""

    holding: Holding = HoldingCost(0.0, 0.0)
    """Cost of stock on hand: a yearly share of the unit cost (`25 % / y`) or money per unit and time (`1 / d`)."""
    pipeline: Holding = HoldingCost(0.0, 0.0)
    """Cost of goods on the way to the buyer."""
    backorder: Rate = 0.0
    """Cost per unit and day of a purchase that waits here."""
    order: Money = 0.0
    """Cost per purchase that the supplier makes."""


class ExpediteTerms(Spec):
    """Terms for expediting a purchase."""

    factor: Annotated[Share, Field(lt=1)] = 0.4
    """Remaining lead time as a share (grade D: our assumption; E25)."""
    premium: Factor = 1.0
    """Price as a share of the unit cost (grade D: our assumption, 50 % to 200 %; E25)."""


class PartialDeliveries(Spec):
    """Deliveries in parts: of every purchase, a share leaves at once and the rest follows."""

    share: Annotated[Share, Field(gt=0, lt=1)]
    """Share of a purchase in the first part, rounded to whole packs; a purchase that cannot be divided leaves whole."""
    gap: Waits
    """Time from the departure of the first part until the rest can leave; the planner knows its distribution."""

    @property
    def late(self) -> float:
        """Mean days by which a unit comes later than the first part."""
        return (1 - self.share) * self.gap.moments().mean


class InitialPurchase(Spec):
    """A purchase made before the start: the goods are on the way, or the order has not reached the supplier."""

    item: Name
    """The item bought."""
    units: PositiveUnits
    """The quantity."""
    due: Moment | None = None
    """When the goods will be received; they have left the supplier."""
    reaches: Moment | None = None
    """When the order reaches the supplier, instead of `due`."""
    site: Name | None = None
    """The one of the `warehouses` that bought it; the first unless given."""

    @field_validator("due", "reaches", mode="before")
    @classmethod
    def _not_overdue(cls, value: Any) -> Any:
        if isinstance(value, str | dt.date) and current_start() is not None and since_start(value) < 0:
            raise wrong(
                f"{str(value)[:40]!r} is before clock.start, {current_start():%Y-%m-%d}: the purchase is overdue; "
                "write the day on which it is expected now"
            )
        return value

    def model_post_init(self, context: object) -> None:
        if (self.due is None) == (self.reaches is None):
            raise wrong("give `due` (the goods have left the supplier) or `reaches` (the order is on its way to it)")


class Supplier(Spec):
    """A source of goods for the warehouse; with `stock` it serves purchases as a warehouse serves customers."""

    items: Annotated[
        list[Name],
        BeforeValidator(lambda v: EVERYTHING if v == "all" else v, json_schema_input_type=Literal["all"] | list[Name]),
        Field(min_length=1),
    ]
    """The items it sells, or `all`."""
    lead_time: LeadTime
    """Time from the release of a purchase to its receipt; the n-th purchase of an item uses the n-th draw. Of several
    `warehouses`, each may have its own: `{default: 5 d, north: 2 d}`."""
    crossing: Literal["allowed", "fifo"] = "allowed"
    """Whether a later purchase of an item can arrive before an earlier one; with `fifo` it waits."""
    yield_: Annotated[Shares, AfterValidator(never_negative), Field(alias="yield")] = Field(
        default_factory=lambda: constant(1.0)
    )
    """Share of the quantity that arrives, rounded to whole units; the rest is lost and not paid for. Above 1 only with
    `overdelivers`."""
    overdelivers: bool = False
    """Whether more may arrive than was bought (`yield` above 1); what arrives is paid for."""
    announces: bool = False
    """Whether it announces the day of receipt when a purchase is released; otherwise the planner only knows the
    distribution of its lead times."""
    parts: PartialDeliveries | None = None
    """How its purchases arrive in parts, `{share: 60 %, gap: 5 d}`; whole unless given."""
    quotes: NonNegativeDuration | None = None
    """Quoted days from the decision to buy to full receipt (`supplier_otif` is measured against them); the sum of its
    order delay, mean lead time (the longest of its sites), time between departures, and time between parts unless
    given."""
    minimum: Units = 0
    """Smallest quantity of a purchase; smaller ones are raised to it (under `s_Q` to the next multiple of `Q`)."""
    multiple: PositiveUnits = 1
    """Units in a pack: every purchase is rounded up to whole packs, after it was raised to `minimum`."""
    unit_cost: dict[Name, Money] = {}
    """Unit cost here, by item; the item's `unit_cost` unless given."""
    closures: list[ClosedPeriod] = []
    """Periods in which no purchase is released: it waits, and its lead time starts at the reopening."""
    works: OpeningHours | None = None
    """Days of the week on which purchases are released, `Mon-Fri` or `Mon-Fri 08:00-17:00`; all unless given. At other
    times they wait, as in `closures`."""
    expedite: ExpediteTerms | None = None
    """Terms for expediting a purchase that is on order or in transit; not possible unless given."""
    stream: Name | None = None
    """Name of its random numbers, its own name unless given; set it when renaming to keep the numbers."""

    # ------------------------------------------------------------------------------------------------- chains
    under_way: list[InitialPurchase] = []
    """Purchases made before the start."""
    order_delay: NonNegativeDuration = 0.0
    """Days from the decision to buy until the supplier has the purchase (mail, a weekly batch of orders)."""
    stock: dict[Name, Units] = {}
    """Initial units on hand of the items that it stocks; a purchase of any other item is released at once."""
    replenishment: PerItem[Replenishment] = Field(default_factory=dict)
    """How it replenishes its own stock: one decision, or item -> decision with `default`; unless given (here or in a
    policy, under the supplier's name) it reorders what it sells one for one."""
    allocation: Allocation = Field(default_factory=Fifo)
    """Which purchase is served first from its stock."""
    fulfilment: Fulfilment = Field(default_factory=AsAvailable)
    """Whether part of a purchase may be shipped from stock before the rest."""
    make_time: Waits = Field(default_factory=lambda: constant(0.0))
    """Time to make goods for its own stock that none of its `suppliers` sells; with a `capacity`, in addition to the
    time on the line."""
    suppliers: dict[Name, Supplier] = {}
    """Its own suppliers."""
    lane: Lane = Field(default_factory=Lane)
    """How goods travel to the buyer."""
    capacity: Capacity | None = None
    """How fast it produces what it cannot serve from stock; unlimited unless given."""
    bom: dict[Name, Annotated[dict[Name, PositiveUnits], Field(min_length=1)]] = {}
    """Parts per unit of an item that it makes, from its own `stock`: without them no line starts."""
    visibility: Literal["none", "look_through"] = "look_through"
    """What the buyer knows about a purchase that waits here: nothing (it expects the mean lead time), or the supplier's
    backlog and expected receipts."""
    costs: SupplierCosts = Field(default_factory=lambda: SupplierCosts())
    """Costs of stock and backlog here; part of the chain's cost, not of the warehouse's."""

    def model_post_init(self, context: object) -> None:
        if self.yield_.most > 1 and not self.overdelivers:
            raise wrong(_above_one(self.yield_))
        if self.works is not None and current_start() is None:
            raise wrong("`works:` needs `clock: {start: …}`, to know the days of the week")
        if self.stock and self.parts is not None:
            raise wrong(
                "`parts:` is for goods from a supplier without `stock:`; with `stock`, it ships what it has, and the "
                "rest follows as it gets more; its own `suppliers` may have `parts`"
            )
        if not self.stock:
            for key in ("replenishment", "suppliers", "bom"):
                if getattr(self, key):
                    raise wrong(f"`{key}:` needs `stock:`, which this supplier does not have")


def _above_one(law: Distribution) -> str:
    most = f" (up to {law.most:g})" if law.most < math.inf else ""
    hint = f"; write {law.most:g} % for a share" if 2 <= law.most <= 100 else ""
    return (
        f"`yield` may be above 1{most}: more would arrive than was bought{hint}; "
        "set `overdelivers: true` if the supplier does deliver too much"
    )


def nested(above: tuple[str, ...], name: str, supplier: Supplier) -> Iterator[tuple[tuple[str, ...], str, Supplier]]:
    """A supplier and its suppliers at all levels: path of the key in the file, name, supplier."""
    path = (*above, name)
    yield path, name, supplier
    for inner, spec in supplier.suppliers.items():
        yield from nested((*path, "suppliers"), inner, spec)


def sold(supplier: Supplier, everything: Iterable[str]) -> list[str]:
    """The items that a supplier sells, of all that its buyer keeps."""
    return list(everything) if supplier.items == EVERYTHING else supplier.items


def lead_times(supplier: Supplier) -> Mapping[str, Distribution]:
    """The lead time of a supplier by site of the buyer; `default` is that of all others."""
    law = supplier.lead_time
    return law if isinstance(law, dict) else {DEFAULT: law}


def quoted(supplier: Supplier) -> float:
    """Days from the decision to buy to full receipt, as the supplier quotes them."""
    usual = supplier.order_delay + max(law.moments().mean for law in lead_times(supplier).values())
    if supplier.lane.departures is not None:
        usual += supplier.lane.departures.every
    if supplier.parts is not None:
        usual += supplier.parts.gap.moments().mean
    return usual if supplier.quotes is None else supplier.quotes


def ships_in_parts(supplier: Supplier) -> bool:
    """Whether a purchase can leave in several shipments."""
    departures = supplier.lane.departures
    limited = departures is not None and departures.units is not None
    return bool(supplier.stock) or limited or supplier.parts is not None


def lines_of(supplier: Supplier) -> int:
    """Production lines of a supplier; 0 where its capacity is unlimited."""
    return 0 if supplier.capacity is None else supplier.capacity.lines


def freight_of(supplier: Supplier) -> tuple[tuple[float, float], bool]:
    """Cost of a departure and of each unit on it, and whether goods leave only at fixed times."""
    lane = supplier.lane
    return (lane.cost.shipment, lane.cost.unit), lane.departures is not None


def off_work(name: str, supplier: Supplier, start: dt.datetime | None) -> Iterator[Closure]:
    """The hours of the week in which a supplier does not work; a break that has begun before the start goes on."""
    if supplier.works is None or start is None:
        return
    for k, (begin, end) in enumerate(days_off(supplier.works, since_monday(start))):
        label = f"off work ({name}{f', {k + 1}' * (k > 0)})"
        if end > WEEK:  # the start lies within it
            yield Closure(name=f"{label}, at the start", supplier=name, at=0.0, until=end - WEEK)
        yield Closure(name=label, supplier=name, at=begin, until=end, repeats=WEEK)
