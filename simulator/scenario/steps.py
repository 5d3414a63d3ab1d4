"""A scenario in steps: what is played where items have a granularity, with every quantity a whole number of steps.

A scenario is written in units: 12.5 kg of coffee at 18 EUR a kg. It is played in steps, of 0.25 kg: 50 of them at 4.50
EUR. Facts count *grains*, the largest quantity of which every granularity is a whole multiple: where all items have the
same granularity, a grain is a step. Results turn grains back into units. Without granularities, all three are the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import reduce
from typing import Any, NamedTuple

from simulator.events.event import Event
from simulator.foundation.plugin import Plugin, Spec
from simulator.foundation.quantities import Sizes, as_fraction, no_multiple, steps_in
from simulator.foundation.remembered import remembered
from simulator.foundation.units import HoldingCost
from simulator.policies.decisions import AT, DEFAULT, ITEMS, SEGMENTS, reach_of
from simulator.policies.fulfilment import MinimumSplit
from simulator.policies.procurement import Measure
from simulator.policies.replenishment.played import PlayedPurchases
from simulator.policies.replenishment.replenishment import Cover
from simulator.randomness.distribution import Distribution
from simulator.randomness.distributions.continuous import Constant
from simulator.scenario.schema.customers import Customers
from simulator.scenario.schema.items import Item
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.schema.supply import InitialPurchase, Supplier, sold
from simulator.scenario.step_rules import WHOLE_UNITS, StepRule, rules_of
from simulator.scenario.tree.paths import KeyPath

PER_ITEM = ("replenishment", "acceptance")
"""Decisions about single items: one for several items is put into the steps of each of them."""
OWN = "simulator."
"""Where kinds are that do not come from a plug-in."""


class Misfit(NamedTuple):
    """A quantity that cannot be played in whole steps."""

    path: KeyPath
    message: str


def sizes_of(scenario: Scenario) -> Sizes:
    """The granularity of every item that has one."""
    return {name: item.granularity for name, item in scenario.items.items() if item.granularity != 1.0}


def grain_of(scenario: Scenario) -> float:
    """The largest quantity of which the granularity of every item is a whole multiple, units.

    Items at suppliers that are not sold have the granularity 1.
    """
    sizes = {item.granularity for item in scenario.items.values()}
    if sizes == {1.0}:
        return 1.0
    return float(reduce(_common, map(as_fraction, sizes | ({1.0} if parts_of_suppliers(scenario) else set()))))


def parts_of_suppliers(scenario: Scenario) -> set[str]:
    """The goods that suppliers stock and that are not among the items."""
    return {name for _, _, spec in scenario.all_suppliers() for name in spec.stock} - scenario.items.keys()


def _common(a: Fraction, b: Fraction) -> Fraction:
    bottom = math.lcm(a.denominator, b.denominator)
    return Fraction(math.gcd(int(a * bottom), int(b * bottom)), bottom)


def in_steps(scenario: Scenario) -> Scenario:
    """The scenario that is played; the scenario itself where no item has a granularity.

    It must have passed `misfits`.
    """
    if scenario.in_steps or not sizes_of(scenario):
        return scenario
    return remembered(scenario, "in steps", lambda: _Conversion(scenario).scenario())


def misfits(scenario: Scenario) -> list[Misfit]:
    """The quantities that cannot be played in whole steps, and keys that cannot be combined with granularities."""
    if not sizes_of(scenario):
        return []
    conversion = _Conversion(scenario)
    conversion.scenario()
    return conversion.misfits


class _Conversion:
    """Puts every quantity of a scenario into steps, and notes those that are no whole number of them."""

    def __init__(self, scenario: Scenario) -> None:
        self.whole, self.sizes, self.grain = scenario, sizes_of(scenario), grain_of(scenario)
        self.everything = tuple(scenario.items)
        self.stocks = {name: tuple(spec.stock) for _, name, spec in scenario.all_suppliers() if spec.stock}
        """The items that suppliers stock, by supplier."""
        self.misfits: list[Misfit] = []

    def scenario(self) -> Scenario:
        """The scenario in steps."""
        s = self.whole
        given = {name: getattr(s, name) for name in ("warehouse", "warehouses", "carriers", "costs", "catalogue")}
        found = {name: self.inside(value, (name,), self.everything) for name, value in given.items()}
        found["items"] = {n: self.spec(item, ("items", n), (n,)) for n, item in s.items.items()}
        for name, item in s.items.items():
            self.substitutes(name, item)
        found["customers"] = {n: self.customers(spec, ("customers", n)) for n, spec in s.customers.items()}
        found["suppliers"] = self.suppliers(s.suppliers, ("suppliers",), self.everything)
        found["opening"] = self.inside(s.opening, ("opening",), self.everything)
        found["events"] = self.inside(s.events, ("events",), self.everything)
        found["policies"] = {n: self.spec(policy, ("policies", n), self.everything) for n, policy in s.policies.items()}
        made = s.model_copy(update=found)
        made._in_steps = True
        return made

    # --------------------------------------------------------------------------------------------- the parts of a file
    def customers(self, spec: Customers, path: KeyPath) -> Customers:
        """A segment: its basket and its order book keep their laws and count in steps."""
        changes: dict[str, Any] = {}
        for name in ("basket", "arrivals"):
            source = getattr(spec, name)
            if source is None or (hasattr(source, "names") and self.sizes.keys().isdisjoint(source.names())):
                continue
            try:
                changes[name] = source.in_steps(self.sizes)
            except ValueError as error:
                self.misfits.append(Misfit((*path, name), f"{error}; it has items with a `granularity`"))
        return spec.model_copy(update=changes) if changes else spec

    def substitutes(self, name: str, item: Item) -> None:
        """Notes substitutes of which shoppers could not take the same quantity."""
        size = self.sizes.get(name, 1.0)
        for key, (chain, _) in zip(item.substitutes, item.chains, strict=True):
            for other in chain:
                if (own := self.sizes.get(other, 1.0)) != size:
                    text = f"shoppers take as much of {other!r}, whose `granularity` is {own:g}, not {size:g} as here"
                    self.misfits.append(Misfit(("items", name, "substitutes", key), text))

    def suppliers(self, specs: Mapping[str, Supplier], path: KeyPath, kept: tuple[str, ...]) -> dict[str, Supplier]:
        """Suppliers of a buyer who keeps these items; quantities of a supplier are of the items that it sells."""
        found = {}
        for name, spec in specs.items():
            items, here = tuple(sold(spec, kept)), (*path, name)
            made = self.spec(spec, here, items, leave=("suppliers", "bom"))
            changes = {
                "suppliers": self.suppliers(spec.suppliers, (*here, "suppliers"), tuple(spec.stock)),
                "bom": {item: self.parts(item, needs, (*here, "bom", item)) for item, needs in spec.bom.items()},
            }
            found[name] = made.model_copy(update=changes)
        return found

    def parts(self, item: str, needs: Mapping[str, int], path: KeyPath) -> dict[str, int]:
        """Steps of each part for one step of an item."""
        size = self.sizes.get(item, 1.0)
        found = {}
        for part, units in needs.items():
            own = self.sizes.get(part, 1.0)
            steps = steps_in(units * size, own)
            if not steps:
                text = (
                    f"a step of {size:g} of {item!r} has {units * size:.12g} of {part!r}, no whole multiple of {own:g}"
                )
                self.misfits.append(Misfit((*path, part), text))
            found[part] = steps or 1
        return found

    def spec(self, value: Any, path: KeyPath, scope: tuple[str, ...], leave: Iterable[str] = ()) -> Any:
        """A part of the scenario whose quantities are of these items."""
        kind = type(value)
        if isinstance(value, Event):
            scope = tuple(name for family, name in value.targets() if family == "items") or scope
        elif isinstance(value, InitialPurchase):
            scope = (value.item,)
        elif isinstance(value, Measure) and value.items:
            scope = tuple(value.items)
        if isinstance(value, Plugin) and value.family in WHOLE_UNITS and not kind.__module__.startswith(OWN):
            if self.size(scope) != 1.0:
                text = f"`kind: {getattr(value, 'kind', '')}` is of a plug-in and decides in whole units"
                self.misfits.append(Misfit(path, f"{text}; it is for an item with a `granularity`"))
            return value
        if hasattr(value, "in_steps"):
            value = value.in_steps(self.sizes)
        rules, changes = rules_of(kind), {}
        for name, field in kind.model_fields.items():
            old, here = getattr(value, name), (*path, field.alias or name)
            if name in leave or old is None:
                continue
            if name in PER_ITEM and isinstance(old, dict):
                new: Any = self.decisions(old, here, tuple(value.stock) if isinstance(value, Supplier) else scope)
            elif (rule := rules.get(name)) is not None:
                new = self.converted(value, rule, old, here, scope) if name in value.model_fields_set else old
            else:
                new = self.inside(old, here, scope)
            if new is not old:
                changes[name] = new
        if not changes:
            return value
        found = value.model_copy(update=changes)
        if isinstance(found, PlayedPurchases):
            found.model_post_init(None)
        return found

    def inside(self, value: Any, path: KeyPath, scope: tuple[str, ...]) -> Any:
        """What a key without a rule holds: the parts of the scenario in it."""
        if isinstance(value, Distribution):
            return value
        if isinstance(value, Spec):
            return self.spec(value, path, scope)
        if isinstance(value, dict):
            made = {key: self.inside(inner, (*path, key), scope) for key, inner in value.items()}
            return made if any(made[key] is not value[key] for key in value) else value
        if isinstance(value, list):
            listed = [self.inside(inner, (*path, k), scope) for k, inner in enumerate(value)]
            return listed if any(new is not old for new, old in zip(listed, value, strict=True)) else value
        return value

    def decisions(self, flat: Mapping[str, Any], path: KeyPath, scope: tuple[str, ...]) -> dict[str, Any]:
        """Decisions about single items: one that several items share is put into the steps of each of them."""
        found: dict[str, Any] = {}
        for key, decision in flat.items():
            here = (*path, *(key.split(AT) if key != DEFAULT or len(flat) > 1 else ()))
            mine = [item for item in self._decided(key, scope) if self._own(key, item, flat) is None]
            coarse = [item for item in mine if item in self.sizes]
            if not mine:
                found[key] = decision
            elif len(coarse) < len(mine):
                found[key] = self.spec(decision, here, tuple(i for i in mine if i not in self.sizes))
            elif len({self.sizes[item] for item in mine}) == 1:
                found[key] = self.spec(decision, here, tuple(mine))
                continue
            for size in sorted({self.sizes[item] for item in coarse}):
                same = tuple(item for item in coarse if self.sizes[item] == size)
                made = self.spec(decision, here, same)
                if made is not decision or key not in found:
                    found.setdefault(key, made)
                    found.update({self._key_of(key, item): made for item in same})
        return found

    def _decided(self, key: str, scope: tuple[str, ...]) -> tuple[str, ...]:
        """The items that a decision is for, unless there is a more specific one."""
        reach = reach_of(key)
        if reach.item in self.whole.items or reach.item in scope:
            return (reach.item,)
        return self.stocks.get(reach.site or reach.item, scope)

    def _own(self, key: str, item: str, flat: Mapping[str, Any]) -> str | None:
        """The key of an item's own decision beside a general one; None if there is none, or this is it."""
        if reach_of(key).item == item:
            return None
        short = self._key_of(key, item)
        long = short.replace(f"{ITEMS}{AT}{item}", item)
        return next((other for other in (short, long) if other in flat and other != key), None)

    def _key_of(self, key: str, item: str) -> str:
        """The key of the decision for one of the items that a general decision is for."""
        if reach_of(key).item == item:
            return key
        steps = key.split(AT)
        above = steps[:2] if steps[0] == SEGMENTS else []
        rest = [step for step in steps[len(above) :] if step != DEFAULT]
        return AT.join((*above, *(rest or [ITEMS]), item))

    # --------------------------------------------------------------------------------------------- the values of a key
    def size(self, scope: tuple[str, ...]) -> float | None:
        """The granularity that these items have in common; None where they differ."""
        found = {self.sizes.get(item, 1.0) for item in scope}
        return found.pop() if len(found) == 1 else None if found else 1.0

    def converted(self, owner: Any, rule: StepRule, value: Any, path: KeyPath, scope: tuple[str, ...]) -> Any:
        """The value of a key in steps."""
        if rule is StepRule.MONEY:
            return value * self.grain
        if rule is StepRule.HOLDING:
            return HoldingCost(value.of_value, value.money * self.grain)
        if isinstance(value, dict):
            named = self.whole.items.keys() | {name for name in value if name in self.sizes}
            return {
                key: self.converted(owner, rule, inner, (*path, key), (key,) if key in named else scope)
                for key, inner in value.items()
            }
        if isinstance(value, list):
            return [self.converted(owner, rule, inner, (*path, k), scope) for k, inner in enumerate(value)]
        size = self.size(scope)
        if size is None:
            if not (rule is StepRule.SAME and isinstance(owner, MinimumSplit) and owner.of == "line"):
                self.misfits.append(Misfit(path, self._mixed(scope)))
            return value
        change: Callable[..., Any] = _CHANGES[rule]
        try:
            return change(value, size, f"{scope[0]!r}" if scope else "")
        except ValueError as error:
            self.misfits.append(Misfit(path, str(error)))
            return value

    def _mixed(self, scope: tuple[str, ...]) -> str:
        one: dict[float, str] = {}
        for item in scope:
            one.setdefault(self.sizes.get(item, 1.0), item)
        (a, first), (b, second), *_ = one.items()
        return (
            f"counts units of several items together, whose `granularity` differs ({a:g} of {first!r}, {b:g} of "
            f"{second!r}); it can be given only where all of them have the same"
        )


def _units(value: Any, size: float, item: str) -> Any:
    if isinstance(value, Cover):
        return value
    steps = steps_in(value, size)
    if steps is None:
        raise ValueError(f"{value:.12g} {no_multiple(value, size, item)}")
    return steps


def _time(law: Distribution, size: float, item: str) -> Distribution:
    if size == 1.0:
        return law
    if not isinstance(law, Constant):
        raise ValueError(f"{item} has a `granularity`, and the time to make a unit is drawn for each unit; give `rate`")
    return law.model_copy(update={"value": law.value * size})


_CHANGES: dict[StepRule, Callable[..., Any]] = {
    StepRule.UNITS: _units,
    StepRule.RATE: lambda value, size, _: value / size,
    StepRule.PRICE: lambda value, size, _: value * size,
    StepRule.TIME: _time,
    StepRule.SAME: lambda value, _size, _item: value,
}
