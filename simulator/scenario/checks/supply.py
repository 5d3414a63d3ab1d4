"""Checks of the supply side: who is supplied by whom, from which stock, at which site."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from simulator.events.event import listed
from simulator.events.supply import CapacityLoss
from simulator.foundation.errors import nearest, some
from simulator.policies.policy import place_of
from simulator.policies.replenishment.dual import DualSourcing
from simulator.policies.replenishment.planned import Planned
from simulator.policies.replenishment.recorded import Recorded
from simulator.policies.replenishment.replenishment import Replenishment
from simulator.scenario.checks.check import Finding, check, stranger
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.schema.supply import Supplier, sold
from simulator.scenario.tree.paths import KeyPath


def buyers(s: Scenario) -> Iterator[tuple[KeyPath, Supplier, Iterable[str]]]:
    """Every supplier with its path and what its buyer may ask for."""
    stocks: dict[tuple[str, ...], Iterable[str]] = {("suppliers",): s.items}
    for path, _, spec in s.all_suppliers():
        yield path, spec, stocks[path[:-1]]
        stocks[(*path, "suppliers")] = spec.stock


@check("consistency")
def suppliers_sell_known_items(s: Scenario) -> Iterator[Finding]:
    """What a supplier sells is something its buyer keeps, and stands once; its prices are for what it sells."""
    for path, spec, known in buyers(s):
        sells = sold(spec, known)
        times = Counter(sells)
        for k, name in enumerate(sells):
            if name not in known and len(path) == 2:
                yield stranger((*path, "items", k), name, "items", s.items)
            elif name not in known:
                message = f"{path[-3]!r} keeps no stock of {name!r}{nearest(name, known)}; it keeps {some(known)}"
                yield Finding((*path, "items", k), message, rests_on=((*path[:-2], "stock"),))
            elif times[name] > 1 and sells.index(name) != k:
                first = (*path, "items", sells.index(name))
                yield Finding((*path, "items", k), f"{name!r} stands twice", rests_on=(first,))
        for name in spec.unit_cost:
            if name not in times:
                message = f"{path[-1]!r} does not sell {name!r}{nearest(name, times)}; it sells {some(sells)}"
                yield Finding((*path, "unit_cost", name), message, on_key=True, rests_on=((*path, "items"),))


@check("consistency")
def open_purchases_are_of_what_is_sold(s: Scenario) -> Iterator[Finding]:
    """What is under way at the start is something that the supplier sells, to a site that there is."""
    for path, spec, known in buyers(s):
        sells = sold(spec, known)
        for k, bought in enumerate(spec.under_way):
            here = (*path, "under_way", k)
            if bought.item not in sells:
                message = f"{path[-1]!r} does not sell {bought.item!r}{nearest(bought.item, sells)}"
                yield Finding((*here, "item"), message, rests_on=((*path, "items"),))
            if bought.site is not None and (len(path) > 2 or bought.site not in s.warehouses):
                yield stranger((*here, "site"), bought.site, "warehouses", s.warehouses)


@check("consistency")
def suppliers_of_suppliers_have_names_of_their_own(s: Scenario) -> Iterator[Finding]:
    """Events and policies name a supplier wherever it stands in the tree: no two may share a name or random numbers."""
    names: dict[str, KeyPath] = {}
    streams: dict[str, tuple[KeyPath, str]] = {}
    for path, name, spec in s.all_suppliers():
        if name in names:
            message = f"there is another supplier {name!r}; each needs a name of its own, wherever it stands"
            yield Finding(path, message, on_key=True, rests_on=(names[name],))
        stream = spec.stream or name
        if stream in streams and (len(path) > 2 or len(streams[stream][0]) > 2):
            message = f"{streams[stream][1]!r} and {name!r} would share the random numbers of {stream!r}"
            yield Finding((*path, "stream"), message, rests_on=((*streams[stream][0], "stream"),))
        names.setdefault(name, path)
        streams.setdefault(stream, (path, name))
        for place in (s.warehouses, s.items):
            if name in place and spec.stock:
                noun = "warehouse" if place is s.warehouses else "item"
                message = f"a supplier with stock and a {noun} are both called {name!r}: policies name either"
                yield Finding(path, message, on_key=True, rests_on=())
    for name in s.warehouses:
        if name in s.items:
            message = f"a warehouse and an item are both called {name!r}: policies name either"
            yield Finding(("warehouses", name), message, on_key=True, rests_on=())


@check("consistency")
def suppliers_keep_up_their_stock(s: Scenario) -> Iterator[Finding]:
    """A supplier's own decisions are for what it keeps in stock, from its own suppliers."""
    for path, _, spec in s.all_suppliers():
        for key, decision in spec.replenishment.items():
            here = (*path, "replenishment", key)
            if key not in spec.stock and key != "default":
                yield stranger(here, key, "items", [*spec.stock, "default"], on_key=True)
            elif decision.supplier is not None:
                asked = decision.supplier if isinstance(decision.supplier, dict) else {decision.supplier: 1.0}
                for name in asked:
                    if name not in spec.suppliers:
                        yield stranger((*here, "supplier"), name, "suppliers", spec.suppliers)


