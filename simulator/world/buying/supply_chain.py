"""Builds the supply side: suppliers, the sources of every item, and the suppliers of suppliers with stock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from simulator.engine.backlog import Shelf, Terms
from simulator.engine.backorder_engine import BackorderEngine
from simulator.events.effect import Blockage, CapacityCut
from simulator.model.calendar import since_monday
from simulator.model.nouns import CostFacts, HoldingRate, ItemFacts, SegmentFacts, SupplierFacts, World
from simulator.policies.decisions import decision_at, decision_for
from simulator.policies.replenishment.replenishment import BaseStock, Replenishment
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.schema.supply import Supplier, lines_of, sold
from simulator.scenario.steps import grain_of
from simulator.world.buying.todays_purchases import purchases_of_today
from simulator.world.numbering import Numbering, by_key, supplier_facts
from simulator.world.state import ReplicationState
from simulator.world.stock.allocation import ClaimsOfBuyers, backlog_for, engine_for, start_runs
from simulator.world.suppliers.depot import Depot, FromMaterial, FromStock, Recipe
from simulator.world.suppliers.lanes import Inspections, SupplyRoute
from simulator.world.suppliers.plant import Plant
from simulator.world.suppliers.purchase import Buyer, Seller, ShelvesServed
from simulator.world.suppliers.purchasing import Purchasing
from simulator.world.suppliers.source import Source
from simulator.world.suppliers.vendor import Vendor

OWN = "own production"
"""Name of a supplier's own production among its customers and its suppliers."""
MAKING = "\x1emaking"
"""Suffix of the name of a supplier's random numbers for production for its own stock."""


class Site(NamedTuple):
    """A place that buys: its name, its priority at suppliers, its items by number of the shelf."""

    name: str
    priority: int
    shelves: Mapping[int, str]


def build_supply(state: ReplicationState) -> None:
    """Builds all suppliers, and the purchasing of the warehouse."""
    numbering, scenario = state.numbering, state.scenario
    keys = {number: numbering.shelf_key(number) for number in range(len(numbering.shelves))}
    sites = [
        Site(
            site,
            scenario.sites[site].priority,
            {k: item for k, (at, item) in enumerate(numbering.shelves) if at == site},
        )
        for site in numbering.sites
    ]
    vendors = _vendors(state, state.flow, scenario.suppliers, sites, keys, numbering.items)
    first, sources = scenario.first_suppliers(), []
    for (_, item), decision in zip(numbering.shelves, state.replenishment, strict=True):
        sources.append(asked_by(decision, item, vendors, first))
    state.flow.purchasing = _purchasing(state.engine, sources, state.replenishment)
    state.flow.purchasing.vendors, state.flow.purchasing.made = vendors, state.flow.followers.purchase_made
    places = {site.name: site for site in sites}
    in_file = {name: places[name] for name in scenario.sites}
    _made_before(vendors, scenario.suppliers, in_file, state.flow.purchasing)
    if scenario.opening is not None and scenario.opening.purchases is not None:
        shelves = {name: site.shelves for name, site in in_file.items()}
        purchases_of_today(state, scenario.opening.purchases, vendors, shelves)


def _vendors(
    state: ReplicationState,
    buyer: Buyer,
    suppliers: Mapping[str, Supplier],
    sites: Sequence[Site],
    keys: Mapping[int, str],
    everything: Sequence[str],
) -> dict[str, Vendor]:
    """The suppliers of one buyer, by name."""
    found = {}
    at = {n: site.name for site in sites for n in site.shelves}
    for k, name in enumerate(by_key(suppliers)):
        spec = suppliers[name]
        sells = set(sold(spec, everything))
        offered = {n: keys[n] for site in sites for n, item in site.shelves.items() if item in sells}
        route = _route(state, name, spec)
        plant = _plant(state, name, spec)
        source: Source = plant or Source()
        if spec.stock:
            depot = _depot(state, name, spec, sites, plant)
            kept = {n: item for site in sites for n, item in site.shelves.items()}
            source = FromStock(depot, FromMaterial(depot, _recipes(state.numbering, spec, kept), source))
        found[name] = Vendor(k, name, spec, ShelvesServed(offered, at), state.streams, buyer, route, source)
    return found


