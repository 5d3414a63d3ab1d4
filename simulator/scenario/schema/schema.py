"""The shape of a scenario file: every key with its unit and meaning."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, PrivateAttr, model_validator

from simulator.events.demand_spike import DemandSpike
from simulator.events.event import Event
from simulator.events.supply import Closure
from simulator.foundation.errors import Problem, UserError
from simulator.foundation.plugin import Spec
from simulator.foundation.units import (
    Date,
    Factor,
    Holding,
    HoldingCost,
    Money,
    NonNegativeDuration,
    Number,
    PositiveDuration,
    Rate,
    Share,
    Text,
    Whole,
    wrong,
)
from simulator.policies.policy import Policy
from simulator.randomness.distribution import Waits
from simulator.scenario.schema.common import Name, constant
from simulator.scenario.schema.customers import Customers
from simulator.scenario.schema.expect import Expectation
from simulator.scenario.schema.items import Item, Season
from simulator.scenario.schema.lanes import Departures
from simulator.scenario.schema.loyalty import Reviews
from simulator.scenario.schema.records import RecordsSpec
from simulator.scenario.schema.shoppers import Support
from simulator.scenario.schema.supply import EVERYTHING, Supplier, nested
from simulator.scenario.tree.nodes import dump


class ClockSpec(Spec):
    """The run's time: [0, horizon); orders placed before `warm_up` are played and not counted."""

    start: Date | None = None
    """Date of time 0; needed wherever dates or weekdays are used. Days always have 24 hours."""
    horizon: PositiveDuration
    """Length of the run."""
    warm_up: NonNegativeDuration = 0.0
    """Days at the start that are played and not counted."""

    @model_validator(mode="after")
    def _window(self) -> Self:
        if self.warm_up >= self.horizon:
            raise wrong(f"warm_up ({self.warm_up:g} d) leaves nothing of the horizon ({self.horizon:g} d)")
        return self


class Picking(Spec):
    """From the shelf to the parcel."""

    time: Waits = Field(default_factory=lambda: constant(0.0))
    """Time to pick one parcel."""
    workers: Annotated[Whole, Field(ge=1)] | None = None
    """Parcels that can be picked at once, first come first served; any number unless given."""


class Warehouse(Spec):
    """Where the stock lies."""

    stock: dict[Name, Whole] = {}
    """Units on hand at the start by item, 0 unless given; a negative number is a backlog from before."""
    picking: Picking = Field(default_factory=Picking)
    """How parcels are made up."""
    priority: Annotated[Whole, Field(ge=1)] = 1
    """1 is served first by a supplier with stock and `allocation: {kind: priority}`."""
    space: Annotated[Number, Field(gt=0)] | None = None
    """Space for stock, in the measure of the items' `volume`; only measured (`space_used`)."""
    records: RecordsSpec | None = None
    """How the record of the stock drifts from what is there; it is always right unless given."""


class ParcelCost(Spec):
    """What a delivery costs, currency."""

    parcel: Money = 0.0
    """For each parcel."""
    unit: Money = 0.0
    """For each unit in it."""


class Carrier(Spec):
    """Who takes parcels to the customers."""

    transit: Waits
    """From the warehouse to the door; belongs to the order's n-th parcel, whatever the policy."""
    cost: ParcelCost = Field(default_factory=ParcelCost)
    """What a delivery costs."""
    pickup: Departures | None = None
    """When parcels are picked up; the moment they are handed over unless given."""
    lost: Share = 0.0
    """Share of the parcels that are lost; what was in one is sent again from free stock when it is missed."""
    missed_after: NonNegativeDuration = 10.0
    """Days after which a lost parcel is missed."""
    stalled: Share = 0.0
    """Share of the parcels that get stuck on the way."""
    stalled_for: Waits = Field(default_factory=lambda: constant(5.0))
    """Days for which they do."""

    @model_validator(mode="after")
    def _room_for_all(self) -> Self:
        if self.pickup is not None and self.pickup.units is not None:
            raise wrong("`pickup:` has no `units`: a carrier takes every parcel that is there")
        return self

    stream: Name | None = None
    """Name of its random numbers, its own name unless given; keep it when renaming to keep the numbers."""


