"""Every KPI says what it measures, of what, in which unit; every run has the same ones, each a number or a reason."""

import math
from typing import get_args

import pytest
import yaml

from simulator.kpis import kpi as registry
from simulator.kpis.evaluate import evaluate
from simulator.kpis.kpi import KPIS, Group, Undefined, describe
from simulator.scenario.loader import load_text
from simulator.world.simulate import simulate
from tests.unit.world.shops import play, shop

every_kpi = pytest.mark.parametrize("name", KPIS)
MEANS = {"share", "ratio", "d", "1/y"}
"""Units of what is a share or a mean of something, and so has a denominator."""


@every_kpi
def test_a_kpi_says_its_unit_its_denominator_and_its_definition(name):
    kpi = KPIS[name]
    assert kpi.id == name == kpi.function.__name__
    assert kpi.unit
    assert kpi.definition.endswith(".")
    assert len(kpi.definition) > 20
    assert kpi.better in ("higher", "lower", "neither")
    assert kpi.group in get_args(Group)
    if kpi.unit in MEANS and name != "wait_max":
        assert kpi.denominator, "a share or a mean, of what?"


def test_identifiers_are_unique_words_and_definitions_are_their_own():
    assert all(name.isidentifier() and name == name.lower() for name in KPIS)
    definitions = [kpi.definition for kpi in KPIS.values()]
    assert len(set(definitions)) == len(definitions)
    groups = [kpi.group for kpi in KPIS.values()]
    assert groups == sorted(groups, key=groups.index), "groups stand together"


RUNS = {
    "a usual one": {},
    "no customers": {"customers": {}},
    "no stock, no supply": {"warehouse__stock__mug": 0, "policies__first": {"replenishment": {"kind": "none"}}},
    "everything refused": {
        "warehouse__stock__mug": 0,
        "policies__first": {"replenishment": {"kind": "none"}, "acceptance": {"kind": "never"}},
    },
    "everybody leaves": {
        "warehouse__stock__mug": 0,
        "customers__web__patience": 0.5,
        "suppliers__pottery__lead_time": 9,
    },
    "after the last order": {"clock__warm_up": 39.5},
    "nothing costs anything": {"items": {"mug": {"price": 0, "unit_cost": 0}}},
    "an hour": {"clock__horizon": "1 h"},
    "nothing arrives": {"suppliers__pottery__yield": 0},
    "with dates, pickers, a carrier": {
        "customers__web__need_by": 3,
        "warehouse__picking": {"time": "2 h", "workers": 1},
        "carriers__van": {"transit": 1, "cost": {"parcel": 5, "unit": 1}},
        "costs": {"holding": "25 % / y", "order": 3, "backorder": 1},
    },
}


@pytest.mark.parametrize("records", [True, False])
@pytest.mark.parametrize("name", RUNS)
def test_every_run_has_the_same_kpis_each_a_number_or_a_reason(name, records):
    run = simulate(load_text(yaml.safe_dump(shop(**RUNS[name]))), "first", 1, records=records)
    found = evaluate(run)
    assert list(found) == [key for kpi in KPIS.values() if not kpi.on_request for key in kpi.keys(run.world)]
    check(found)
    check(evaluate(run, [kpi.id for kpi in KPIS.values() if kpi.on_request]))


def check(found):
    """Every value is a finite number in its range, or a reason."""
    for identifier, value in found.items():
        kpi = describe(identifier)
        if isinstance(value, Undefined):
            assert value.reason
        else:
            assert type(value) is float
            assert math.isfinite(value)
            if kpi.unit == "share":
                assert -1e-12 <= value <= 1 + 1e-12, identifier
            if kpi.id not in ("contribution", "contribution_by_item"):
                assert value >= -1e-9, identifier


