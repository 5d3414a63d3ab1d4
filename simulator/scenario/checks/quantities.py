"""Checks of quantities: fractions that rounding changes, levels and demand that contradict one another, yields."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from simulator.foundation.errors import some
from simulator.policies.replenishment.replenishment import Cover
from simulator.randomness.basket import MOST_UNITS
from simulator.randomness.distribution import Distribution
from simulator.randomness.streams import Streams
from simulator.scenario.checks.check import Finding, check
from simulator.scenario.checks.lookups import bought, decisions
from simulator.scenario.checks.plausibility import line_distributions
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.steps import in_steps, misfits, sizes_of
from simulator.scenario.tree.paths import KeyPath

MOST_LOST = 0.5
"""Share of draws that are 0, from which on a law of whole numbers is probably a mistake."""
MOST_ROUNDED = 0.1
"""Share of draws that round to 0, and share of the mean that rounding adds or takes."""
DRAWS = 4000
FURTHEST = 0.5
"""Share by which the demand of an item can differ from what customers order."""


@check("consistency")
def quantities_are_whole_steps(s: Scenario) -> Iterator[Finding]:
    """Every quantity of an item is a whole multiple of its granularity."""
    for path, message in misfits(s):
        yield Finding(path, message, rests_on=(("items",),))


@check("plausibility")
def units_are_added(s: Scenario) -> Iterator[Finding]:
    """Where items are counted in different units, sums over items add up what cannot be added."""
    names = list(dict.fromkeys(item.unit or "pieces" for item in s.items.values()))
    if len(names) > 1:
        first = next(name for name, item in s.items.items() if item.unit)
        text = f"items are counted in {some(names, 4)}, and KPIs over several items add them up as they are"
        hint = f"`fill_rate_by_item[{first}]` is about one item, and `fill_rate_revenue` weighs by price"
        yield Finding(("items", first, "unit"), f"{text}: {hint}", warning=True)


@check("plausibility")
def quantities_survive_rounding(s: Scenario) -> Iterator[Finding]:
    """Units and lines are whole numbers: a distribution that is mostly below a half never orders anything."""
    sizes = sizes_of(s)
    for segment, customers in s.customers.items():
        basket = customers.basket
        coarsest = max((sizes.get(item, 1.0) for item in basket.names()), default=1.0) if sizes and basket else 1.0
        for path, law in line_distributions(basket, ("customers", segment, "basket")):
            size = coarsest if path[-1] != "lines" else 1.0
            size = sizes.get(str(path[-1]), size)
            if message := _rounding(law) if size == 1.0 else _rare(law, size):
                yield Finding(path, message, warning=True)


def _rare(law: Distribution, size: float) -> str:
    """What it means for orders that few draws are as large as a step; '' where most are."""
    with np.errstate(all="ignore"):
        nothing = float((law.block(Streams(0).stream("rounding"), DRAWS) < size / 2).mean())
    if nothing < MOST_ROUNDED:
        return ""
    text = f"{nothing:.0%} of the quantities are less than half of a step of {size:g}, and order nothing"
    return f"{text}: they are carried to later orders of the item; use a smaller `granularity`"


def _rounding(law: Distribution) -> str:
    """What rounding to whole units does to a law; '' where little."""
    with np.errstate(all="ignore"):
        draws = law.block(Streams(0).stream("rounding"), DRAWS)
    if not np.isfinite(draws).all() or draws.max() > MOST_UNITS:
        return ""
    whole = np.floor(draws + 0.5)
    mean, nothing = float(draws.mean()), float((whole == 0).mean())
    if nothing >= (MOST_LOST if law.whole else MOST_ROUNDED):
        return f"{nothing:.0%} of the quantities round to 0, which orders nothing; use a smaller unit, such as g for kg"
    if mean and abs(float(whole.mean()) / mean - 1) > MOST_ROUNDED:
        text = f"quantities are rounded to whole units: {whole.mean():.3g} on average instead of {mean:.3g}"
        return f"{text}; use a smaller unit, such as g for kg"
    return ""


def units_per_day(s: Scenario) -> dict[str, float]:
    """Mean units of each item that all customers order in a day, alone or in kits, before events and refusals."""
    sizes = sizes_of(s)
    if sizes and not s.in_steps:
        return {item: mean * sizes.get(item, 1.0) for item, mean in units_per_day(in_steps(s)).items()}
    found: dict[str, float] = defaultdict(float)
    horizon = s.clock.horizon
    for customers in s.customers.values():
        for item, mean in customers.arrivals.units_per_day(horizon, customers.basket).items():
            found[item] += mean
    for kit, spec in s.kits.items():
        for part, each in spec.kit.items():
            found[part] += each * found.get(kit, 0.0)
    return found


@check("plausibility")
def demand_agrees_with_the_orders(s: Scenario) -> Iterator[Finding]:
    """The planner's `demand` of an item is about what customers order."""
    orders = units_per_day(s)
    wrong = {
        name: (item.demand, orders[name])
        for name, item in s.items.items()
        if item.demand is not None
        and item.season is None
        and item.release is None
        and orders.get(name, 0.0) > 0
        and abs(item.demand - orders[name]) > FURTHEST * orders[name]
    }
    for name, (demand, ordered) in list(wrong.items())[:1]:
        more = f"; likewise {some([n for n in wrong if n != name], 5)}" if len(wrong) > 1 else ""
        message = f"{demand:.4g} units per day, but customers order {ordered:.4g} per day{more}"
        yield Finding(("items", name, "demand"), message, warning=True)


@check("plausibility")
def levels_cover_a_day(s: Scenario) -> Iterator[Finding]:
    """A level of fewer units than are ordered in a day was probably meant in days."""
    orders = units_per_day(s)
    for path, policy, key, decision in decisions(s):
        given = decision.levels()
        level = "S" if "S" in given else "s"
        value = given.get(level, 0)
        if level == "s" and "Q" in given and isinstance(value, Cover) == isinstance(given["Q"], Cover):
            value = type(value)(value + given["Q"])  # the most that the position reaches
        if value > 0:
            low = [name for name in bought(s, policy, key) if 0 < value < _day(value, orders.get(name, 0.0))]
            if low:
                unit = "days" if isinstance(value, Cover) else "units"
                text = f"{value:g} {unit} is less than a day of demand"
                hint = "" if isinstance(value, Cover) else f"; write {value:g} d for days of demand"
                about = f" ({orders[low[0]]:.4g} units of {low[0]})" if unit == "units" else ""
                yield Finding((*path, level), f"{text}{about}{hint}", warning=True)


def _day(value: float, ordered: float) -> float:
    return 1.0 if isinstance(value, Cover) else ordered


@check("plausibility")
def yields_are_at_most_one(s: Scenario) -> Iterator[Finding]:
    """A supplier that delivers more than was bought, on average."""
    for path, _, spec in s.all_suppliers():
        mean = spec.yield_.moments().mean
        if mean > 1:
            here: KeyPath = (*path, "yield")
            yield Finding(here, f"{mean:.0%} of every purchase arrives on average: more than was bought", warning=True)
