"""Kits: assembled from components, worked out by hand."""

import numpy as np
import pytest
import yaml

from simulator.foundation.errors import AuditError, UserError
from simulator.kernel.eligible import reasons
from simulator.kpis.evaluate import evaluate, evidence_of
from simulator.kpis.groups.items import item_values
from simulator.record.audit import audit
from simulator.record.open_lines import outcomes
from simulator.scenario.loader import load_text
from simulator.world.simulate import simulate

ITEMS = {
    "top": {"price": 90, "unit_cost": 40},
    "leg": {"price": 12, "unit_cost": 5},
    "desk": {"price": 150, "kit": {"top": 1, "leg": 4}},
}


def desks(folder, *rows, stock, under_way=(), customers=None, items=None, **policy):
    """The scenario of a desk shop whose orders are recorded as "day,order,item,units,day called off"."""
    (folder / "orders.csv").write_text("\n".join(["day,so,sku,qty,off", *rows]) + "\n")
    columns = {"file": "orders.csv", "time": "day", "order": "so", "item": "sku", "quantity": "qty"}
    arrivals = {"kind": "trace", **columns, "cancel_time": "off"}
    purchases = [{"item": item, "units": units, "due": due} for item, units, due in under_way]
    d = {
        "name": "desks",
        "clock": {"horizon": 40},
        "items": {**ITEMS, **(items or {})},
        "customers": {"web": {"arrivals": arrivals, **(customers or {})}},
        "warehouse": {"stock": stock},
        "suppliers": {"mill": {"items": "all", "lead_time": 9, "under_way": purchases}},
        "policies": {"first": {"replenishment": {"kind": "none"}, **policy}},
    }
    return load_text(yaml.safe_dump(d, sort_keys=False), folder=folder)


def play(folder, *rows, **words):
    """An audited run of it, with and without records."""
    scenario = desks(folder, *rows, **words)
    run = simulate(scenario, "first", 1)
    run.audit()
    item_values(evidence_of(run), "here")
    simulate(scenario, "first", 1, records=False).audit()
    return run


def left(run, item):
    """(on hand, backordered, put aside) at the end."""
    number = [facts.name for facts in run.world.items].index(item)
    level = run.final[number]
    return level.on_hand, level.backordered, level.aside


def filled(run):
    """(day, order, units) of every fill from the backlog."""
    return [tuple(map(int, row)) for row in zip(run.fills["time"], run.fills["order"], run.fills["units"], strict=True)]


STOCK = {"top": 10, "leg": 15}


@pytest.mark.parametrize(("reserve", "kept"), [("together", 0), ("piecewise", 1)])
def test_ten_desks_of_ten_tops_and_fifteen_legs_are_three_desks(tmp_path, reserve, kept):
    run = play(tmp_path, "1,A,desk,10,", stock=STOCK, kits={"reserve": reserve})
    assert run.at_once.tolist() == [3]
    assert run.parcels["units"].tolist() == [3]
    assert left(run, "desk") == (0, 7, 0)
    assert left(run, "top") == (7, 0, 7 * kept)
    assert left(run, "leg") == (3, 0, 3 * kept)
    found = evaluate(run, ["there_for_kits_by_item", "used_in_kits_by_item", "fill_rate_by_item"])
    assert found["there_for_kits_by_item[leg]"] == 15 / 40
    assert found["there_for_kits_by_item[top]"] == 1
    assert found["used_in_kits_by_item[leg]"] == 12
    assert found["fill_rate_by_item[desk]"] == 0.3
    assert evaluate(run)["put_aside_mean"] == pytest.approx(10 * kept * 39 / 40)


def test_a_waiting_desk_keeps_its_tops_from_others_only_piecewise(tmp_path):
    rows = ("1,A,desk,10,", "2,B,top,2,")
    together = play(tmp_path, *rows, stock=STOCK)
    assert together.at_once.tolist() == [3, 2]
    piecewise = play(tmp_path, *rows, stock=STOCK, kits={"reserve": "piecewise"})
    assert piecewise.at_once.tolist() == [3, 0]
    assert left(piecewise, "top") == (7, 2, 7)


