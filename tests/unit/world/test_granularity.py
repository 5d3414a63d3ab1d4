"""Quantities in units of their own: hand-worked answers, invariance to the size of a unit, and both lanes alike."""

import pytest
import yaml

import simulator
from simulator.kpis.kpi import OF_UNITS, Undefined, describe
from simulator.scenario.loader import load_text
from tests.unit.world.shops import shop

COFFEE = {"price": 20, "unit_cost": 10, "unit": "kg", "granularity": 0.25}


def text(d):
    return yaml.safe_dump(d, sort_keys=False)


def play(d, lane="auto"):
    """An audited run with KPIs."""
    run = simulator.simulate(load_text(text(d)), "first", seed=3, lane=lane)
    run.audit()
    return run


def coffee(quantity, item=COFFEE, stock=1.5):
    """A shop that sells one item a day, and never buys."""
    return shop(
        clock={"horizon": 6},
        items={"beans": item},
        customers__web__basket={"kind": "single", "item": "beans", "quantity": quantity},
        suppliers__pottery__items=["beans"],
        warehouse__stock={"beans": stock},
        policies__first__replenishment={"kind": "none"},
    )


def test_orders_of_three_quarters_of_a_kilo_leave_what_a_calculator_says():
    # Days 1 and 2 are served from 1.5 kg; those of days 3, 4 and 5 wait: 0.75, 1.5 and 2.25 kg, a day each.
    run = play(coffee(0.75))
    kpis = run.kpis(["fill_rate", "backorder_days", "backlog_mean", "backlog_peak", "on_hand_mean", "revenue"])
    assert kpis["fill_rate"] == pytest.approx(1.5 / 3.75)
    assert kpis["backorder_days"] == pytest.approx(0.75 + 1.5 + 2.25)
    assert kpis["backlog_mean"] == pytest.approx(4.5 / 6)
    assert kpis["backlog_peak"] == pytest.approx(2.25)
    assert kpis["on_hand_mean"] == pytest.approx((1.5 + 0.75) / 6)
    assert kpis["revenue"] == pytest.approx(5 * 0.75 * 20)
    assert run.lines()["units"].tolist() == [0.75] * 5
    assert run.level("backlog", "beans").values.max() == 2.25
    assert run.story(2)[0].endswith("placed by web: 0.75 kg beans")


def test_a_law_below_half_a_step_is_carried_and_nothing_is_lost():
    # 0.3 kg a day in steps of 0.5 kg: a step on the days on which 0.25, 0.75, 1.25, ... 2.75 kg are due.
    d = coffee(0.3, {**COFFEE, "granularity": 0.5}, stock=5)
    d["clock"]["horizon"] = 11
    run = play(d)
    assert run.lines()["placed"].tolist() == [1, 3, 5, 6, 8, 10]
    assert run.lines()["units"].tolist() == [0.5] * 6
    # In steps of 2 kg, 0.3 kg a day is a step on the days on which 1 and 3 kg are due.
    d["items"]["beans"]["granularity"], d["warehouse"]["stock"]["beans"] = 2, 4
    assert play(d).lines()["placed"].tolist() == [4, 10]


def test_a_granularity_of_one_plays_the_bytes_of_pieces():
    pieces = play(coffee(2, {"price": 20, "unit_cost": 10}, stock=3))
    kilos = play(coffee(2, {**COFFEE, "granularity": 1}, stock=3))
    assert kilos.kpis() == pieces.kpis()
    assert kilos.world.grain == 1.0


def roast(k, granularity):
    """A world in units of which k are a kilo; the same sizes, prices and costs whatever k is."""
    sizes = {"kind": "empirical", "values": [0.5 * k, k, 4 * k]}
    return shop(
        clock={"horizon": 120, "warm_up": 10},
        items={"beans": {"price": 18 / k, "unit_cost": 9 / k, "volume": 2 / k, "granularity": granularity}},
        customers__web={
            "arrivals": {"kind": "poisson", "rate": "6 / d"},
            "basket": {"kind": "single", "item": "beans", "quantity": sizes},
            "patience": {"kind": "exponential", "mean": "9 d"},
        },
        warehouse={"stock": {"beans": 60 * k}, "space": 300},
        suppliers={
            "roaster": {
                "items": ["beans"],
                "lead_time": {"kind": "gamma", "mean": "4 d", "cv": 0.4},
                "minimum": 10 * k,
                "lane": {"cost": {"shipment": 5, "unit": 0.1 / k}},
            }
        },
        carriers={"van": {"transit": "1 d", "cost": {"parcel": 2, "unit": 0.2 / k}}},
        costs={"holding": f"{0.02 / k} / d", "backorder": f"{0.5 / k} / d", "lost_sale": 1 / k, "storage": 0.01},
        policies={
            "first": {
                "replenishment": {"default": {"kind": "s_S", "s": 40 * k, "S": 90 * k}},
                "acceptance": {"kind": "limit", "units": 30 * k},
            }
        },
    )


@pytest.mark.parametrize("lane", ["simpy", "compiled"])
@pytest.mark.parametrize("granularity", [0.5, 0.1])
def test_a_world_in_kilos_is_the_world_in_steps_at_the_price_of_a_step(lane, granularity):
    many = round(1 / granularity)
    kilos, steps = play(roast(1, granularity), lane), play(roast(many, 1), lane)
    assert kilos.demand.times.tolist() == steps.demand.times.tolist()
    assert len(kilos.fills["time"]) > 30
    found, wanted = kilos.kpis(), steps.kpis()
    for key, value in wanted.items():
        if isinstance(value, Undefined):
            assert isinstance(found[key], Undefined), key
        else:
            scale = many if describe(key).unit in OF_UNITS else 1
            assert found[key] * scale == pytest.approx(value, rel=1e-9, abs=1e-9), key


