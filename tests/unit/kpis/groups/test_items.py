"""KPIs by item: worked out by hand, and the items add up to the whole."""

import numpy as np
import pytest

from simulator.foundation.errors import AuditError
from simulator.kpis.evaluate import evaluate, evidence_of
from simulator.kpis.evidence.by_item import by_item
from simulator.kpis.groups import items
from simulator.kpis.groups.items import ITEM_KPIS, item_kpis, item_values
from simulator.kpis.kpi import Undefined
from simulator.scenario.loader import load
from simulator.world.simulate import simulate
from tests.unit.world.shops import play, shop


def two_items(**changes):
    """A mug and two cups in every order, on days 1, 2, 3, …; only mugs are bought."""
    basket = {"kind": "bundle", "items": {"mug": 1, "cup": 2}}
    d = shop(
        items={"mug": {"price": 10, "unit_cost": 4}, "cup": {"price": 3, "unit_cost": 1}},
        customers__web={"arrivals": {"kind": "every", "interval": 1, "first": 1}, "basket": basket},
        warehouse__stock={"mug": 2, "cup": 3},
        clock={"horizon": 5},
        suppliers__pottery={"items": ["mug", "cup"], "lead_time": 1.5},
        policies__first={"replenishment": {"mug": {"kind": "s_S", "s": 0, "S": 4}, "default": {"kind": "none"}}},
        costs={"holding": "1 / d", "order": 7, "backorder": "10 / d"},
    )
    return {**d, **changes}


def of_items(run):
    return evaluate(run, ITEM_KPIS)


def test_the_kpis_of_two_items_are_those_worked_out_by_hand():
    """Mugs: 2 in stock, 4 bought on day 2 arrive on day 3.5; one waits half a day. Cups: 3 in stock, 8 wanted."""
    found = of_items(play(two_items()))
    expected = {
        "demand": (4, 8),
        "demand_value": (40, 24),
        "fill_rate": (3 / 4, 3 / 8),
        "backlog_mean": (0.5 / 5, (1 * 3 + 2 * 2 + 2 * 1) / 5),
        "backlog_peak": (1, 5),
        "backorder_days": (0.5, 9),
        "wait_mean": (0.5 / 4, 9 / 8),
        "wait_p95": (0.5, 3),
        "cancelled_units": (0, 0),
        "lost_units": (0, 0),
        "lost_at_checkout": (0, 0),
        "purchases": (1, 0),
        "revenue": (40, 24),
        "lost_margin": (0, 0),
    }
    for name, values in expected.items():
        assert [found[f"{name}_by_item[{item}]"] for item in ("mug", "cup")] == pytest.approx(list(values)), name


def test_what_leaves_costs_the_margin_of_its_item():
    d = two_items()
    d["policies"]["first"]["acceptance"] = {"kind": "never"}
    d["policies"]["first"]["replenishment"] = {"kind": "none"}
    found = of_items(play(d))
    assert found["lost_units_by_item[mug]"] == 2
    assert found["lost_margin_by_item[mug]"] == 2 * 6
    assert found["lost_margin_by_item[cup]"] == found["lost_units_by_item[cup]"] * 2
    assert found["turns_by_item[mug]"] == pytest.approx(2 * 365 / (2 * 1 + 1 * 1))


def test_cost_of_an_order_is_split_over_its_lines_by_units():
    carrier = {"van": {"transit": 1, "cost": {"parcel": 6}}}
    plain, dear = (of_items(play({**two_items(), "carriers": carriers})) for carriers in ({}, carrier))
    parcels = evaluate(play({**two_items(), "carriers": carrier}))["freight_cost"]
    less = {i: plain[f"contribution_by_item[{i}]"] - dear[f"contribution_by_item[{i}]"] for i in ("mug", "cup")}
    assert less["mug"] + less["cup"] == pytest.approx(parcels)
    assert less["cup"] == pytest.approx(2 * less["mug"])


FILES = [
    "steady-shop.yaml",
    "supplier-delay.yaml",
    "kinds/indefinite.yaml",
    "kinds/drop-ship.yaml",
    "money/pay-when.yaml",
    "strategies/checkout.yaml",
    "strategies/consolidation.yaml",
    "strategies/shelves.yaml",
    "textbook/pooling-four-sites.yaml",
]


@pytest.mark.parametrize("file", FILES)
def test_items_add_up_to_the_totals(file):
    scenario = load(f"scenarios/{file}")
    for policy in scenario.policies:
        run = simulate(scenario, policy, 3)
        found = item_values(evidence_of(run), file)  # raises AuditError unless they add up
        totals = evaluate(run)
        rows = dict(zip(item_kpis(run.world), found, strict=True))
        for name in ("backlog_mean", "backorder_days", "on_hand_mean", "purchases", "revenue", "contribution"):
            assert rows[f"{name}_by_item"].sum() == pytest.approx(totals[name], abs=1e-6)


def test_items_that_do_not_add_up_are_an_audit_error(monkeypatch):
    run = play(two_items())
    wrong = ITEM_KPIS["revenue_by_item"]._replace(values=lambda e: by_item(e).revenue + 1)
    monkeypatch.setitem(items.ITEM_KPIS, "revenue_by_item", wrong)
    with pytest.raises(AuditError, match="items add up: revenue_by_item comes to 66, the total is 64"):
        item_values(evidence_of(run), "here")


def test_a_cost_of_an_order_from_before_the_start_belongs_to_the_items_of_its_backlog():
    d = two_items()
    d["warehouse"]["stock"] = {"mug": -3, "cup": 50}
    run = play(d)
    old = run.backordered.where(run.backordered["order"] < 0)
    split = by_item(evidence_of(run)).orders(old.numbers("order"), np.full(old.size, 6.0))
    names = by_item(evidence_of(run)).names
    assert dict(zip(names, split.tolist(), strict=True)) == {"mug": 6.0, "cup": 0.0}


def test_one_item_at_two_sites_is_one_item():
    d = shop(warehouse__stock__mug=0, suppliers__pottery__lead_time=5)
    stock = d.pop("warehouse")
    d["warehouses"] = {"north": stock, "south": stock}
    d["customers"] = {site: {**d["customers"]["web"], "site": site} for site in d["warehouses"]}
    run = play(d)
    evidence = evidence_of(run)
    assert len(by_item(evidence).names) == 1 < len(run.world.items)
    assert by_item(evidence).backlog_peak[0] == pytest.approx(evaluate(run)["backlog_peak"])
    found = of_items(run)
    totals = evaluate(run)
    name = by_item(evidence).names[0]
    for kpi in ("fill_rate", "wait_mean", "wait_p95", "cancellation_rate", "lost_at_checkout"):
        assert found[f"{kpi}_by_item[{name}]"] == pytest.approx(totals[kpi])


def test_an_item_that_nobody_wants_has_no_fill_rate_and_says_why():
    d = two_items()
    d["items"]["bowl"] = {"price": 5, "unit_cost": 1}
    found = of_items(play(d))
    assert isinstance(found["fill_rate_by_item[bowl]"], Undefined)
    assert isinstance(found["wait_p95_by_item[bowl]"], Undefined)
    assert "item" in found["turns_by_item[bowl]"].reason
    assert found["demand_by_item[bowl]"] == 0
    assert np.isnan(
        dict(zip(item_kpis(play(d).world), item_values(evidence_of(play(d)), ""), strict=True))["turns_by_item"]
    ).any()
