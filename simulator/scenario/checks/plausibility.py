"""Checks of sense: quantities that fit together, runs that end, and warnings about what is hardly meant."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from pydantic import BaseModel

from simulator.events.event import Event, listed
from simulator.events.supply import Stop
from simulator.events.surge import Surge
from simulator.foundation.errors import some
from simulator.policies.policy import decision_for
from simulator.policies.replenishment.replenishment import Cover, Replenishment
from simulator.randomness.arrivals.profile import Profile
from simulator.randomness.arrivals.trace import Trace
from simulator.randomness.distribution import Distribution
from simulator.randomness.distributions.continuous import Constant
from simulator.randomness.streams import Streams
from simulator.scenario.checks.check import Finding, bought, check, sites
from simulator.scenario.faults.shape import fields_of
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.tree.paths import KeyPath

MOST_ORDERS, MANY_ORDERS = 1e8, 2e7
"""Orders in one replication: refused, and worth a warning."""
MOST_REVIEWS = 1e8
"""Reviews of stock in one replication, over all items."""
MOST_HAPPENINGS = 1e6
"""Times that an event happens in one replication."""
LARGEST_LEVEL = 10**12
"""Units of a level or of stock; sums of them must stay whole numbers."""
LARGEST_LINE = 10**6
"""Units on one order line, on average."""
LONGEST_HORIZON, LONGEST_CALENDAR = 1e9, 1e6
"""Days; the second where every day is looked at."""

HORIZON: KeyPath = ("clock", "horizon")


# --------------------------------------------------------------------------------------- what cannot run
@check("sense")
def laws_can_be_drawn_from(s: Scenario) -> Iterator[Finding]:
    """Every law gives finite moments and numbers; extreme parameters may not."""
    parts: dict[str, Any] = {"customers": s.customers, "suppliers": s.suppliers, "carriers": s.carriers}
    parts |= {"warehouses": s.warehouses} if s.warehouses else {"warehouse": s.warehouse}
    for family, part in {**parts, "events": s.events}.items():
        for path, law in _laws(part, (family,)):
            try:
                with np.errstate(all="ignore"):
                    draws = law.block(Streams(0).stream("probe"), 8)
                    finite = np.isfinite([*law.moments(), *draws]).all()
            except (ArithmeticError, ValueError) as error:
                yield Finding(path, f"numbers cannot be drawn from this law ({error})", rests_on=())
            else:
                if not finite:
                    yield Finding(path, "numbers drawn from this law are not finite", rests_on=())


def _laws(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Distribution]]:
    if isinstance(value, Distribution):
        if not isinstance(value, Constant):
            yield path, value
    elif isinstance(value, BaseModel):
        for key, field in fields_of(type(value)).items():
            name = next(n for n, f in type(value).model_fields.items() if f is field)
            yield from _laws(getattr(value, name), (*path, key))
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _laws(inner, (*path, key))
    elif isinstance(value, list):
        for k, inner in enumerate(value):
            yield from _laws(inner, (*path, k))


@check("sense")
def the_run_ends(s: Scenario) -> Iterator[Finding]:
    """The horizon, the number of orders, of reviews and of happenings are ones a machine gets through."""
    horizon = s.clock.horizon
    calendar = any(isinstance(c.arrivals, Profile) for c in s.customers.values())
    longest = LONGEST_CALENDAR if calendar else LONGEST_HORIZON
    if horizon > longest:
        yield Finding(("clock", "horizon"), f"{horizon:g} d; at most {longest:g} d can be played here", rests_on=())
        return
    for segment, customers in s.customers.items():
        orders = customers.arrivals.per_day(horizon) * horizon + _crowds(s, segment)
        if orders > MOST_ORDERS:
            message = (
                f"an event storm: about {orders:.2g} orders in one replication; at most {MOST_ORDERS:.0g} are played"
            )
            yield Finding(("customers", segment, "arrivals"), message, rests_on=(HORIZON, ("events",)))
        elif orders > MANY_ORDERS:
            message = f"about {orders:.2g} orders in one replication; this takes minutes"
            yield Finding(("customers", segment, "arrivals"), message, warning=True)
    for policy, spec in s.policies.items():
        for key, decision in spec.replenishment.items():
            items = len(s.items) if key == "default" else 1
            if decision.period and items * horizon / decision.period > MOST_REVIEWS:
                message = f"about {items * horizon / decision.period:.2g} reviews in one replication; lengthen R"
                yield Finding(("policies", policy, "replenishment", key, "R"), message, rests_on=(HORIZON,))
    for k, event in enumerate(s.events):
        if event.every is not None and horizon / _cycle(event) > MOST_HAPPENINGS:
            message = f"happens about {horizon / _cycle(event):.2g} times in one replication"
            yield Finding(("events", k, "every"), message, rests_on=(HORIZON, ("events", k)))


def _cycle(event: Event) -> float:
    """Mean days from one start of a recurring event to the next."""
    assert event.every is not None
    assert event.lasts is not None
    return event.every.moments().mean + event.lasts.moments().mean


def _crowds(s: Scenario, segment: str) -> float:
    """Expected orders that spikes bring to a segment at their full strength."""
    horizon = s.clock.horizon
    usual = s.customers[segment].arrivals.per_day(horizon)
    found = 0.0
    for event in s.events:
        if isinstance(event, Surge) and segment in listed(event.customers):
            lasts = horizon if event.lasts is None else event.lasts.moments().mean
            if event.at is not None:
                end = min(event.at + lasts if event.until is None else event.until, horizon)
                days = max(end - event.at, 0.0)
            else:
                days = horizon * lasts / max(_cycle(event), 1e-12)
            found += usual * max(event.multiple - 1, 0.0) * days * event.chance
    return found


@check("sense")
def quantities_are_of_sane_size(s: Scenario) -> Iterator[Finding]:
    """Levels, stock and lines stay within whole numbers that can be summed."""
    stocks: list[tuple[KeyPath, dict[str, int]]] = [((*path, "stock"), site.stock) for path, site in sites(s)]
    stocks += [((*path, "stock"), spec.stock) for path, _, spec in s.all_suppliers()]
    for path, stock in stocks:
        for name, units in stock.items():
            if abs(units) > LARGEST_LEVEL:
                message = f"{units:g} units are out of range; at most {LARGEST_LEVEL:g} are due"
                yield Finding((*path, name), message, rests_on=())
    for policy, spec in s.policies.items():
        for key, decision in spec.replenishment.items():
            for level in decision.levels():
                if abs(getattr(decision, level)) > LARGEST_LEVEL:
                    message = f"{getattr(decision, level):g} is out of range; at most {LARGEST_LEVEL:g} is due"
                    yield Finding(("policies", policy, "replenishment", key, level), message, rests_on=())
    for segment, customers in s.customers.items():
        path = ("customers", segment, "basket")
        for where, law in _laws_and_constants(customers.basket, path):
            if law.moments().mean > LARGEST_LINE:
                message = f"{law.moments().mean:g} units on a line; at most {LARGEST_LINE:g} are due"
                yield Finding(where, message, rests_on=())
        if isinstance(customers.arrivals, Trace) and customers.arrivals.book.quantities.max() > 1000 * LARGEST_LINE:
            most = int(customers.arrivals.book.quantities.max())
            message = f"a recorded line of {most:,} units; at most {1000 * LARGEST_LINE:,} are due"
            yield Finding(("customers", segment, "arrivals", "quantity"), message, rests_on=())


def _laws_and_constants(basket: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Distribution]]:
    for key in ("quantity", "lines"):
        if isinstance(law := getattr(basket, key, None), Distribution):
            yield (*path, key), law
    for name, law in dict(getattr(basket, "items", {})).items():
        if isinstance(law, Distribution):
            yield (*path, "items", name), law


@check("sense")
def levels_are_ordered_in_units(s: Scenario) -> Iterator[Finding]:
    """Levels in days of cover need the item's demand, and s stays at or below S in units."""
    for policy, spec in s.policies.items():
        for key, decision in spec.replenishment.items():
            covers = [level for level in decision.levels() if isinstance(getattr(decision, level), Cover)]
            if not covers:
                continue
            items = bought(s, spec, key)
            path: KeyPath = ("policies", policy, "replenishment", key)
            without = [name for name in items if s.items[name].demand is None]
            if without:
                needed = f"items.{without[0]}.demand" if len(without) == 1 else f"`demand` of {some(without, 5)}"
                about = tuple(("items", name, "demand") for name in without)
                yield Finding((*path, covers[0]), f"a level in days of cover needs {needed}", rests_on=about)
                continue
            if any(getattr(decision, level) < 0 for level in covers):
                yield Finding((*path, covers[0]), "a level in days of cover cannot be negative", rests_on=())
            for name in items:
                s_units, S_units = (_in_units(decision, level, s.items[name].demand) for level in ("s", "S"))
                if s_units > S_units:
                    message = f"for {name!r}, s is {s_units:g} units, above S, which is {S_units:g}; s <= S is due"
                    yield Finding((*path, "s"), message, rests_on=((*path[:3], "S"), ("items", name, "demand")))
                    break


