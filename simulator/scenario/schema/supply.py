"""The supply side in a scenario: suppliers, the stock they hold, and who supplies them in their turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from simulator.foundation.plugin import Spec
from simulator.foundation.units import (
    Factor,
    Holding,
    HoldingCost,
    Moment,
    Money,
    NonNegativeDuration,
    PositiveUnits,
    Rate,
    Share,
    Units,
    wrong,
)
from simulator.policies.allocation.allocation import Allocation, Fifo
from simulator.policies.fulfilment import AsAvailable, Fulfilment
from simulator.policies.policy import PerItem
from simulator.policies.replenishment.replenishment import Replenishment
from simulator.randomness.distribution import Shares, Waits, never_negative
from simulator.scenario.schema.common import ClosedPeriod, Name, constant
from simulator.scenario.schema.lanes import Lane
from simulator.scenario.schema.production import Capacity

EVERYTHING = ["all"]
"""What stands in a supplier's `items` for `all`."""


class SupplierCosts(Spec):
    """What stock and backlog cost at a supplier, currency; every default is 0."""

    holding: Holding = HoldingCost(0.0, 0.0)
    """Of stock on hand: a yearly share of the unit cost (`25 % / y`) or money per unit and time (`1 / d`)."""
    pipeline: Holding = HoldingCost(0.0, 0.0)
    """Of goods on their way from here to the buyer."""
    backorder: Rate = 0.0
    """Of one unit of a purchase that waits here for one day."""
    order: Money = 0.0
    """Of one purchase that it makes."""


class ExpediteTerms(Spec):
    """At what price a purchase comes earlier."""

    factor: Annotated[Share, Field(lt=1)] = 0.4
    """What is left of the lead time then, as a share (grade D: our assumption; E25)."""
    premium: Factor = 1.0
    """What that costs, as a share of the unit cost (grade D: our assumption, 50 % to 200 %; E25)."""


class InitialPurchase(Spec):
    """A purchase made before the start: it is already on its way, or its order is in the mail."""

    item: Name
    """What was bought."""
    units: Annotated[int, Field(ge=1)]
    """How much."""
    due: Moment | None = None
    """When it will be received; it has left the supplier."""
    reaches: Moment | None = None
    """When the order reaches the supplier, in place of `due`."""
    site: Name | None = None
    """Which of the `warehouses` bought it; the first unless given."""

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if (self.due is None) == (self.reaches is None):
            raise wrong("give `due` (it has left the supplier) or `reaches` (the order is in the mail)")
        return self


