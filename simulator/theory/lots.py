"""Lot sizes, single periods and safety stock: EOQ with planned backorders, newsvendor, (s,S), pooling."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from simulator.theory.laws import Floats, cut_normal, normal_quantile, normal_short, poisson


# ----------------------------------------------------------------------------------------------------------------- EOQ
def eoq(rate: float, order: float, hold: float, short: float = math.inf) -> tuple[float, float]:
    """The optimal lot and the backordered share of it (Snyder & Shen, Fundamentals of Supply Chain Theory, 3.5).

    Args:
        rate: units per year; the other rates are per year, too.
        order: money per purchase.
        hold, short: money per unit and year on hand, and on backorder; without `short`, no backorders (Harris 1913).

    >>> [round(x, 6) for x in eoq(1300, 8, 0.225, 5)]
    [310.812555, 0.043062]
    """
    share = 0.0 if math.isinf(short) else hold / (hold + short)
    return math.sqrt(2 * order * rate / hold / (1 - share)), share


def lot_cost(Q: float, waiting: float, rate: float, order: float, hold: float, short: float) -> float:
    """Cost per year of lots of Q that arrive when the backlog has reached `waiting` (Zipkin 3.3.7)."""
    return order * rate / Q + hold * (Q - waiting) ** 2 / (2 * Q) + short * waiting**2 / (2 * Q)


# ---------------------------------------------------------------------------------------------------------- newsvendor
def newsvendor_stock(mean: float, sd: float, hold: float, short: float) -> float:
    """The optimal stock for one period of normal demand: F(S) = p / (p + h) (Snyder & Shen, 4.3).

    >>> round(newsvendor_stock(50, 8, 0.18, 0.70), 4)
    56.604
    """
    return mean + sd * normal_quantile(short / (short + hold))


def newsvendor(S: float, mean: float, sd: float, hold: float, short: float) -> dict[str, float]:
    """Cost, units short (backlog) and fill rate of one period that starts with stock S."""
    missing = normal_short(S, mean, sd)
    return {
        "cost": hold * (S - mean + missing) + short * missing,
        "backlog_mean": missing,
        "fill_rate": 1 - missing / mean,
    }


# ------------------------------------------------------------------------------------------------ safety stock, pooling
def safety_stock(z: float, lead_time: float, sd: float, demand: float = 0.0, lead_time_sd: float = 0.0) -> float:
    """z √(L σ_d² + d² σ_L²), units (Silver, Pyke & Thomas 6.7; Snyder & Shen 5.3).

    Args:
        z: the standard normal quantile of the wanted cycle service.
        lead_time, lead_time_sd: days.
        demand, sd: mean and standard deviation of a day's demand, units; demand matters where lead times vary.

    >>> z = normal_quantile(0.95)
    >>> round(safety_stock(z, 10, 30, 100, 3), 3), round(safety_stock(z, 10, 30), 3)
    (517.541, 156.045)
    """
    return z * math.sqrt(lead_time * sd**2 + demand**2 * lead_time_sd**2)


def pooled_sd(sd: float, sites: int, correlation: float = 0.0) -> float:
    """Standard deviation of the summed demand of identical sites, σ √(n + n (n - 1) ρ) (Eppen 1979).

    >>> pooled_sd(30, 4), pooled_sd(30, 4, 1.0)
    (60.0, 120.0)
    """
    return sd * math.sqrt(sites + sites * (sites - 1) * correlation)


def no_backlog_in_a_cycle(s: int, demand: float, sd: float, lead_time: float, lead_time_sd: float) -> float:
    """P(undershoot + lead-time demand ≤ s): cycle service of (s,Q) for large Q, exactly.

    Demand comes once a day in whole units, from a normal distribution truncated at 0, and so does the lead time. The
    position falls below s by U, P(U = u) = P(D > u) / E[D] (renewal theory), and a lead time L meets floor(L) demands,
    those of the following days; a receipt comes before the demand of its instant.
    """
    size, most = 8192, int(demand + 10 * sd)
    law, lead = cut_normal(demand, sd), cut_normal(lead_time, lead_time_sd)
    day = np.zeros(size)
    day[:most] = np.diff([0.0, *(law(d + 0.5) for d in range(most))])
    under = (1 - np.cumsum(day)) / float(day @ np.arange(size))
    step = np.fft.rfft(day)
    total = np.zeros_like(step)
    for n in range(int(lead_time + 7 * lead_time_sd)):
        total += (lead(n + 1) - lead(n)) * step**n
    return float(np.fft.irfft(total * np.fft.rfft(under), size)[: s + 1].sum())


# --------------------------------------------------------------------------------------------------------------- (s,S)
def renewal_cost(s: int, S: int, rate: float, order: float, hold: float, short: float) -> float:
    """Cost per period of periodic (s,S) without lead time under Poisson demand; purchases are made at or below s.

    (K + Σ m(j) G(S - j)) / Σ m(j), j = 0 … S - s - 1 (Veinott & Wagner 1965; Zheng & Federgruen 1991).

    >>> round(renewal_cost(4, 10, rate=6, order=5, hold=1, short=4), 6)
    8.034112
    """
    d = np.arange(200)
    chance = poisson(rate, d.size)
    m = np.zeros(S - s)
    m[0] = 1 / (1 - chance[0])
    for j in range(1, m.size):
        m[j] = sum(chance[i] * m[j - i] for i in range(1, j + 1)) / (1 - chance[0])
    G = [float(chance @ np.where(y >= d, hold * (y - d), short * (d - y))) for y in range(S, s, -1)]
    return (order + float(m @ G)) / float(m.sum())


SIZE = 256
"""Units; demand of a month in Law & Kelton's model has mean 25 and standard deviation 8.5."""


