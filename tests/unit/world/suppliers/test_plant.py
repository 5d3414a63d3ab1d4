"""A supplier's lines: one purchase after the other, setups, failures, hours, short staff, overtime, material."""

from __future__ import annotations

import pytest

from simulator.kpis.evaluate import evaluate
from tests.unit.world.shops import play, shop


def maker(horizon=40.0, customers=None, **capacity):
    """One order of 4 at time 0.5 and one on day 1.5, each bought at once; a line makes 2 a day, a day's transport."""
    web = {
        "arrivals": {"kind": "every", "interval": 1, "first": 0.5},
        "basket": {"kind": "single", "item": "mug", "quantity": 4},
    }
    return shop(
        clock={"horizon": horizon, "start": "2025-01-06"},
        items__plate={"price": 1, "unit_cost": 1},
        customers={"web": {**web, **(customers or {})}},
        warehouse__stock={"mug": 0},
        suppliers={"works": {"items": "all", "lead_time": 1, "capacity": {"rate": 2, **capacity}}},
        policies__first={"replenishment": {"kind": "base_stock", "S": 0}},
    )


def receipts(d):
    run = play(d)
    return run.receipts["time"].tolist()


def test_purchases_are_made_one_after_the_other():
    """4 units take 2 days on one line: the queue grows by a day with every order; with two lines nobody waits."""
    assert receipts(maker(horizon=12))[:4] == pytest.approx([3.5, 5.5, 7.5, 9.5])
    assert receipts(maker(horizon=12, lines=2))[:4] == pytest.approx([3.5, 4.5, 5.5, 6.5])


def test_a_line_is_set_up_for_another_item_and_after_every_batch():
    assert receipts(maker(horizon=12, setup=0.5))[:3] == pytest.approx([4.0, 6.0, 8.0])  # one item: set up once
    assert receipts(maker(horizon=12, setup=0.5, batch=2))[:3] == pytest.approx([4.5, 7.5, 10.5])


def test_work_stands_still_while_the_plant_is_shut_and_goes_on_where_it_stood():
    d = maker(horizon=12)
    d["events"] = [{"kind": "closure", "supplier": "works", "at": 1, "lasts": 3}]
    assert receipts(d)[:2] == pytest.approx([6.5, 8.5])


def test_short_of_staff_everything_takes_longer():
    """Half the staff on [1, 3): the first day of work makes half a day."""
    d = maker(horizon=12)
    d["events"] = [{"kind": "capacity_loss", "supplier": "works", "at": 1, "lasts": 2, "left": "50 %"}]
    assert receipts(d)[:2] == pytest.approx([4.5, 6.5])


def test_a_line_works_in_its_hours_only():
    """Monday 12:00: 4 units are two days of 24 h; at nine hours a day they are ready on Saturday week at the latest."""
    assert receipts(maker(horizon=12, hours="Mon-Sun 00:00-24:00"))[:1] == pytest.approx([3.5])
    # Mon 12-24, Tue 12-24, Wed, Thu: 4 x 12 h
    assert receipts(maker(horizon=12, hours="Mon-Thu 12:00-24:00"))[:1] == pytest.approx([5.0])
    # Mon 12-24, Tue 12-24, then Mon 12-24 and Tue 12-24 of the next week
    assert receipts(maker(horizon=12, hours="Mon-Tue 12:00-24:00"))[:1] == pytest.approx([10.0])


def test_a_breakdown_delays_what_is_in_work():
    d = maker(horizon=30, breakdown={"every": 1, "repair": 2})
    assert receipts(d)[0] == pytest.approx(0.5 + 2 + 2 * 2 + 1)  # down on [1, 3) and [4, 6)


def test_overtime_when_much_is_waiting():
    slow, fast = play(maker(horizon=30)), play(maker(horizon=30, chase={"above": 8, "factor": 2}))
    assert evaluate(fast)["wait_mean"] < evaluate(slow)["wait_mean"]
    assert evaluate(fast)["overtime_share[works]"] > 0
    assert evaluate(slow)["overtime_share[works]"] == 0


def test_the_lines_are_busy_as_long_as_they_work():
    run = play(maker(horizon=10))
    assert evaluate(run)["line_utilisation[works]"] == pytest.approx(9.5 / 10)


