"""The size of one replication, estimated before it runs: orders, lines, and what is noted beside them."""

from __future__ import annotations

import math
from typing import NamedTuple

from simulator.events.event import Event, listed
from simulator.events.surge import Surge
from simulator.policies.decisions import each
from simulator.randomness.arrivals.trace import Trace
from simulator.randomness.distribution import Distribution
from simulator.scenario.schema.customers import Customers
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.schema.supply import lead_times
from simulator.scenario.tree.paths import KeyPath

WAITING, LEAD_TIMES = 0.2, 0.5
"""Share of the orders that wait, and for how long, in lead times. Only a run can tell: some shops have many times more
or fewer, but then a run takes many times longer or shorter, too."""


class ReplicationSize(NamedTuple):
    """What one replication is expected to record."""

    orders: float
    lines: float
    others: float
    """Messages, looks at promised dates, contacts, and goods that carts take and give back."""


def expected_size(s: Scenario) -> ReplicationSize:
    """The size of a replication of the policy that records most."""
    orders = {name: expected_orders(s, name) for name in s.customers}
    lines = sum(orders[name] * _lines(spec, s.clock.horizon) for name, spec in s.customers.items())
    others = max((sum(frequent(s, name).values()) for name in s.policies), default=0.0)
    return ReplicationSize(sum(orders.values()), lines, others)


def expected_orders(s: Scenario, segment: str) -> float:
    """The orders of a segment, with those that demand spikes add."""
    horizon = s.clock.horizon
    return s.customers[segment].arrivals.per_day(horizon) * horizon + _spike_orders(s, segment)


def _spike_orders(s: Scenario, segment: str) -> float:
    """Upper estimate of the orders that demand spikes add to a segment: each at full strength all the time."""
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
                days = horizon * lasts / max(cycle(event), 1e-12)
            found += usual * max(event.multiple - 1, 0.0) * days * event.chance
    return found


def cycle(event: Event) -> float:
    """Mean days from one start of a recurring event to the next."""
    assert event.every is not None
    assert event.lasts is not None
    return event.every.moments().mean + event.lasts.moments().mean


def _lines(spec: Customers, horizon: float) -> float:
    """Mean lines of an order."""
    if isinstance(spec.arrivals, Trace):
        book = spec.arrivals.book
        counts = book.counts[book.times < horizon]
        return float(counts.mean()) if counts.size else 0.0
    return 0.0 if spec.basket is None else spec.basket.lines_per_order()


def frequent(s: Scenario, policy: str) -> dict[KeyPath, float]:
    """By the key that decides how often: what happens again and again while orders wait, or after each order."""
    spec = s.policies[policy]
    path: KeyPath = ("policies", policy)
    found: dict[KeyPath, float] = {}
    for name, customers in s.customers.items():
        orders = expected_orders(s, name)
        days = orders * WAITING * _wait(s, customers)
        for key, promise in each(spec.promise):  # several decisions: each as if it were for all orders
            if promise.every is not None:
                _add(found, (*path, "promise", *key, "every"), days / promise.every)
        for key, communication in each(spec.communication):
            here: KeyPath = (*path, "communication", *key)
            if communication.rhythm is not None:
                _add(found, (*here, "every"), days / communication.rhythm)
            if communication.also:
                _add(found, (*here, "also"), orders * WAITING * len(communication.also))
        if (contact := customers.contact) is not None:
            rate = contact.per_day_waiting * max(contact.after_promise, 1.0) * max(contact.split, 1.0)
            _add(found, ("customers", name, "contact"), days * rate)
        if (carts := customers.carts) is not None and spec.in_carts:
            often = orders * carts.abandoned / (1 - carts.abandoned)
            _add(found, ("customers", name, "carts", "abandoned"), 2 * often * _lines(customers, s.clock.horizon))
    return found


def _add(found: dict[KeyPath, float], path: KeyPath, times: float) -> None:
    found[path] = found.get(path, 0.0) + times


def _wait(s: Scenario, customers: Customers) -> float:
    """Days that an order waits that does not get its goods at once."""
    leads = [mean_of(law) for spec in s.suppliers.values() for law in lead_times(spec).values()]
    bounds = [s.clock.horizon, LEAD_TIMES * max(leads, default=math.inf)]
    if customers.patience is not None:
        bounds.append(mean_of(customers.patience))
    return min(bounds)


def mean_of(law: Distribution) -> float:
    """The mean of a law; inf where its parameters are too extreme for numbers, which another check reports."""
    try:
        mean = law.moments().mean
    except ArithmeticError:
        return math.inf
    return mean if math.isfinite(mean) else math.inf
