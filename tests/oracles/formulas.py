"""Closed forms that several cases share; every one is written out here and none is taken from the simulator."""

from __future__ import annotations

import numpy as np
from scipy import stats
from scipy.optimize import brentq


def poisson_short(mean: float, level: int) -> float:
    """E[(D - level)+] of Poisson demand (Zipkin, C.2.2)."""
    return float(mean * stats.poisson.sf(level - 2, mean) - level * stats.poisson.sf(level - 1, mean))


def base_stock(rate: float, lead_time: float, S: int) -> dict[str, float]:
    """Fill rate, mean backlog, on hand and wait at position S (Hadley & Whitin; Palm)."""
    mean = rate * lead_time
    short = poisson_short(mean, S)
    return {
        "fill_rate": float(stats.poisson.cdf(S - 1, mean)),
        "backlog_mean": short,
        "on_hand_mean": S - mean + short,
        "wait_mean": short / rate,
    }


def late(rate: float, lead_time: float, levels: range, t: float) -> float:
    """P(wait > t), first come first served, fixed lead time, position uniform on `levels`."""
    mean = rate * max(lead_time - t, 0.0)
    return float(np.mean([stats.poisson.sf(y - 1, mean) for y in levels]))


def wait_quantile(rate: float, lead_time: float, levels: range, p: float) -> float:
    """The wait that the share p of the customers does not exceed."""
    return float(brentq(lambda t: late(rate, lead_time, levels, t) - (1 - p), 0.0, lead_time))


def reorder_point(rate: float, lead_time: float, r: int, Q: int) -> dict[str, float]:
    """(r,Q): the base-stock values averaged over the positions r+1 … r+Q."""
    every = [base_stock(rate, lead_time, y) for y in range(r + 1, r + Q + 1)]
    return {name: float(np.mean([values[name] for values in every])) for name in every[0]}


def erlang_b(servers: int, load: float) -> float:
    """Loss of Erlang's system."""
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked
