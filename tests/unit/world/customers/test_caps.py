"""Caps on backorders, worked out by hand on recorded orders of mugs."""

import pytest
import yaml

from simulator.foundation.errors import UserError
from simulator.kpis.evaluate import evaluate
from simulator.model.nouns import Refusal
from simulator.record.story import story
from simulator.scenario.loader import load_text
from simulator.world.simulate import simulate
from tests.unit.world.shops import play, play_book, shop

BIG = "1,A,mug,10,,"
SMALL = "2,B,mug,3,,"


def caps(**fields):
    return {"acceptance": {"kind": "always", **fields}}


def blocked(run):
    table = run.blocked
    return [
        (int(o), int(u), Refusal(int(w)).name)
        for o, u, w in zip(table["order"], table["units"], table["why"], strict=True)
    ]


def test_one_order_has_no_more_than_the_cap_beyond_the_shelf(tmp_path):
    run = play_book(tmp_path, BIG, SMALL, policy=caps(per_order=5), warehouse__stock={"mug": 3})
    # 3 from the shelf, 5 on backorder, 2 refused; the second order may have its 3 whatever the first one has.
    assert run.refused["units"].tolist() == [2]
    assert run.backordered["units"].tolist() == [5, 3]
    assert blocked(run) == [(0, 2, "PER_ORDER")]


def test_lines_of_one_order_share_its_cap(tmp_path):
    run = play_book(tmp_path, "1,A,mug,4,,", "1,A,mug,4,,", policy=caps(per_order=5), warehouse__stock={"mug": 0})
    assert run.backordered["units"].tolist() == [4, 1]
    assert run.refused["units"].tolist() == [3]


def test_a_whole_line_above_the_cap_is_refused_whole(tmp_path):
    policy = caps(per_order=5, whole_lines=True)
    run = play_book(tmp_path, BIG, SMALL, policy=policy, warehouse__stock={"mug": 3})
    assert run.refused["units"].tolist() == [10]
    assert run.backordered["units"].size == 0  # the 3 units of the shelf are there for the second order


def test_a_line_above_the_limit_is_refused_whole_although_lines_may_be_split(tmp_path):
    book = ["1,A,mug,60,,", "2,B,mug,15,,", "3,C,mug,1,,"]
    for whole, refused in ((False, [1]), (True, [1])):  # stock 25 and limit 50: 75 are sold either way
        policy = {"acceptance": {"kind": "limit", "units": 50, "whole_lines": whole}}
        run = play_book(tmp_path, *book, policy=policy, warehouse__stock={"mug": 25})
        assert run.refused["units"].tolist() == refused
    book[0] = "1,A,mug,76,,"
    whole = play_book(tmp_path, *book, policy=policy, warehouse__stock={"mug": 25})
    assert whole.refused["units"].tolist() == [76]
    policy["acceptance"]["whole_lines"] = False
    parts = play_book(tmp_path, *book, policy=policy, warehouse__stock={"mug": 25})
    assert parts.refused["units"].tolist() == [1, 15, 1]


def by_customer(tmp_path, *rows, per_customer=4, **changes):
    (tmp_path / "orders.csv").write_text("\n".join(["ts,order,item,qty,who", *rows]) + "\n")
    d = shop(warehouse__stock={"mug": 0}, **changes)
    d["customers"]["web"] = {
        "arrivals": {"kind": "trace", "file": "orders.csv", "time": "ts", "order": "order", "item": "item"}
        | {"quantity": "qty", "customer": "who"}
    }
    d["policies"]["first"] = {"replenishment": {"kind": "none"}, **caps(per_customer=per_customer)}
    scenario = load_text(yaml.safe_dump(d), folder=tmp_path)
    run = simulate(scenario, "first", 1)
    run.audit()
    return run


def test_a_customer_has_no_more_than_the_cap_over_all_orders(tmp_path):
    under_way = [{"item": "mug", "units": 3, "due": 5}]
    rows = ["1,A,mug,3,ann", "2,B,mug,3,ann", "3,C,mug,3,bob", "6,D,mug,3,ann"]
    run = by_customer(tmp_path, *rows, suppliers__pottery__under_way=under_way)
    # Ann waits for 3, gets 1 of her next 3; on day 5 her first 3 arrive, so that only 1 still waits: 3 more may.
    assert blocked(run) == [(1, 2, "PER_CUSTOMER")]
    assert run.backordered["units"].tolist() == [3, 1, 3, 3]


def test_caps_by_customer_need_customers():
    with pytest.raises(UserError, match=r"acceptance\.per_customer: needs to know the customer of each order"):
        play(shop(policies__first__acceptance={"kind": "always", "per_customer": 3}))


