"""Options that have no waits because they take no backorders: a KPI of waits says nothing in their favour."""

from __future__ import annotations

from collections.abc import Sequence

import simulator.kpis.evaluate  # noqa: F401  every KPI is known by its group
from simulator.experiment.statistics.measured import Measured
from simulator.kpis.kpi import KPIS, Undefined, Value

FILLED, REFUSED = "fill_rate", "lost_at_checkout"
"""Shares of the units demanded; what is neither filled at once nor refused is backordered."""
ROUNDING = 1e-9


def judges_waits(key: str) -> bool:
    """Whether a KPI measures waits, or what happens to orders while they wait.

    >>> judges_waits("wait_p95_by_segment[web]"), judges_waits("cancellation_rate"), judges_waits("fill_rate")
    (True, True, False)
    """
    name = key.split("[")[0]
    known = KPIS.get(name)
    return bool(known and known.group == "waiting") or name.startswith(("wait_", "cancel"))


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