class Supplier(Spec):
    """Who delivers goods to the warehouse; with `stock` it serves purchases as the warehouse serves customers."""

    items: Annotated[
        list[Name],
        BeforeValidator(lambda v: EVERYTHING if v == "all" else v, json_schema_input_type=Literal["all"] | list[Name]),
        Field(min_length=1),
    ]
    """What it sells: a list of items, or `all`."""
    lead_time: Waits
    """From the release of a purchase to its receipt; the n-th purchase of an item takes the n-th number."""
    crossing: Literal["allowed", "fifo"] = "allowed"
    """May a later purchase of an item arrive before an earlier one? `fifo` makes the later one wait."""
    yield_: Annotated[Shares, AfterValidator(never_negative), Field(alias="yield")] = Field(
        default_factory=lambda: constant(1.0)
    )
    """Share of the quantity that arrives, rounded to whole units; the rest is lost and never billed."""
    announces: bool = False
    """Whether it tells the day of receipt when a purchase is released; else the planner knows the law of its lead times
    only."""
    quotes: NonNegativeDuration | None = None
    """Days from the decision to buy within which it says that all will be there (`supplier_otif` is measured against
    them); its order delay, mean lead time and time
    between departures unless given."""
    minimum: Units = 0
    """Smallest quantity of a purchase; a smaller one is raised to it."""
    unit_cost: dict[Name, Money] = {}
    """What a unit costs here by item; the item's `unit_cost` unless given."""
    closures: list[ClosedPeriod] = []
    """When no purchase is released: it waits, and its lead time runs from the reopening."""
    expedite: ExpediteTerms | None = None
    """At what price it brings a purchase forward that is on order or in transit; it does not unless given."""
    stream: Name | None = None
    """Name of its random numbers, its own name unless given; keep it when renaming to keep the numbers."""

    # ------------------------------------------------------------------------------------------------- chains
    under_way: list[InitialPurchase] = []
    """Purchases made before the start."""
    order_delay: NonNegativeDuration = 0.0
    """Days from the decision to buy until the supplier has the purchase (mail, a weekly batch of orders)."""
    stock: dict[Name, Units] = {}
    """Units on hand at the start of what it keeps in stock; a purchase of anything else is released at once."""
    replenishment: PerItem[Replenishment] = Field(default_factory=dict)
    """How it keeps up its own stock: one decision, or item -> decision with `default`; unless given (here or in a
    policy, under the supplier's name) it orders what it sells one for one."""
    allocation: Allocation = Field(default_factory=Fifo)
    """Whose purchase is served first from its stock."""
    fulfilment: Fulfilment = Field(default_factory=AsAvailable)
    """Whether part of a purchase may be shipped from stock before the rest."""
    make_time: Waits = Field(default_factory=lambda: constant(0.0))
    """Time to make goods for its own stock, where none of its `suppliers` sells them; with a `capacity`, after the
    line."""
    suppliers: dict[Name, Supplier] = {}
    """Who supplies it in its turn."""
    lane: Lane = Field(default_factory=Lane)
    """The way to the buyer."""
    capacity: Capacity | None = None
    """How fast it makes what it has not in stock; any quantity at once unless given."""
    bom: dict[Name, Annotated[dict[Name, PositiveUnits], Field(min_length=1)]] = {}
    """What goes into one unit of an item that it makes, from its own `stock`: without the material no line starts."""
    visibility: Literal["none", "look_through"] = "look_through"
    """What the buyer knows of a purchase that waits here: nothing (the mean lead time stands for all), or the
    supplier's backlog and the receipts that it expects itself."""
    costs: SupplierCosts = Field(default_factory=lambda: SupplierCosts())
    """What stock and backlog cost here; part of the chain's cost, not of the warehouse's."""

    @model_validator(mode="after")
    def _holds_stock(self) -> Self:
        if not self.stock:
            words = {"replenishment": self.replenishment, "suppliers": self.suppliers, "bom": self.bom}
            for key, given in words.items():
                if given:
                    raise wrong(f"`{key}:` needs `stock:`: this supplier holds none")
        return self


def nested(above: tuple[str, ...], name: str, supplier: Supplier) -> Iterator[tuple[tuple[str, ...], str, Supplier]]:
    """A supplier and all behind it: path of its key in the file, name, words."""
    path = (*above, name)
    yield path, name, supplier
    for inner, spec in supplier.suppliers.items():
        yield from nested((*path, "suppliers"), inner, spec)


def sold(supplier: Supplier, everything: Iterable[str]) -> list[str]:
    """What a supplier sells, of everything that its buyer keeps."""
    return list(everything) if supplier.items == EVERYTHING else supplier.items


def quoted(supplier: Supplier) -> float:
    """Days within which a supplier says that a purchase will be there."""
    usual = supplier.order_delay + supplier.lead_time.moments().mean
    if supplier.lane.departures is not None:
        usual += supplier.lane.departures.every
    return usual if supplier.quotes is None else supplier.quotes


def ships_in_parts(supplier: Supplier) -> bool:
    """Whether a purchase may leave in several shipments."""
    departures = supplier.lane.departures
    return bool(supplier.stock) or (departures is not None and departures.units is not None)


def lines_of(supplier: Supplier) -> int:
    """Lines on which a supplier makes things; 0 where its capacity is not limited."""
    return 0 if supplier.capacity is None else supplier.capacity.lines


def freight_of(supplier: Supplier) -> tuple[tuple[float, float], bool]:
    """What a departure and each unit on it cost, and whether goods leave at fixed times only."""
    lane = supplier.lane
    return (lane.cost.shipment, lane.cost.unit), lane.departures is not None
