"""(s,S) with periodic review: the exact renewal cost, and the nine policies of Law & Kelton."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from simulator.kpis.evaluate import evaluate
from simulator.record.run import Run
from tests.oracles.helper import cost_per_day, days, replicate, textbook


# ------------------------------------------------------------------------------------------------ exact renewal cost
def renewal_cost(s: int, S: int, rate: float = 6.0, K: float = 5.0, h: float = 1.0, p: float = 4.0) -> float:
    """Cost a period: (K + sum of m(j) G(S - j)) / sum of m(j), j = 0 … S - s - 1; an order is due at or below s."""
    d = np.arange(200)
    chance = stats.poisson.pmf(d, rate)
    m = np.zeros(S - s)
    m[0] = 1 / (1 - chance[0])
    for j in range(1, m.size):
        m[j] = sum(chance[i] * m[j - i] for i in range(1, j + 1)) / (1 - chance[0])
    G = [float(chance @ np.where(y >= d, h * (y - d), p * (d - y))) for y in range(S, s, -1)]
    return (K + float(m @ G)) / float(m.sum())


@pytest.mark.parametrize("s", [3, 4, 5])
def test_periodic_s_S_costs_what_renewal_theory_says(s):
    """Zheng & Federgruen 1991: (4,10) is best at 8.034112; the pairs beside it tell `at or below s` from `below s`."""
    best = min((renewal_cost(s, S), s, S) for s in range(8) for S in range(8, 20))
    assert best == (pytest.approx(8.034112, abs=5e-7), 4, 10)
    runs = replicate(textbook("periodic-s-S"), f"s{s}_S10", measures={"cost": cost_per_day})
    runs.assert_close(within=0.01, cost=renewal_cost(s, 10))


# ------------------------------------------------------------------------------------------------------ Law & Kelton
MONTHS, START = 120, 60
RATE, SIZES = 10.0, {1: 1 / 6, 2: 1 / 3, 3: 1 / 3, 4: 1 / 6}
SETUP, UNIT, HOLDING, SHORT = 32.0, 3.0, 1.0, 5.0
PUBLISHED = {  # 600 replications, mean and half-width of the 95 % interval
    (20, 40): (124.86, 0.33), (20, 60): (119.01, 0.30), (20, 80): (121.40, 0.27), (20, 100): (126.83, 0.24),
    (40, 60): (125.97, 0.22), (40, 80): (125.44, 0.18), (40, 100): (131.56, 0.18),
    (60, 80): (143.86, 0.21), (60, 100): (144.27, 0.16),
}  # fmt: skip
SIZE = 256  # demand of a month: mean 25, sd 8.5


def demand(t: float) -> np.ndarray:
    """Chances of 0, 1, 2, … units within t months: compound Poisson."""
    size = np.zeros(SIZE)
    for units, chance in SIZES.items():
        size[units] = chance
    return np.fft.irfft(np.exp(RATE * t * (np.fft.rfft(size) - 1)), SIZE)


def stock_cost(levels: np.ndarray, t: float) -> np.ndarray:
    """Expected holding and shortage cost rate, t months after each level."""
    left = levels[:, None] - np.arange(SIZE)[None, :]
    return np.where(left >= 0, HOLDING * left, -SHORT * left) @ demand(t)


def law_kelton(s: int, S: int) -> float:
    """Expected cost a month, exactly: an order arrives before the next review, so the level at a review says all."""
    levels = np.arange(-SIZE, max(S, START) + 1)
    quantity = np.where(levels < s, S - levels, 0)
    month = np.where(levels < s, SETUP + UNIT * quantity, 0.0)
    nodes, weights = np.polynomial.legendre.leggauss(12)
    for half in (0.0, 0.5):
        for node, weight in zip(nodes, weights, strict=True):
            t = half + (node + 1) / 4
            there = max(0.0, (t - 0.5) / 0.5)  # P(lead time <= t), uniform on half a month to a whole one
            month += weight / 4 * ((1 - there) * stock_cost(levels, t) + there * stock_cost(levels + quantity, t))
    chances, total, fall = (levels == START).astype(float), 0.0, demand(1.0)
    for _ in range(MONTHS):
        total += float(chances @ month)
        after = np.zeros(levels.size)
        np.add.at(after, levels + quantity + SIZE, chances)
        chances = np.convolve(after[::-1], fall)[: levels.size][::-1]
    return total / MONTHS


def monthly_cost(run: Run) -> float:
    """Ordering, holding and shortage a month; units are paid when ordered, as in the book."""
    kpis = evaluate(run, ["ordering_cost", "holding_cost", "backorder_cost"])
    return (sum(kpis.values()) + UNIT * float(run.purchases["units"].sum())) / days(run)


@pytest.mark.parametrize(("s", "S"), PUBLISHED)
def test_law_and_keltons_inventory_model(s, S):
    """Simulation Modeling and Analysis, 1.5: the book prints one replication, here are means and the exact value."""
    exact = law_kelton(s, S)
    mean, half_width = PUBLISHED[s, S]
    assert exact == pytest.approx(mean, abs=1.5 * half_width)
    scenario = textbook("law-kelton")
    assert scenario.policies[f"{s}-{S}"].replenishment["default"].s == s - 1  # they order below s, we at or below
    runs = replicate(scenario, f"{s}-{S}", measures={"cost": monthly_cost})
    runs.assert_close(cost=exact)


def test_the_pair_20_60_is_the_best_of_the_nine():
    """The conclusion the book draws, here from exact values."""
    assert min(PUBLISHED, key=lambda pair: law_kelton(*pair)) == (20, 60)
