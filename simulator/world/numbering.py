"""Numbering: the scenario's objects as numbers, in the order of the names of their random streams."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Protocol

from simulator.engine.plain_stock import Parts
from simulator.model.loyalty import Loyalty
from simulator.model.nouns import (
    CarrierFacts,
    CostFacts,
    EventFacts,
    ItemFacts,
    PaymentFacts,
    SegmentFacts,
    SiteFacts,
    SupplierFacts,
    TransferCosts,
    World,
)
from simulator.policies.decisions import decision_for
from simulator.policies.payment import PayAtOrder, Payment
from simulator.policies.policy import Policy
from simulator.policies.sourcing.transfers import Sending
from simulator.randomness.basket import Catalogue
from simulator.scenario.schema.customers import Customers
from simulator.scenario.schema.items import Item
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.schema.supply import Supplier, freight_of, lines_of, quoted, ships_in_parts
from simulator.scenario.steps import grain_of


class Named(Protocol):
    """An object whose random streams may have another name."""

    @property
    def stream(self) -> str | None: ...


def by_key(things: Mapping[str, Named]) -> list[str]:
    """Names in the order of the names of their random streams, so that the order in the file does not matter."""
    return sorted(things, key=lambda name: things[name].stream or name)


def keeping_books(suppliers: Mapping[str, Supplier]) -> Iterator[str]:
    """Names of all suppliers that hold stock, downstream first."""
    for name in by_key(suppliers):
        if suppliers[name].stock:
            yield name
            yield from keeping_books(suppliers[name].suppliers)


class Numbering:
    """Names by number; an object's number is its place in its list."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.items = by_key(scenario.items)
        self.sites = sorted(scenario.warehouses) or [""]
        self.shelves = [(site, name) for site in self.sites for name in self.items]
        """(site, item) by shelf number; with one site, the number of the item."""
        self.keys = {name: scenario.items[name].stream or name for name in self.items}
        """Names of the items' random streams."""
        self.segments = by_key(scenario.customers)
        self._places = {name: k for k, name in enumerate(self.items)}
        self.kits: dict[int, Parts] = {
            number: tuple(sorted((self.number(part, site), each) for part, each in scenario.items[name].kit.items()))
            for number, (site, name) in enumerate(self.shelves)
            if scenario.items[name].kit
        }
        """The components of every kit at its site, and units of them in one kit."""
        self.suppliers = by_key(scenario.suppliers)
        self.carriers = by_key(scenario.carriers)

    def number(self, item: str, site: str = "") -> int:
        """The number of an item's shelf at a site."""
        return self.sites.index(site or self.sites[0]) * len(self.items) + self._places[item]

    def catalogue_of(self, segment: str) -> Catalogue:
        """Items by name, with their numbers at the site that serves a segment."""
        site = self.scenario.site_of(segment)
        return Catalogue({name: self.number(name, site) for name in self.items}, self.keys)

    def shelf_key(self, number: int) -> str:
        """The name of the random streams of a shelf's purchases."""
        site, item = self.shelves[number]
        return f"{self.keys[item]}\x1e{site}" if site else self.keys[item]

    def shares(self, policy: Policy) -> bool:
        """Whether an order may be served by several sites."""
        everything = (policy.sourcing, *(entry.sourcing for entry in policy.schedule))
        shared = any(one.shared for decisions in everything for one in decisions.values())
        return len(self.sites) > 1 and (shared or self._waits_elsewhere())

    def _waits_elsewhere(self) -> bool:
        """Whether some line of an order that is open at the start waits at another site than the customer's own."""
        opening = self.scenario.opening
        if opening is None or opening.orders is None or not any(opening.orders.book.sites):
            return False
        book, first = opening.orders.book, next(iter(self.scenario.customers))
        homes = [self.scenario.site_of(name or first) for name in book.segments]
        return any(
            book.site_of(line) not in ("", home)
            for order, home in enumerate(homes)
            for line in range(book.heads[order], book.heads[order + 1])
        )

    def origins(self, policy: Policy) -> tuple[int, ...]:
        """Where the goods of each shelf leave for the customer: the number of the drop-ship vendor, or -1 less that of
        the site where sites serve each other's customers; all -1 where everything leaves from one place."""
        first, found, shared = self.scenario.first_suppliers(), [], self.shares(policy)
        for site, name in self.shelves:
            vendor: str | None = None
            if self.scenario.items[name].made == "drop_ship":
                decision = decision_for(policy.replenishment, name, site)
                asked = None if decision is None else decision.supplier
                vendor = max(asked, key=lambda s: asked[s]) if isinstance(asked, dict) else asked or first.get(name)
            here = -1 - self.sites.index(site) if shared else -1
            found.append(here if vendor is None else self.suppliers.index(vendor))
        return tuple(found) if len(set(found)) > 1 else (-1,) * len(found)

    @cached_property
    def initial(self) -> tuple[int, ...]:
        """Units on hand at the start by shelf; a number below 0 is a backlog."""
        stocks = {site: self.scenario.stock_of(site) for site in self.sites}
        return tuple(stocks[site].get(name, 0) for site, name in self.shelves)

    def stream(self, family: str, name: str) -> str:
        """The name of an object's random streams."""
        things: Mapping[str, Named] = {}
        if family == "suppliers":
            things = {supplier: spec for _, supplier, spec in self.scenario.all_suppliers()}
        elif family != "warehouse":
            things = getattr(self.scenario, family) if name else {}
        return (things[name].stream or name) if name in things else name

    def world(self, policy: Policy) -> World:
        """The names and constants to which the facts refer."""
        s = self.scenario
        carriers = {name: number for number, name in enumerate(self.carriers)}
        segments = [
            SegmentFacts(
                name,
                s.customers[name].priority,
                carriers.get(s.carrier_of(name) or "", -1),
                loyalty=_loyalty(s.customers[name]),
                site=self.sites.index(s.site_of(name)),
                fees=_fees(s.customers[name]),
            )
            for name in self.segments
        ]
        items = [item for _, item in self.shelves]
        workers = [site.picking.workers for site in s.sites.values()]
        limited = [many for many in workers if many is not None]
        return World(
            tuple(
                _item_facts(name, s.items[name], site, origin, self.kits.get(number, ()))
                for number, ((site, name), origin) in enumerate(zip(self.shelves, self.origins(policy), strict=True))
            ),
            tuple(segments),
            tuple(
                supplier_facts(name, s.suppliers[name], {item: s.items[item].unit_cost for item in items}, items)
                for name in self.suppliers
            ),
            tuple(CarrierFacts(n, s.carriers[n].cost.parcel, s.carriers[n].cost.unit) for n in self.carriers),
            CostFacts(*s.costs.holding, **s.costs.model_dump(exclude={"holding"})),
            s.clock.horizon,
            s.clock.warm_up,
            s.clock.start,
            s.currency,
            tuple(EventFacts(e.name or e.key(lambda _, name: name), getattr(e, "kind", "")) for e in s.all_events()),
            sum(limited) if len(limited) == len(workers) else None,
            tuple(keeping_books(s.suppliers)),
            payment=payment_facts(policy.payment.get("default") or PayAtOrder()),
            space=_space(s),
            wants_later=any(customers.wants_later for customers in s.customers.values()),
            splits=any(customers.split is not None for customers in s.customers.values()),
            changes=any(customers.arrivals.names_changes for customers in s.customers.values()),
            holds=any(customers.hold is not None for customers in s.customers.values()),
            returns=any(customers.returns for customers in s.customers.values()),
            sites=tuple(self._site_facts(name) for name in self.sites) if s.warehouses else (),
            transfers=_transfer_costs(policy),
            grain=grain_of(s),
        )

    def _site_facts(self, site: str) -> SiteFacts:
        ways = [self.scenario.reached_from(site, segment) for segment in self.segments]
        costs = tuple(None if way is None or way.cost is None else (way.cost, 0.0) for way in ways)
        later = any(customers.wants_later for customers in self.scenario.customers.values())
        days = tuple(delivery_time(self.scenario, name, site) for name in self.segments) if later else ()
        return SiteFacts(site, costs if any(cost is not None for cost in costs) else (), days)