@check("consistency")
def suppliers_are_no_planners(s: Scenario) -> Iterator[Finding]:
    """What reviews by forecast, asks two suppliers or follows a record belongs to the warehouse's planner."""
    stocks = {name for _, name, spec in s.all_suppliers() if spec.stock}
    decisions: list[tuple[KeyPath, Replenishment]] = [
        ((*path, "replenishment", key), decision)
        for path, _, spec in s.all_suppliers()
        for key, decision in spec.replenishment.items()
    ]
    for policy, spec in s.policies.items():
        decisions += [
            (("policies", policy, "replenishment", key), decision)
            for key, decision in spec.replenishment.items()
            if (place_of(key)[0] or key) in stocks
        ]
    for path, decision in decisions:
        if isinstance(decision, Planned | DualSourcing | Recorded):
            message = f"{getattr(decision, 'kind', '')} is for the warehouse; a supplier keeps up its stock by levels"
            yield Finding((*path, "kind"), message, rests_on=())


@check("consistency")
def what_is_made_is_made_of_something_kept(s: Scenario) -> Iterator[Finding]:
    """A bill of materials is for something that the supplier sells or keeps, out of things that it keeps."""
    for path, spec, known in buyers(s):
        made = [*dict.fromkeys([*sold(spec, known), *spec.stock])]
        for item, parts in spec.bom.items():
            if item not in made:
                message = f"{path[-1]!r} neither sells nor keeps {item!r}{nearest(item, made)}"
                yield Finding((*path, "bom", item), message, on_key=True, rests_on=((*path, "items"),))
            for part in parts:
                here = (*path, "bom", item, part)
                if part not in spec.stock:
                    message = f"{path[-1]!r} keeps no stock of {part!r}{nearest(part, spec.stock)}; give it in `stock:`"
                    yield Finding(here, message, on_key=True, rests_on=((*path, "stock"),))
                elif part == item:
                    yield Finding(here, f"{item!r} cannot be made of itself", on_key=True, rests_on=())


@check("consistency")
def capacity_is_lost_where_there_is_any(s: Scenario) -> Iterator[Finding]:
    """An event that takes capacity away strikes suppliers that have a `capacity`."""
    specs = {name: spec for _, name, spec in s.all_suppliers()}
    for path, _, event in s.event_tree():
        if isinstance(event, CapacityLoss):
            for name in listed(event.supplier):
                if name in specs and specs[name].capacity is None:
                    message = f"{name!r} has no `capacity:` that could be lost"
                    yield Finding((*path, "supplier"), message, rests_on=(("suppliers",),))


@check("sense")
def lines_keep_up(s: Scenario) -> Iterator[Finding]:
    """Units asked for a day x time to make one / lines stays below 1 where one supplier makes all of an item."""
    asked: dict[str, float] = {}
    for customers in s.customers.values():
        if customers.basket is not None:
            rate = customers.arrivals.per_day(s.clock.horizon)
            for item, units in customers.basket.units_per_order().items():
                asked[item] = asked.get(item, 0.0) + rate * units
    for name, spec in s.suppliers.items():
        if spec.capacity is None:
            continue
        sole = [item for item in s.sold_by(name) if sum(item in s.sold_by(other) for other in s.suppliers) == 1]
        load = sum(asked.get(item, 0.0) for item in sole) * spec.capacity.unit_time.moments().mean
        share = load / spec.capacity.lines * 7 / spec.capacity.open_days
        if share >= 1:
            message = f"not stable: the lines would have to work {share:.0%} of their time for what is asked for"
            yield Finding(("suppliers", name, "capacity"), message, warning=True)


@check("consistency")
def customers_are_served_somewhere(s: Scenario) -> Iterator[Finding]:
    """A segment's site is one of the warehouses."""
    for segment, customers in s.customers.items():
        if customers.site is not None and customers.site not in s.warehouses:
            yield stranger(("customers", segment, "site"), customers.site, "warehouses", s.warehouses)
