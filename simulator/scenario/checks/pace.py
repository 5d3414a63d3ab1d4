"""Checks of pace: what happens every so often is not so frequent that a run drowns in events."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.scenario.checks.check import Finding, check
from simulator.scenario.checks.lookups import sites
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.tree.paths import KeyPath

SHORTEST = 1e-3
"""Days between two looks at all open orders, two messages to a customer or two counts of stock."""
SHORTEST_HOLD = 1e-4
"""Days for which a cart can hold its stock."""
MOST_TIMES = 1e7
"""Times that one of them can happen in a replication."""


@check("plausibility")
def nothing_happens_all_the_time(s: Scenario) -> Iterator[Finding]:
    """Periods of looks, messages, questions, counts and carts are long enough for a run to end."""
    found: list[tuple[KeyPath, float | None, float]] = []
    for name, spec in s.policies.items():
        path: KeyPath = ("policies", name)
        found.append(((*path, "promise", "every"), spec.promise.every, SHORTEST))
        found.append(((*path, "communication", "every"), spec.communication.rhythm, SHORTEST))
        found.append(((*path, "window", "after"), getattr(spec.window, "after", None), SHORTEST))
    for path, site in sites(s):
        if site.records is not None:
            found.append(((*path, "records", "count_every"), site.records.count_every, SHORTEST))
    for name, customers in s.customers.items():
        if customers.carts is not None:
            found.append((("customers", name, "carts", "hold"), customers.carts.hold, SHORTEST_HOLD))
    horizon = s.clock.horizon
    for path, period, least in found:
        least = max(least, horizon / MOST_TIMES)
        if period is not None and period < least:
            message = f"{period:g} d is too short: an event storm; must be at least {least:g} d (over {horizon:g} d)"
            yield Finding(path, message, rests_on=(("clock", "horizon"),))