def _route(state: ReplicationState, name: str, spec: Supplier) -> SupplyRoute:
    """The way from a supplier to its buyer."""
    board = state.board
    route = SupplyRoute(state.clock, board.gate("suppliers", name), board.lead_time_rules(name), spec.lane.departures)
    board.register(Blockage, "suppliers", [name], lambda _: route.close(), lambda _: route.reopen())
    if spec.lane.customs is not None:
        route.rules.append(Inspections(spec.lane.customs, state.streams, "lane"))
    return route


def _plant(state: ReplicationState, name: str, spec: Supplier) -> Plant | None:
    """A supplier's production lines; None if its capacity is unlimited."""
    if spec.capacity is None:
        return None
    start = state.scenario.clock.start
    monday = since_monday(start)
    gate = state.board.gate("suppliers", name)
    plant = Plant(spec.stream or name, state.clock, spec.capacity, state.streams, gate, monday)
    state.board.register(
        CapacityCut,
        "suppliers",
        [name],
        lambda effect: plant.cut_capacity(effect.left),
        lambda effect: plant.restore_capacity(effect.left),
    )
    state.plants.append(plant)
    return plant


def _recipes(numbering: Numbering, spec: Supplier, items: Mapping[int, str]) -> dict[int, Recipe]:
    """Bills of materials of the items of these shelves, by number of the supplier's own shelves."""
    place = {item: k for k, item in enumerate(_kept(numbering, spec))}
    return {
        number: tuple(sorted((place[part], units) for part, units in spec.bom[item].items()))
        for number, item in items.items()
        if item in spec.bom
    }


def _kept(numbering: Numbering, spec: Supplier) -> list[str]:
    """Items that a supplier keeps in stock, in the order of its shelves: that of the names of their random numbers."""
    return sorted(spec.stock, key=lambda item: numbering.keys.get(item, item))


def _made_before(
    vendors: Mapping[str, Vendor], suppliers: Mapping[str, Supplier], sites: Mapping[str, Site], purchasing: Purchasing
) -> None:
    """Adds the purchases from before the start, which are on order; the first of the sites made them unless given."""
    for name, vendor in vendors.items():
        for bought in suppliers[name].under_way:
            site = sites[bought.site or next(iter(sites))]
            number = next(number for number, item in site.shelves.items() if item == bought.item)
            shelf = purchasing.engine.shelves[number]
            purchasing.inherit(vendor, shelf, bought.units, bought.due, bought.reaches)


def asked_by(
    decision: Replenishment, item: str, vendors: Mapping[str, Seller], first: Mapping[str, str]
) -> list[tuple[Seller, float]]:
    """Suppliers of an item with their shares: the `first` in the file that sells it unless the policy names others."""
    asked = decision.supplier
    if asked is None:
        asked = {first[item]: 1.0} if item in first else {}
    elif isinstance(asked, str):
        asked = {asked: 1.0}
    return [(vendor, asked[name]) for name, vendor in vendors.items() if asked.get(name, 0.0) > 0]


def _purchasing(
    engine: BackorderEngine, sources: list[list[tuple[Seller, float]]], replenishment: Sequence[Replenishment]
) -> Purchasing:
    purchasing = Purchasing(engine, sources)
    for item, decision in enumerate(replenishment):
        if decision.cancel_purchase:
            purchasing.under_way[item] = []
    return purchasing


