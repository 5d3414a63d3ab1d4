"""What comparisons stand on: the same customers under every policy, any start, a warm-up, intervals that cover."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.experiment.statistics.intervals import estimate
from simulator.experiment.textbook.measures import poisson_demand
from simulator.kernel.player import Player
from simulator.kpis.evaluate import evaluate
from simulator.record.ledger import ItemLevels
from simulator.theory.base_stock import base_stock
from tests.oracles.helper import play, replicate, textbook


# ------------------------------------------------------------------------------------------------ common random numbers
def test_every_policy_meets_the_same_customers():
    """Law & Kelton 11.2: one stream for each purpose, so that demand does not depend on what is done about it."""
    for name in ("reorder-point", "law-kelton", "lost-sales", "allocation", "periodic-s-S", "overtaking"):
        scenario = textbook(name, {"clock.horizon": "300 d", "clock.warm_up": "0 d"})
        runs = [play(scenario, policy) for policy in scenario.policies]
        for run in runs[1:]:
            for column in ("times", "segments", "counts", "items", "quantities"):
                np.testing.assert_array_equal(
                    getattr(run.demand, column), getattr(runs[0].demand, column), err_msg=name
                )


def test_common_random_numbers_pay():
    """Base stock 15 less 14: common numbers bring the variance of the difference far down."""
    scenario = textbook(
        "base-stock", {"clock.horizon": "510 d", "policies.more": {"replenishment": {"kind": "base_stock", "S": 15}}}
    )
    elsewhere = scenario.edit({"experiment.seed": 4711})
    kpis = ("fill_rate", "on_hand_mean")
    one = replicate(scenario, "base", *kpis, replications=100)
    same, other = (replicate(world, "more", *kpis, replications=100) for world in (scenario, elsewhere))
    for name, least in zip(kpis, (10, 100), strict=True):
        gain = (one[name] - other[name]).var(ddof=1) / (one[name] - same[name]).var(ddof=1)
        print(f"variance of the difference in {name}: {gain:.1f} times smaller")
        assert gain > least


def test_one_unit_more_never_lengthens_the_backlog():
    """Path by path, under common numbers: base stock 15 against 14."""
    scenario = textbook(
        "base-stock", {"clock.horizon": "2000 d", "policies.more": {"replenishment": {"kind": "base_stock", "S": 15}}}
    )
    less, more = (play(scenario, policy).level("backlog") for policy in ("base", "more"))
    at = np.union1d(less.times, more.times)
    after = at > 5.0  # until then the fifteenth unit is still on its way
    a, b = (path.values[np.searchsorted(path.times, at, side="right") - 1] for path in (less, more))
    assert (b <= a)[after].all()
    assert (b < a).any()


# ----------------------------------------------------------------------------------------------------- start, warm-up
QUIET = {
    "customers.all.arrivals": {"kind": "poisson", "rate": "0 / d"},
    "clock.horizon": "10 d",
    "clock.warm_up": "0 d",
}


def test_a_negative_start_is_a_backlog_and_is_bought_for_at_once():
    """20 short at the start, base stock 14: 34 are bought at time 0, arrive on day 5, and 14 of them stay."""
    run = play(textbook("base-stock", {**QUIET, "warehouse.stock.widget": -20}), "base")
    assert run.purchases["time"].tolist() == [0.0]
    assert run.purchases["units"].tolist() == [34.0]
    assert run.fills["time"].tolist() == [5.0]
    assert run.final[0] == ItemLevels(on_hand=14, on_order=0, backordered=0)
    kpis = evaluate(run)
    assert (kpis["backlog_mean"], kpis["backlog_peak"], kpis["on_hand_mean"]) == (10.0, 20.0, 7.0)


def test_the_warm_up_resets_what_is_counted_and_not_what_is_there():
    """From day 3 on: the backlog of the start is still there, for two of the seven days counted."""
    run = play(textbook("base-stock", {**QUIET, "warehouse.stock.widget": -20, "clock.warm_up": "3 d"}), "base")
    kpis = evaluate(run)
    assert (kpis["backlog_mean"], kpis["backlog_peak"]) == (pytest.approx(20 * 2 / 7), 20.0)
    assert kpis["on_hand_mean"] == pytest.approx(14 * 5 / 7)
    assert kpis["purchases"] == 0.0


def test_the_same_history_whatever_the_warm_up():
    """Facts do not depend on the warm-up; the area of the window is that of the whole run less that of the warm-up."""
    whole, late, head = (
        play(textbook("base-stock", {"clock.horizon": f"{end} d", "clock.warm_up": f"{start} d"}), "base")
        for start, end in ((0, 400), (100, 400), (0, 100))
    )
    for facts in ("fills", "purchases", "receipts"):
        for column, values in getattr(whole, facts).items():
            np.testing.assert_array_equal(values, getattr(late, facts)[column])
    areas = [evaluate(run, ["backorder_days"])["backorder_days"] for run in (whole, late, head)]
    assert areas[0] == pytest.approx(areas[1] + areas[2], rel=1e-9)


@pytest.mark.parametrize("stock", [-30, 0, 60])
def test_the_start_is_forgotten(stock):
    """Base stock with a lead time of 5 d: whatever the start, the levels are soon those of the theory."""
    scenario = textbook(
        "base-stock", {"warehouse.stock.widget": stock, "clock.warm_up": "60 d", "clock.horizon": "5060 d"}
    )
    theory = base_stock(2.0, 5.0, 14)
    controls = poisson_demand(2.0, 5.0)
    runs = replicate(scenario, "base", "fill_rate", "on_hand_mean", controls=controls, replications=12)
    runs.assert_close(fill_rate=theory["fill_rate"], on_hand_mean=theory["on_hand_mean"])


# ----------------------------------------------------------------------------------------------------------- coverage
def test_intervals_from_ten_replications_cover_the_exact_value():
    """95 % intervals cover in 95 of 100 cases, here 92-97.5 %, for a long enough run (Law & Kelton 9.4).

    A thousand replications, shuffled 20 times into tens, tell the share as precisely as four thousand in one order.
    """
    exact = base_stock(2.0, 5.0, 14)
    scenario = textbook("base-stock", {"clock.horizon": "110 d", "clock.warm_up": "10 d"})
    values = Player(scenario, "base", 1000, seed=1000).evaluate(["on_hand_mean", "fill_rate"])
    shuffled = np.random.default_rng(1)
    for name, found in values.items():
        tens = [ten for _ in range(20) for ten in shuffled.permutation(found).reshape(-1, 10).tolist()]
        covered = np.mean([abs(each.mean - exact[name]) <= each.half_width for each in map(estimate, tens)])
        print(name, covered)
        assert 0.92 <= covered <= 0.975, name