@pytest.mark.parametrize("promise", ["none", "ctp"])
def test_what_cannot_be_promised_in_time_is_refused(tmp_path, promise):
    policy = {**caps(reject_after="3 d"), "promise": {"kind": promise}}
    coming = {"suppliers__pottery__under_way": [{"item": "mug", "units": 20, "due": 8}]}
    book = ["1,A,mug,4,,", "6,B,mug,4,,"]
    run = play_book(tmp_path, *book, policy=policy, warehouse__stock={"mug": 1}, **coming)
    # On day 1 the receipt of day 8 is 7 days away: 3 units are refused, 1 is on the shelf. On day 6 it is 2 days away.
    assert blocked(run) == [(0, 3, "TOO_LATE")]
    assert run.backordered["order"].tolist() == [1]
    assert evaluate(run)["refused_by_rule[too_late]"] == 3 / 8


def test_where_nothing_is_under_way_no_atp_date_means_refused(tmp_path):
    policy = {**caps(reject_after="30 d"), "promise": {"kind": "atp"}}
    run = play_book(tmp_path, BIG, policy=policy, warehouse__stock={"mug": 0})
    assert blocked(run) == [(0, 10, "TOO_LATE")]
    fixed = {**policy, "promise": {"kind": "fixed", "within": "5 d"}}  # the date that would be promised decides
    assert play_book(tmp_path, BIG, policy=fixed, warehouse__stock={"mug": 0}).backordered["units"].tolist() == [10]


def test_the_story_names_the_rule(tmp_path):
    run = play_book(tmp_path, BIG, policy=caps(per_order=5), warehouse__stock={"mug": 3})
    assert "rule: more than one order may have on backorder: 2 mug" in "\n".join(story(run, 0))


def test_every_refused_unit_has_one_rule():
    d = shop(warehouse__stock={"mug": 0}, policies__first__replenishment={"kind": "none"})
    acceptance = {"default": {"kind": "never"}, "segments": {"web": {"kind": "limit", "units": 6, "per_order": 2}}}
    d["policies"]["first"]["acceptance"] = acceptance
    d["customers"]["web"]["basket"]["quantity"] = 3
    d["customers"]["shop"] = d["customers"]["web"]
    run = play(d)
    kpis = evaluate(run)
    shares = [value for name, value in kpis.items() if name.startswith("refused_by_rule")]
    assert sum(shares) == pytest.approx(kpis["lost_at_checkout"])
    asked = run.demand.quantities.sum()
    counts = {why: sum(units for _, units, rule in blocked(run) if rule == why) for why in ("NOT_SOLD", "PER_ORDER")}
    assert counts == {"NOT_SOLD": asked / 2, "PER_ORDER": asked / 6}


def test_a_cap_by_order_counts_the_units_of_an_item_at_all_sites():
    d = shop(clock__horizon=2, policies__first__replenishment={"kind": "none"})
    del d["warehouse"]
    reach = {"web": {"transit": 1, "cost": 1}}
    d["warehouses"] = {name: {"stock": {"mug": 2}, "reach": reach} for name in ("north", "south")}
    d["customers"]["web"]["basket"]["quantity"] = 20
    d["policies"]["first"]["acceptance"] = {"kind": "always", "per_order": 5}
    d["policies"]["first"]["sourcing"] = {"kind": "nearest"}
    run = play(d)
    first = run.blocked["order"] == 0
    assert run.blocked["units"][first].sum() == 20 - 2 - 2 - 5


@pytest.mark.parametrize("items", [("mug",), ("mug",) * 3, ("mug", "cup"), ("cup", "mug", "cup")])
@pytest.mark.parametrize("promise", ["ctp", "atp", "quantile"])
def test_an_order_of_several_lines_is_promised_within_the_days_after_which_it_would_be_refused(
    tmp_path, items, promise
):
    """One date holds for all lines of an order, those of one item among them; lead times are random."""

    def played(**cap):
        lines = [f"1,A,{item},1,," for item in items]
        policy = {"replenishment": {"kind": "base_stock", "S": 0}, "promise": {"kind": promise}, **caps(**cap)}
        law = {"kind": "uniform", "low": 1, "high": 9}
        changes = {"suppliers__pottery__lead_time": law, "warehouse__stock": {"mug": 0, "cup": 0}}
        return play_book(tmp_path, *lines, policy=policy, **changes)

    days = float(played().promises["date"][0]) - 1
    assert not played(reject_after=days + 1e-6).refused["units"].size
    late = played(reject_after=days - 0.01)
    assert late.refused["units"].sum() >= 1
    dates = late.promises["date"] - 1
    assert not dates.size or dates[0] <= days - 0.01


def test_lines_of_one_item_have_the_date_of_one_line_with_all_units(tmp_path):
    """They wait for the same receipts: the chance that each is late is not multiplied."""
    found = []
    for lines in (("1,A,mug,3,,",), ("1,A,mug,1,,",) * 3, ("1,A,mug,2,,", "1,A,mug,1,,")):
        policy = {"replenishment": {"kind": "base_stock", "S": 0}, "promise": {"kind": "quantile"}}
        law = {"kind": "gamma", "mean": 6, "cv": 0.6}
        changes = {"suppliers__pottery__lead_time": law, "warehouse__stock__mug": 0}
        found.append(play_book(tmp_path, *lines, policy=policy, **changes).promises["date"][0])
    assert found == pytest.approx([found[0]] * 3)
