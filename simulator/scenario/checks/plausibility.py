"""Checks of plausibility: quantities that fit together, runs that end, and warnings about probable mistakes."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from simulator.events.effect import Stoppage
from simulator.events.event import Event
from simulator.foundation.errors import some
from simulator.policies.decisions import decision_for
from simulator.policies.replenishment.replenishment import Cover
from simulator.randomness.arrivals.profile import Profile
from simulator.randomness.arrivals.trace import Trace
from simulator.randomness.distribution import Distribution
from simulator.randomness.distributions.continuous import Constant
from simulator.randomness.streams import Streams
from simulator.scenario.checks.check import Finding, check
from simulator.scenario.checks.lookups import bought, decisions, effects_of, sites, stocked
from simulator.scenario.faults.shape import children
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.size import cycle, expected_orders
from simulator.scenario.tree.paths import KeyPath

MOST_ORDERS, MANY_ORDERS = 1e8, 2e7
"""Orders in one replication: refused, and worth a warning."""
MOST_REVIEWS = 1e8
"""Reviews of stock in one replication, over all items."""
MOST_OCCURRENCES = 1e6
"""Occurrences of one event in one replication."""
LARGEST_LEVEL = 10**12
"""Units of a level or of stock; sums of them must remain exact whole numbers."""
LARGEST_LINE = 10**6
"""Units on one order line, on average."""
LARGEST_RECORDED_LINE = 1000 * LARGEST_LINE
LONGEST_HORIZON, LONGEST_CALENDAR = 1e9, 1e6
"""Days; the second where arrivals follow the calendar, which is computed day by day."""

HORIZON: KeyPath = ("clock", "horizon")


# --------------------------------------------------------------------------------------- what cannot run
@check("plausibility")
def distributions_can_be_drawn_from(s: Scenario) -> Iterator[Finding]:
    """Every distribution gives finite moments and draws; extreme parameters may not."""
    parts: dict[str, Any] = {"customers": s.customers, "suppliers": s.suppliers, "carriers": s.carriers}
    parts |= {"warehouses": s.warehouses} if s.warehouses else {"warehouse": s.warehouse}
    for path, law in _distributions({**parts, "events": s.events}, ()):
        try:
            with np.errstate(all="ignore"):
                draws = law.block(Streams(0).stream("probe"), 8)
                finite = np.isfinite([*law.moments(), *draws]).all()
        except (ArithmeticError, ValueError) as error:
            yield Finding(path, f"no numbers can be drawn from this distribution ({error})", rests_on=())
        else:
            if not finite:
                yield Finding(path, "numbers drawn from this distribution are not finite", rests_on=())


def _distributions(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Distribution]]:
    """The outermost distributions inside, each with its path; constants are left out."""
    if not isinstance(value, Distribution):
        for key, inner in children(value):
            yield from _distributions(inner, (*path, key))
    elif not isinstance(value, Constant):
        yield path, value


@check("plausibility")
def the_run_ends(s: Scenario) -> Iterator[Finding]:
    """The horizon and the numbers of orders, reviews and event occurrences can be simulated in reasonable time."""
    horizon = s.clock.horizon
    if horizon > longest_horizon(s):
        message = f"{horizon:g} d is out of range; must be at most {longest_horizon(s):g} d here"
        yield Finding(HORIZON, message, rests_on=())
        return
    for segment in s.customers:
        path: KeyPath = ("customers", segment, "arrivals")
        orders = expected_orders(s, segment)
        if orders > MOST_ORDERS:
            limit = f"must be at most {MOST_ORDERS:.0g}"
            message = f"an event storm: about {orders:.2g} orders in one replication; {limit}"
            yield Finding(path, message, rests_on=(HORIZON, ("events",)))
        elif orders > MANY_ORDERS:
            message = f"about {orders:.2g} orders in one replication; this takes minutes"
            yield Finding(path, message, warning=True)
    for path, _, key, decision in decisions(s):
        items = len(s.items) if key == "default" else 1
        reviews = 0.0 if decision.only_for_warehouses else items * horizon / decision.rhythm(key).period
        if reviews > MOST_REVIEWS:  # those of planners, which take longer, are checked in planning.py
            message = f"about {reviews:.2g} reviews in one replication; lengthen R"
            yield Finding((*path, "R"), message, rests_on=(HORIZON,))
    for k, event in enumerate(s.events):
        times = 1.0 if event.every is None else horizon / cycle(event)
        if times * _with_triggered(event) > MOST_OCCURRENCES:
            limit = f"must be at most {MOST_OCCURRENCES:.0g}"
            together = ", with what it triggers" if event.then else ""
            message = f"happens about {times * _with_triggered(event):.2g} times in one replication{together}; {limit}"
            yield Finding(("events", k, "every"), message, rests_on=(HORIZON, ("events", k)))


def longest_horizon(s: Scenario) -> float:
    """The longest horizon of such a scenario, days."""
    calendar = any(isinstance(c.arrivals, Profile) for c in s.customers.values())
    return LONGEST_CALENDAR if calendar else LONGEST_HORIZON


def _with_triggered(event: Event) -> int:
    """The number of events in the tree that an event begins."""
    return 1 + sum(map(_with_triggered, event.then))


@check("plausibility")
def quantities_are_of_sane_size(s: Scenario) -> Iterator[Finding]:
    """Levels, stock and order lines are small enough that sums remain exact whole numbers."""
    amounts: list[tuple[KeyPath, float, str, int]] = []
    stocks = [(path, site.stock) for path, site in sites(s)]
    for path, stock in stocks + [(path, spec.stock) for path, _, spec in s.all_suppliers()]:
        amounts += [((*path, "stock", name), units, " units", LARGEST_LEVEL) for name, units in stock.items()]
    for path, _, _, decision in decisions(s):
        amounts += [((*path, name), level, "", LARGEST_LEVEL) for name, level in decision.levels().items()]
    for segment, customers in s.customers.items():
        here = ("customers", segment)
        for path, law in line_distributions(customers.basket, (*here, "basket")):
            amounts.append((path, law.moments().mean, " units on a line", LARGEST_LINE))
        if isinstance(customers.arrivals, Trace):
            most = float(customers.arrivals.book.quantities.max())
            amounts.append(((*here, "arrivals", "quantity"), most, " units on a recorded line", LARGEST_RECORDED_LINE))
    for path, amount, unit, limit in amounts:
        if abs(amount) > limit:
            yield Finding(path, f"{amount:g}{unit} is out of range; must be at most {limit:g}", rests_on=())


def line_distributions(basket: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Distribution]]:
    """The laws of units and lines in a basket, each with its path."""
    for key in ("quantity", "lines"):
        if isinstance(law := getattr(basket, key, None), Distribution):
            yield (*path, key), law
    for name, law in dict(getattr(basket, "items", {})).items():
        if isinstance(law, Distribution):
            yield (*path, "items", name), law


@check("plausibility")
def levels_are_ordered_in_units(s: Scenario) -> Iterator[Finding]:
    """Levels in days of cover need the item's demand, and s stays at or below S in units."""
    for path, policy, key, decision in decisions(s):
        levels = decision.levels()
        covers = [name for name, level in levels.items() if isinstance(level, Cover)]
        if not covers:
            continue
        items = bought(s, policy, key)
        if without := [name for name in items if s.items[name].demand is None]:
            needed = f"items.{without[0]}.demand" if len(without) == 1 else f"`demand` of {some(without, 5)}"
            about = tuple(("items", name, "demand") for name in without)
            yield Finding((*path, covers[0]), f"a level in days of cover needs {needed}", rests_on=about)
            continue
        if any(levels[name] < 0 for name in covers):
            yield Finding((*path, covers[0]), "a level in days of cover cannot be negative", rests_on=())
        for name in items:
            s_units, S_units = (_in_units(levels.get(level), level, s.items[name].demand) for level in ("s", "S"))
            if s_units > S_units:
                message = f"for {name!r}, s is {s_units:g} units, above S, which is {S_units:g}; must be at most S"
                yield Finding((*path, "s"), message, rests_on=((*path[:3], "S"), ("items", name, "demand")))
                break


