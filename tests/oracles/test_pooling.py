"""Risk pooling: one hub instead of four sites halves safety stock and backlog under independent demand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from simulator.kpis.evaluate import evaluate
from simulator.record.run import Run
from tests.oracles.helper import Estimate, assert_close, daily_demand, play, replicate, textbook

MEAN, SD, SITES = 200.0, 30.0, 4
GRAIN = 100  # units of the scenario in one of the book
Z = stats.norm.ppf(0.95)


def short(S: float, mean: float, sd: float) -> float:
    """E[(D - S)+] of normal demand."""
    z = (S - mean) / sd
    return float(sd * (stats.norm.pdf(z) - z * stats.norm.sf(z)))


def backlog(run: Run) -> float:
    """Measure: mean backlog in units of the book."""
    return evaluate(run, ["backlog_mean"])["backlog_mean"] / GRAIN


def test_the_square_root_law_of_safety_stock():
    """Eppen 1979: σ√(n + n(n - 1)ρ)."""

    def pooled(rho: float) -> float:
        return Z * SD * math.sqrt(SITES + SITES * (SITES - 1) * rho)

    assert abs(SITES * Z * SD - 197.382) < 1e-3
    assert (pooled(0.0), pooled(0.5), pooled(1.0)) == pytest.approx((98.691, 156.045, 197.382), abs=1e-3)


@pytest.mark.parametrize(
    ("replications", "within"), [(40, 0.03), pytest.param(100, 0.02, marks=pytest.mark.slow)], ids=["default", "long"]
)
def test_four_sites_on_their_own(replications, within):
    """Mean backlog 4 σ L(z) = 2.50716 at 95 % safety, units of the book."""
    scenario = textbook("pooling-four-sites")
    S = scenario.policies["base"].replenishment["default"].S / GRAIN
    assert abs(S - (MEAN + Z * SD)) < 1 / GRAIN
    value = SITES * short(MEAN + Z * SD, MEAN, SD)
    assert value == pytest.approx(2.50716, abs=1e-5)
    runs = replicate(
        scenario, "base", "fill_rate", measures={"backlog": backlog},
        controls=daily_demand(GRAIN * MEAN, (GRAIN * SD) ** 2 + 1 / 12, streams=SITES), replications=replications,
    )  # fmt: skip
    runs.assert_close(fill_rate=1 - value / (SITES * MEAN))
    runs.assert_close(within=within, backlog=SITES * short(S, MEAN, SD))


@pytest.mark.parametrize(
    ("replications", "within"), [(40, 0.05), pytest.param(280, 0.02, marks=pytest.mark.slow)], ids=["default", "long"]
)
def test_one_hub_for_all(replications, within):
    """The same safety, half the stock for it and half the backlog: 1.25358."""
    scenario = textbook("pooling-one-hub")
    S = scenario.policies["base"].replenishment["default"].S / GRAIN
    assert abs(S - (SITES * MEAN + Z * SD * math.sqrt(SITES))) < 1 / GRAIN
    value = short(S, SITES * MEAN, SD * math.sqrt(SITES))
    assert value == pytest.approx(1.25358, rel=1e-4)
    runs = replicate(
        scenario, "base", measures={"backlog": backlog},
        controls=daily_demand(GRAIN * MEAN, (GRAIN * SD) ** 2 + 1 / 12, streams=SITES), replications=replications,
    )  # fmt: skip
    runs.assert_close(within=within, backlog=value)


def test_both_worlds_see_the_same_customers_and_pooling_never_hurts():
    """Random numbers belong to the segments: day by day the hub's backlog is at most the sum over the sites."""
    sites, hub = play(textbook("pooling-four-sites"), "base"), play(textbook("pooling-one-hub"), "base")
    assert sorted(sites.demand.quantities) == sorted(hub.demand.quantities)
    assert (sites.demand.times == hub.demand.times).all()
    days = sites.demand.quantities.reshape(-1, SITES).sum(axis=1)
    assert (days == hub.demand.quantities.reshape(-1, SITES).sum(axis=1)).all()
    apart, together = sites.level("backlog"), hub.level("backlog")
    slack = SITES * 24935 - 89869  # the hub holds less
    at = together.times
    there = apart.values[np.searchsorted(apart.times, at, side="right") - 1]
    assert (together.values <= there + slack).all()
    assert_close(Estimate("mean", days.mean() / GRAIN, days.std() / GRAIN / len(days) ** 0.5), SITES * MEAN)
