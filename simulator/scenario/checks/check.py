"""Checks over a whole scenario: names are distinct, and every name that is used is defined. A check is one function."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from simulator.events.event import listed
from simulator.foundation.errors import Problem, some
from simulator.policies.policy import Policy, decision_for, place_of
from simulator.policies.replenishment.replenishment import Replenishment
from simulator.randomness.arrivals.trace import Trace
from simulator.randomness.basket import Basket
from simulator.scenario.faults.explain import distinct
from simulator.scenario.faults.shape import Walk
from simulator.scenario.schema.expect import faults
from simulator.scenario.schema.schema import Scenario, Warehouse
from simulator.scenario.tree.nodes import Node
from simulator.scenario.tree.paths import KeyPath, Step, dotted, unknown

MOST_FINDINGS = 100
"""Findings of one check; finding the name most like each unknown one takes time."""


class Finding(NamedTuple):
    """Something odd at a key."""

    path: KeyPath
    message: str
    warning: bool = False
    on_key: bool = False
    """The key itself is meant, not its value."""
    rests_on: tuple[KeyPath, ...] = ((),)
    """What else must be as written for this to be true: the whole file unless given."""


Check = Callable[[Scenario], Iterator[Finding]]
CHECKS: dict[str, list[Check]] = {"consistency": [], "sense": []}
"""The rounds, one after the other: sense is looked for only in what is consistent."""


def check(round_: str) -> Callable[[Check], Check]:
    """Registers a check: `@check("consistency")` or `@check("sense")`."""

    def register(function: Check) -> Check:
        CHECKS[round_].append(function)
        return function

    return register


def checked(scenario: Scenario, root: Node, changed: Iterable[KeyPath] = ()) -> list[Problem]:
    """Everything the checks find, with places, sorted.

    Where stand-ins took the place of something faulty (`changed`), and after errors of the first round, only what is
    wrong whatever stands there.
    """
    found: list[Problem] = []
    faulty = set(changed)
    for checks in CHECKS.values():
        new: set[KeyPath] = set()
        for function in checks:
            for finding in islice(function(scenario), MOST_FINDINGS):
                walk = Walk(root, finding.path)
                if faulty and (finding.warning or _doubtful(finding, walk.path, faulty)):
                    continue
                place = walk.key_place if finding.on_key else walk.place
                found.append(Problem(*place, dotted(walk.path), finding.message, finding.warning))
                if not finding.warning:
                    new.add(walk.path)
        faulty |= new
    return sorted(distinct(found))


def _doubtful(finding: Finding, path: KeyPath, faulty: set[KeyPath]) -> bool:
    """Whether a finding may be a mere consequence: it, or what it rests on, is not as it was meant."""
    if finding.on_key:
        here = any(len(p) < len(path) and path[: len(p)] == p for p in faulty)
    else:
        here = _touched(path, faulty)
    return here or any(_touched(other, faulty) for other in finding.rests_on)


def _touched(path: KeyPath, faulty: set[KeyPath]) -> bool:
    """Whether something is faulty at the path, above it or below it."""
    return any(path[: len(p)] == p[: len(path)] for p in faulty)


def name_of(family: str, name: str) -> KeyPath:
    """What a finding rests on that needs nothing of an object but its name."""
    return (family, name, "")


def stranger(
    path: KeyPath, name: str, family: str, known: Iterable[str], on_key: bool = False, noun: str = ""
) -> Finding:
    """A name that nothing of the family has."""
    message = unknown(name, known, noun or family.removesuffix("s"))
    return Finding(path, message, on_key=on_key, rests_on=((family, name),))


# ------------------------------------------------------------------------------------------------ names
@check("consistency")
def names_are_distinct(s: Scenario) -> Iterator[Finding]:
    """No two objects have one name, nor names that differ by case, blanks or the coding of accents only."""
    for family in ("items", "customers", "warehouses", "suppliers", "carriers", "policies"):
        seen: dict[str, str] = {}
        for name in getattr(s, family):
            plain = unicodedata.normalize("NFC", name).casefold().strip()
            if name != name.strip():
                yield Finding((family, name), "a name begins or ends with a blank", on_key=True, rests_on=())
            elif plain in seen:
                message = (
                    f"the name is the same as {seen[plain]!r} but for upper and lower case or the coding of accents"
                )
                yield Finding((family, name), message, on_key=True, rests_on=())
            seen[plain] = name
    for name in ("default", "kind"):
        if name in s.items:
            message = f"an item cannot be called {name!r}: policies use the word"
            yield Finding(("items", name), message, on_key=True, rests_on=())


@check("consistency")
def random_numbers_have_one_owner(s: Scenario) -> Iterator[Finding]:
    """Two objects that share a `stream`, or two events of one name, would share their random numbers."""
    for family in ("items", "customers", "suppliers", "carriers"):
        owners: dict[str, str] = {}
        for name, thing in getattr(s, family).items():
            stream = thing.stream or name
            if stream in owners:
                message = f"{owners[stream]!r} and {name!r} would share the random numbers of {stream!r}"
                other = (family, owners[stream], "stream")
                yield Finding((family, name, "stream"), message, rests_on=(other,))
            owners.setdefault(stream, name)
    events = Counter(event.name for event in s.events if event.name)
    for k, event in enumerate(s.events):
        if event.name and events[event.name] > 1:
            message = f"{events[event.name]} events are named {event.name!r}; each needs a name of its own"
            others = tuple(("events", n, "name") for n, other in enumerate(s.events) if other.name == event.name)
            yield Finding(("events", k, "name"), message, rests_on=others)


# ------------------------------------------------------------------------------------------- references
@check("consistency")
def customers_ask_for_known_items(s: Scenario) -> Iterator[Finding]:
    """Baskets and recorded orders name items that are defined."""
    for segment, customers in s.customers.items():
        for path, name in _asked(customers.basket):
            if name not in s.items:
                yield stranger(("customers", segment, "basket", *path), name, "items", s.items, on_key=len(path) > 1)
        if isinstance(customers.arrivals, Trace):
            strangers = [name for name in customers.arrivals.names() if name not in s.items]
            if strangers:
                many = f"{len(strangers)} recorded items are not defined: {some(strangers, 5)}"
                one = f"{customers.arrivals.file} holds {unknown(strangers[0], s.items, 'item')}"
                about = tuple(("items", name) for name in strangers)
                message = one if len(strangers) == 1 else many
                yield Finding(("customers", segment, "arrivals", "item"), message, rests_on=about)
        if customers.carrier is not None and customers.carrier not in s.carriers:
            yield stranger(("customers", segment, "carrier"), customers.carrier, "carriers", s.carriers)


def _asked(basket: Basket | None) -> Iterator[tuple[tuple[Step, ...], str]]:
    """The items a basket names, weight 0 or not, each with its path."""
    if (item := getattr(basket, "item", None)) is not None:
        yield ("item",), item
    for name in getattr(basket, "items", ()):
        yield ("items", name), name


@check("consistency")
def stock_is_of_known_items(s: Scenario) -> Iterator[Finding]:
    """Every warehouse holds items that are defined."""
    for path, site in sites(s):
        for name in site.stock:
            if name not in s.items:
                yield stranger((*path, "stock", name), name, "items", s.items, on_key=True)


@check("consistency")
def stock_is_of_items_that_can_be_kept(s: Scenario) -> Iterator[Finding]:
    """Nothing lies on the shelf of what is made to order, or before its release or season."""
    for path, site in sites(s):
        for name, units in site.stock.items():
            spec = s.items.get(name)
            if spec is None or units <= 0:
                continue
            if spec.made == "to_order":
                message = f"{name!r} is made to order; nothing of it is kept"
                yield Finding((*path, "stock", name), message, rests_on=(("items", name),))
            elif spec.ships_from > 0:
                message = f"{name!r} ships from day {spec.ships_from:g} on; what lies ready then is bought, not stock"
                yield Finding((*path, "stock", name), message, rests_on=(("items", name),))


@check("consistency")
def substitutes_are_other_known_items(s: Scenario) -> Iterator[Finding]:
    """What may be taken in an item's place is defined, and another item."""
    for item, spec in s.items.items():
        for name in spec.substitutes:
            path = ("items", item, "substitutes", name)
            if name not in s.items:
                yield stranger(path, name, "items", s.items, on_key=True)
            elif name == item:
                yield Finding(path, "an item cannot take its own place", on_key=True, rests_on=())


