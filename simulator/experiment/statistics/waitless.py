"""Options that take no backorders: a KPI of waits, or of the orders that were taken, says nothing in their favour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import simulator.kpis.evaluate  # noqa: F401  every KPI is known by its group
from simulator.experiment.statistics.measured import Measured
from simulator.kpis.kpi import KPIS, Undefined, Value

FILLED, REFUSED = "fill_rate", "lost_at_checkout"
"""Shares of the units demanded; what is neither filled at once nor refused is backordered."""
ROUNDING = 1e-9
OF_ORDERS_TAKEN = ("otif_requested", "otif_first_promise", "otif_last_promise", "perfect_order", "promise_late_share")
"""Shares of orders that leave out those that were refused: who only takes what is in stock keeps every promise."""


def judges_waits(key: str) -> bool:
    """Whether a KPI measures waits, or what happens to orders while they wait.

    >>> judges_waits("wait_p95_by_segment[web]"), judges_waits("cancellation_rate"), judges_waits("fill_rate")
    (True, True, False)
    """
    name = key.split("[")[0]
    known = KPIS.get(name)
    return bool(known and known.group == "waiting") or name.startswith(("wait_", "cancel"))


def rewards_refusals(key: str) -> bool:
    """Whether a KPI looks better because orders are refused: one of waits, or a share of the orders that were taken.

    >>> rewards_refusals("wait_mean"), rewards_refusals("otif_requested"), rewards_refusals("fill_rate")
    (True, True, False)
    """
    return judges_waits(key) or key.split("[")[0] in OF_ORDERS_TAKEN


def left_out(keys: Iterable[str], waitless: Sequence[bool]) -> list[bool]:
    """Which options these KPIs do not judge, given which of them take no backorders.

    Options that all take none can be compared by the orders that they took, but not by waits.

    >>> left_out(["wait_mean"], [True, True]), left_out(["otif_requested"], [True, True])
    ([True, True], [False, False])
    >>> left_out(["otif_requested"], [True, False]), left_out(["fill_rate"], [True, False])
    ([True, False], [False, False])
    """
    keys = list(keys)
    unfair = any(map(judges_waits, keys)) or (any(map(rewards_refusals, keys)) and not all(waitless))
    return [unfair and without for without in waitless]


def is_waitless(filled: Sequence[Value], refused: Sequence[Value]) -> bool:
    """Whether units were refused and none was backordered, by the two shares of every replication.

    >>> is_waitless([0.8, 0.9], [0.2, 0.1]), is_waitless([1.0], [0.0]), is_waitless([0.8], [0.1])
    (True, False, False)
    """
    pairs = [
        (f, r)
        for f, r in zip(filled, refused, strict=True)
        if not isinstance(f, Undefined) and not isinstance(r, Undefined)
    ]
    return any(r > 0 for _, r in pairs) and all(f + r >= 1 - ROUNDING for f, r in pairs)


def waitless(results: Measured) -> list[str]:
    """The policies that take no backorders."""
    if FILLED not in results.kpis or REFUSED not in results.kpis:
        return []
    return [p for p in results.policies if is_waitless(results.column(p, FILLED), results.column(p, REFUSED))]


def unjudged(results: Measured, key: str) -> list[str]:
    """The policies that a KPI does not judge, because they take no backorders."""
    if not any(left_out([key], [True, False])):  # most KPIs judge all policies
        return []
    none = waitless(results)
    out = left_out([key], [policy in none for policy in results.policies])
    return [policy for policy, left in zip(results.policies, out, strict=True) if left]