def test_what_the_buyer_has_on_backorder_is_made_first():
    """Plates for the shelf are bought first, mugs wait for a customer: urgent ones pass, the line loses half a day."""

    def both(**capacity):
        d = maker(horizon=30, **capacity)
        d["customers"]["web"]["arrivals"] = {"kind": "every", "interval": 100, "first": 0.5}
        d["policies"]["first"] = {
            "replenishment": {
                "mug": {"kind": "base_stock", "S": 0},
                "plate": {"kind": "R_S", "R": 0.125, "first": 0.125, "S": 6},
            }
        }
        d["suppliers"]["works"]["capacity"]["lines"] = 1
        d["customers"]["bulk"] = {
            "arrivals": {"kind": "every", "interval": 100, "first": 0.25},
            "basket": {"kind": "single", "item": "plate", "quantity": 2},
        }
        run = play(d)
        return {int(i): float(t) for t, i in zip(run.receipts["time"], run.receipts["item"], strict=True)}

    mugs, plates = 0, 1
    plain, urgent = both(), both(urgent_first=True, jump_loss=0.5)
    assert plain[mugs] >= urgent[mugs]
    assert plain[plates] <= urgent[plates]


POTTERY = {
    "items": ["mug"],
    "lead_time": 1,
    "stock": {"clay": 10},
    "replenishment": {"kind": "s_Q", "s": 0, "Q": 20},
    "bom": {"mug": {"clay": 2}},
    "suppliers": {"quarry": {"items": ["clay"], "lead_time": 5}},
}


def test_without_material_nothing_is_made():
    """4 mugs take 8 clay: the second order finds 2, and waits for the quarry, 5 days after the clay was bought."""
    d = maker(horizon=12)
    d["suppliers"] = {"pottery": POTTERY}
    d["policies"]["first"]["replenishment"] = {"default": {"kind": "base_stock", "S": 0}, "plate": {"kind": "none"}}
    run = play(d)
    assert run.receipts["time"].tolist()[:3] == pytest.approx([1.5, 7.5, 7.5])  # bought on day 1.5, 20 clay on day 6.5
    clay = run.suppliers["pottery"]
    assert clay.fills["units"].tolist()[:2] == [6, 8]
    assert clay.level("on_hand", "clay").values.min() >= 0


def test_a_maker_may_keep_what_it_makes_and_what_it_makes_it_of():
    d = maker(horizon=30)
    d["suppliers"] = {
        "pottery": POTTERY | {"stock": {"clay": 40, "mug": 6}, "capacity": {"rate": 8}, "items": ["mug"]},
    }
    d["suppliers"]["pottery"]["replenishment"] = {
        "clay": {"kind": "s_Q", "s": 20, "Q": 40},
        "mug": {"kind": "base_stock", "S": 6},
    }
    d["policies"]["first"]["replenishment"] = {"default": {"kind": "base_stock", "S": 0}, "plate": {"kind": "none"}}
    run = play(d)
    pottery = run.suppliers["pottery"]
    assert {s.name for s in pottery.world.suppliers} == {"quarry", "own production"}
    assert evaluate(run)["supplier_fill_rate[pottery]"] > 0.5
    assert evaluate(run)["line_utilisation[pottery]"] == pytest.approx(0.5, abs=0.05)


def test_a_purchase_that_waits_for_a_line_may_be_withdrawn_one_in_work_not():
    d = maker(horizon=20, customers={"patience": 1.75})
    d["policies"]["first"]["replenishment"]["cancel_purchase"] = True
    run = play(d)
    assert run.withdrawn["purchase"].min() == 1
    assert (run.receipts["purchase"] == 0).any()


@pytest.mark.parametrize("own", [True, False])
def test_lines_of_a_supplier_are_not_busy_with_the_work_of_its_suppliers(own):
    """The hub's supplier works all the time; the hub's own line works only on what the hub does not keep in stock."""
    d = shop(clock__horizon=10, warehouse__stock__mug=0, policies__first={"replenishment": {"kind": "R_S", "R": 1}})
    works = {"items": ["mug"], "lead_time": 0, "capacity": {"rate": 1}}
    hub = {"items": ["mug", "plate"], "lead_time": 1, "stock": {"mug": 50}, "capacity": {"rate": 4}}
    d["suppliers"] = {"hub": hub | {"suppliers": {"works": works}, "replenishment": {"kind": "base_stock", "S": 90}}}
    d["items"]["plate"] = {"price": 1, "unit_cost": 1}
    plates = {"kind": "level", "R": 1, "Q": 2, "S": 99}
    buys = {"mug": {"kind": "none"}, "plate": plates if own else {"kind": "none"}}
    d["policies"]["first"]["replenishment"] = buys
    found = evaluate(play(d))
    assert found["line_utilisation[hub]"] == pytest.approx(9 * 2 / 4 / 10 if own else 0)
