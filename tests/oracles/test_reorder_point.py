"""(r,Q) under Poisson demand: service, waits, cost, the best policy; safety stock under variable lead times."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from tests.oracles.formulas import reorder_point, wait_quantile
from tests.oracles.helper import cost_per_day, play, poisson_demand, replicate, textbook

RATE, LEAD = 2.0, 5.0
K, H, P = 32.0, 1.0, 9.0


def cost(r: int, Q: int) -> float:
    """Ordering, holding and backorder cost a day."""
    levels = reorder_point(RATE, LEAD, r, Q)
    return K * RATE / Q + H * levels["on_hand_mean"] + P * levels["backlog_mean"]


def test_service_waits_and_cost_at_a_given_policy():
    """Hadley & Whitin 1963, 4-8; Zipkin 6.5: positions uniform on r+1 … r+Q."""
    r, Q = 9, 20
    theory = reorder_point(RATE, LEAD, r, Q)
    assert theory == pytest.approx(
        {"fill_rate": 0.910341, "backlog_mean": 0.166795, "on_hand_mean": 9.666795, "wait_mean": 0.0833975}, rel=5e-6
    )
    assert cost(r, Q) == pytest.approx(14.36795, abs=1e-5)
    no_backlog = float(stats.poisson.cdf(r, RATE * LEAD))
    assert no_backlog == pytest.approx(0.458, abs=5e-4)
    p95 = wait_quantile(RATE, LEAD, range(r + 1, r + Q + 1), 0.95)
    assert p95 == pytest.approx(0.67847, abs=1e-5)

    runs = replicate(
        textbook("reorder-point"),
        "r9_Q20",
        *theory,
        "cycle_service",
        "ready_rate",
        "wait_p95",
        "purchase_size",
        measures={"cost": cost_per_day},
        controls=poisson_demand(RATE, LEAD),
    )
    runs.assert_close(**theory)
    runs.assert_close(cost=cost(r, Q), cycle_service=no_backlog)
    runs.assert_close(ready_rate=theory["fill_rate"])  # Poisson arrivals see time averages
    runs.assert_close(within=0.03, wait_p95=p95)
    assert (runs["purchase_size"] == Q).all()


def test_the_best_policy_costs_what_the_algorithm_says():
    """Federgruen & Zheng 1992: (9,14) at 13.45413; cost is convex around it, so the neighbours are worse."""
    best = min((cost(r, Q), r, Q) for r in range(5, 14) for Q in range(8, 24))
    assert best == (pytest.approx(13.45413, abs=1e-5), 9, 14)
    runs = replicate(
        textbook("reorder-point"),
        "r9_Q14",
        measures={"cost": cost_per_day},
        controls=poisson_demand(RATE, LEAD),
        replications=10,
    )
    runs.assert_close(cost=best[0])


def test_it_is_the_position_that_is_kept_above_the_reorder_point_not_the_stock_on_hand():
    """On hand + on order - backlog is in r+1 … r+Q after every event, and is spread evenly over them (Zipkin 6.2.3)."""
    run = play(textbook("reorder-point", {"clock.horizon": "5000 d", "clock.warm_up": "0 d"}), "r9_Q20")
    on_hand, on_order, backlog = (run.level(level) for level in ("on_hand", "on_order", "backlog"))
    times = np.unique(np.concatenate([on_hand.times, on_order.times, backlog.times]))
    position = sum(
        sign * path.values[np.searchsorted(path.times, times, side="right") - 1]
        for sign, path in ((1, on_hand), (1, on_order), (-1, backlog))
    )
    assert position.min() == 10
    assert position.max() == 29
    time_at = np.bincount(position.astype(int), weights=np.diff(np.append(times, 5000.0)), minlength=30)[10:] / 5000
    assert time_at == pytest.approx(np.full(20, 0.05), rel=0.2)


def test_a_lot_of_one_is_base_stock_and_a_gap_is_a_lot_under_unit_demand():
    """(s, Q = 1) is base stock s + 1, and (s,S) is (s, Q = S - s): the same run, fact by fact."""
    scenario = textbook(
        "reorder-point",
        {
            "clock.horizon": "500 d",
            "policies.one": {"replenishment": {"kind": "s_Q", "s": 13, "Q": 1}},
            "policies.base": {"replenishment": {"kind": "base_stock", "S": 14}},
            "policies.lot": {"replenishment": {"kind": "s_Q", "s": 9, "Q": 20}},
            "policies.gap": {"replenishment": {"kind": "s_S", "s": 9, "S": 29}},
        },
    )
    for a, b in (("one", "base"), ("lot", "gap")):
        first, second = play(scenario, a), play(scenario, b)
        for facts in ("fills", "purchases", "receipts", "parcels", "backordered"):
            for column, values in getattr(first, facts).items():
                np.testing.assert_array_equal(values, getattr(second, facts)[column], err_msg=f"{a}, {facts}.{column}")


# ------------------------------------------------------------------------------------------------------- safety stock
DEMAND, DEMAND_SD, MEAN_LEAD, LEAD_SD = 100.0, 30.0, 10.0, 3.0


def no_backlog_in_a_cycle(s: int) -> float:
    """P(undershoot + demand of the lead time <= s), exactly.

    Demand comes once a day, so the position falls below s by U, P(U = u) = P(D > u) / E[D] (renewal theory, large Q),
    and a lead time L meets floor(L) demands, those of the days after; a receipt comes before the demand of its
    instant.
    """
    size = 8192
    law = stats.truncnorm(-DEMAND / DEMAND_SD, math.inf, loc=DEMAND, scale=DEMAND_SD)
    edges = np.concatenate(([0.0], np.arange(0.5, 400.5)))
    D = np.zeros(size)
    D[:400] = np.diff(law.cdf(edges))[:400]
    mean = float(D @ np.arange(size))
    U = (1 - np.cumsum(D)) / mean
    lead = stats.truncnorm(-MEAN_LEAD / LEAD_SD, math.inf, loc=MEAN_LEAD, scale=LEAD_SD)
    step = np.fft.rfft(D)
    total = np.zeros_like(step)
    for n in range(30):
        total += (lead.cdf(n + 1) - lead.cdf(n)) * step**n
    return float(np.fft.irfft(total * np.fft.rfft(U), size)[: s + 1].sum())


def test_safety_stock_must_know_the_variance_of_the_lead_time():
    """Silver, Pyke & Thomas 6.7; Snyder & Shen 5.3: z√(Lσ_d² + d²σ_L²)."""
    z = stats.norm.ppf(0.95)
    both = z * math.sqrt(MEAN_LEAD * DEMAND_SD**2 + DEMAND**2 * LEAD_SD**2)
    demand_only = z * math.sqrt(MEAN_LEAD) * DEMAND_SD
    assert (both, demand_only) == pytest.approx((517.541, 156.045), abs=1e-3)
    promised = stats.norm.cdf(demand_only / (both / z))
    assert promised == pytest.approx(0.690, abs=5e-4)

    scenario = textbook("safety-stock")
    for policy, nominal in (("both_variances", 0.95), ("demand_only", promised)):
        s = scenario.policies[policy].replenishment["default"].s
        exact = no_backlog_in_a_cycle(s)
        # The formula takes lead-time demand as normal and continuous; here it comes by the day. Both effects are small.
        assert exact == pytest.approx(nominal, abs=0.012)
        replicate(scenario, policy, "cycle_service").assert_close(cycle_service=exact)
