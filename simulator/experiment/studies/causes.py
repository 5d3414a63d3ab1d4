"""Causes of backorders, and how to remove each from a scenario without changing the random numbers of the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from simulator.events.event import Event
from simulator.events.surge import Surge
from simulator.policies.decisions import DEFAULT
from simulator.policies.fulfilment import AsAvailable
from simulator.policies.replenishment.planned import Planned
from simulator.policies.replenishment.replenishment import Replenishment
from simulator.randomness.distribution import Distribution
from simulator.randomness.distributions.continuous import Constant
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.schema.sites import Warehouse
from simulator.scenario.schema.supply import Supplier, lead_times

CAUSES = ("demand", "supplier", "capacity", "transport", "record", "rule")
"""The causes, in the order of the reports."""
MEANING = {
    "demand": "demand spikes and campaigns; not the ordinary ups and downs of demand",
    "supplier": "late or incomplete deliveries: delays, outages and closures of suppliers, lead times that vary",
    "capacity": "too little capacity at suppliers or in picking: limits, losses and breakdowns",
    "transport": "carriers that stop, are late or lose parcels; fixed departures, closed routes, customs",
    "record": "wrong stock records: stock lost, misplaced or misbooked, a storefront that shows old stock",
    "rule": "the company's own rules: planning errors, minimum quantities, waiting for complete lines and orders",
    "ordinary": "what remains without any of these causes: stock too low for ordinary demand",
    "together": "causes that make each other worse or better: all together, less the sum of each alone",
}


def cause_of(event: Event) -> str:
    """The cause to which an event belongs."""
    if event.cause:
        return event.cause
    families = {family for family, _ in event.targets()}
    if "suppliers" in families:
        return "supplier"
    if "carriers" in families:
        return "transport"
    return "capacity" if "warehouse" in families else "demand"


def present(scenario: Scenario, policy: str) -> list[str]:
    """The causes that are present in the scenario under a policy."""
    return [cause for cause in CAUSES if without(scenario, policy, [cause]) is not scenario]


def without(scenario: Scenario, policy: str, causes: Iterable[str]) -> Scenario:
    """The scenario without these causes; the same object if it has none of them.

    The rest keeps its random numbers, because every stream depends on its own name only.
    """
    chosen = set(causes)
    kept = [event for event in scenario.events if cause_of(event) not in chosen]
    found = scenario if len(kept) == len(scenario.events) else scenario.model_copy(update={"events": kept})
    for cause in CAUSES:
        if cause in chosen and cause in SWITCHES:
            found = SWITCHES[cause](found, policy)
    return found


def knocked_out(scenario: Scenario, family: str, name: str, at: float, lasts: float) -> Scenario:
    """The scenario with a supplier, a carrier or the warehouse out of action from day `at` for `lasts` days."""
    target: dict[str, Any] = {"warehouse": True} if family == "warehouse" else {family.removesuffix("s"): name}
    event = Event.parse(
        {"kind": "knock_out", "name": f"knock-out of {name or family}", "at": at, "lasts": lasts, **target}
    )
    return scenario.model_copy(update={"events": [*scenario.events, event]})


# ------------------------------------------------------------------------------------ causes that are not events
def _suppliers(s: Scenario, change: Callable[[Supplier], dict[str, Any]]) -> Scenario:
    """Update every supplier in the tree; returns the same object if none changes."""

    def changed(suppliers: dict[str, Supplier]) -> dict[str, Supplier]:
        found = {}
        for name, spec in suppliers.items():
            update = change(spec)
            if (inner := changed(spec.suppliers)) is not spec.suppliers:
                update["suppliers"] = inner
            found[name] = spec.model_copy(update=update) if update else spec
        return found if any(found[name] is not spec for name, spec in suppliers.items()) else suppliers

    tree = changed(s.suppliers)
    return s if tree is s.suppliers else s.model_copy(update={"suppliers": tree})


def _sites(s: Scenario, change: Callable[[Warehouse], dict[str, Any]]) -> Scenario:
    """Update every stocking site; returns the same object if none changes."""
    found = s
    if update := change(s.warehouse):
        found = found.model_copy(update={"warehouse": s.warehouse.model_copy(update=update)})
    sites = {name: w.model_copy(update=update) for name, w in s.warehouses.items() if (update := change(w))}
    return found.model_copy(update={"warehouses": {**s.warehouses, **sites}}) if sites else found


def _constant(law: Distribution) -> Distribution:
    """A law that always gives the mean of this one; the same object if this one does."""
    moments = law.moments()
    return Constant(value=moments.mean) if moments.variance > 0 else law


def _punctual(s: Scenario, _: str) -> Scenario:
    """Constant lead times, no closures, complete deliveries."""

    def change(spec: Supplier) -> dict[str, Any]:
        update: dict[str, Any] = {}
        laws = {site: _constant(law) for site, law in lead_times(spec).items()}
        if laws != lead_times(spec):
            update["lead_time"] = laws if isinstance(spec.lead_time, dict) else laws[DEFAULT]
        if (law := _constant(spec.make_time)) is not spec.make_time:
            update["make_time"] = law
        if spec.closures:
            update["closures"] = []
        if spec.yield_.moments().variance > 0 or spec.yield_.moments().mean != 1:
            update["yield_"] = Constant(value=1.0)
        return update

    return _suppliers(s, change)


def _endless_capacity(s: Scenario, _: str) -> Scenario:
    """Unlimited production and picking capacity."""
    found = _suppliers(s, lambda spec: {"capacity": None} if spec.capacity is not None else {})
    return _sites(
        found, lambda w: {"picking": w.picking.model_copy(update={"workers": None})} if w.picking.workers else {}
    )


def _smooth_transport(s: Scenario, _: str) -> Scenario:
    """No fixed departures, no customs inspections, no lost or stalled parcels."""

    def change(spec: Supplier) -> dict[str, Any]:
        lane = spec.lane
        if not (lane.departures or lane.customs):
            return {}
        return {"lane": lane.model_copy(update={"departures": None, "customs": None})}

    found = _suppliers(s, change)
    carriers = {
        name: spec.model_copy(update={"lost": 0.0, "stalled": 0.0})
        for name, spec in s.carriers.items()
        if spec.lost or spec.stalled
    }
    return found.model_copy(update={"carriers": {**s.carriers, **carriers}}) if carriers else found


def _right_records(s: Scenario, _: str) -> Scenario:
    """Stock records without errors."""
    return _sites(s, lambda w: {"records": None} if w.records is not None else {})


def _no_rules(s: Scenario, policy: str) -> Scenario:
    """No minimum quantities, no holding back for complete orders, and no planner errors beyond the method's own."""
    found = _suppliers(s, lambda spec: {"minimum": 0} if spec.minimum else {})
    chosen = s.policies[policy]
    update: dict[str, Any] = {}
    if not all(rule.splits_orders and rule.splits_lines for rule in chosen.fulfilment.values()):
        update["fulfilment"] = {"default": AsAvailable()}
    planned = {key: right for key, d in chosen.replenishment.items() if (right := _unbiased(s, d)) is not d}
    if planned:
        update["replenishment"] = {**chosen.replenishment, **planned}
    if update:
        policies = {**s.policies, policy: chosen.model_copy(update=update)}
        found = found.model_copy(update={"policies": policies})
    return found


def _unbiased(s: Scenario, decision: Replenishment) -> Replenishment:
    if not isinstance(decision, Planned):
        return decision
    campaigns = any(isinstance(event, Surge) and event.at is not None for event in s.events)
    if not decision.bias and not decision.noise and not (campaigns and decision.blind_to):
        return decision
    return decision.model_copy(update={"bias": 0.0, "noise": 0.0, "blind_to": []})


SWITCHES: dict[str, Callable[[Scenario, str], Scenario]] = {
    "supplier": _punctual,
    "capacity": _endless_capacity,
    "transport": _smooth_transport,
    "record": _right_records,
    "rule": _no_rules,
}
"""How to remove causes that are not events."""
