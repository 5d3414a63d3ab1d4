"""What several checks look up: sites, buyers, decisions, and what a decision buys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from simulator.events.effect import EventEffect, EventStreams
from simulator.events.event import Event
from simulator.foundation.errors import some
from simulator.policies.decisions import decision_for, place_of
from simulator.policies.policy import Policy
from simulator.policies.procurement import Procurement
from simulator.policies.replenishment.replenishment import Replenishment
from simulator.randomness.streams import Streams
from simulator.scenario.checks.check import Finding, name_of, stranger
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.schema.sites import Warehouse
from simulator.scenario.schema.supply import Supplier
from simulator.scenario.tree.paths import KeyPath

Effect = TypeVar("Effect", bound=EventEffect)


def sites(s: Scenario) -> Iterator[tuple[KeyPath, Warehouse]]:
    """Every stocking site with its path."""
    for name, site in s.sites.items():
        yield (("warehouses", name) if name else ("warehouse",)), site


def buyers(s: Scenario) -> Iterator[tuple[KeyPath, Supplier, Iterable[str]]]:
    """Every supplier with its path and the items that its buyer keeps."""
    stocks: dict[KeyPath, Iterable[str]] = {("suppliers",): s.items}
    for path, _, spec in s.all_suppliers():
        yield path, spec, stocks[path[:-1]]
        stocks[(*path, "suppliers")] = spec.stock


def stocked(s: Scenario) -> list[str]:
    """The items that have stock of their own: all but kits."""
    return [name for name, item in s.items.items() if not item.kit]


def decisions(s: Scenario) -> Iterator[tuple[KeyPath, Policy, str, Replenishment]]:
    """Every replenishment decision of the policies: its path, its policy, its key, the decision."""
    for name, policy in s.policies.items():
        for key, decision in policy.replenishment.items():
            yield ("policies", name, "replenishment", key), policy, key, decision
        for k, entry in enumerate(policy.schedule):
            meanwhile = policy.model_copy(update={"replenishment": entry.replenishment})
            for key, decision in entry.replenishment.items():
                yield ("policies", name, "schedule", k, "replenishment", key), meanwhile, key, decision


def procurements(policy: Policy) -> Iterator[tuple[KeyPath, Procurement]]:
    """Every decision on procurement of a policy with its path below the policy."""
    yield ("procurement",), policy.procurement
    for k, entry in enumerate(policy.schedule):
        if entry.procurement is not None:
            yield ("schedule", k, "procurement"), entry.procurement


def bought(s: Scenario, policy: Policy, key: str) -> list[str]:
    """The items that a replenishment decision is for."""
    at, item = place_of(key)
    if not at and item in s.warehouses:  # one decision for all items at a site
        at, item = item, "default"
    if at and at not in s.warehouses:
        return []
    places = [at] if at else list(s.sites)
    names = [item] if item in s.items else stocked(s) if item == "default" else []
    own = policy.replenishment[key]
    return [name for name in names if any(decision_for(policy.replenishment, name, site) is own for site in places)]


def effects_of(event: Event, kind: type[Effect]) -> list[Effect]:
    """What an event declares to do to its targets, as far as it is of this kind; nothing is drawn."""
    streams = EventStreams(Streams(0), "check")
    return [effect for effect in event.effects(streams) if isinstance(effect, kind)]


def not_sold(
    s: Scenario, path: KeyPath, supplier: str, wanted: Iterable[str], on_key: bool = False, hint: str = ""
) -> Iterator[Finding]:
    """Below a policy's key: the supplier is not defined, or does not sell every item that is bought from it."""
    if supplier not in s.suppliers:
        yield stranger(path, supplier, "suppliers", s.suppliers, on_key)
        return
    sold = set(s.sold_by(supplier))
    if missing := [name for name in wanted if name not in sold]:
        about: list[KeyPath] = [("suppliers", supplier, "items"), (*path[:2], "extends")]
        about += [name_of("items", name) for name in missing]
        message = f"{supplier!r} does not sell {some(missing, 5)}{hint}"
        yield Finding(path, message, on_key=on_key, rests_on=tuple(about))