def test_parts_of_a_table_are_told_by_the_identifier_of_the_table():
    costs = {"lost_sale": 1}
    returns = {"share": 0.1}
    run = play(shop(customers__web__patience=2, warehouse__stock__mug=0, customers__web__returns=returns, costs=costs))
    found = evaluate(run, KPIS)
    for name, kpi in KPIS.items():
        keys = [key for key in found if key.split("[")[0] == name]
        if kpi.applies is None or kpi.applies(run.world):
            assert tuple(keys) == kpi.keys(run.world)
        assert all(describe(key) is kpi and kpi.has_key(key) for key in keys)
    assert "wait_p95_by_segment[web]" in found
    assert not KPIS["age_buckets"].has_key("age_buckets[web]")
    assert not KPIS["fill_rate"].has_key("fill_rate[web]")
    buckets = [found[key] for key in found if key.startswith("age_buckets")]
    assert sum(buckets) == pytest.approx(1)


def test_only_what_is_asked_for_is_worked_out():
    assert list(evaluate(play(shop()), ["fill_rate", "turns"])) == ["fill_rate", "turns"]


def test_the_kpis_of_a_small_world_are_those_worked_out_by_hand():
    """Four orders of 2 on days 1 to 4; stock 3; 5 bought on day 2 arrive on day 3.5, 4 bought on day 4 do not."""
    d = shop(
        clock={"horizon": 5},
        customers__web__basket={"kind": "single", "item": "mug", "quantity": 2},
        warehouse__stock__mug=3,
        suppliers__pottery={"items": ["mug"], "lead_time": 1.5, "unit_cost": {"mug": 4}},
        carriers__van={"transit": 2, "cost": {"parcel": 5, "unit": 1}},
        policies__first={"replenishment": {"kind": "s_S", "s": 0, "S": 4}},
        costs={"holding": "1 / d", "order": 7, "backorder": "10 / d"},
    )
    found = evaluate(play(d))
    expected = {
        "fill_rate": 5 / 8,
        "fill_rate_lines": 2 / 4,
        "fill_rate_orders": 2 / 4,
        "fill_rate_revenue": 5 / 8,
        "ready_rate": (2 + 0.5) / 5,
        "cycle_service": 0.0,
        "backorder_rate": 2 / 4,
        "perfect_order": 3 / 4,
        "wait_mean": (1 * 1.5 + 2 * 0.5) / 8,
        "wait_backordered": (1 * 1.5 + 2 * 0.5) / 3,
        "wait_p50": 0.0,
        "wait_p95": 1.5,
        "wait_max": 1.5,
        "delivery_mean": 2 + 2.5 / 8,
        "backlog_mean": 2.5 / 5,
        "backlog_peak": 3.0,
        "backorder_days": 2.5,
        "cancellation_rate": 0.0,
        "lost_at_checkout": 0.0,
        "open_share": 0.0,
        "on_hand_mean": (3 * 1 + 1 * 1 + 2 * 0.5) / 5,
        "on_order_mean": (5 * 1.5 + 4 * 1) / 5,
        "purchases": 2.0,
        "lead_time_effective": 1.5,
        "parcels_per_order": 5 / 4,
        "revenue": 8 * 12.0,
        "holding_cost": 5.0,
        "ordering_cost": 14.0,
        "purchase_cost": 5 * 4.0,
        "freight_cost": 5 * 5 + 8 * 1.0,
        "backorder_cost": 25.0,
    }
    told = {name: found[name] for name in expected}
    assert told == pytest.approx(expected)
    costs = ("holding_cost", "ordering_cost", "purchase_cost", "freight_cost", "backorder_cost")
    assert found["total_cost"] == pytest.approx(sum(found[name] for name in costs))
    assert found["contribution"] == pytest.approx(found["revenue"] - found["total_cost"])
    assert found["operating_cost"] == pytest.approx(found["total_cost"] - found["purchase_cost"])


def test_no_two_modules_have_a_kpi_of_one_name():
    def turns(e):
        """Something else of the same name, which must not take its place."""

    turns.__module__ = "another"
    with pytest.raises(ValueError, match=r"KPI 'turns' is in simulator\.kpis\.groups\.stock and in another"):
        registry.kpi("waiting", "d", "lower", "units")(turns)
    assert KPIS["turns"].group == "stock and supply"
