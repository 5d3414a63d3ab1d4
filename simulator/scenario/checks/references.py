"""Checks of names: they are distinct, and every name that is used is defined."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from simulator.foundation.errors import nearest, some
from simulator.policies.decisions import AT, DECIDED, SEGMENTS, decision_for, reach_of
from simulator.randomness.arrivals.trace import Trace
from simulator.scenario.checks.check import Finding, check, name_of, stranger, strangers
from simulator.scenario.checks.lookups import bought, decisions, not_sold, sites, stocked
from simulator.scenario.schema.expect import faults
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.tree.paths import KeyPath, Step, unknown


# ------------------------------------------------------------------------------------------------ names
@check("consistency")
def names_are_distinct(s: Scenario) -> Iterator[Finding]:
    """No two objects have the same name, nor names that differ only in case, spaces or the encoding of accents."""
    for family in ("items", "customers", "warehouses", "suppliers", "carriers", "policies"):
        seen: dict[str, str] = {}
        for name in getattr(s, family):
            plain = unicodedata.normalize("NFC", name).casefold().strip()
            if name != name.strip():
                yield Finding((family, name), "the name begins or ends with a space", on_key=True, rests_on=())
            elif plain in seen:
                message = f"the name differs from {seen[plain]!r} only in case or in the encoding of accents"
                yield Finding((family, name), message, on_key=True, rests_on=())
            seen[plain] = name
    for name in ("default", "kind"):
        if name in s.items:
            message = f"an item cannot be named {name!r}: policies use this word"
            yield Finding(("items", name), message, on_key=True, rests_on=())


@check("consistency")
def random_numbers_have_one_owner(s: Scenario) -> Iterator[Finding]:
    """Two objects with the same `stream`, or two events with the same name, would share their random numbers."""
    for family in ("items", "customers", "carriers"):  # suppliers are checked at all levels, in checks.supply
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
            message = f"{events[event.name]} events are named {event.name!r}; each needs its own name"
            others = tuple(("events", n, "name") for n, other in enumerate(s.events) if other.name == event.name)
            yield Finding(("events", k, "name"), message, rests_on=others)


# ------------------------------------------------------------------------------------------- references
@check("consistency")
def customers_order_known_items(s: Scenario) -> Iterator[Finding]:
    """Baskets and recorded orders name items that are defined; segments name a carrier and a site that are."""
    for segment, customers in s.customers.items():
        path: KeyPath = ("customers", segment)
        for key in ("item", "items"):
            yield from strangers((*path, "basket", key), getattr(customers.basket, key, None), "items", s.items)
        if isinstance(customers.arrivals, Trace):
            names = [name for name in customers.arrivals.names() if name not in s.items]
            if names:
                file, few = customers.arrivals.label, some(names, 5)
                one = f"{file} has the item {names[0][:60]!r}{nearest(names[0], s.items)}, which is"
                many = f"{file} has {len(names)} items ({few}) that are"
                known = f"not among the items of the scenario: {some(s.items)}"
                message = f"{one if len(names) == 1 else many} {known}"
                about = tuple(("items", name) for name in names)
                yield Finding((*path, "arrivals", "item"), message, rests_on=about)
        yield from strangers((*path, "carrier"), customers.carrier, "carriers", s.carriers)
        yield from strangers((*path, "site"), customers.site, "warehouses", s.warehouses)


@check("consistency")
def stock_is_of_known_items(s: Scenario) -> Iterator[Finding]:
    """Every warehouse holds items that are defined and can be stocked: not made to order, not released later."""
    for path, site in sites(s):
        yield from strangers((*path, "stock"), site.stock, "items", s.items)
        for name, units in site.stock.items():
            if units > 0 and (message := _cannot_be_stocked(s, name)):
                yield Finding((*path, "stock", name), message, rests_on=(("items", name),))
    books = None if s.opening is None else s.opening.stock
    for row, (_, name, units) in enumerate(() if books is None else books.found, 2):
        if books is not None and units > 0 and (message := _cannot_be_stocked(s, name)):
            yield Finding(("opening", "stock", "item"), f"{books.label}:{row}: {message}", rests_on=(("items", name),))


def _cannot_be_stocked(s: Scenario, name: str) -> str:
    """Why an item cannot be in stock at the start; '' where it can."""
    spec = s.items.get(name)
    if spec is None:
        return ""
    if spec.made == "to_order":
        return f"{name!r} is made to order and cannot be stocked"
    if spec.ships_from > 0:
        return f"{name!r} ships from day {spec.ships_from:g} on and cannot be in stock before; buy it instead"
    return ""


@check("consistency")
def substitutes_are_other_known_items(s: Scenario) -> Iterator[Finding]:
    """A substitute is defined, and another item."""
    for item, spec in s.items.items():
        path = ("items", item, "substitutes")
        yield from strangers(path, spec.substitutes, "items", s.items)
        if item in spec.substitutes:
            yield Finding((*path, item), "an item cannot be its own substitute", on_key=True, rests_on=())
        for (first, *others), _ in spec.chains:
            yield from strangers((*path, first, "else"), others, "items", s.items)
            if item in others:
                place = (*path, first, "else", others.index(item))
                yield Finding(place, "an item cannot be its own substitute", rests_on=())


@check("consistency")
def events_strike_something_known(s: Scenario) -> Iterator[Finding]:
    """An event names objects that are defined."""
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
                yield stranger((*path, *_where(event, name)), name, family, families[family])


def _where(event: Any, name: str) -> tuple[Step, ...]:
    """The path below the event at which a target is named."""
    for field in event.target_fields():
        value = getattr(event, field)
        if value == name:
            return (field,)
        if isinstance(value, list) and name in value:
            return (field, value.index(name))
    return ()


@check("consistency")
def decisions_are_for_known_items(s: Scenario) -> Iterator[Finding]:
    """Per-item decisions name items that are defined, and every item has a replenishment decision."""
    for policy, spec in s.policies.items():
        for decision in ("replenishment", *DECIDED):
            for key in getattr(spec, decision):
                yield from _decision_is_for_something(s, ("policies", policy, decision, key), key)
            for k, entry in enumerate(spec.schedule):
                for key in getattr(entry, decision):
                    yield from _decision_is_for_something(s, ("policies", policy, "schedule", k, decision, key), key)
        if "default" in spec.replenishment:
            continue
        left = [
            name for name in stocked(s) if any(decision_for(spec.replenishment, name, site) is None for site in s.sites)
        ]
        if left:
            message = f"no decision for {some(left, 5)}; add one, or a `default:` (`{{kind: none}}` never buys)"
            about = (("policies", policy, "extends"), *(name_of("items", name) for name in left))
            yield Finding(("policies", policy, "replenishment"), message, rests_on=about)


def _decision_is_for_something(s: Scenario, path: KeyPath, key: str) -> Iterator[Finding]:
    """The key of a decision names an item, a site, or an item at a site (or at a supplier with stock)."""
    segment, site, item = reach_of(key)
    if key.split(AT)[0] == SEGMENTS and AT in key:
        if path[-2] == "replenishment":
            message = "replenishment cannot differ by segment: all customers of a site share its stock"
            yield Finding(path, message, on_key=True, rests_on=())
            return
        if segment not in s.customers:
            yield stranger((*path[:-1], SEGMENTS, segment), segment, "customers", s.customers, on_key=True)
    stocks = {name: spec.stock for _, name, spec in s.all_suppliers() if spec.stock}
    known: Iterable[str] = stocks.get(site, s.items)
    if site and site not in s.warehouses and site not in stocks:
        message = unknown(site, [*s.warehouses, *stocks], "warehouse or supplier with stock", "defined")
        yield Finding(path, message, on_key=True, rests_on=(("warehouses",), ("suppliers",)))
    elif item not in known and item != "default" and (site or (item not in s.warehouses and item not in stocks)):
        yield stranger(path, item, "items", [*known, "default"], on_key=True)


@check("consistency")
def somebody_sells_what_is_bought(s: Scenario) -> Iterator[Finding]:
    """Suppliers named in a decision are defined and sell its items; without a name, some supplier sells each item."""
    sold = {name for supplier in s.suppliers for name in s.sold_by(supplier)}
    for path, policy, key, decision in decisions(s):
        if getattr(decision, "kind", "") == "none":
            continue
        wanted, asked = bought(s, policy, key), decision.supplier
        if asked is None:
            if orphans := [name for name in wanted if name not in sold]:
                about: list[KeyPath] = [name_of("suppliers", ""), (*path[:2], "extends")]
                about += [("suppliers", supplier, "items") for supplier in s.suppliers]
                about += [name_of("items", name) for name in orphans]
                message = f"no supplier sells {some(orphans, 5)}; `{{kind: none}}` never buys"
                yield Finding(path, message, rests_on=tuple(about))
            continue
        here, shared = (*path, "supplier"), isinstance(asked, dict)
        for supplier in [asked] if isinstance(asked, str) else asked:
            yield from not_sold(s, (*here, supplier) if shared else here, supplier, wanted, on_key=shared)
        if isinstance(asked, dict) and abs(sum(asked.values()) - 1) > 1e-9:
            yield Finding(here, f"the shares sum to {sum(asked.values()):g}, not to 1 (within 1e-9)", rests_on=())


@check("consistency")
def expectations_are_of_known_policies_and_kpis(s: Scenario) -> Iterator[Finding]:
    """Expectations name policies and KPIs that exist, with bounds in the KPI's unit."""
    for k, expectation in enumerate(s.expect):
        for key in ("policy", "better", "than"):
            yield from strangers(("expect", k, key), getattr(expectation, key), "policies", s.policies)
        for key, message in faults(expectation):
            yield Finding(("expect", k, key), message, rests_on=(("expect", k, "kpi"),))


@check("consistency")
def factors_change_different_keys(s: Scenario) -> Iterator[Finding]:
    """If two factors changed the same key, it would have no defined value in their combinations."""
    owners: dict[str, str] = {}
    for factor, levels in s.experiment.factorial.items():
        for path in dict.fromkeys(path for changes in levels.values() for path in changes):
            if path in owners:
                message = f"changes {path}, as factor {owners[path]!r} does; a key can belong to one factor only"
                yield Finding(("experiment", "factorial", factor), message, on_key=True)
            owners.setdefault(path, factor)


@check("plausibility")
def rules_fit_an_item(s: Scenario) -> Iterator[Finding]:
    """A rule that no item fulfils decides nothing."""
    known: dict[str, set[str]] = {}
    for item in s.items.values() if s.idle_rules else ():
        for name, value in item.attributes.items():
            known.setdefault(name, set()).add(value)
    for path in s.idle_rules:
        words = "; ".join(f"{name}: {some(sorted(values))}" for name, values in known.items()) or "no item has any"
        yield Finding(path, f"no item has these attributes; there are {words}", warning=True)