def law_kelton(
    s: int, S: int, months: int, start: int, rate: float, sizes: Mapping[int, float], costs: Sequence[float]
) -> float:
    """Expected cost per month of the inventory model of Law & Kelton (Simulation Modeling and Analysis, 1.5), exactly.

    Orders of random size come in a Poisson stream; at the start of a month S - level is bought when the level is below
    s; it comes after half a month to a month, before the next review, so that the level at a review says all.

    Args:
        s, S: the policy; months, start: length and initial level.
        rate: orders a month; sizes: chance of each size.
        costs: of a purchase, of each unit in it, of a unit and month on hand and short.
    """
    setup, unit, hold, short = costs
    numbers = np.arange(-SIZE, max(S, start) + 1)
    levels = numbers.astype(np.float64)
    buys = numbers < s
    month: Floats = np.where(buys, setup + unit * (S - levels), 0.0)
    after_buying: Floats = np.where(buys, float(S), levels)

    def stock(levels: Floats, t: float) -> Floats:
        """Expected cost rate, t months after each level."""
        left = levels[:, None] - np.arange(SIZE)[None, :]
        return np.asarray(np.where(left >= 0, hold * left, -short * left) @ compound(rate * t, sizes))

    nodes, weights = np.polynomial.legendre.leggauss(12)
    for half in (0.0, 0.5):
        for node, weight in zip(nodes, weights, strict=True):
            t = half + (node + 1) / 4
            there = max(0.0, (t - 0.5) / 0.5)  # P(lead time <= t), uniform on half a month to a whole one
            month = month + weight / 4 * ((1 - there) * stock(levels, t) + there * stock(after_buying, t))
    chances, total, fall = (numbers == start).astype(float), 0.0, compound(rate, sizes)
    for _ in range(months):
        total += float(chances @ month)
        after = np.zeros(levels.size)
        np.add.at(after, np.where(buys, S, numbers) + SIZE, chances)
        chances = np.convolve(after[::-1], fall)[: levels.size][::-1]
    return total / months


def compound(mean: float, sizes: Mapping[int, float]) -> Floats:
    """Probabilities of 0, 1, 2, … units in a Poisson number of orders of random size, shape (256,)."""
    size = np.zeros(SIZE)
    for units, chance in sizes.items():
        size[units] = chance
    return np.asarray(np.fft.irfft(np.exp(mean * (np.fft.rfft(size) - 1)), SIZE))


# -------------------------------------------------------------------------------------------------- forecast and stock
def forecast_error(forecast: float, mean: float, sizes: Mapping[int, float]) -> float:
    """E|D - forecast| over E[D] of the compound Poisson demand of a period; the median of D makes it least.

    Args:
        mean: orders in a period; sizes: chance of each size.

    >>> round(forecast_error(8.4, 1.4, {2: 0.6, 6: 0.3, 30: 0.1}), 4), round(forecast_error(4, 1.4, {2: 1.0}), 4)
    (0.9819, 0.7692)
    """
    chances = compound(mean, sizes)
    units = np.arange(SIZE)
    return float(chances @ np.abs(units - forecast) / (chances @ units))


def periodic_up_to(S: int, R: float, lead_time: float, rate: float, sizes: Mapping[int, float]) -> dict[str, float]:
    """Mean backlog and ready rate of (R,S) under compound Poisson demand (Zipkin 6.2; Silver, Pyke & Thomas 6.10).

    A purchase covers days L to L + R after its review: then the net stock is S less the demand since the review.

    Args:
        S: units; R, lead_time: days.
        rate: orders a day; sizes: chance of each size.
    """
    nodes, weights = np.polynomial.legendre.leggauss(24)
    net = S - np.arange(SIZE)
    backlog = ready = 0.0
    for node, weight in zip(nodes, weights, strict=True):
        chances = compound(rate * (lead_time + R * (node + 1) / 2), sizes)
        backlog += weight / 2 * float(chances @ np.maximum(-net, 0))
        ready += weight / 2 * float(chances @ (net > 0))
    return {"backlog_mean": backlog, "ready_rate": ready}