def _in_units(decision: Replenishment, level: str, demand: float | None) -> float:
    value = getattr(decision, level, None)
    if value is None:
        return math.inf if level == "S" else -math.inf
    return math.ceil(value * (demand or 0.0) - 1e-9) if isinstance(value, Cover) else float(value)


# -------------------------------------------------------------------------------------------------- time
@check("sense")
def stops_do_not_overlap(s: Scenario) -> Iterator[Finding]:
    """A gate that is shut cannot be shut again for the same reason."""
    found: dict[tuple[str, str, str], list[tuple[float, float, KeyPath]]] = {}
    for path, event in _with_paths(s):
        if event.at is not None and isinstance(event, Stop):
            for target in event.targets():
                found.setdefault((*target, getattr(event, "kind", "")), []).append((event.at, _end(event), path))
    for (_, name, kind), spans in found.items():
        spans.sort(key=lambda span: span[:2])
        for (start, end, _), (later, _, path) in pairwise(spans):
            if later < end:
                until = f"to day {end:g}" if end < math.inf else "for ever"
                message = f"a {kind} of {name or 'the warehouse'!r} begins on day {later:g}, inside another one"
                yield Finding(path, f"{message} (from day {start:g} {until})")


def _with_paths(s: Scenario) -> Iterator[tuple[KeyPath, Event]]:
    """Every event that happens by itself with its path, the suppliers' own closures among them."""
    yield from ((path, event) for path, trigger, event in s.event_tree() if trigger is None)