@pytest.mark.parametrize("reserve", ["together", "piecewise"])
def test_components_leave_only_in_whole_kits(tmp_path, reserve):
    """7 kits of a and b against 20 a and 5 b: 5 leave, 2 follow when 2 b arrive."""
    items = {"a": {"price": 10, "unit_cost": 5}, "b": {"price": 10, "unit_cost": 5}}
    items["set"] = {"price": 18, "kit": {"a": 1, "b": 1}}
    words = {"stock": {"a": 20, "b": 5}, "under_way": [("b", 2, 8)], "items": items, "kits": {"reserve": reserve}}
    run = play(tmp_path, "1,A,set,7,", **words)
    assert run.parcels["units"].tolist() == [5, 2]
    assert run.parcels["shipped"].tolist() == [1, 8]
    assert left(run, "a") == (13, 0, 0)
    complete = play(tmp_path, "1,A,set,7,", fulfilment={"kind": "line_complete"}, **words)
    assert complete.parcels["units"].tolist() == [7]
    assert complete.parcels["shipped"].tolist() == [8]


def test_kits_and_components_are_served_in_the_order_of_the_orders(tmp_path):
    rows = ("1,A,leg,3,", "2,B,desk,1,", "3,C,leg,3,", "4,D,desk,1,")
    run = play(tmp_path, *rows, stock={"top": 5}, under_way=[("leg", 5, 10), ("leg", 5, 12), ("leg", 4, 14)])
    # Day 10: A gets 3 of 5; 2 are too few for B's desk and go to C, who waits for single legs.
    assert filled(run) == [(10, 0, 3), (10, 2, 2), (12, 1, 1), (12, 2, 1), (14, 3, 1)]
    run = play(
        tmp_path,
        *rows,
        stock={"top": 5},
        under_way=[("leg", 5, 10), ("leg", 5, 12), ("leg", 4, 14)],
        kits={"reserve": "piecewise"},
    )
    # B keeps the 2 legs of day 10, so that C waits behind it.
    assert filled(run) == [(10, 0, 3), (12, 1, 1), (12, 2, 3), (14, 3, 1)]


def test_a_better_rank_goes_first_whatever_it_orders(tmp_path):
    rows = ("1,A,desk,1,", "2,B,leg,4,")
    customers = {"priority": 2}
    words = {"stock": {"top": 5}, "under_way": [("leg", 4, 10), ("leg", 4, 12)], "customers": customers}
    assert filled(play(tmp_path, *rows, allocation={"kind": "lifo"}, **words)) == [(10, 1, 4), (12, 0, 1)]
    assert filled(play(tmp_path, *rows, allocation={"kind": "fifo"}, **words)) == [(10, 0, 1), (12, 1, 4)]


@pytest.mark.parametrize("reserve", ["together", "piecewise"])
def test_what_a_cancelled_desk_had_needed_is_free_again(tmp_path, reserve):
    rows = ("1,A,desk,3,5", "2,B,top,2,")
    run = play(tmp_path, *rows, stock={"top": 2, "leg": 3}, kits={"reserve": reserve})
    assert run.cancelled["units"].tolist() == [3]
    day = 2 if reserve == "together" else 5
    assert run.parcels["shipped"].tolist() == [day]
    assert left(run, "top") == (0, 0, 0)
    assert left(run, "leg") == (3, 0, 0)


def test_filled_desks_that_are_held_go_back_as_components(tmp_path):
    rows = ("1,A,desk,1,5", "1,A,top,9,5", "6,B,leg,4,")
    run = play(tmp_path, *rows, stock={"top": 2, "leg": 4}, fulfilment={"kind": "order_complete"})
    assert run.assembled["units"].tolist() == [1, -1]
    assert left(run, "top") == (2, 0, 0)
    assert run.parcels["order"].tolist() == [1]


def test_components_are_bought_for_waiting_desks(tmp_path):
    """Base stock of 4 legs, all of them used at once: what waits for kits lowers the position, and is bought."""
    levels = {"leg": {"kind": "base_stock", "S": 4}, "top": {"kind": "none"}}
    run = play(tmp_path, "1,A,desk,3,", stock={"top": 9, "leg": 4}, replenishment=levels)
    assert run.purchases["units"].tolist() == [12]
    assert filled(run) == [(10, 0, 2)]
    assert left(run, "leg") == (4, 0, 0)
    levels["leg"]["cancel_purchase"] = True
    run = play(tmp_path, "1,A,desk,3,5", stock={"top": 9, "leg": 4}, replenishment=levels)
    assert run.withdrawn["units"].tolist() == [8]


