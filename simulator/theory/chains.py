"""Supply chains: stages in series (Clark & Scarf); one hub with several retailers (exact, and by METRIC)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simulator.theory.laws import STANDARD, Floats, poisson


class TwoEchelon(NamedTuple):
    """Results for one hub with identical retailers."""

    hub_backlog: float
    """Units."""
    backlog: float
    """Units at each retailer."""
    fill_rate: float


def _hub(rate: float, lead: float, S: int) -> Floats:
    """P(backlog of the hub = b): Poisson demand over its lead time, less the stock; shape (b,)."""
    mean = rate * lead
    demand = poisson(mean, S + int(mean + 12 * math.sqrt(mean)) + 60)
    return np.append(demand[: S + 1].sum(), demand[S + 1 :])


def two_echelon(retailers: int, rate: float, hub_lead: float, lead: float, hub_S: int, S: int) -> TwoEchelon:
    """One-for-one replenishment, first come, first served at the hub (Graves 1985; Axsäter 2000, 5.3).

    A retailer's outstanding units are its demand over its own lead time plus its share of the hub's backlog, which is
    binomial.

    Args:
        rate: units a day at each retailer.
        hub_lead, lead: days.

    >>> [round(x, 5) for x in two_echelon(3, 0.5, 4, 1, 4, 2)]
    [2.233, 0.22454, 0.65307]
    """
    waiting = _hub(retailers * rate, hub_lead, hub_S)
    mine = np.zeros(waiting.size)
    for b, chance in enumerate(waiting):
        k = np.arange(b + 1)
        ways = np.array([math.comb(b, j) for j in k], dtype=np.float64)
        mine[: b + 1] += chance * ways * (1 / retailers) ** k * (1 - 1 / retailers) ** (b - k)
    outstanding = np.convolve(poisson(rate * lead, waiting.size + S), mine)
    short = np.maximum(np.arange(outstanding.size) - S, 0)
    hub = float(waiting @ np.arange(waiting.size))
    return TwoEchelon(hub, float(outstanding @ short), float(outstanding[:S].sum()))


def metric(retailers: int, rate: float, hub_lead: float, lead: float, hub_S: int, S: int) -> TwoEchelon:
    """METRIC (Sherbrooke 1968): each purchase is delayed by the hub's mean delay, so outstanding units are Poisson.

    >>> [round(x, 5) for x in metric(3, 0.5, 4, 1, 4, 2)]
    [2.233, 0.17913, 0.64667]
    """
    waiting = _hub(retailers * rate, hub_lead, hub_S)
    hub = float(waiting @ np.arange(waiting.size))
    outstanding = poisson(rate * (lead + hub / (retailers * rate)), 200 + S)
    short = np.maximum(np.arange(outstanding.size) - S, 0)
    return TwoEchelon(hub, float(outstanding @ short), float(outstanding[:S].sum()))


class Stage(NamedTuple):
    """One stage of a serial system."""

    holding: float
    """Money per unit and day, for stock here and in transit from here to the next stage."""
    lead: int
    """Days."""


class Serial(NamedTuple):
    """Optimal echelon base-stock levels, downstream first, and their cost per day."""

    levels: tuple[float, ...]
    cost: float


def clark_scarf(
    stages: Sequence[Stage],
    shortage: float,
    mean: float,
    sd: float,
    levels: Sequence[float] | None = None,
    grain: float = 0.01,
) -> Serial:
    """Stages in series under normal daily demand, downstream first (Clark & Scarf 1960; Snyder & Shen 6.2.2).

    Args:
        shortage: money per unit and day.
        mean, sd: of a day's demand, units.
        levels: echelon base-stock levels to evaluate; the optimal ones by default.
        grain: step between two levels that are compared, units.

    >>> serial = clark_scarf([Stage(7, 1), Stage(4, 1), Stage(2, 2)], 37.12, 5, 1)
    >>> [round(S, 2) for S in serial.levels], round(serial.cost, 2)
    ([6.49, 12.02, 22.71], 47.66)
    """
    total = sum(stage.lead for stage in stages)
    reach = 2 * mean * total + 12 * sd * math.sqrt(total)
    x = np.arange(round(-reach / grain), round(reach / grain) + 1).astype(np.float64) * grain
    found: list[float] = []
    below: Floats = (shortage + stages[0].holding) * np.maximum(-x, 0)
    for k, stage in enumerate(stages):
        above = stages[k + 1].holding if k + 1 < len(stages) else 0.0
        demand = _normal(mean * stage.lead, sd * math.sqrt(stage.lead), grain)
        value: Floats = below + (stage.holding - above) * x
        expected = _after(value, demand, x)
        place = int(np.argmin(expected)) if levels is None else int(np.argmin(np.abs(x - levels[k])))
        found.append(float(x[place]))
        cost = float(expected[place])
        below = np.where(x < x[place], expected, cost)
    return Serial(tuple(found), cost)


def _normal(mean: float, sd: float, grain: float) -> Floats:
    """P(demand rounds to d x grain), d = 0 …, shape (d,)."""
    d = np.arange(int((mean + 9 * sd) / grain) + 1)
    edges = np.array([STANDARD.cdf(((k - 0.5) * grain - mean) / sd) for k in np.append(d, d[-1] + 1)])
    edges[0], edges[-1] = 0.0, 1.0
    found: Floats = np.diff(edges)
    return found


def _after(value: Floats, demand: Floats, x: Floats) -> Floats:
    """E[value(y - D)] at every y of the grid; below the grid, the value is extrapolated linearly."""
    slope = value[1] - value[0]
    left = value[0] - slope * np.arange(demand.size - 1, 0, -1)
    found: Floats = np.convolve(np.append(left, value), demand, mode="valid")
    assert found.size == x.size
    return found