def _depot(state: ReplicationState, name: str, spec: Supplier, sites: Sequence[Site], plant: Plant | None) -> Depot:
    """A supplier's stock, its own reviews and its own suppliers."""
    numbering, key = state.numbering, spec.stream or name
    items = _kept(numbering, spec)
    place = {item: k for k, item in enumerate(items)}
    claims = ClaimsOfBuyers(items)
    shelves = [Shelf(k, spec.stock[item], backlog_for(spec.allocation, claims)) for k, item in enumerate(items)]
    replenishment = [_kept_up(state, name, spec, item) for item in items]
    terms = [_terms(spec, k, site) for k, site in enumerate(sites)]
    depot = Depot(
        name,
        state.clock,
        _world(state, spec, items, sites),
        engine_for(state.clock, spec.allocation, claims, shelves),
        replenishment,
        {number: terms[k] for k, site in enumerate(sites) for number in site.shelves},
        {number: place[item] for site in sites for number, item in site.shelves.items() if item in place},
    )
    state.depots.append(depot)
    start_runs(state.scenario.clock.start, depot, spec.allocation)
    here = [Site(name, 1, dict(enumerate(items)))]
    keys = {k: numbering.keys.get(item, item) for k, item in enumerate(items)}
    vendors = _vendors(state, depot, spec.suppliers, here, keys, items)
    own = Supplier.model_construct(
        lead_time=spec.make_time, items=items, stream=key + MAKING, visibility="look_through"
    )
    route = SupplyRoute(state.clock, state.board.gate("suppliers", name), [])
    source = FromMaterial(depot, _recipes(numbering, spec, dict(enumerate(items))), plant or Source())
    making = Vendor(len(vendors), name, own, ShelvesServed(keys), state.streams, depot, route, source)
    nearest = {item: name for name in reversed(spec.suppliers) for item in sold(spec.suppliers[name], items)}
    sources = [
        asked_by(decision, item, vendors, nearest) or [(making, 1.0)]
        for item, decision in zip(items, replenishment, strict=True)
    ]
    depot.purchasing = _purchasing(depot.engine, sources, replenishment)
    depot.purchasing.vendors = vendors
    _made_before(vendors, spec.suppliers, {name: here[0]}, depot.purchasing)
    return depot


def _kept_up(state: ReplicationState, name: str, spec: Supplier, item: str) -> Replenishment:
    """How a supplier replenishes an item: by the policy, else by its own `replenishment`, else one for one."""
    decision = decision_at(state.policy.replenishment, item, name) or decision_for(spec.replenishment, item)
    if decision is None:
        return BaseStock(S=spec.stock[item])
    known = state.scenario.items.get(item)
    return decision.in_units(None if known is None else known.demand)


def _terms(spec: Supplier, number: int, site: Site) -> Terms:
    """Terms of a site's purchases."""
    allocation, fulfilment = spec.allocation, spec.fulfilment
    return Terms(
        lambda order: allocation.rank(site.priority, order),
        allocation.reserve(site.priority),
        fulfilment.splits_lines,
        fulfilment.splits_orders,
        number,
        site.name,
    )


def _unit(scenario: Scenario, item: str) -> str:
    known = scenario.items.get(item)
    return "" if known is None else known.unit


def _world(state: ReplicationState, spec: Supplier, items: Sequence[str], sites: Sequence[Site]) -> World:
    """Names, costs and times that the facts about a supplier's stock refer to."""
    whole, costs = state.scenario, spec.costs
    known = {item: whole.items[item].unit_cost for item in items if item in whole.items}

    def cost(item: str, supplier: Supplier | None) -> float:
        usual = known.get(item, 0.0)
        return usual if supplier is None else supplier.unit_cost.get(item, usual)

    first = {item: next((s for s in spec.suppliers.values() if item in sold(s, items)), None) for item in items}
    return World(
        tuple(ItemFacts(item, cost(item, spec), cost(item, first[item]), unit=_unit(whole, item)) for item in items),
        (
            *(SegmentFacts(site.name or "warehouse", site.priority, -1) for site in sites),
            SegmentFacts(OWN, 1, -1),
        ),
        (
            *(supplier_facts(n, spec.suppliers[n], known, items) for n in by_key(spec.suppliers)),
            SupplierFacts(OWN, tuple(0.0 for _ in items), lines=lines_of(spec)),
        ),
        (),
        CostFacts(costs.holding.of_value, costs.holding.money, costs.order, costs.backorder),
        whole.clock.horizon,
        whole.clock.warm_up,
        whole.clock.start,
        whole.currency,
        pipeline=HoldingRate(costs.pipeline.of_value, costs.pipeline.money),
        grain=grain_of(whole),
    )