def delivery_time(scenario: Scenario, segment: str, site: str) -> float:
    """Mean days from the shelf at a site to the customers of a segment."""
    law = scenario.transit_of(segment, site)
    transit = 0.0 if law is None else law.moments().mean
    return transit + scenario.sites[site].picking.time.moments().mean


def _fees(customers: Customers) -> tuple[float, float]:
    return (0.0, 0.0) if customers.fees is None else (customers.fees.shipping, customers.fees.extra_parcel)


def supplier_facts(name: str, spec: Supplier, costs: Mapping[str, float], items: Iterable[str]) -> SupplierFacts:
    """A supplier of these items, whose unit costs are those of the scenario unless the supplier has its own."""
    unit_costs = tuple(spec.unit_cost.get(item, costs.get(item, 0.0)) for item in items)
    parts, days, lines = ships_in_parts(spec), quoted(spec), lines_of(spec)
    return SupplierFacts(name, unit_costs, parts, days, *freight_of(spec), lines, spec.overdelivers)


def _space(scenario: Scenario) -> float | None:
    """Space of all sites together; None where a site has none given."""
    spaces = [site.space for site in scenario.sites.values() if site.space is not None]
    return sum(spaces) if len(spaces) == len(scenario.sites) else None


def _transfer_costs(policy: Policy) -> TransferCosts:
    sent = next((one for _, one in policy.all_transfers if isinstance(one, Sending)), None)
    return TransferCosts() if sent is None else TransferCosts(sent.cost.shipment, sent.cost.unit)


def payment_facts(payment: Payment) -> PaymentFacts:
    """When customers pay, as the facts refer to it."""
    late = payment.late_price
    found = PaymentFacts(payment.at_order, payment.at_shipment, payment.refund.days, payment.refund.working)
    return found if late is None else replace(found, quoted=late.quoted, nothing=late.nothing)


def _item_facts(name: str, spec: Item, site: str, origin: int, kit: Parts) -> ItemFacts:
    season = spec.season
    markdown = None if season is None else season.markdown
    lower = None
    if season is not None and markdown is not None:
        lower = (season.marked_down_from, season.to, 1 - markdown.price)
    return ItemFacts(
        name,
        spec.price,
        spec.unit_cost,
        site,
        owned=spec.made != "drop_ship",
        ships_from=spec.ships_from,
        salvage=0.0 if season is None else season.salvage,
        volume=spec.volume,
        marked_down=lower,
        unit=spec.unit,
        origin=origin,
        kit=kit,
    )


def _loyalty(customers: Customers) -> Loyalty:
    spec = customers.loyalty
    lost = 0.0 if customers.otherwise is None else 1 - customers.otherwise.return_
    return Loyalty(lost=lost) if spec is None else Loyalty(lost=lost, **spec.model_dump())
