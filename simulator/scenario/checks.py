"""Checks over a whole scenario: names are distinct, and every name that is used is defined. A check is one function."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from simulator.events.event import listed
from simulator.foundation.errors import Problem, nearest, some
from simulator.policies.policy import Policy
from simulator.policies.replenishment import Replenishment
from simulator.randomness.arrivals.trace import Trace
from simulator.randomness.basket import Basket
from simulator.scenario.explain import distinct
from simulator.scenario.nodes import Node
from simulator.scenario.paths import Step, dotted, unknown
from simulator.scenario.schema import Scenario
from simulator.scenario.shape import Walk

MOST_FINDINGS = 100
"""Findings of one check; finding the name most like each unknown one takes time."""


class Finding(NamedTuple):
    """Something odd at a key."""

    path: tuple[Step, ...]
    message: str
    warning: bool = False
    on_key: bool = False
    """The key itself is meant, not its value."""


Check = Callable[[Scenario], Iterator[Finding]]
CHECKS: dict[str, list[Check]] = {"consistency": [], "sense": []}
"""The rounds, one after the other: sense is looked for only in what is consistent."""


def check(round_: str) -> Callable[[Check], Check]:
    """Registers a check: `@check("consistency")` or `@check("sense")`."""

    def register(function: Check) -> Check:
        CHECKS[round_].append(function)
        return function

    return register


def checked(scenario: Scenario, root: Node) -> list[Problem]:
    """Everything the checks find, with places, sorted."""
    found: list[Problem] = []
    for checks in CHECKS.values():
        for function in checks:
            for finding in islice(function(scenario), MOST_FINDINGS):
                walk = Walk(root, finding.path)
                place = walk.key_place if finding.on_key else walk.place
                found.append(Problem(*place, dotted(walk.path), finding.message, finding.warning))
        if not all(problem.warning for problem in found):
            break
    return sorted(distinct(found))


# ------------------------------------------------------------------------------------------------ names
@check("consistency")
def names_are_distinct(s: Scenario) -> Iterator[Finding]:
    """No two objects have one name, nor names that differ by case, blanks or the coding of accents only."""
    for family in ("items", "customers", "suppliers", "carriers", "policies"):
        seen: dict[str, str] = {}
        for name in getattr(s, family):
            plain = unicodedata.normalize("NFC", name).casefold().strip()
            if name != name.strip():
                yield Finding((family, name), "a name begins or ends with a blank", on_key=True)
            elif plain in seen:
                message = (
                    f"the name is the same as {seen[plain]!r} but for upper and lower case or the coding of accents"
                )
                yield Finding((family, name), message, on_key=True)
            seen[plain] = name
    for name in ("default", "kind"):
        if name in s.items:
            yield Finding(("items", name), f"an item cannot be called {name!r}: policies use the word", on_key=True)


@check("consistency")
def random_numbers_have_one_owner(s: Scenario) -> Iterator[Finding]:
    """Two objects that share a `stream`, or two events of one name, would share their random numbers."""
    for family in ("items", "customers", "suppliers", "carriers"):
        owners: dict[str, str] = {}
        for name, thing in getattr(s, family).items():
            stream = thing.stream or name
            if stream in owners:
                message = f"{owners[stream]!r} and {name!r} would share the random numbers of {stream!r}"
                yield Finding((family, name, "stream"), message)
            owners.setdefault(stream, name)
    events = Counter(event.name for event in s.events if event.name)
    for k, event in enumerate(s.events):
        if event.name and events[event.name] > 1:
            message = f"{events[event.name]} events are named {event.name!r}; each needs a name of its own"
            yield Finding(("events", k, "name"), message)


# ------------------------------------------------------------------------------------------- references
@check("consistency")
def customers_ask_for_known_items(s: Scenario) -> Iterator[Finding]:
    """Baskets and recorded orders name items that are defined."""
    for segment, customers in s.customers.items():
        for path, name in _asked(customers.basket):
            if name not in s.items:
                yield Finding(("customers", segment, "basket", *path), unknown(name, s.items, "item"), on_key=True)
        if isinstance(customers.arrivals, Trace):
            strangers = [name for name in customers.arrivals.names() if name not in s.items]
            if strangers:
                many = f"{len(strangers)} recorded items are not defined: {some(strangers, 5)}"
                one = f"{customers.arrivals.file} holds {unknown(strangers[0], s.items, 'item')}"
                yield Finding(("customers", segment, "arrivals", "item"), one if len(strangers) == 1 else many)
        if customers.carrier is not None and customers.carrier not in s.carriers:
            yield Finding(("customers", segment, "carrier"), unknown(customers.carrier, s.carriers, "carrier"))


def _asked(basket: Basket | None) -> Iterator[tuple[tuple[Step, ...], str]]:
    """The items a basket names, weight 0 or not, each with its path."""
    if (item := getattr(basket, "item", None)) is not None:
        yield ("item",), item
    for name in getattr(basket, "items", ()):
        yield ("items", name), name


@check("consistency")
def stock_is_of_known_items(s: Scenario) -> Iterator[Finding]:
    """The warehouse holds items that are defined."""
    for name in s.warehouse.stock:
        if name not in s.items:
            yield Finding(("warehouse", "stock", name), unknown(name, s.items, "item"), on_key=True)


@check("consistency")
def suppliers_sell_known_items(s: Scenario) -> Iterator[Finding]:
    """A supplier's items are defined, stand once, and its prices are for what it sells."""
    for supplier, spec in s.suppliers.items():
        sold = s.sold_by(supplier)
        times = Counter(sold)
        for k, name in enumerate(sold):
            if name not in s.items:
                yield Finding(("suppliers", supplier, "items", k), unknown(name, s.items, "item"))
            elif times[name] > 1 and sold.index(name) != k:
                yield Finding(("suppliers", supplier, "items", k), f"{name!r} stands twice")
        for name in spec.unit_cost:
            if name not in times:
                path = ("suppliers", supplier, "unit_cost", name)
                message = f"{supplier!r} does not sell {name!r}{nearest(name, times)}; it sells {some(sold)}"
                yield Finding(path, message, on_key=True)


