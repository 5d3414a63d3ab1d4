"""(r,Q) under Poisson demand, path by path: the position, and what it has in common with base stock."""

from __future__ import annotations

import numpy as np
import pytest

from tests.oracles.helper import play, textbook


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
