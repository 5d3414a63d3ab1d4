"""The keys of a scenario file, with their units and meanings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr

from simulator.events.demand_spike import MarkdownLift
from simulator.events.event import Event
from simulator.events.supply import Closure
from simulator.foundation.errors import Problem, UserError, some
from simulator.foundation.plugin import Spec
from simulator.foundation.units import (
    Date,
    Factor,
    Money,
    NonNegativeDuration,
    PositiveDuration,
    Share,
    Text,
    Whole,
    wrong,
)
from simulator.policies.policy import Policy
from simulator.randomness.baskets.weighted import DEMAND, Weighted
from simulator.randomness.distribution import Distribution, Waits
from simulator.scenario.schema.common import Name, constant
from simulator.scenario.schema.costs import Costs
from simulator.scenario.schema.customers import Customers
from simulator.scenario.schema.expect import Expectation
from simulator.scenario.schema.items import Item, Season, kits_of
from simulator.scenario.schema.lanes import Departures
from simulator.scenario.schema.loyalty import Reviews
from simulator.scenario.schema.origin import Origin
from simulator.scenario.schema.shoppers import Support
from simulator.scenario.schema.sites import SiteReach, Warehouse
from simulator.scenario.schema.supply import EVERYTHING, Supplier, nested, off_work
from simulator.scenario.schema.tables.catalogue import ItemCatalogue, KeyPath, follow_rules
from simulator.scenario.schema.tables.opening import OpeningBooks


class ClockSpec(Spec):
    """The simulated time: [0, horizon); orders placed before `warm_up` are simulated but not counted."""

    start: Date | None = None
    """Date of time 0; needed where dates or weekdays are used. Days always have 24 hours."""
    horizon: PositiveDuration
    """Length of the run."""
    warm_up: NonNegativeDuration = 0.0
    """Days at the start that are simulated but not counted."""

    def model_post_init(self, context: object) -> None:
        if self.warm_up >= self.horizon:
            raise wrong(f"warm_up ({self.warm_up:g} d) must be shorter than the horizon ({self.horizon:g} d)")


class ParcelCost(Spec):
    """Cost of a delivery, currency."""

    parcel: Money = 0.0
    """Per parcel."""
    unit: Money = 0.0
    """Per unit in it."""


class Carrier(Spec):
    """A carrier of parcels to customers."""

    transit: Waits
    """Time from the warehouse to the customer; belongs to the order's n-th parcel, whatever the policy."""
    cost: ParcelCost = Field(default_factory=ParcelCost)
    """Cost of a delivery."""
    pickup: Departures | None = None
    """Fixed pick-up times; parcels leave when they are ready unless given."""
    lost: Share = 0.0
    """Share of the parcels that are lost; the contents are sent again from free stock when the parcel is missed."""
    missed_after: NonNegativeDuration = 10.0
    """Days after which a lost parcel is missed."""
    stalled: Share = 0.0
    """Share of the parcels that are delayed on the way."""
    stalled_for: Waits = Field(default_factory=lambda: constant(5.0))
    """Days by which they are delayed."""

    def model_post_init(self, context: object) -> None:
        if self.pickup is not None and self.pickup.units is not None:
            raise wrong("`pickup:` cannot have `units`: a carrier takes every parcel")

    stream: Name | None = None
    """Name of its random numbers, its own name unless given; set it when renaming to keep the numbers."""


FactorLevels = Annotated[dict[Name, dict[Text, Any]], Field(min_length=2)]
"""The levels of a factor by name, the first one for reference; each is a set of changes to keys of the file."""


class Experiment(Spec):
    """How often and how the simulation is repeated."""

    replications: Annotated[Whole, Field(ge=1, le=1_000_000)] = 10
    """Independent replications; all policies use the same random numbers."""
    seed: Annotated[Whole, Field(ge=0)] = 1
    """Seed of all random streams."""
    confidence: Annotated[Factor, Field(gt=0.5, lt=1)] = 0.95
    """Confidence level of the intervals."""
    inputs: Literal["as_given", "resample"] = "as_given"
    """What intervals of `run` contain: with `resample`, also how much comes from having only so many recorded values;
    every set of values behind a distribution of kind `empirical` is drawn again, and simulated, many times."""
    factorial: dict[Name, FactorLevels] = {}
    """A factorial experiment for `backorder sweep`: factor → level → {path: value}, the changes of the level."""


