"""When runs have settled, and what is said of warm-up and horizon."""

import numpy as np
import pytest

from simulator.experiment.run import run
from simulator.experiment.statistics.warm_up import BATCHES, _means, advice, mser, settled
from simulator.report.terminal.scorecard import scorecard
from simulator.scenario.loader import load_text
from simulator.world.simulate import simulate

SHOP = """
name: one-item
clock: {horizon: 2000 d, warm_up: 40 d}
items: {mug: {price: 12, unit_cost: 5}}
customers: {all: {arrivals: {kind: poisson, rate: 2 / d}, basket: {kind: single, item: mug}}}
warehouse: {stock: {mug: 14}}
suppliers: {maker: {items: [mug], lead_time: 5 d}}
policies: {base: {replenishment: {kind: base_stock, S: 14}}}
experiment: {replications: 5}
"""
FULL = {"warehouse.stock": {"mug": 1000}}


def naive(batches):
    """The definition, word for word."""
    n = len(batches)
    errors = [np.sum((batches[d:] - batches[d:].mean()) ** 2) / (n - d) ** 2 for d in range(n - 5)]
    return int(np.argmin(errors))


def test_mser_is_its_definition():
    rng = np.random.default_rng(5)
    for _ in range(20):
        series = rng.normal(size=60) + 20 * np.exp(-np.arange(60) / 8)
        assert mser(series) == naive(series)
    assert mser(np.ones(50)) == 0
    assert mser(np.ones(3)) == 0


def test_mser_finds_where_a_decay_ends():
    """An AR(1) process that starts 30 standard deviations away is within one of them after 34 steps."""
    rng = np.random.default_rng(6)
    cuts = []
    for _ in range(50):
        x, series = 30.0, []
        for noise in rng.normal(size=400):
            x = 0.9 * x + np.sqrt(1 - 0.81) * noise
            series.append(x)
        cuts.append(mser(np.array(series)))
    assert 20 <= np.median(cuts) <= 60


def test_means_over_spans_add_up_to_the_area_under_the_level():
    one = simulate(load_text(SHOP), "base", 3)
    path = one.level("on_hand")
    area = np.sum(path.values * np.diff(np.append(path.times, 2000.0)))
    assert _means(one, "on_hand", 2000.0).sum() * 2000 / BATCHES == pytest.approx(area)


def test_a_start_at_the_steady_state_needs_no_advice():
    scenario = load_text(SHOP)
    assert settled(simulate(scenario, "base", 3)) < 200
    assert run(scenario).manifest.advice == ()


def test_a_start_far_from_it_is_told_with_the_days():
    """986 mugs too many are sold at 2 a day: 493 days."""
    results = run(load_text(SHOP).edit(FULL))
    assert 450 < np.median(results.settled("base")) < 530
    (said,) = results.manifest.advice
    assert "the stock under base settles after" in said
    assert "clock.warm_up is 40 d. Lengthen it" in said
    assert "MSER-5, median of 5 replications" in said
    assert "settles after" in scorecard(results, width=200)


def test_a_horizon_that_is_over_before_the_run_settles_is_told():
    (said,) = run(load_text(SHOP).edit({**FULL, "clock.horizon": 600})).manifest.advice
    assert "horizon is too short" in said


def test_a_world_that_changes_by_the_calendar_settles_nowhere_and_nothing_is_said():
    changing = load_text(SHOP).edit(
        {**FULL, "events": [{"kind": "outage", "supplier": "maker", "at": 100, "lasts": 20}]}
    )
    assert advice(changing, {"base": [500.0] * 5}) == []
    assert advice(load_text(SHOP), {"base": []}) == []
