"""Checks of the supply side: what suppliers sell, stock, make and deliver, and to which site."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from simulator.events.effect import CapacityCut
from simulator.foundation.errors import nearest, some
from simulator.policies.decisions import DEFAULT
from simulator.scenario.checks.check import Finding, check, stranger, strangers
from simulator.scenario.checks.lookups import buyers, effects_of
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.schema.supply import lead_times, sold
from simulator.scenario.steps import in_steps, sizes_of
from simulator.scenario.tree.paths import KeyPath


def _like(name: str, known: Iterable[str]) -> str:
    return f"{name!r}{nearest(name, known)}"


@check("consistency")
def suppliers_sell_known_items(s: Scenario) -> Iterator[Finding]:
    """A supplier sells each item once, and only items that its buyer keeps; its prices are for items that it sells."""
    for path, spec, known in buyers(s):
        sells = sold(spec, known)
        first: dict[str, int] = {}
        for k, name in enumerate(sells):
            here = (*path, "items", k)
            if name not in known and len(path) == 2:
                yield stranger(here, name, "items", s.items)
            elif name not in known:
                message = f"{path[-3]!r} does not stock {_like(name, known)}; it stocks {some(known)}"
                yield Finding(here, message, rests_on=((*path[:-2], "stock"),))
            elif first.setdefault(name, k) != k:
                yield Finding(here, f"{name!r} is given twice", rests_on=((*path, "items", first[name]),))
        for name in spec.unit_cost:
            if name not in sells:
                message = f"{path[-1]!r} does not sell {_like(name, sells)}; it sells {some(sells)}"
                yield Finding((*path, "unit_cost", name), message, on_key=True, rests_on=((*path, "items"),))


@check("consistency")
def lead_times_are_to_known_sites(s: Scenario) -> Iterator[Finding]:
    """Lead times by site name sites of the buyer; a supplier's supplier delivers to one place."""
    for path, _, spec in s.all_suppliers():
        names = [name for name in lead_times(spec) if name != DEFAULT]
        here = (*path, "lead_time")
        if len(path) > 2 and names:
            message = f"{path[-3]!r} is one place: lead times by site are for suppliers of the `warehouses`"
            yield Finding((*here, names[0]), message, on_key=True)
        elif len(path) == 2:
            yield from strangers(here, dict.fromkeys(names), "warehouses", s.warehouses)


@check("consistency")
def open_purchases_are_of_sold_items(s: Scenario) -> Iterator[Finding]:
    """A purchase under way at the start is of an item that the supplier sells, for a site that exists."""
    for path, spec, known in buyers(s):
        sells = sold(spec, known)
        for k, purchase in enumerate(spec.under_way):
            here = (*path, "under_way", k)
            if purchase.item not in sells:
                message = f"{path[-1]!r} does not sell {_like(purchase.item, sells)}"
                yield Finding((*here, "item"), message, rests_on=((*path, "items"),))
            if purchase.site is not None and (len(path) > 2 or purchase.site not in s.warehouses):
                yield stranger((*here, "site"), purchase.site, "warehouses", s.warehouses)


@check("consistency")
def suppliers_of_suppliers_have_names_of_their_own(s: Scenario) -> Iterator[Finding]:
    """Events and policies name suppliers at every level: no two may share a name or random numbers."""
    names: dict[str, KeyPath] = {}
    streams: dict[str, tuple[KeyPath, str]] = {}
    for path, name, spec in s.all_suppliers():
        if name in names:
            message = f"another supplier is also named {name!r}; names of suppliers must be distinct at all levels"
            yield Finding(path, message, on_key=True, rests_on=(names[name],))
        stream = spec.stream or name
        if stream in streams:
            message = f"{streams[stream][1]!r} and {name!r} would share the random numbers of {stream!r}"
            yield Finding((*path, "stream"), message, rests_on=((*streams[stream][0], "stream"),))
        names.setdefault(name, path)
        streams.setdefault(stream, (path, name))
        for noun, others in (("warehouse", s.warehouses), ("item", s.items)):
            if name in others and spec.stock:
                message = f"a supplier with stock and a {noun} are both named {name!r}: policies could mean either"
                yield Finding(path, message, on_key=True, rests_on=())
    for name in s.warehouses:
        if name in s.items:
            message = f"a warehouse and an item are both named {name!r}: policies could mean either"
            yield Finding(("warehouses", name), message, on_key=True, rests_on=())