@pytest.mark.parametrize("reserve", ["together", "piecewise"])
def test_the_first_date_of_every_desk_is_kept(tmp_path, reserve):
    rows = [f"{day},{day},desk,{units}," for day, units in enumerate([2, 1, 3, 1, 2, 2], 1)]
    under_way = [("top", 3, 9), ("leg", 9, 10), ("leg", 17, 13), ("top", 8, 16), ("leg", 18, 21)]
    run = play(
        tmp_path,
        *rows,
        stock={"top": 2, "leg": 6},
        under_way=under_way,
        kits={"reserve": reserve},
        promise={"kind": "ctp"},
    )
    last = {int(order): day for order, day in zip(run.parcels["order"], run.parcels["delivered"], strict=True)}
    first = {}
    for order, date in zip(run.promises["order"], run.promises["date"], strict=True):
        first.setdefault(int(order), date)
    assert len(first) == 6
    assert first == pytest.approx(last)
    # Tops are there for the first 2, 5 and 13 desks from day 0, 9 and 16 on; legs for 1, 3, 8 and 12 from day 0, 10, 13
    # and 21 on. The orders are complete with the desks number 2, 3, 6, 7, 9 and 11.
    assert [last[order] for order in range(6)] == [10, 10, 16, 16, 21, 21]


def test_a_checkout_with_dates_asks_for_all_components(tmp_path):
    words = {"stock": {"top": 9, "leg": 2}, "under_way": [("leg", 9, 8)]}
    for days, refused in ((6.5, 1), (7.5, 0)):
        accept = {"kind": "eta_limit", "days": days}
        run = play(tmp_path, "1,A,desk,1,", acceptance=accept, promise={"kind": "ctp"}, **words)
        assert run.refused["units"].sum() == refused


def test_forecasts_of_components_see_the_demand_for_kits(tmp_path):
    rows = [f"{day},{day},desk,1," for day in range(1, 30)]
    decision = {
        "kind": "forecast",
        "R": 5,
        "forecast": {"kind": "moving_average", "periods": 2},
        "safety": {"kind": "days", "days": 2},
    }
    levels = {"leg": decision, "top": {"kind": "none"}}
    run = play(tmp_path, *rows, stock={"top": 40, "leg": 60}, replenishment=levels)
    assert run.forecasts["actual"].tolist()[1:5] == [20, 20, 20, 20]


def test_a_kit_costs_what_its_components_cost(tmp_path):
    scenario = desks(tmp_path, "1,A,desk,1,", stock={})
    assert scenario.items["desk"].unit_cost == 40 + 4 * 5
    given = desks(tmp_path, "1,A,desk,1,", stock={}, items={"desk": {**ITEMS["desk"], "unit_cost": 70}})
    assert given.items["desk"].unit_cost == 70
    edited = scenario.edit({"items.leg.unit_cost": 6})
    assert edited.items["desk"].unit_cost == 64
    with pytest.raises(UserError, match=r"items\.top.*unit_cost"):
        desks(tmp_path, "1,A,desk,1,", stock={}, items={"top": {"price": 90}})


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"items": {"desk": {"price": 1, "kit": {"tp": 1}}}}, "no item 'tp' .did you mean 'top'"),
        ({"items": {"desk": {"price": 1, "kit": {"top": 0}}}}, "must be at least 1|expected"),
        ({"items": {"desk": {"price": 1, "kit": {"desk": 1}}}}, "'desk' contains desk, which contains itself"),
        (
            {"items": {"set": {"price": 1, "kit": {"desk": 1}}, "desk": {"price": 1, "kit": {"set": 2, "top": 1}}}},
            "'set' contains set, which contains itself|'set' contains desk, which contains itself",
        ),
        (
            {"items": {"set": {"price": 1, "kit": {"desk": 1000}}, "hall": {"price": 1, "kit": {"set": 1000}}}},
            "'hall' has more than 1,000,000 units of leg, with the kits in it",
        ),
        ({"items": {"desk": {**ITEMS["desk"], "shelf_life": 3}}}, "cannot have `shelf_life`"),
        ({"stock": {"desk": 3}}, "'desk' is a kit and has no stock; name its components: top, leg"),
        ({"under_way": [("desk", 3, 2)]}, "'desk' is a kit and is not bought"),
        (
            {"replenishment": {"default": {"kind": "none"}, "desk": {"kind": "none"}}},
            "'desk' is a kit and is not bought",
        ),
        ({"allocation": {"kind": "proportional"}}, "'proportional' cannot be used with kits"),
        ({"kits": {"reserve": "half"}}, "together"),
        (
            {"items": {"leg": {**ITEMS["leg"], "shelf_life": 9}}, "kits": {"reserve": "piecewise"}},
            "components with a `shelf_life`",
        ),
        ({"items": {"leg": {**ITEMS["leg"], "made": "drop_ship"}}}, "sent by its vendor"),
    ],
)
def test_a_kit_that_cannot_be_is_an_error_at_its_key(tmp_path, words, message):
    with pytest.raises(UserError, match=message):
        desks(tmp_path, "1,A,desk,1,", **{"stock": {}, **words})


