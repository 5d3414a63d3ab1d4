"""Checks of pace: what happens every so often is not so frequent that a run drowns in events."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.policies.decisions import each
from simulator.scenario.checks.check import Finding, check
from simulator.scenario.checks.lookups import sites
from simulator.scenario.checks.plausibility import longest_horizon
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.size import frequent, mean_of
from simulator.scenario.tree.paths import KeyPath

SHORTEST = 1e-3
"""Days between two looks at all open orders, two messages to a customer or two counts of stock."""
MOST_NOTES = 1e7
"""Messages, looks at dates, contacts or carts in a replication; a look takes about 0.1 ms."""
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
        found += [((*path, "promise", *key, "every"), one.every, SHORTEST) for key, one in each(spec.promise)]
        rhythms = [(key, one.rhythm) for key, one in each(spec.communication)]
        found += [((*path, "communication", *key, "every"), rhythm, SHORTEST) for key, rhythm in rhythms]
        windows = [(key, getattr(one, "after", None)) for key, one in each(spec.window)]
        found += [((*path, "window", *key, "after"), after, SHORTEST) for key, after in windows]
    for path, site in sites(s):
        if site.records is not None:
            found.append(((*path, "records", "count_every"), site.records.count_every, SHORTEST))
    for name, customers in s.customers.items():
        if customers.carts is not None:
            found.append((("customers", name, "carts", "hold"), customers.carts.hold, SHORTEST_HOLD))
    horizon = s.clock.horizon
    if horizon > longest_horizon(s):
        return
    for path, period, least in found:
        least = max(least, horizon / MOST_TIMES)
        if period is not None and period < least:
            message = f"{period:g} d is too short: an event storm; must be at least {least:g} d (over {horizon:g} d)"
            yield Finding(path, message, rests_on=(("clock", "horizon"),))


@check("plausibility")
def orders_that_wait_leave_time_for_others(s: Scenario) -> Iterator[Finding]:
    """What happens again and again while orders wait, or after each order, is seldom enough for a run to end."""
    if s.clock.horizon > longest_horizon(s):
        return
    for policy in s.policies:
        for path, times in frequent(s, policy).items():
            if times > MOST_NOTES:
                limit = f"must be at most {MOST_NOTES:.0g}"
                yield Finding(path, f"an event storm: about {times:.2g} times in one replication; {limit}")


@check("plausibility")
def lines_work_most_of_the_time(s: Scenario) -> Iterator[Finding]:
    """Lines fail seldom enough for a run to end."""
    for path, _, spec in s.all_suppliers():
        if spec.capacity is not None and spec.capacity.breakdown is not None:
            often = s.clock.horizon * spec.capacity.lines / mean_of(spec.capacity.breakdown.every)
            if often > MOST_TIMES:
                message = f"about {often:.2g} failures in one replication; must be at most {MOST_TIMES:.0g}"
                yield Finding((*path, "capacity", "breakdown", "every"), message)
