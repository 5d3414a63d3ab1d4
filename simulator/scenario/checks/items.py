"""Checks of items: kits are made of items with stock; prices, costs, promotions and dates are plausible."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.events.effect import RecordShift
from simulator.events.promotion import Promotion
from simulator.foundation.errors import some
from simulator.policies.allocation.allocation import Dividing
from simulator.policies.decisions import place_of
from simulator.policies.procurement import Escalate, measures_of
from simulator.scenario.checks.check import Finding, check, strangers
from simulator.scenario.checks.lookups import decisions, effects_of, procurements, sites
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.tree.paths import KeyPath

LARGEST_UPLIFT = 20.0
"""Of a promotion; a larger one was probably written in percent without the sign."""


MOST_COMPONENTS = 1_000_000
"""Units of a component in one kit; more is a mistake."""


@check("consistency")
def kits_are_made_of_items_with_stock(s: Scenario) -> Iterator[Finding]:
    """The components of a kit are other items that the warehouse keeps, or kits of such items."""
    for kit, spec in s.kits.items():
        path: KeyPath = ("items", kit, "kit")
        yield from strangers(path, spec.components, "items", s.items)
        if circle := [name for name in spec.kit if name in s.kits]:
            about = tuple(("items", name, "kit") for name in s.kits)
            yield Finding(path, f"{kit!r} contains {some(circle)}, which contains itself", on_key=True, rests_on=about)
        if many := [name for name, units in spec.kit.items() if units > MOST_COMPONENTS]:
            message = f"{kit!r} has more than {MOST_COMPONENTS:,} units of {some(many)}, with the kits in it"
            yield Finding(path, message, on_key=True, rests_on=(("items",),))
        for name in spec.components:
            part = s.items.get(name)
            if part is None:
                continue
            if part.made == "drop_ship":
                message = f"{name!r} is sent by its vendor; a kit is assembled in the warehouse"
                yield Finding((*path, name), message, on_key=True, rests_on=(("items", name, "made"),))


@check("consistency")
def kits_have_no_stock_and_no_supplier(s: Scenario) -> Iterator[Finding]:
    """What is stocked and bought are the components."""
    for path, why in _named(s):
        kit = path[-1] if path[-1] in s.items else s.items
        yield Finding(path, why, on_key=isinstance(kit, str), rests_on=tuple(("items", kit, "kit") for kit in s.kits))


def _named(s: Scenario) -> Iterator[tuple[KeyPath, str]]:
    """Every key that names a kit and must not, and why."""

    def why(kit: str, what: str) -> str:
        return f"{kit!r} is a kit and {what}; name its components: {some(s.items[kit].kit)}"

    if not s.kits:
        return
    for path, site in sites(s):
        yield from (((*path, "stock", kit), why(kit, "has no stock")) for kit in site.stock if kit in s.kits)
    for path, _, supplier in s.all_suppliers():
        for key in ("items", "stock", "bom"):
            for k, kit in enumerate(getattr(supplier, key)):
                if kit in s.kits:
                    yield (*path, key, k if key == "items" else kit), why(kit, "is not bought")
        for k, purchase in enumerate(supplier.under_way):
            if purchase.item in s.kits:
                yield (*path, "under_way", k, "item"), why(purchase.item, "is not bought")
    if s.opening is not None:
        stock = () if s.opening.stock is None else s.opening.stock.found
        for kit in dict.fromkeys(name for _, name, _ in stock if name in s.kits):
            yield ("opening", "stock", "item"), why(kit, "has no stock")
        for kit in dict.fromkeys(bought.item for bought in s.opening.bought() if bought.item in s.kits):
            yield ("opening", "purchases", "item"), why(kit, "is not bought")
    for path, _, key, _ in decisions(s):
        if (kit := place_of(key)[1]) in s.kits:
            yield path, why(kit, "is not bought")
    for policy, spec in s.policies.items():
        for place, procurement in procurements(spec):
            nested = isinstance(procurement, Escalate)
            for step, measure in enumerate(measures_of(procurement)):
                here: KeyPath = ("policies", policy, *place, *(("steps", step) if nested else ()))
                named = [(k, name) for k, name in enumerate(measure.items or ()) if name in s.kits]
                yield from (((*here, "items", k), why(kit, "is not bought")) for k, kit in named)
    for path, _, event in s.event_tree():
        for effect in effects_of(event, RecordShift):
            if effect.target.name in s.kits:
                yield (*path, "items"), why(effect.target.name, "has no stock")


@check("consistency")
def kits_are_filled_in_turn(s: Scenario) -> Iterator[Finding]:
    """A rule that divides the units of one item says nothing of the other components of a kit."""
    if not s.kits:
        return
    parts = {name for kit in s.kits.values() for name in kit.kit}
    for name, policy in s.policies.items():
        if isinstance(policy.allocation, Dividing):
            kind = getattr(policy.allocation, "kind", "")
            others = "use fifo, lifo, priority, margin or critical_level"
            message = f"{kind!r} cannot be used with kits ({some(s.kits)}); {others}"
            yield Finding(("policies", name, "allocation"), message, rests_on=(("items",),))
        perish = [part for part in sorted(parts) if part in s.items and s.items[part].shelf_life is not None]
        if policy.kits.reserve == "piecewise" and perish:
            message = f"components with a `shelf_life` ({some(perish)}) cannot be put aside; use together"
            yield Finding(("policies", name, "kits", "reserve"), message, rests_on=(("items",),))


@check("plausibility")
def some_item_is_a_kit(s: Scenario) -> Iterator[Finding]:
    """How components are reserved matters only where an item is a kit."""
    for name, policy in s.policies.items():
        if "kits" in policy.model_fields_set and not s.kits:
            yield Finding(("policies", name, "kits"), "no item has a `kit`: this changes nothing", warning=True)


@check("plausibility")
def prices_cover_costs(s: Scenario) -> Iterator[Finding]:
    """A price below cost loses money with every sale; a price of 0 means that the scenario is not about money."""
    for name, item in s.items.items():
        if 0 < item.price < item.unit_cost:
            message = f"{item.price:g} is below the `unit_cost`, {item.unit_cost:g}: every sale loses money"
            yield Finding(("items", name, "price"), message, warning=True)


@check("plausibility")
def keeping_costs_less_than_buying(s: Scenario) -> Iterator[Finding]:
    """Holding a unit for a day costs less than the unit; items that cost nothing are left out."""
    share, money = s.costs.holding
    daily = {name: share * item.unit_cost + money for name, item in s.items.items()}
    dear = [
        f"{name} ({daily[name]:g} against {item.unit_cost:g})"
        for name, item in s.items.items()
        if 0 < item.unit_cost < daily[name]
    ]
    if dear:
        message = f"holding a unit for one day costs more than buying it: {some(dear, 5)}; write for example 25 % / y"
        yield Finding(("costs", "holding"), message, warning=True)
    elif share * 365 > 1 + 1e-9:
        message = f"{share * 365:.0%} of the unit cost a year; 15 to 35 % are usual: write for example 25 % / y"
        yield Finding(("costs", "holding"), message, warning=True)


@check("plausibility")
def promotions_are_of_sane_size(s: Scenario) -> Iterator[Finding]:
    """An uplift is a share of the usual orders, on top of them."""
    for path, _, event in s.event_tree():
        if isinstance(event, Promotion) and event.uplift > LARGEST_UPLIFT:
            message = f"{event.uplift:g} means {event.uplift * 100:,.0f} % more orders; write 80 % as `80 %` or 0.8"
            yield Finding((*path, "uplift"), message, warning=True)


@check("plausibility")
def dates_lie_in_the_run(s: Scenario) -> Iterator[Finding]:
    """Releases, seasons and open purchases start or arrive before the horizon."""
    for path, day, effect in _dates(s):
        if day is not None and day >= s.clock.horizon:
            yield Finding(path, f"is at or after the horizon: {effect}", warning=True)


def _dates(s: Scenario) -> Iterator[tuple[KeyPath, float | None, str]]:
    """Every date of items and purchases: its path, the day, and the effect of a run that ends before."""
    for name, item in s.items.items():
        yield ("items", name, "release"), item.release, "the item never ships"
        if item.season is not None:
            yield ("items", name, "season", "from"), item.season.from_, "the item never ships"
    for path, _, supplier in s.all_suppliers():
        for k, purchase in enumerate(supplier.under_way):
            for key in ("due", "reaches"):
                yield (*path, "under_way", k, key), getattr(purchase, key), "the purchase never arrives"
