"""Base stock and reorder points under Poisson demand: levels, distribution of the wait, overtaking, two-item orders."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import partial

import numpy as np

from simulator.theory.laws import Floats, poisson, poisson_above, poisson_at_most, poisson_short, root


def base_stock(rate: float, lead_time: float, S: int) -> dict[str, float]:
    """One-for-one replenishment at inventory position S; any lead-time distribution if purchases may overtake.

    Demand in a lead time is Poisson (Hadley & Whitin 1963, 4-7; Palm 1938; Zipkin 6.2): fill rate P(D < S), backlog
    E[(D - S)+], on hand S - E[D] + backlog, and by Little's law mean wait = backlog / rate.

    Args:
        rate: units a day.
        lead_time: mean, days.
        S: inventory position, units.

    Returns:
        fill_rate, backlog_mean and on_hand_mean (units), wait_mean and wait_backordered (days).

    >>> {name: round(value, 6) for name, value in base_stock(2.0, 5.0, 14).items()}["fill_rate"]
    0.864464
    """
    mean = rate * lead_time
    short, filled = poisson_short(mean, S), poisson_at_most(mean, S - 1)
    return {
        "fill_rate": filled,
        "backlog_mean": short,
        "on_hand_mean": S - mean + short,
        "wait_mean": short / rate,
        "wait_backordered": short / rate / (1 - filled),
    }


def reorder_point(rate: float, lead_time: float, r: int, Q: int) -> dict[str, float]:
    """(r,Q) policy: base-stock values averaged over the positions r+1 … r+Q (Hadley & Whitin 4-8; Zipkin 6.5).

    `no_backlog` is the share of cycles that end without a backlog, P(D ≤ r).
    """
    every = [base_stock(rate, lead_time, y) for y in positions(r, Q)]
    means = {name: math.fsum(v[name] for v in every) / Q for name in every[0] if name != "wait_backordered"}
    return {**means, "no_backlog": poisson_at_most(rate * lead_time, r)}


def positions(r: int, Q: int) -> range:
    """The inventory positions of an (r,Q) policy under unit demand, all equally likely."""
    return range(r + 1, r + Q + 1)


def reorder_cost(rate: float, lead_time: float, r: int, Q: int, order: float, hold: float, short: float) -> float:
    """Cost of an (r,Q) policy per day; `order` is money per purchase, `hold` and `short` money per unit-day.

    >>> round(reorder_cost(2.0, 5.0, 9, 14, order=32, hold=1, short=9), 5)
    13.45413
    """
    levels = reorder_point(rate, lead_time, r, Q)
    return order * rate / Q + hold * levels["on_hand_mean"] + short * levels["backlog_mean"]


# ------------------------------------------------------------------------------------------ distribution of the wait
def later_than(rate: float, lead_time: float, levels: Iterable[int], t: float) -> float:
    """P(wait > t days), first come first served, fixed lead time, position uniform on `levels` (Zipkin 6.2.4).

    >>> round(later_than(2.0, 5.0, [14], 1.0), 7)
    0.0341807
    """
    mean = rate * max(lead_time - t, 0.0)
    chances = [poisson_above(mean, y - 1) for y in levels]
    return math.fsum(chances) / len(chances)


def wait_quantile(rate: float, lead_time: float, levels: Iterable[int], p: float) -> float:
    """The wait that the share p of the customers do not exceed, days; assumptions as in `later_than`."""
    known = tuple(levels)
    return root(lambda t: later_than(rate, lead_time, known, t) - (1 - p), 0.0, lead_time)


# --------------------------------------------------------------------------------------------------------- overtaking
def in_strict_order(rate: float, mean: float, S: int) -> dict[str, float]:
    """Base stock with exponential lead times (mean in days) if no purchase may overtake another.

    The oldest purchase whose own lead time has not elapsed is `a` days old with density
    rate e^(-a/m) exp(-rate m e^(-a/m)); all younger ones, Poisson(rate x a), wait behind it (Zipkin 7.4; Hayya 2008).

    Returns:
        fill_rate, backlog_mean (units), lead_time_effective (days).
    """
    a = np.linspace(0, 80 * mean, 400_001)
    density = rate * np.exp(-a / mean) * np.exp(-rate * mean * np.exp(-a / mean))
    younger = rate * a
    at_most = partial(_at_most, younger)
    none = math.exp(-rate * mean)
    short = younger * (1 - at_most(S - 3)) - (S - 1) * (1 - at_most(S - 2))

    def integral(values: Floats) -> float:
        return float((values[1:] + values[:-1]).sum() * (a[1] - a[0]) / 2)

    return {
        "fill_rate": none + integral(density * at_most(S - 2)),
        "backlog_mean": integral(density * short),
        "lead_time_effective": integral(density * (1 + younger)) / rate,
    }


def _at_most(means: Floats, level: int) -> Floats:
    """P(D ≤ level) for Poisson distributions with many means."""
    term = np.exp(-means)
    total = np.zeros(means.size)
    for d in range(level + 1):
        total += term
        term = term * means / (d + 1)
    return total


# -------------------------------------------------------------------------------------------------- orders of two items
def both_there(rate: float, common: float, lead_time: float, S: int) -> float:
    """P(both items are in stock for an order of both), `common` such orders per day (Song 1998).

    On order are K + X and K + Y units: K from common orders, X and Y from the items' own customers, all Poisson.

    >>> round(both_there(2.0, 0.0, 5.0, 14), 6), round(both_there(2.0, 2.0, 5.0, 14), 6)
    (0.747299, 0.864464)
    """
    together = poisson(common * lead_time, S)
    own = [poisson_at_most((rate - common) * lead_time, S - 1 - k) for k in range(S)]
    return math.fsum(chance * alone**2 for chance, alone in zip(together, own, strict=True))