def sites(s: Scenario) -> Iterator[tuple[KeyPath, Warehouse]]:
    """Every stocking site with its path."""
    for name, site in s.sites.items():
        yield (("warehouses", name) if name else ("warehouse",)), site


@check("consistency")
def events_strike_something_known(s: Scenario) -> Iterator[Finding]:
    """What an event names is defined."""
    families: dict[str, Mapping[str, Any]] = {
        "items": s.items,
        "customers": s.customers,
        "suppliers": {name: spec for _, name, spec in s.all_suppliers()},
        "carriers": s.carriers,
        "warehouse": {"": None, **s.warehouses},
    }
    for path, _, event in s.event_tree():
        for family, name in event.targets():
            if family in families and name not in families[family]:
                noun = "customer segment" if family == "customers" else family.removesuffix("s")
                yield stranger((*path, *_where(event, name)), name, family, families[family], noun=noun)


def _where(event: Any, name: str) -> tuple[Step, ...]:
    """The path below the event at which a target is named."""
    for field in ("customers", "items", "supplier", "carrier", "warehouse"):
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
            for key in getattr(spec, decision):
                yield from _decision_is_for_something(s, ("policies", policy, decision, key), key)
        if "default" not in spec.replenishment:
            left = [
                name
                for name in s.items
                if any(decision_for(spec.replenishment, name, site) is None for site in s.sites)
            ]
            if left:
                message = f"no decision for {some(left, 5)}; give one, or a `default:` (`{{kind: none}}` never buys)"
                about = (("policies", policy, "extends"), *(name_of("items", name) for name in left))
                yield Finding(("policies", policy, "replenishment"), message, rests_on=about)