@check("consistency")
def suppliers_replenish_their_own_stock(s: Scenario) -> Iterator[Finding]:
    """A supplier's own decisions are for items that it stocks, from its own suppliers."""
    for path, _, spec in s.all_suppliers():
        for key, decision in spec.replenishment.items():
            here = (*path, "replenishment", key)
            if key not in spec.stock and key != "default":
                yield stranger(here, key, "items", [*spec.stock, "default"], on_key=True)
            elif decision.supplier is not None:
                asked = decision.supplier if isinstance(decision.supplier, dict) else {decision.supplier: 1.0}
                for name in asked:
                    yield from strangers((*here, "supplier"), name, "suppliers", spec.suppliers)


@check("consistency")
def bills_of_materials_are_of_stocked_parts(s: Scenario) -> Iterator[Finding]:
    """A bill of materials is for an item that the supplier sells or stocks, made of parts that it stocks."""
    for path, spec, known in buyers(s):
        made = [*dict.fromkeys([*sold(spec, known), *spec.stock])]
        for item, parts in spec.bom.items():
            if item not in made:
                message = f"{path[-1]!r} neither sells nor stocks {_like(item, made)}"
                yield Finding((*path, "bom", item), message, on_key=True, rests_on=((*path, "items"),))
            for part in parts:
                here = (*path, "bom", item, part)
                if part not in spec.stock:
                    message = f"{path[-1]!r} does not stock {_like(part, spec.stock)}; add it to `stock:`"
                    yield Finding(here, message, on_key=True, rests_on=((*path, "stock"),))
                elif part == item:
                    yield Finding(here, f"{item!r} cannot be made of itself", on_key=True, rests_on=())


@check("consistency")
def capacity_losses_strike_limited_suppliers(s: Scenario) -> Iterator[Finding]:
    """An event that reduces capacity names suppliers with a `capacity`."""
    specs = {name: spec for _, name, spec in s.all_suppliers()}
    for path, _, event in s.event_tree():
        keys = {family: key for key, family in event.target_fields().items()}
        for cut in effects_of(event, CapacityCut):
            family, name = cut.target
            if name in specs and specs[name].capacity is None:
                message = f"{name!r} has no `capacity:` to lose"
                yield Finding((*path, keys[family]), message, rests_on=(("suppliers",),))


@check("plausibility")
def lines_keep_up(s: Scenario) -> Iterator[Finding]:
    """Where one supplier makes all units of an item: demand per day x time per unit / lines stays below 1."""
    demand: dict[str, float] = defaultdict(float)
    sizes = sizes_of(s)
    for customers in in_steps(s).customers.values():
        if customers.basket is not None:
            rate = customers.arrivals.per_day(s.clock.horizon)
            for item, units in customers.basket.units_per_order().items():
                demand[item] += rate * units * sizes.get(item, 1.0)
    for name, spec in s.suppliers.items():
        if spec.capacity is None:
            continue
        sole = [item for item in s.sold_by(name) if sum(item in s.sold_by(other) for other in s.suppliers) == 1]
        load = sum(demand[item] for item in sole) * spec.capacity.unit_time.moments().mean
        share = load / spec.capacity.lines * 7 / spec.capacity.open_days
        if share >= 1:
            message = f"not stable: the lines would have to work {share:.0%} of their time to meet demand"
            yield Finding(("suppliers", name, "capacity"), message, warning=True)
