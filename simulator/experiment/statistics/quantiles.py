"""Quantiles over replications, with distribution-free intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence

from simulator.experiment.statistics.intervals import Estimate
from simulator.kpis.kpi import Undefined, Value


def quantile(values: Sequence[Value], p: float, confidence: float = 0.95) -> Estimate:
    """The `p` quantile over replications, as an `Estimate` (its `mean` is the quantile).

    The interval ends at two of the values. Their ranks follow from the binomial distribution of the number of values
    below the true quantile, whatever the distribution of the values (David & Nagaraja 2003, Order Statistics, section
    7.1). If there are too few replications there is no interval, and `reason` says how many are needed.

    >>> found = quantile([float(k) for k in range(1, 101)], 0.9)
    >>> found.mean, found.low, found.high
    (90.0, 84.0, 96.0)
    """
    if not 0 < p < 1:
        raise ValueError(f"p must be between 0 and 1, got {p}")
    known = sorted(v for v in values if not isinstance(v, Undefined))
    n = len(known)
    if n == 0:
        why = next((v.reason for v in values if isinstance(v, Undefined)), "no replications")
        return Estimate(None, None, 0, why)
    middle = known[max(math.ceil(n * p - 1e-9), 1) - 1]
    reason = "" if n == len(values) else f"no value in {len(values) - n} of {len(values)} replications"
    low, high = _ranks(n, p, (1 - confidence) / 2)
    if low < 1 or high > n:
        needed = _needed(p, (1 - confidence) / 2)
        few = f"{n} replication{'s' * (n != 1)} are too few for an interval; {needed} are needed"
        return Estimate(middle, None, n, "; ".join(filter(None, [few, reason])))
    bounds = known[low - 1], known[high - 1]
    return Estimate(middle, (bounds[1] - bounds[0]) / 2, n, reason, bounds)


def _ranks(n: int, p: float, tail: float) -> tuple[int, int]:
    """The largest rank below the quantile and the smallest above it, each wrong with probability at most `tail`.

    B of n values lie below the quantile, B binomial: rank l is above it where B < l, rank u below it where B >= u.
    """
    low, high, below = 0, n + 1, 0.0
    log_p, log_q = math.log(p), math.log1p(-p)
    for k in range(n):
        below += math.exp(
            math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) + k * log_p + (n - k) * log_q
        )
        if below <= tail:
            low = k + 1
        if below >= 1 - tail:
            high = k + 1
            break
    return low, high


def _needed(p: float, tail: float) -> int:
    """The smallest number of replications for which an interval exists."""
    return math.ceil(math.log(tail) / math.log(max(p, 1 - p)) - 1e-9)