@check("consistency")
def events_strike_something_known(s: Scenario) -> Iterator[Finding]:
    """What an event names is defined."""
    families: dict[str, Mapping[str, Any]] = {
        "items": s.items,
        "customers": s.customers,
        "suppliers": s.suppliers,
        "carriers": s.carriers,
    }
    for k, event in enumerate(s.events):
        for family, name in event.targets():
            if family in families and name not in families[family]:
                noun = "customer segment" if family == "customers" else family.removesuffix("s")
                yield Finding(("events", k, *_where(event, name)), unknown(name, families[family], noun))


def _where(event: Any, name: str) -> tuple[Step, ...]:
    """The path below the event at which a target is named."""
    for field in ("customers", "items", "supplier", "carrier"):
        value = getattr(event, field, None)
        if value == name:
            return (field,)
        if isinstance(value, list) and name in value:
            return (field, value.index(name))
    return ()


@check("consistency")
def decisions_are_for_known_items(s: Scenario) -> Iterator[Finding]:
    """Per-item decisions name items that are defined, and every item has a replenishment."""
    for policy, spec in s.policies.items():
        for decision in ("replenishment", "acceptance"):
            for name in getattr(spec, decision):
                if name != "default" and name not in s.items:
                    path = ("policies", policy, decision, name)
                    yield Finding(path, unknown(name, [*s.items, "default"], "item"), on_key=True)
        if "default" not in spec.replenishment:
            left = [name for name in s.items if name not in spec.replenishment]
            if left:
                message = f"no decision for {some(left, 5)}; give one, or a `default:` (`{{kind: none}}` never buys)"
                yield Finding(("policies", policy, "replenishment"), message)


@check("consistency")
def somebody_sells_what_is_bought(s: Scenario) -> Iterator[Finding]:
    """Whoever is asked is defined and sells the item, shares sum to 1, and somebody sells every item bought."""
    sellers: dict[str, list[str]] = {name: [] for name in s.items}
    for supplier in s.suppliers:
        for name in s.sold_by(supplier):
            sellers.setdefault(name, []).append(supplier)
    for policy, decisions in s.policies.items():
        for key, decision in decisions.replenishment.items():
            if getattr(decision, "kind", "") == "none":
                continue
            path = ("policies", policy, "replenishment", key)
            bought = _bought(s, decisions, key)
            if decision.supplier is None:
                orphans = [name for name in bought if not sellers.get(name)]
                if orphans:
                    yield Finding(path, f"no supplier sells {some(orphans, 5)}; `{{kind: none}}` never buys")
            else:
                yield from _asked_suppliers(s, decision, bought, (*path, "supplier"))


def _bought(s: Scenario, policy: Policy, key: str) -> list[str]:
    """The items that a replenishment decision is for."""
    if key != "default":
        return [key] if key in s.items else []
    return [name for name in s.items if name not in policy.replenishment]


def _asked_suppliers(
    s: Scenario, decision: Replenishment, bought: list[str], path: tuple[Step, ...]
) -> Iterator[Finding]:
    asked = decision.supplier
    shared = isinstance(asked, dict)
    for supplier in asked if isinstance(asked, dict) else listed(asked):
        here = (*path, supplier) if shared else path
        if supplier not in s.suppliers:
            yield Finding(here, unknown(supplier, s.suppliers, "supplier"), on_key=shared)
            continue
        sold = set(s.sold_by(supplier))
        missing = [name for name in bought if name not in sold]
        if missing:
            yield Finding(here, f"{supplier!r} does not sell {some(missing, 5)}", on_key=shared)
    if isinstance(asked, dict) and abs(sum(asked.values()) - 1) > 1e-9:
        yield Finding(path, f"the shares sum to {sum(asked.values()):g}, not to 1 (within 1e-9)")