def _in_units(value: Any, level: str, demand: float | None) -> float:
    if value is None:
        return math.inf if level == "S" else -math.inf
    return math.ceil(value * (demand or 0.0) - 1e-9) if isinstance(value, Cover) else float(value)


# -------------------------------------------------------------------------------------------------- time
@check("plausibility")
def stops_do_not_overlap(s: Scenario) -> Iterator[Finding]:
    """Two stops of the same kind and target do not overlap: the second would be lost in the first."""
    found: dict[tuple[str, str, str], list[tuple[float, float, KeyPath]]] = defaultdict(list)
    for path, event in _scheduled(s):
        for stop in effects_of(event, Stoppage):
            found[*stop.target, getattr(event, "kind", "")].append((event.at or 0.0, _end(event), path))
    for (_, name, kind), spans in found.items():
        spans.sort(key=lambda span: span[:2])
        for (start, end, _), (later, _, path) in pairwise(spans):
            if later < end:
                until = f"to day {end:g}" if end < math.inf else "for ever"
                message = f"a {kind} of {name or 'the warehouse'!r} begins on day {later:g}, inside another one"
                yield Finding(path, f"{message} (from day {start:g} {until})")


def _scheduled(s: Scenario) -> Iterator[tuple[KeyPath, Event]]:
    """Every event with a date that nothing triggers, with its path; the suppliers' closures are among them."""
    for path, trigger, event in s.event_tree():
        if trigger is None and event.at is not None:
            yield path, event


