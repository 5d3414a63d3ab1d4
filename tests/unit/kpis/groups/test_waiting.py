"""Waiting: order-level waits, limits of waiting time, time without backlog; a lost sale's cost."""

import pytest

from simulator.experiment.run import run
from simulator.foundation.errors import UserError
from simulator.kpis.evaluate import evaluate, evidence_of
from simulator.kpis.groups.items import item_values
from simulator.kpis.series.series import measure
from simulator.scenario.loader import load
from tests.unit.world.shops import play, shop


def late_goods(**changes):
    """Orders of two on days 1 to 4; 3 mugs in stock, 5 arrive on day 3.5 and 4 never."""
    return shop(
        clock={"horizon": 5},
        customers__web__basket={"kind": "single", "item": "mug", "quantity": 2},
        warehouse__stock__mug=3,
        suppliers__pottery={"items": ["mug"], "lead_time": 1.5},
        policies__first={"replenishment": {"kind": "s_S", "s": 0, "S": 4}},
        **changes,
    )


def test_waits_of_orders_and_time_without_backlog_by_hand():
    """The orders of days 2 and 3 wait for a day and a half and for half a day; something waits from day 2 to 3.5."""
    found = evaluate(play(late_goods()))
    assert found["order_wait_mean"] == pytest.approx((0 + 1.5 + 0.5 + 0) / 4)
    assert found["order_wait_p95"] == 1.5
    assert found["no_backlog_share"] == pytest.approx(1 - 1.5 / 5)


def test_the_share_of_units_that_waited_longer_than_a_limit():
    run_ = play(late_goods())
    found = evaluate(run_, also=["wait_above[1 d]", "wait_above[2 d]"])
    assert found["wait_above[1 d]"] == pytest.approx(1 / 8)
    assert found["wait_above[2 d]"] == 0
    assert "wait_above[1 d]" not in evaluate(run_)


def test_a_limit_is_named_anywhere_a_kpi_is_and_others_are_refused():
    scenario = load("scenarios/steady-shop.yaml", ["clock.horizon=90 d", "clock.warm_up=10 d"])
    results = run(scenario, 2, kpis=["wait_above[7 d]"])
    assert results.estimate("lean", "wait_above[7 d]").mean is not None
    with pytest.raises(UserError, match=r"no KPI 'wait_above\[8 d\]'"):
        run(scenario, 2, kpis=["wait_above[8 d]"])
    with pytest.raises(UserError, match="worked out on request: run the scenario again with --kpi"):
        run(scenario, 2).request("wait_above[7 d]")


def test_an_order_still_open_has_waited_to_the_horizon():
    d = late_goods()
    d["policies"]["first"] = {"replenishment": {"kind": "none"}}
    found = evaluate(play(d))
    assert found["order_wait_mean"] == pytest.approx((0 + 3 + 2 + 1) / 4)


def test_a_lost_sale_costs_what_the_scenario_says():
    d = late_goods(costs={"lost_sale": 4})
    d["policies"]["first"] = {"replenishment": {"kind": "none"}, "acceptance": {"kind": "never"}}
    played = play(d)
    found = evaluate(played)
    assert found["lost_sale_cost"] == 5 * 4
    assert found["operating_cost"] == found["total_cost"] == 20
    assert found["contribution"] == 3 * 12 - 20
    assert "lost_sale_cost" not in evaluate(play(late_goods()))
    item_values(evidence_of(played), "here")
    series = measure(evidence_of(played))
    assert series["money.lost_sale_cost"].sum() == 20
    assert series["money.not_followed"][0] == 0