def mixed(k, fulfilment):
    """Beans by the kilo (or in k-th parts of it) and mugs by the piece, in one order."""
    d = roast(k, 0.25 if k == 1 else 1)
    del d["costs"]["lost_sale"], d["costs"]["holding"], d["costs"]["backorder"]  # money for a unit of any item
    d["items"]["mug"] = {"price": 12, "unit_cost": 5}
    sizes = {"beans": d["customers"]["web"]["basket"]["quantity"], "mug": {"kind": "poisson", "mean": 2}}
    d["customers"]["web"]["basket"] = {"kind": "bundle", "items": sizes}
    d["suppliers"]["pottery"] = {"items": ["mug"], "lead_time": "9 d"}
    d["suppliers"]["roaster"]["yield"] = {"kind": "uniform", "low": 0.8, "high": 1}
    d["carriers"] = {"van": {"transit": "1 d", "cost": {"parcel": 2}}}
    del d["suppliers"]["roaster"]["lane"]
    d["policies"]["first"] = {
        "replenishment": {
            "default": {"kind": "s_S", "s": 40, "S": 90},
            "beans": {"kind": "s_S", "s": 40 * k, "S": 90 * k},
        },
        "fulfilment": {"kind": fulfilment},
    }
    return d


@pytest.mark.parametrize("lane", ["simpy", "compiled"])
@pytest.mark.parametrize("fulfilment", ["as_available", "order_complete"])
def test_kilos_and_pieces_in_one_order_cost_and_earn_what_they_do_in_quarters_of_a_kilo(lane, fulfilment):
    kilos, quarters = play(mixed(1, fulfilment), lane), play(mixed(4, fulfilment), lane)
    found, wanted = kilos.kpis(), quarters.kpis()
    for key, value in wanted.items():
        if describe(key).unit == "currency" and not isinstance(value, Undefined):
            assert found[key] == pytest.approx(value, rel=1e-9, abs=1e-9), key
    by_item = ["demand_by_item", "backorder_days_by_item"]
    mine, theirs = kilos.kpis(by_item), quarters.kpis(by_item)
    for key, value in theirs.items():
        assert mine[key] * (4 if "beans" in key else 1) == pytest.approx(value), key
    assert kilos.world.grain == 0.25
    # A parcel with everything holds what was ordered: kilos and pieces added as they are.
    order = int(kilos.parcels["order"][0])
    assert kilos.orders(order, order + 1)["units"][0] >= kilos.parcels["units"][0] * 0.25


def test_a_general_decision_is_put_into_the_steps_of_each_item():
    d = coffee(0.75)
    d["items"]["mug"] = {"price": 12, "unit_cost": 5}
    d["suppliers"]["pottery"]["items"] = ["beans", "mug"]
    d["policies"]["first"] = {
        "replenishment": {"kind": "base_stock", "S": 3},
        "acceptance": {"default": {"kind": "limit", "units": 2}},
    }
    run = play(d)
    bought = run.purchases
    by_item = {run.world.items[int(i)].name: u for i, u in zip(bought["item"], bought["units"], strict=True)}
    assert by_item["mug"] * run.world.grain == 3  # up to 3 pieces
    assert bought["units"][bought["item"] == 0][0] * run.world.grain in (1.5, 3)  # up to 3 kg from 1.5 kg


def test_open_books_and_recorded_orders_count_in_units(tmp_path):
    (tmp_path / "orders.csv").write_text("t,o,i,q,p\n1,a,beans,0.75,21\n2,b,beans,1.25,\n")
    (tmp_path / "open.csv").write_text("o,placed,i,q\nold,-2,beans,0.5\n")
    (tmp_path / "stock.csv").write_text("i,q\nbeans,1.25\n")
    (tmp_path / "bought.csv").write_text("i,q,due\nbeans,2.5,3\n")
    d = coffee(1)
    columns = {"time": "t", "order": "o", "item": "i", "quantity": "q", "price": "p"}
    d["customers"]["web"] = {"arrivals": {"kind": "trace", "file": "orders.csv", **columns}}
    del d["warehouse"]
    d["opening"] = {
        "orders": {"file": "open.csv", "order": "o", "placed": "placed", "item": "i", "quantity": "q"},
        "stock": {"file": "stock.csv", "item": "i", "quantity": "q"},
        "purchases": {"file": "bought.csv", "item": "i", "quantity": "q", "due": "due"},
    }
    scenario = load_text(text(d), tmp_path)
    run = simulator.simulate(scenario, "first", seed=1)
    run.audit()
    # 1.25 kg: 0.5 to the old order, 0.75 to the first; the second gets its 1.25 kg of the 2.5 kg that come on day 3.
    assert run.lines()["units"].tolist() == [0.5, 0.75, 1.25]
    assert run.lines()["filled"].tolist() == [0, 1, 3]
    assert run.kpis(["revenue"])["revenue"] == pytest.approx(0.75 * 21 + 1.25 * 20)
    found = simulator.outlook(scenario, replications=2)
    assert [(line.order, line.units) for line in found.lines] == [("old", 0.5)]
    assert found.purchases[0].units == 2.5