class Costs(Spec):
    """What things cost, currency. Every default is 0: a cost that is not named is not counted."""

    holding: Holding = HoldingCost(0.0, 0.0)
    """Of stock on hand: a yearly share of the unit cost (`25 % / y`) or money per unit and time (`1 / d`)."""
    storage: Rate = 0.0
    """Of the space that stock on hand takes, for one unit of `volume` and one day."""
    order: Money = 0.0
    """Of one purchase."""
    backorder: Rate = 0.0
    """Of one unit on backorder for one day."""
    contact: Money = 8.01
    """Of one contact that an agent answers (E18, a Gartner poll of 2019 in USD, grade B)."""
    self_service: Money = 0.10
    """Of one contact that a tracking page answers (E18, grade B)."""
    notice: Money = 0.01
    """Of one message (grade D: our assumption)."""
    refund: Money = 0.0
    """Of one refund: what was paid for units that one order lost at one time is paid back at once."""
    goodwill: Money = 0.0
    """Given with one refund, to make up for it (a discount to keep an order was the least profitable response in a
    field test: E07, grade A)."""


FactorLevels = Annotated[dict[Name, dict[Text, Any]], Field(min_length=2)]
"""The levels of a factor by name, the first one for reference; each is a set of changes of the file's keys."""


class Experiment(Spec):
    """How often the world is replayed."""

    replications: Annotated[Whole, Field(ge=1, le=1_000_000)] = 10
    """Independent replications; every policy sees the same ones."""
    seed: Annotated[Whole, Field(ge=0)] = 1
    """Seed of all random streams."""
    confidence: Annotated[Factor, Field(gt=0.5, lt=1)] = 0.95
    """Confidence level of the intervals."""
    factorial: dict[Name, FactorLevels] = {}
    """A factorial experiment for `backorder sweep`: factor → level → {path: value}, what the level changes."""


