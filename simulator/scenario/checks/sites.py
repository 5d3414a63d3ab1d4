"""Checks of several sites: every segment is reached, and policies that share stock name sites that exist."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from simulator.events.effect import RecordShift
from simulator.foundation.errors import some
from simulator.policies.decisions import decision_for
from simulator.policies.policy import Policy
from simulator.policies.sourcing.sourcing import RankedSites, SharedSites
from simulator.policies.sourcing.transfers import NoTransfers, Sending
from simulator.randomness.arrivals.trace import Trace
from simulator.scenario.checks.check import Finding, check, strangers
from simulator.scenario.checks.lookups import effects_of, sites
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.tree.paths import KeyPath


@check("consistency")
def segments_are_reached(s: Scenario) -> Iterator[Finding]:
    """Sites reach customer segments that are defined, and some site reaches every segment."""
    for path, site in sites(s):
        yield from strangers((*path, "reach"), site.reach, "customers", s.customers)
    for name, spec in s.customers.items():
        if spec.site is None and not any(site.reach is None or name in site.reach for site in s.sites.values()):
            message = f"no warehouse reaches {name!r}; add it to the `reach` of one, or name its own `site`"
            yield Finding(("customers", name), message, on_key=True, rests_on=(("warehouses",), ("warehouse",)))


def _shared(s: Scenario) -> Iterator[tuple[KeyPath, Policy, SharedSites]]:
    """Every sourcing decision by which sites serve each other's customers, with its path and policy."""
    for name, policy in s.policies.items():
        path: KeyPath = ("policies", name)
        places = [((*path, "schedule", k), entry.sourcing) for k, entry in enumerate(policy.schedule)]
        for above, decisions in [(path, policy.sourcing), *places]:
            for key, sourcing in decisions.items():
                if isinstance(sourcing, SharedSites):
                    yield (*above, "sourcing", key), policy, sourcing


@check("consistency")
def sourcing_names_known_sites(s: Scenario) -> Iterator[Finding]:
    """Sourcing policies name sites that exist, each once, and know the stock that they share."""
    wrong = [f"warehouses.{site}.records" for site, spec in s.warehouses.items() if spec.records is not None]
    wrong += [".".join(map(str, where)) for where, _, e in s.event_tree() if effects_of(e, RecordShift)]
    for path, _, sourcing in _shared(s):
        if not s.warehouses:
            continue
        yield from strangers((*path, "spare"), sourcing.spare, "warehouses", s.warehouses)
        if isinstance(sourcing, RankedSites):
            yield from strangers((*path, "order"), sourcing.order, "warehouses", s.warehouses)
            twice = [site for site, times in Counter(sourcing.order).items() if times > 1]
            if twice:
                message = f"{some(twice)} is asked twice; each site has one place in the order"
                yield Finding((*path, "order"), message, rests_on=())
        if wrong:
            message = f"sites cannot share stock whose record may be wrong ({some(wrong, 5)})"
            yield Finding((*path, "kind"), message)


@check("consistency")
def transfers_keep_their_age(s: Scenario) -> Iterator[Finding]:
    """Units that are sent to another site have no shelf life: their age would be lost on the way."""
    for name, policy in s.policies.items():
        perishable = [item for item, spec in s.items.items() if spec.shelf_life is not None]
        for path, transfers in policy.all_transfers:
            if perishable and not isinstance(transfers, NoTransfers):
                message = f"items with a `shelf_life` cannot be sent between sites: {some(perishable, 5)}"
                about = tuple(("items", item, "shelf_life") for item in perishable)
                yield Finding(("policies", name, *path, "kind"), message, rests_on=about)


@check("consistency")
def transfers_of_a_policy_cost_the_same(s: Scenario) -> Iterator[Finding]:
    """Transfers are facts that do not say under which entry of the schedule they were sent."""
    for name, policy in s.policies.items():
        sending = [(path, one) for path, one in policy.all_transfers if isinstance(one, Sending)]
        for path, one in sending[1:]:
            if one.cost != sending[0][1].cost:
                first = ".".join(map(str, sending[0][0]))
                message = f"differs from the `cost` in `{first}`; all transfers of a policy have the same"
                yield Finding(("policies", name, *path), message, rests_on=(("policies", name, *sending[0][0]),))


@check("plausibility")
def stock_is_shared_by_several_sites(s: Scenario) -> Iterator[Finding]:
    """Sourcing and transfers need several sites, and sites that give something away."""
    idle = "has no effect with one site; several are written under `warehouses`"
    for name, policy in s.policies.items():
        for where, transfers in policy.all_transfers if len(s.sites) < 2 else ():
            if not isinstance(transfers, NoTransfers):
                yield Finding(("policies", name, *where), idle, warning=True)
    for path, policy, sourcing in _shared(s):
        if len(s.sites) < 2:
            yield Finding(path, idle, warning=True)
            continue
        for site, units in sourcing.spare.items():
            most = max((_most(s, policy, site, item) for item in s.items), default=0) if site in s.sites else 0
            if site in s.sites and units and units >= most:
                message = f"{site!r} keeps {units} units of each item, but never has more than {most:g}: it gives none"
                yield Finding((*path, "spare", site), message, warning=True)


@check("plausibility")
def no_stock_lies_beside_empty_shelves(s: Scenario) -> Iterator[Finding]:
    """Customers of a site that never has an item are not served from the stock of another one, unless the policy says
    so."""
    sharing = {path[1] for path, _, _ in _shared(s)}
    for name, policy in s.policies.items():
        moves = any(not isinstance(transfers, NoTransfers) for _, transfers in policy.all_transfers)
        if len(s.sites) < 2 or name in sharing or moves:
            continue
        for segment, spec in s.customers.items():
            here = s.site_of(segment)
            source = spec.arrivals if isinstance(spec.arrivals, Trace) else spec.basket
            for item in () if source is None or here not in s.sites else source.names():
                there = [site for site in s.sites if site != here and s.sites[site].stock.get(item, 0) > 0]
                if item in s.items and there and _most(s, policy, here, item) <= 0:
                    message = (
                        f"customers of {here!r} order {item!r}, of which {here!r} has none and buys none, while "
                        f"{some(there)} has stock: `sourcing: {{kind: nearest}}` lets other sites serve them, and "
                        "`transfers` send stock between sites"
                    )
                    yield Finding(("policies", name), message, warning=True, on_key=True)
                    break


def _most(s: Scenario, policy: Policy, site: str, item: str) -> float:
    """The most units of an item that a site has by its levels, or at the start; inf where levels do not say."""
    decision = decision_for(policy.replenishment, item, site)
    start = s.sites[site].stock.get(item, 0)
    if decision is None or getattr(decision, "kind", "") == "none":
        return start
    levels = decision.in_units(s.items[item].demand).levels() if decision.levels() else {}
    if not levels:
        return float("inf")
    return max(float(start), float(levels.get("S", 0) or levels.get("s", 0) + levels.get("Q", 0)))


@check("plausibility")
def suppliers_are_not_sites(s: Scenario) -> Iterator[Finding]:
    """A supplier with the name of a site sells new goods, it does not send stock of the site."""
    for path, name, spec in s.all_suppliers():
        if name in s.warehouses and not spec.stock:
            message = (
                f"a supplier and a warehouse are both named {name!r}: what is bought from the supplier does not come "
                "from the warehouse; a policy's `transfers` send stock between warehouses"
            )
            yield Finding(path, message, warning=True, on_key=True)
