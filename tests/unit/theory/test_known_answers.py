"""The closed forms have the values that the books print, or that another implementation gave."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from simulator.theory import base_stock as one_for_one
from simulator.theory import laws, leaving, lots, production

RATE, LEAD, S = 2.0, 5.0, 14


# ---------------------------------------------------------------------------------------------------------------- laws
@pytest.mark.parametrize("mean", [0.0, 0.3, 10.0, 800.0])
@pytest.mark.parametrize("level", [-1, 0, 3, 14, 850])
def test_poisson_is_scipys_poisson(mean, level):
    law = stats.poisson(mean)
    assert laws.poisson(mean, 40) == pytest.approx(law.pmf(np.arange(40)), rel=1e-11, abs=1e-300)
    assert laws.poisson_at_most(mean, level) == pytest.approx(law.cdf(level), rel=1e-11)
    assert laws.poisson_above(mean, level) == pytest.approx(law.sf(level), rel=1e-9, abs=1e-17)
    d = np.arange(2000)
    short = law.pmf(d) @ np.maximum(d - level, 0)
    assert laws.poisson_short(mean, level) == pytest.approx(short, rel=1e-9, abs=1e-15)


def test_normal_laws_are_scipys():
    law = stats.truncnorm(-10 / 8, math.inf, loc=10, scale=8)
    cut = laws.cut_normal(10, 8)
    assert [cut(x) for x in (-1, 0, 3, 12, 60)] == pytest.approx(law.cdf([-1, 0, 3, 12, 60]), rel=1e-12)
    z = (56.604 - 50) / 8
    assert laws.normal_short(56.604, 50, 8) == pytest.approx(8 * (stats.norm.pdf(z) - z * stats.norm.sf(z)), rel=1e-12)


# --------------------------------------------------------------------------------------------- base stock, (r,Q), waits
def test_base_stock():
    """Hadley & Whitin 1963, 4-7; Zipkin 6.2."""
    assert one_for_one.base_stock(RATE, LEAD, S) == pytest.approx(
        {
            "fill_rate": 0.864464,
            "backlog_mean": 0.186937,
            "on_hand_mean": 4.186937,
            "wait_mean": 0.0934686,
            "wait_backordered": 0.689624,
        },
        rel=5e-6,
    )


def test_the_law_of_the_wait():
    """P(W > t) = P(Poisson(rate x (L - t)) >= S)."""
    p95, p99 = (one_for_one.wait_quantile(RATE, LEAD, [S], p) for p in (0.95, 0.99))
    assert (p95, p99) == pytest.approx((0.76803, 1.60882), rel=2e-5)
    later = [one_for_one.later_than(RATE, LEAD, [S], t) for t in (1.0, 2.0)]
    assert later == pytest.approx([0.0341807, 0.0036285], rel=1e-5)
    assert one_for_one.later_than(RATE, LEAD, [S], 5.0) == 0.0


def test_reorder_point():
    """Hadley & Whitin 1963, 4-8; Zipkin 6.5."""
    assert one_for_one.reorder_point(RATE, LEAD, 9, 20) == pytest.approx(
        {
            "fill_rate": 0.910341,
            "backlog_mean": 0.166795,
            "on_hand_mean": 9.666795,
            "wait_mean": 0.0833975,
            "no_backlog": 0.45793,
        },
        rel=5e-6,
    )
    assert one_for_one.wait_quantile(RATE, LEAD, one_for_one.positions(9, 20), 0.95) == pytest.approx(0.67847, abs=1e-5)


def test_the_best_reorder_point():
    """Federgruen & Zheng 1992: (9,14) at 13.45413."""

    def cost(r, Q):
        return one_for_one.reorder_cost(RATE, LEAD, r, Q, order=32, hold=1, short=9)

    assert cost(9, 20) == pytest.approx(14.36795, abs=1e-5)
    best = min((cost(r, Q), r, Q) for r in range(5, 14) for Q in range(8, 24))
    assert best == (pytest.approx(13.45413, abs=1e-5), 9, 14)


def test_a_lot_of_one_is_base_stock():
    lot, single = one_for_one.reorder_point(RATE, LEAD, 13, 1), one_for_one.base_stock(RATE, LEAD, 14)
    assert all(lot[name] == pytest.approx(single[name], rel=1e-12) for name in ("fill_rate", "wait_mean"))


def test_no_overtaking():
    """An independent simulation gave fill rate 0.083 and backlog 16.15."""
    found = one_for_one.in_strict_order(RATE, LEAD, S)
    assert (found["fill_rate"], found["backlog_mean"]) == pytest.approx((0.083, 16.15), rel=0.01)


def test_orders_for_two_items():
    """Song 1998: from the product to the fill rate of one item."""
    both = [one_for_one.both_there(RATE, common, LEAD, S) for common in (0.0, 1.0, RATE)]
    assert both == pytest.approx([0.747299, 0.780712, 0.864464], rel=1e-6)


# ------------------------------------------------------------------------------------------------------------- leaving
def test_lost_sales_and_limited_backorders():
    """Karush 1957; scipy for the truncated law."""
    lost = leaving.lost_sales(RATE, LEAD, S)
    assert (lost["lost_at_checkout"], lost["on_hand_mean"]) == pytest.approx((0.0568191, 4.56819), rel=1e-6)
    n = np.arange(15)
    chance = stats.poisson.pmf(n, 10) / stats.poisson.cdf(14, 10)
    limited = leaving.limited(RATE, LEAD, 10, 4)
    assert limited["fill_rate"] == pytest.approx(chance[:10].sum(), rel=1e-12)
    assert limited["backlog_mean"] == pytest.approx(chance @ np.maximum(n - 10, 0), rel=1e-12)
    assert limited["lost_at_checkout"] == pytest.approx(chance[14], rel=1e-12)


def test_impatience():
    """Garnett, Mandelbaum & Reiman 2002; where a purchase stays the backlog is smaller and more is filled at once."""
    taken, kept = leaving.erlang_a(RATE, LEAD, 10.0, 10), leaving.impatient(RATE, LEAD, 10.0, 10)
    assert (taken["backlog_mean"], taken["fill_rate"]) == pytest.approx((0.916426, 0.503147), rel=1e-6)
    assert taken["cancelled_patience"] == pytest.approx(0.0458213, rel=1e-5)
    assert kept["backlog_mean"] < taken["backlog_mean"]
    assert kept["fill_rate"] > taken["fill_rate"]
    bought = RATE * (1 - kept["cancelled_patience"])
    assert kept["on_order_mean"] == pytest.approx(LEAD * bought, rel=1e-9)  # Little


def test_endless_patience_is_base_stock():
    endless = one_for_one.base_stock(RATE, LEAD, 10)
    chain = leaving.impatient(RATE, LEAD, math.inf, 10)
    assert (endless["backlog_mean"], endless["fill_rate"]) == pytest.approx((1.251100, 0.457930), rel=1e-5)
    assert (chain["backlog_mean"], chain["fill_rate"]) == pytest.approx((1.251100, 0.457930), rel=1e-5)


def test_a_chain_that_is_cut_too_early_is_refused():
    with pytest.raises(ValueError, match="truncated too early"):
        leaving.impatient(20.0, 5.0, 10.0, 100)


# ---------------------------------------------------------------------------------------------------------------- lots
def test_planned_backorders():
    """Snyder & Shen, section 3.5; Harris 1913."""
    Q, share = lots.eoq(1300, 8, 0.225, 5)
    cost = lots.lot_cost(Q, share * Q, 1300, 8, 0.225, 5)
    assert (Q, share, cost) == pytest.approx((310.8126, 0.043062, 66.9214), rel=1e-5)
    plain, none = lots.eoq(1300, 8, 0.225)
    assert none == 0
    assert (plain, lots.lot_cost(plain, 0, 1300, 8, 0.225, 5)) == pytest.approx((304.0468, 68.4105), rel=1e-6)


def test_the_critical_ratio_gives_the_best_stock():
    """Snyder & Shen, section 4.3: F(S) = p / (p + h)."""
    best = lots.newsvendor_stock(50, 8, 0.18, 0.70)
    assert abs(best - 56.6040) < 5e-5
    values = lots.newsvendor(best, 50, 8, 0.18, 0.70)
    assert values == pytest.approx({"cost": 1.99761, "backlog_mean": 0.91920, "fill_rate": 0.981616}, rel=1e-5)


def test_safety_stock_must_know_the_variance_of_the_lead_time():
    """Silver, Pyke & Thomas 6.7; the share that the wrong formula delivers is 0.690 in its own normal terms."""
    z = laws.normal_quantile(0.95)
    both, alone = lots.safety_stock(z, 10, 30, 100, 3), lots.safety_stock(z, 10, 30)
    assert (both, alone) == pytest.approx((517.541, 156.045), abs=1e-3)
    promised = stats.norm.cdf(alone / (both / z))
    assert promised == pytest.approx(0.690, abs=5e-4)
    # The formula takes lead-time demand as normal and continuous; here it comes by the day. Both effects are small.
    for s, nominal in ((1517, 0.95), (1156, promised)):
        assert lots.no_backlog_in_a_cycle(s, 100, 30, 10, 3) == pytest.approx(nominal, abs=0.012)


def test_the_square_root_law_of_pooling():
    """Eppen 1979."""
    z = laws.normal_quantile(0.95)
    assert z * 4 * 30 == pytest.approx(197.382, abs=1e-3)
    pooled = [z * lots.pooled_sd(30, 4, rho) for rho in (0.0, 0.5, 1.0)]
    assert pooled == pytest.approx([98.691, 156.045, 197.382], abs=1e-3)
    apart = 4 * laws.normal_short(200 + z * 30, 200, 30)
    together = laws.normal_short(800 + z * 60, 800, 60)
    assert (apart, together) == pytest.approx((2.50716, 1.25358), rel=1e-5)


def test_periodic_s_S():
    """Zheng & Federgruen 1991: (4,10) is best at 8.034112."""
    best = min((lots.renewal_cost(s, S, 6, 5, 1, 4), s, S) for s in range(8) for S in range(8, 20))
    assert best == (pytest.approx(8.034112, abs=5e-7), 4, 10)


PUBLISHED = {  # 600 replications, mean and half-width of the 95 % interval
    (20, 40): (124.86, 0.33), (20, 60): (119.01, 0.30), (20, 80): (121.40, 0.27), (20, 100): (126.83, 0.24),
    (40, 60): (125.97, 0.22), (40, 80): (125.44, 0.18), (40, 100): (131.56, 0.18),
    (60, 80): (143.86, 0.21), (60, 100): (144.27, 0.16),
}  # fmt: skip
SIZES = {1: 1 / 6, 2: 1 / 3, 3: 1 / 3, 4: 1 / 6}


def test_law_and_keltons_nine_policies():
    """Simulation Modeling and Analysis, 1.5: the book prints one replication, here are means and the exact value."""
    exact = {pair: lots.law_kelton(*pair, 120, 60, 10.0, SIZES, (32.0, 3.0, 1.0, 5.0)) for pair in PUBLISHED}
    for pair, (mean, half_width) in PUBLISHED.items():
        assert exact[pair] == pytest.approx(mean, abs=1.5 * half_width)
    assert min(exact, key=exact.__getitem__) == (20, 60)


# ------------------------------------------------------------------------------------------------------------ capacity
def test_one_line():
    """M/M/1 make-to-stock, and to order: mean 5 d, one in twenty longer than 14.979 d."""
    made, to_order = (production.make_to_stock(0.8, 1.0, S) for S in (10, 0))
    assert list(made.values()) == pytest.approx([0.892626, 0.429497, 6.429497, 0.536871, 3.8215], rel=1e-5)
    assert (to_order["wait_mean"], to_order["wait_p95"], to_order["fill_rate"]) == pytest.approx(
        (5.0, 14.979, 0.0), rel=1e-4
    )
    assert production.best_stock(0.8, 1.0, 1, 9) == 10