@dataclass(frozen=True, eq=False)
class Origin:
    """Where a scenario came from: all it takes to read it again. Scenarios are equal whatever their origin."""

    data: Any = None
    """The file's keys and values, parents and overrides merged in."""
    folder: Path | None = None
    """Data files are named relative to it."""
    more_folders: tuple[Path, ...] = ()
    """Where else data files may lie."""
    digests: dict[str, str] = field(default_factory=dict)
    """SHA-256 by data file."""
    warnings: tuple[Problem, ...] = ()
    """What is odd and does not keep it from running."""
    read: Callable[[Origin, Mapping[str, Any]], Scenario] | None = None
    """Reads it again with changes; the loader puts itself here."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Origin)

    def __hash__(self) -> int:
        return hash(Origin)


class Scenario(Spec):
    """One world and several policies."""

    name: Name
    """The results folder's name."""
    title: Text = ""
    """One line for reports."""
    description: Text = ""
    """What it is about."""
    sources: dict[Text, Text] = {}
    """Where its numbers come from, by key: `customers.web.patience: our assumption`; shown in the report."""
    clock: ClockSpec
    """Start, horizon, warm-up."""
    currency: Text = "EUR"
    """What money is counted in."""
    items: Annotated[dict[Name, Item], Field(min_length=1)]
    """What is sold."""
    customers: dict[Name, Customers] = {}
    """Who buys, by segment."""
    warehouse: Warehouse = Field(default_factory=Warehouse)
    """Where the stock lies."""
    warehouses: dict[Name, Warehouse] = {}
    """Several stocking sites in place of `warehouse`; each serves its own customers, all may share suppliers."""
    suppliers: dict[Name, Supplier] = {}
    """Who delivers to the warehouse."""
    carriers: dict[Name, Carrier] = {}
    """Who delivers to the customers; without one goods are there at once."""
    events: list[Event] = []
    """What goes wrong or viral."""
    costs: Costs = Field(default_factory=Costs)
    """What things cost."""
    reviews: Reviews | None = None
    """Reviews that customers write and others read; none unless given (`{}` for our assumptions)."""
    support: Support = Field(default_factory=Support)
    """The desk that customers ask."""
    policies: Annotated[dict[Name, Policy], Field(min_length=1)]
    """What is compared; differences are to the first."""
    experiment: Experiment = Field(default_factory=Experiment)
    """How often the world is replayed."""
    expect: list[Expectation] = []
    """What the results are expected to show; `backorder check` says whether they do."""
    _origin: Origin = PrivateAttr(default_factory=Origin)

    @model_validator(mode="after")
    def _one_kind_of_site(self) -> Self:
        if self.warehouses and "warehouse" in self.model_fields_set:
            raise wrong("give `warehouse:` or `warehouses:`, not both")
        return self

    @property
    def sites(self) -> Mapping[str, Warehouse]:
        """The stocking sites by name; a single warehouse has none ('')."""
        return self.warehouses or {"": self.warehouse}

    def site_of(self, segment: str) -> str:
        """Which site serves a segment: its own, else the first of the file."""
        return self.customers[segment].site or next(iter(self.sites))

    @property
    def data_digests(self) -> dict[str, str]:
        """SHA-256 of every data file that was read, by its name in the scenario."""
        return self._origin.digests

    @property
    def source(self) -> str:
        """The scenario as one YAML text: parents and overrides merged in; policies keep their `extends`."""
        return dump(self._origin.data)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What is odd about it and does not keep it from running."""
        return self._origin.warnings

    def edit(self, changes: Mapping[str, Any]) -> Scenario:
        """The scenario read again with {dotted path: value} changed, as by `--set`; values are plain Python data.

        Example: `scenario.edit({"policies.base.replenishment.S": 20, "clock.horizon": "90 d"})`.

        Raises:
            UserError: the changed scenario is not valid.
        """
        if self._origin.read is None:
            raise UserError("a scenario that was not loaded cannot be edited")
        return self._origin.read(self._origin, changes)

    def all_events(self) -> list[Event]:
        """The events, the suppliers' closures, the markdowns that raise demand, and what they trigger."""
        return [event for _, _, event in self.event_tree()]

    def event_tree(self) -> list[tuple[tuple[str | int, ...], int | None, Event]]:
        """Every event with its path in the file and the place in this list of what triggers it (None: nothing does)."""
        found: list[tuple[tuple[str | int, ...], int | None, Event]] = [
            (("events", k), None, event) for k, event in enumerate(self.events)
        ]
        for above, name, supplier in self.all_suppliers():
            for k, c in enumerate(supplier.closures):
                said = f"{c.name or 'closure'} ({name}, day {c.from_:g})"
                closure = Closure(name=said, supplier=name, at=c.from_, until=c.to)
                found.append(((*above, "closures", k), None, closure))
        found += [(("items", lift.targets()[-1][1], "season", "markdown"), None, lift) for lift in self._lifts()]
        for number, (path, _, event) in enumerate(found):  # grows while it is read
            found += [((*path, "then", k), number, later) for k, later in enumerate(event.then)]
        return found

    def lifted(self) -> dict[str, Season]:
        """The seasons by item in which a lower price raises demand."""
        seasons = {name: item.season for name, item in self.items.items() if item.season is not None}
        return {k: s for k, s in seasons.items() if s.markdown is not None and s.markdown.lift > 1 and self.customers}

    def _lifts(self) -> Iterator[Event]:
        """What lower prices towards the end of a season bring."""
        for name, season in self.lifted().items():
            assert season.markdown is not None
            yield DemandSpike(
                name=f"markdown of {name}",
                customers=list(self.customers),
                items=name,
                at=season.marked_down_from,
                until=season.to,
                factor=season.markdown.lift,
            )

    def all_suppliers(self) -> Iterator[tuple[tuple[str, ...], str, Supplier]]:
        """Every supplier of the tree, downstream first: the path of its key in the file, its name, its words."""
        for name, supplier in self.suppliers.items():
            yield from nested(("suppliers",), name, supplier)

    def carrier_of(self, segment: str) -> str | None:
        """Who delivers to a segment: its own carrier, else the first of the file; None where nobody carries."""
        return self.customers[segment].carrier or next(iter(self.carriers), None)

    def first_suppliers(self) -> dict[str, str]:
        """Every item's first supplier in the order of the file: it is asked unless a policy says otherwise."""
        return {item: name for name in reversed(self.suppliers) for item in self.sold_by(name)}

    def sold_by(self, supplier: str) -> list[str]:
        """The items that a supplier sells, in the order of the file."""
        named = self.suppliers[supplier].items
        return list(self.items) if named == EVERYTHING else named