def _end(event: Event) -> float:
    """When a scheduled event ends; its own start where that is drawn."""
    if event.until is not None:
        return event.until
    if event.lasts is None:
        return math.inf
    return (event.at or 0.0) + (event.lasts.value if isinstance(event.lasts, Constant) else 0.0)


@check("sense")
def events_happen_and_stops_end(s: Scenario) -> Iterator[Finding]:
    """An event after the end, and a gate that is shut for ever, are hardly meant."""
    for path, event in _with_paths(s):
        if event.at is not None and event.at >= s.clock.horizon:
            yield Finding(path, "begins after the horizon and never happens", warning=True)
        elif event.at is not None and isinstance(event, Stop) and _end(event) == math.inf:
            yield Finding(path, "never ends: what waits there waits for ever", warning=True)


@check("sense")
def warm_up_leaves_most_of_the_run(s: Scenario) -> Iterator[Finding]:
    """What is counted should be the larger part."""
    if s.clock.warm_up > s.clock.horizon / 2:
        share = s.clock.warm_up / s.clock.horizon
        yield Finding(("clock", "warm_up"), f"{share:.0%} of the horizon is played and not counted", warning=True)


@check("sense")
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


# ------------------------------------------------------------------------------------------------ demand
def asked_for(s: Scenario) -> set[str]:
    """The items that some customer may ask for."""
    found: set[str] = set()
    for customers in s.customers.values():
        if isinstance(customers.arrivals, Trace):
            found.update(customers.arrivals.names())
        elif customers.basket is not None:
            found.update(customers.basket.names())
    return found


@check("sense")
def items_are_asked_for(s: Scenario) -> Iterator[Finding]:
    """An item that nobody asks for has KPIs without a value."""
    asked = asked_for(s)
    idle = [name for name in s.items if name not in asked]
    if not s.customers:
        yield Finding(("customers",), "there are no customers: nothing is sold", warning=True)
    elif idle:
        path: KeyPath = ("items", idle[0]) if len(idle) == 1 else ("items",)
        message = f"nobody asks for {some(idle, 5)}"
        yield Finding(path, message, warning=True, on_key=True)


@check("sense")
def what_is_asked_for_is_bought(s: Scenario) -> Iterator[Finding]:
    """An item that is sold and never bought runs out for good."""
    asked = asked_for(s)
    for policy, spec in s.policies.items():
        never = [
            name
            for name in s.items
            if name in asked and getattr(decision_for(spec.replenishment, name), "kind", "none") == "none"
        ]
        if never:
            message = f"asked for and never bought: {some(never, 5)}"
            yield Finding(("policies", policy, "replenishment"), message, warning=True)


@check("sense")
def picking_keeps_up(s: Scenario) -> Iterator[Finding]:
    """Parcels a day x picking time / workers stays below 1, else the queue grows without end."""
    for path, site in sites(s):
        picking = site.picking
        if picking.workers is None:
            continue
        mine = [c for name, c in s.customers.items() if (s.site_of(name) == path[-1]) or not s.warehouses]
        orders = sum(c.arrivals.per_day(s.clock.horizon) for c in mine)
        load = orders * picking.time.moments().mean / picking.workers
        if load >= 1:
            many = picking.workers
            message = f"not stable: {many} would have to work {load:.0%} of the time for {orders:g} orders a day"
            yield Finding((*path, "picking", "workers"), message, warning=True)