class Scenario(Spec):
    """A supply chain with its customers, and several policies to compare."""

    name: Name
    """Name of the scenario and of its results folder."""
    title: Text = ""
    """Title in reports, one line."""
    description: Text = ""
    """What the scenario is about."""
    sources: dict[Text, Text] = {}
    """Where the numbers come from, by key: `customers.web.patience: our assumption`; shown in the report."""
    clock: ClockSpec
    """Start date, horizon, warm-up."""
    currency: Text = "EUR"
    """Currency of all amounts of money."""
    items: dict[Name, Item] = {}
    """Items that are sold, by name; those of the `catalogue` follow them."""
    catalogue: ItemCatalogue | None = None
    """More items, as rows of a table."""
    customers: dict[Name, Customers] = {}
    """Customer segments."""
    warehouse: Warehouse = Field(default_factory=Warehouse)
    """The stocking site."""
    warehouses: dict[Name, Warehouse] = {}
    """Several stocking sites instead of `warehouse`; each serves its own customers, and others where the policy says so
    (`sourcing`); suppliers can be shared."""
    suppliers: dict[Name, Supplier] = {}
    """Suppliers of the warehouses."""
    opening: OpeningBooks | None = None
    """Today's open orders, stock and purchases; a run starts empty except for `stock` and `under_way` unless given."""
    carriers: dict[Name, Carrier] = {}
    """Carriers to the customers; without one, deliveries take no time."""
    events: list[Event] = []
    """Disruptions, promotions and other events."""
    costs: Costs = Field(default_factory=Costs)
    """Costs."""
    reviews: Reviews | None = None
    """Reviews that customers write and others read; none unless given (`{}` for our assumptions)."""
    support: Support = Field(default_factory=Support)
    """The desk that customers ask."""
    policies: Annotated[dict[Name, Policy], Field(min_length=1)]
    """The policies to compare; differences are relative to the first."""
    experiment: Experiment = Field(default_factory=Experiment)
    """How often and how the simulation is repeated."""
    expect: list[Expectation] = []
    """Expected results; `backorder check` tests them."""
    _origin: Origin = PrivateAttr(default_factory=Origin)
    _idle_rules: list[KeyPath] = PrivateAttr(default_factory=list)
    _in_steps: bool = PrivateAttr(default=False)

    def model_post_init(self, context: object) -> None:
        if self.warehouses and "warehouse" in self.model_fields_set:
            raise wrong("give `warehouse:` or `warehouses:`, not both")
        if self.catalogue is not None:
            if twins := [name for name in self.items if name in self.catalogue.items]:
                raise wrong(f"{some(twins)} is both under `items` and in the catalogue; remove one of the two")
            self.items.update(self.catalogue.items)
        if not self.items:
            raise wrong("no items: give `items:` or a `catalogue:`")
        self.items.update(kits_of(self.items))
        for name, segment in self.customers.items():
            if isinstance(segment.basket, Weighted) and segment.basket.items == DEMAND:
                self.customers[name] = segment.model_copy(update={"basket": segment.basket.by_demand(self._demand)})
        self._follow_rules()

    @property
    def _demand(self) -> dict[str, float]:
        """The demand of every item that has an estimate."""
        found = {name: item.demand for name, item in self.items.items() if item.demand}
        if not found:
            raise wrong("`basket: {items: demand}` needs the `demand` of the items")
        return found

    def _follow_rules(self) -> None:
        """Turns the rules of all policies and suppliers into decisions for their items."""
        owners: list[tuple[tuple[str | int, ...], Spec]] = []
        for name, policy in self.policies.items():
            owners.append((("policies", name), policy))
            owners += [(("policies", name, "schedule", k), entry) for k, entry in enumerate(policy.schedule)]
        owners += [(tuple(above), supplier) for above, _, supplier in self.all_suppliers()]
        self._idle_rules += follow_rules(owners, self.items)

    @property
    def idle_rules(self) -> list[KeyPath]:
        """Paths of the conditions of rules that no item fulfils."""
        return self._idle_rules

    @property
    def in_steps(self) -> bool:
        """Whether its quantities are in steps of the items' granularities (see `scenario.steps`)."""
        return self._in_steps

    @property
    def kits(self) -> dict[str, Item]:
        """The items that are assembled from others."""
        return {name: item for name, item in self.items.items() if item.kit}

    @property
    def sites(self) -> Mapping[str, Warehouse]:
        """The stocking sites by name; the name of a single warehouse is ''."""
        return self.warehouses or {"": self.warehouse}

    def stock_of(self, site: str) -> Mapping[str, int]:
        """Units on hand by item at a site at the start (below 0: a backlog), those of today's books included."""
        given = self.sites[site].stock
        if self.catalogue is not None and site == next(iter(self.sites)):
            given = {**self.catalogue.stock, **given}
        if self.opening is None or self.opening.stock is None:
            return given
        first = site == next(iter(self.sites))
        return {**given, **(self.opening.on_hand("") if first else {}), **(self.opening.on_hand(site) if site else {})}

    def site_of(self, segment: str) -> str:
        """The own site of a segment: the one it names, otherwise the first of the file that reaches it."""
        return self.customers[segment].site or next(
            (name for name, site in self.sites.items() if site.reach is None or segment in site.reach),
            next(iter(self.sites)),
        )

    def reached_from(self, site: str, segment: str) -> SiteReach | None:
        """The way from a site to the customers of a segment; None: the site does not reach them."""
        reach = self.sites[site].reach
        known = None if reach is None else reach.get(segment)
        return SiteReach() if known is None and (reach is None or site == self.site_of(segment)) else known

    def transit_of(self, segment: str, site: str) -> Distribution | None:
        """Time of a parcel from a site to the customers of a segment; None: none."""
        reach, carrier = self.reached_from(site, segment), self.carrier_of(segment)
        if reach is not None and reach.transit is not None:
            return reach.transit
        return None if carrier is None else self.carriers[carrier].transit

    def __repr__(self) -> str:
        policies, items = some(self.policies), f"{len(self.items):,} item{'s' * (len(self.items) != 1)}"
        return f"<Scenario {self.name!r}: {items}, {self.clock.horizon:g} d; policies {policies}>"

    __str__ = __repr__

    @property
    def data_digests(self) -> dict[str, str]:
        """SHA-256 of every data file, by its name in the scenario."""
        return self._origin.digests

    @property
    def source(self) -> str:
        """The scenario as one YAML text, with parents and overrides merged in; policies keep their `extends`."""
        return self._origin.text

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Warnings: odd things that do not prevent a run."""
        return self._origin.warnings

    def to_yaml(self) -> str:
        """The scenario as the text of a file: `load` reads it as a scenario with the same fingerprint.

        Parents and overrides are merged in. Names of data files stay as they are, so save it in the folder of the
        scenario, or name that with `data`.

        Raises:
            UserError: the scenario was not read from a file, a text or a mapping.
        """
        if self._origin.read is None:
            raise UserError("a scenario that was not loaded has no text; make it with `simulator.from_dict`")
        return self.source

    def edit(self, changes: Mapping[str, Any]) -> Scenario:
        """The scenario read again with {dotted path: value} changed, as by `--set`; values are plain Python data.

        Example: `scenario.edit({"policies.base.replenishment.S": 20, "clock.horizon": "90 d"})`.

        Raises:
            UserError: the changed scenario is not valid.
        """
        if self._origin.read is None:
            raise UserError("a scenario that was not loaded cannot be edited")
        found: Scenario = self._origin.read(self._origin, changes)
        return found

    def all_events(self) -> list[Event]:
        """All events: those given, suppliers' closures, markdowns that raise demand, and triggered events."""
        return [event for _, _, event in self.event_tree()]

    def event_tree(self) -> list[tuple[tuple[str | int, ...], int | None, Event]]:
        """Every event: its path in the file, the index in this list of what triggers it (or None), the event."""
        found: list[tuple[tuple[str | int, ...], int | None, Event]] = [
            (("events", k), None, event) for k, event in enumerate(self.events)
        ]
        for above, name, supplier in self.all_suppliers():
            for k, c in enumerate(supplier.closures):
                label = f"{c.name or 'closure'} ({name}, day {c.from_:g})"
                closure = Closure(name=label, supplier=name, at=c.from_, until=c.to, repeats=c.repeats)
                found.append(((*above, "closures", k), None, closure))
            found += [((*above, "works"), None, closed) for closed in off_work(name, supplier, self.clock.start)]
        found += [(("items", lift.targets()[-1][1], "season", "markdown"), None, lift) for lift in self._lifts()]
        for number, (path, _, event) in enumerate(found):  # the list grows while it is read
            found += [((*path, "then", k), number, later) for k, later in enumerate(event.then)]
        return found

    def lifted(self) -> dict[str, Season]:
        """The seasons, by item, whose markdown raises demand."""
        seasons = {name: item.season for name, item in self.items.items() if item.season is not None}
        return {k: s for k, s in seasons.items() if s.markdown is not None and s.markdown.lift > 1 and self.customers}

    def _lifts(self) -> Iterator[Event]:
        """The demand spikes of markdowns."""
        for name, season in self.lifted().items():
            assert season.markdown is not None
            yield MarkdownLift(
                name=f"markdown of {name}",
                customers=list(self.customers),
                items=name,
                at=season.marked_down_from,
                until=season.to,
                factor=season.markdown.lift,
            )

    def all_suppliers(self) -> Iterator[tuple[tuple[str, ...], str, Supplier]]:
        """Every supplier of the tree, downstream first: the path of its key in the file, its name, the supplier."""
        for name, supplier in self.suppliers.items():
            yield from nested(("suppliers",), name, supplier)

    def carrier_of(self, segment: str) -> str | None:
        """The carrier of a segment: its own, otherwise the first of the file; None if there are none."""
        return self.customers[segment].carrier or next(iter(self.carriers), None)

    def first_suppliers(self) -> dict[str, str]:
        """Every item's first supplier in the order of the file: the default source of purchases."""
        return {item: name for name in reversed(self.suppliers) for item in self.sold_by(name)}

    def sold_by(self, supplier: str) -> list[str]:
        """The items that a supplier sells, in the order of the file."""
        named = self.suppliers[supplier].items
        return [name for name, item in self.items.items() if not item.kit] if named == EVERYTHING else named
