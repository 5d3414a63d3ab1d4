"""Cycle service: what makes a replenishment cycle a bad one."""

import yaml

from simulator.kpis.evaluate import evaluate
from simulator.kpis.kpi import Undefined
from simulator.scenario.loader import load_text
from simulator.world.simulate import simulate


def kpis(*names, **parts):
    d = {
        "name": "cycles",
        "clock": {"horizon": 2000},
        "items": {"mug": {"price": 1, "unit_cost": 1}},
        "customers": {
            "web": {"arrivals": {"kind": "poisson", "rate": 1}, "basket": {"kind": "single", "item": "mug"}}
            | parts.pop("customer", {})
        },
        "warehouse": {"stock": {"mug": 5}},
        "suppliers": {"pottery": {"items": "all", "lead_time": 5}},
        "policies": {"first": {"replenishment": {"kind": "s_Q", "s": 2, "Q": 10}} | parts.pop("policy", {})},
    } | parts
    return evaluate(simulate(load_text(yaml.safe_dump(d)), "first", 1), names)


def test_customers_who_leave_at_once_spoil_a_cycle_as_refused_ones_do():
    leave = kpis("cycle_service", customer={"patience": 0})
    refused = kpis("cycle_service", policy={"acceptance": {"kind": "never"}})
    assert leave == refused
    assert 0 < refused["cycle_service"] < 1


def test_a_receipt_at_time_zero_is_judged_by_its_own_item():
    found = kpis(
        "cycle_service",
        items={"ash": {"price": 1, "unit_cost": 1}, "mug": {"price": 1, "unit_cost": 1}},
        warehouse={"stock": {"ash": -3}},
        customers={},
        suppliers={"pottery": {"items": "all", "lead_time": 0}},
        policies={"first": {"replenishment": {"ash": {"kind": "none"}, "default": {"kind": "base_stock", "S": 5}}}},
    )
    assert found == {"cycle_service": 1.0}


def test_waits_are_undefined_for_the_right_reason_where_everything_was_refused():
    found = kpis(
        "fill_rate",
        "wait_mean",
        warehouse={"stock": {}},
        policies={"first": {"replenishment": {"kind": "none"}, "acceptance": {"kind": "never"}}},
    )
    assert found == {"fill_rate": 0.0, "wait_mean": Undefined("no unit was ordered in the counted window")}