@pytest.mark.parametrize(("reserve", "aside"), [("together", (0, 0)), ("piecewise", (1, 2))])
def test_the_last_units_of_each_component_are_kept_for_top_customers(tmp_path, reserve, aside):
    """Four of each component are kept. Of ten legs, six may go: one desk; four more on day 8 make one more."""
    level = {"kind": "critical_level", "units": 4, "top": 1}
    words = {"stock": {"top": 9, "leg": 10}, "under_way": [("leg", 4, 8)], "allocation": level}
    words |= {"kits": {"reserve": reserve}}
    run = play(tmp_path, "1,A,desk,3,", "2,B,leg,3,", **words, customers={"priority": 2})
    assert run.at_once.tolist() == [1, 0 if reserve == "piecewise" else 2]
    assert filled(run) == [(8, 0, 1)]
    assert (left(run, "top")[2], left(run, "leg")[2]) == aside
    top = play(tmp_path, "1,A,desk,3,", "2,B,leg,2,", **words, customers={"priority": 1})
    assert top.at_once.tolist() == [2, 2 if reserve == "together" else 0], "top customers take the last leg"


def test_the_kernel_leaves_kits_to_simpy(tmp_path):
    assert "items.desk.kit" in " ".join(reasons(desks(tmp_path, "1,A,desk,1,", stock={}), "first"))


def test_the_story_says_what_a_desk_was_assembled_from(tmp_path):
    run = play(tmp_path, "1,A,desk,4,", stock=STOCK, under_way=[("leg", 4, 8)], kits={"reserve": "piecewise"})
    story = "\n".join(run.story(0))
    assert "filled from stock at once: 3 desk, assembled from 12 leg, 3 top" in story
    assert "components that are not there: 1 leg" in story
    assert "put aside for it: 3 leg" in story
    assert "assembled from 4 leg, 1 top, with 4 leg received from mill (bought before the start)" in story


def test_the_outlook_names_the_purchase_that_completes_an_open_desk(tmp_path):
    (tmp_path / "open.csv").write_text("order,placed,item,qty\nK1,2025-08-25,desk,2\nK2,2025-08-30,desk,1\n")
    (tmp_path / "po.csv").write_text("po,item,qty,vendor,due\nP1,leg,9,mill,2025-09-05\nP2,leg,8,mill,2025-09-15\n")
    scenario = desks(tmp_path, "39,A,desk,1,", stock={"top": 5})
    d = yaml.safe_load(scenario.source)
    d["clock"]["start"] = "2025-09-01"
    d["opening"] = {
        "orders": {"file": "open.csv", "order": "order", "placed": "placed", "item": "item", "quantity": "qty"},
        "purchases": {"file": "po.csv", "item": "item", "quantity": "qty", "supplier": "vendor", "due": "due"}
        | {"purchase": "po"},
    }
    scenario = load_text(yaml.safe_dump(d, sort_keys=False), folder=tmp_path)
    run = simulate(scenario, "first", 1)
    run.audit()
    found = outcomes(run)
    assert found.names == ("P1", "P2")
    assert found.shipped.tolist() == [4, 14]
    assert found.given == {(0, 0): 8, (1, 1): 4}
    assert "with 9 leg received from mill (purchase P1, bought before the start)" in "\n".join(run.story(0))