def _decision_is_for_something(s: Scenario, path: KeyPath, key: str) -> Iterator[Finding]:
    """The key of a decision names an item, a site, or an item at a site (or at a supplier with stock)."""
    site, item = place_of(key)
    stocks = {name: spec.stock for _, name, spec in s.all_suppliers() if spec.stock}
    known: Iterable[str] = stocks.get(site, s.items)
    if site and site not in s.warehouses and site not in stocks:
        message = unknown(site, [*s.warehouses, *stocks], "warehouse or supplier with stock", "there are")
        yield Finding(path, message, on_key=True, rests_on=(("warehouses",), ("suppliers",)))
    elif item not in known and item != "default" and (site or (item not in s.warehouses and item not in stocks)):
        yield stranger(path, item, "items", [*known, "default"], on_key=True)


@check("consistency")
def somebody_sells_what_is_bought(s: Scenario) -> Iterator[Finding]:
    """Whoever is asked is defined and sells the item, shares sum to 1, and somebody sells every item bought."""
    sellers: dict[str, list[str]] = {name: [] for name in s.items}
    offers = [("suppliers", supplier, "items") for supplier in s.suppliers]
    for supplier in s.suppliers:
        for name in s.sold_by(supplier):
            sellers.setdefault(name, []).append(supplier)
    for policy, decisions in s.policies.items():
        for key, decision in decisions.replenishment.items():
            if getattr(decision, "kind", "") == "none":
                continue
            path = ("policies", policy, "replenishment", key)
            wanted = bought(s, decisions, key)
            if decision.supplier is None:
                orphans = [name for name in wanted if not sellers.get(name)]
                if orphans:
                    message = f"no supplier sells {some(orphans, 5)}; `{{kind: none}}` never buys"
                    about = (
                        name_of("suppliers", ""),
                        *offers,
                        ("policies", policy, "extends"),
                        *(name_of("items", name) for name in orphans),
                    )
                    yield Finding(path, message, rests_on=about)
            else:
                yield from _asked_suppliers(s, decision, wanted, (*path, "supplier"))


def bought(s: Scenario, policy: Policy, key: str) -> list[str]:
    """The items that a replenishment decision is for."""
    at, item = place_of(key)
    if not at and item in s.warehouses:  # one decision for all that lies at a site
        at, item = item, "default"
    if at and at not in s.warehouses:
        return []
    decisions, places = policy.replenishment, [at] if at else list(s.sites)
    names = [item] if item in s.items else list(s.items) if item == "default" else []
    own = decisions[key]
    return [name for name in names if any(decision_for(decisions, name, site) is own for site in places)]


def _asked_suppliers(
    s: Scenario, decision: Replenishment, wanted: list[str], path: tuple[Step, ...]
) -> Iterator[Finding]:
    asked = decision.supplier
    shared = isinstance(asked, dict)
    for supplier in asked if isinstance(asked, dict) else listed(asked):
        here = (*path, supplier) if shared else path
        if supplier not in s.suppliers:
            yield stranger(here, supplier, "suppliers", s.suppliers, on_key=shared)
            continue
        sold = set(s.sold_by(supplier))
        missing = [name for name in wanted if name not in sold]
        if missing:
            about = (
                ("suppliers", supplier, "items"),
                (*path[:2], "extends"),
                *(name_of("items", name) for name in missing),
            )
            yield Finding(here, f"{supplier!r} does not sell {some(missing, 5)}", on_key=shared, rests_on=about)
    if isinstance(asked, dict) and abs(sum(asked.values()) - 1) > 1e-9:
        yield Finding(path, f"the shares sum to {sum(asked.values()):g}, not to 1 (within 1e-9)", rests_on=())


@check("consistency")
def expectations_are_of_known_policies_and_kpis(s: Scenario) -> Iterator[Finding]:
    """What is expected names policies and KPIs that there are, with bounds in the KPI's unit."""
    for k, expectation in enumerate(s.expect):
        for key in ("policy", "better", "than"):
            name = getattr(expectation, key)
            if name is not None and name not in s.policies:
                yield Finding(
                    ("expect", k, key),
                    unknown(name, s.policies, "policy", "policies"),
                    rests_on=(("policies", name),),
                )
        for key, message in faults(expectation):
            yield Finding(("expect", k, key), message, rests_on=(("expect", k, "kpi"),))


@check("consistency")
def factors_do_not_meet(scenario: Scenario) -> Iterator[Finding]:
    """A key that two factors change has no value of its own in their combinations."""
    owners: dict[str, str] = {}
    for factor, levels in scenario.experiment.factorial.items():
        for path in dict.fromkeys(path for changes in levels.values() for path in changes):
            if path in owners:
                where = ("experiment", "factorial", factor)
                yield Finding(
                    where, f"changes {path}, as {owners[path]!r} does: a key belongs to one factor", on_key=True
                )
            owners.setdefault(path, factor)
