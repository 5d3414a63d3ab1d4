"""Disruption: the backlog triangle in the fluid limit, and lot sizes with an unreliable supplier."""

from __future__ import annotations

import math


def triangle(demand: float, stock: float, lasts: float, capacity: float) -> dict[str, float]:
    """No supply for `lasts` days, then `capacity` units per day, against steady demand; first in, first out.

    Args:
        demand: d, units per day.
        stock: I, units on hand when it begins.
        lasts: T, days.
        capacity: c > d, units per day from then on.

    >>> triangle(20, 100, 15, 25)["backlog_area"]
    5000.0
    """
    survive = stock / demand
    short = max(lasts - survive, 0.0)
    peak = demand * short
    clear = peak / (capacity - demand)
    late = demand * (short + clear)
    area = peak * (short + clear) / 2
    return {
        "time_to_survive": survive,
        "peak": peak,
        "time_to_clear": clear,
        "backlog_area": area,
        "units_late": late,
        "wait_max": short,
        "wait_backordered": area / late if late else 0.0,
    }


def lot_cost(Q: float, rate: float, order: float, hold: float, lost: float, fail: float, repair: float) -> float:
    """Cost per year of lots of Q, bought when stock runs out from a supplier that may be down; sales are lost meanwhile
    (Parlar & Berkin 1991; Snyder & Shen 9.2).

    Args:
        rate: units per year; the other rates are per year, too.
        order: money per purchase.
        hold: money per unit and year on hand.
        lost: money per unit lost.
        fail, repair: rates per year at which the supplier goes down while up, and comes back while down.
    """
    down = fail / (fail + repair) * (1 - math.exp(-(fail + repair) * Q / rate)) / repair
    return (order + hold * Q**2 / (2 * rate) + rate * lost * down) / (Q / rate + down)


def best_lot(rate: float, order: float, hold: float, lost: float, fail: float, repair: float) -> tuple[float, float]:
    """The optimal lot and its cost per year, by golden-section search.

    >>> [round(x, 3) for x in best_lot(1300, 8, 0.225, 5, 1.5, 14)]
    [772.811, 173.95]
    """
    low, high = 1e-9, 100 * math.sqrt(2 * order * rate / hold) + rate
    golden = (math.sqrt(5) - 1) / 2
    while high - low > 1e-9 * high:
        a, b = high - golden * (high - low), low + golden * (high - low)
        if lot_cost(a, rate, order, hold, lost, fail, repair) < lot_cost(b, rate, order, hold, lost, fail, repair):
            high = b
        else:
            low = a
    Q = (low + high) / 2
    return Q, lot_cost(Q, rate, order, hold, lost, fail, repair)