@pytest.mark.parametrize(
    ("table", "law"),
    [("assembled", "levels agree|kits are never in stock"), ("aside", "units put aside"), ("lacking", "no better")],
)
def test_the_audit_counts_what_is_assembled_put_aside_and_lacking(tmp_path, table, law):
    run = play(tmp_path, "1,A,desk,10,", stock=STOCK, kits={"reserve": "piecewise"})
    getattr(run, table)["units"][:] += 4
    run.levels.clear()
    with pytest.raises(AuditError, match=law):
        audit(run, "here")


def test_a_kit_is_never_filled_better_than_its_components_in_random_worlds(tmp_path):
    dice = np.random.default_rng(5)
    for reserve in ("together", "piecewise"):
        rows = [
            f"{day / 4},{day},{dice.choice(['desk', 'top', 'leg'])},{dice.integers(1, 5)}," for day in range(1, 140)
        ]
        levels = {"leg": {"kind": "s_Q", "s": 9, "Q": 20}, "top": {"kind": "s_Q", "s": 3, "Q": 6}}
        run = play(tmp_path, *rows, stock={"top": 4, "leg": 12}, replenishment=levels, kits={"reserve": reserve})
        found = evaluate(run, ["there_for_kits_by_item", "fill_rate_by_item"])
        there = [found[f"there_for_kits_by_item[{part}]"] for part in ("top", "leg")]
        assert 0 < found["fill_rate_by_item[desk]"] <= min(there) < 1


# ----------------------------------------------------------------------------------------------------- kits of kits
OFFICE = {"lamp": {"price": 30, "unit_cost": 11}, "office": {"price": 400, "kit": {"desk": 2, "lamp": 1}}}
"""Two desks and a lamp: 2 tops, 8 legs, 1 lamp."""


def test_a_kit_of_kits_is_assembled_from_the_components_of_its_components(tmp_path):
    stock = {"top": 5, "leg": 16, "lamp": 3}
    run = play(tmp_path, "1,A,office,3,", "2,B,desk,1,", items=OFFICE, stock=stock, under_way=[("leg", 8, 6)])
    # 2 offices take 4 tops, 16 legs and 2 lamps. The third needs 2 tops, of which one is there: it waits for good.
    assert left(run, "office") == (0, 1, 0)
    assert "filled from stock at once: 2 office, assembled from" in " ".join(run.story(0))
    assert {name: left(run, name)[0] for name in stock} == {"top": 0, "leg": 4, "lamp": 1}
    assert filled(run) == [(6, 1, 1)], "a desk alone passes the office that lacks a top"


def test_a_kit_of_kits_costs_what_its_components_cost_unless_one_of_them_has_a_cost(tmp_path):
    usual = desks(tmp_path, "1,A,office,1,", items=OFFICE, stock={})
    assert usual.items["office"].unit_cost == 2 * (40 + 4 * 5) + 11
    given = {**OFFICE, "desk": {**ITEMS["desk"], "unit_cost": 70}}
    assert desks(tmp_path, "1,A,office,1,", items=given, stock={}).items["office"].unit_cost == 2 * 70 + 11
    assert usual.items["office"].kit == {"top": 2, "leg": 8, "lamp": 1}


def test_many_levels_of_kits_are_worked_out_once_each(tmp_path):
    levels = {f"k{n}": {"price": 1, "kit": {f"k{n - 1}": 1, f"k{n - 2}": 1}} for n in range(2, 25)}
    items = {"k0": {"price": 1, "unit_cost": 1}, "k1": {"price": 1, "unit_cost": 1}, **levels}
    assert sum(desks(tmp_path, "1,A,k20,1,", items=items, stock={}).items["k24"].kit.values()) == 75025  # Fibonacci