def _end(event: Event) -> float:
    """When a scheduled event ends; its own start where its duration is random."""
    if event.until is not None:
        return event.until
    if event.lasts is None:
        return math.inf
    return (event.at or 0.0) + (event.lasts.value if isinstance(event.lasts, Constant) else 0.0)


@check("plausibility")
def events_happen_and_stops_end(s: Scenario) -> Iterator[Finding]:
    """An event after the horizon, or a stop without an end, is probably a mistake."""
    for path, event in _scheduled(s):
        if (event.at or 0.0) >= s.clock.horizon:
            yield Finding(path, "begins after the horizon and never happens", warning=True)
        elif _end(event) == math.inf and effects_of(event, Stoppage):
            yield Finding(path, "never ends: whatever waits there waits for ever", warning=True)


@check("plausibility")
def warm_up_leaves_most_of_the_run(s: Scenario) -> Iterator[Finding]:
    """The part of the run that counts is the larger one."""
    if s.clock.warm_up > s.clock.horizon / 2:
        share = s.clock.warm_up / s.clock.horizon
        yield Finding(("clock", "warm_up"), f"{share:.0%} of the horizon is simulated but not counted", warning=True)


@check("plausibility")
def recorded_orders_lie_in_the_run(s: Scenario) -> Iterator[Finding]:
    """Recorded orders outside [start, horizon) are left out."""
    for segment, customers in s.customers.items():
        if isinstance(customers.arrivals, Trace):
            path: KeyPath = ("customers", segment, "arrivals")
            late = int((customers.arrivals.book.times >= s.clock.horizon).sum())
            if late:
                message = f"left out: {late:,} recorded order{'s' * (late != 1)} at or after the horizon"
                yield Finding(path, message, warning=True)
            if dropped := customers.arrivals.dropped:
                message = f"left out: {dropped:,} recorded line{'s' * (dropped != 1)} before clock.start"
                yield Finding(path, message, warning=True)
            for key, message in customers.arrivals.notes:
                yield Finding((*path, key), message, warning=True)


# ------------------------------------------------------------------------------------------------ demand
def _ordered(s: Scenario) -> set[str]:
    """The items that some customer may order, alone or in kits."""
    found: set[str] = set()
    for customers in s.customers.values():
        source = customers.arrivals if isinstance(customers.arrivals, Trace) else customers.basket
        if source is not None:
            found.update(source.names())
    return found | {part for name, spec in s.kits.items() if name in found for part in spec.kit}


@check("plausibility")
def items_are_ordered(s: Scenario) -> Iterator[Finding]:
    """An item that no customer orders has KPIs without a value."""
    ordered = _ordered(s)
    idle = [name for name in s.items if name not in ordered]
    if not s.customers:
        yield Finding(("customers",), "there are no customers: nothing is sold", warning=True)
    elif idle:
        path: KeyPath = ("items", idle[0]) if len(idle) == 1 else ("items",)
        yield Finding(path, f"no customer orders {some(idle, 5)}", warning=True, on_key=True)


@check("plausibility")
def ordered_items_are_bought(s: Scenario) -> Iterator[Finding]:
    """An item that is sold and never bought runs out and stays out."""
    ordered = _ordered(s)
    for policy, spec in s.policies.items():
        never = [
            name
            for name in stocked(s)
            if name in ordered and getattr(decision_for(spec.replenishment, name), "kind", "none") == "none"
        ]
        if never:
            message = f"ordered by customers and never bought: {some(never, 5)}"
            yield Finding(("policies", policy, "replenishment"), message, warning=True)


@check("plausibility")
def picking_keeps_up(s: Scenario) -> Iterator[Finding]:
    """Orders per day x picking time / workers stays below 1; otherwise the queue grows without end."""
    for path, site in sites(s):
        picking = site.picking
        if picking.workers is None:
            continue
        mine = [c for name, c in s.customers.items() if not s.warehouses or s.site_of(name) == path[-1]]
        orders = sum(c.arrivals.per_day(s.clock.horizon) for c in mine)
        load = orders * picking.time.moments().mean / picking.workers
        if load >= 1:
            workers = f"{picking.workers} worker{'s' * (picking.workers != 1)}"
            message = f"not stable: {workers} would have to work {load:.0%} of the time for {orders:g} orders per day"
            yield Finding((*path, "picking", "workers"), message, warning=True)
