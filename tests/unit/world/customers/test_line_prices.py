"""Prices of order lines, from the order book: money by hand, whoever asks for it, in both lanes."""

import numpy as np
import pytest
import yaml

from simulator.kernel.border import library
from simulator.kernel.lanes import simulate
from simulator.kpis.evaluate import evaluate, evidence_of
from simulator.kpis.groups.items import item_kpis, item_values
from simulator.kpis.kpi import Undefined
from simulator.kpis.series.series import measure
from simulator.record.digest import digest
from simulator.report.tracking.order import Tracked
from simulator.scenario.loader import load_text
from tests.unit.world.shops import shop

LINES = (
    "1,A,mug,2,,,10",
    "2,B,mug,3,6,1,8",  # two are there; the third waits from day 2 until it is called off on day 6
    "4,C,mug,1,,,",  # waits from day 4, at the item's price of 12
    "5,D,cup,2,9,1,0.5",  # both leave on day 5, and one comes back on day 9
)

REFUND = 9.8
"""Days until a customer has the money back, unless a policy says otherwise."""


def recorded(folder, *lines, price="price", **changes):
    """The tiny shop with these orders on record, and nothing bought."""
    (folder / "orders.csv").write_text("\n".join(["ts,order,item,qty,off,offq,price", *lines]) + "\n")
    words = {"items__cup": {"price": 7, "unit_cost": 3}, "warehouse__stock": {"mug": 4, "cup": 2}}
    d = shop(**words | {"policies__first": {"replenishment": {"kind": "none"}}} | changes)
    d["suppliers"]["pottery"]["items"] = "all"
    names = {"time": "ts", "order": "order", "item": "item", "quantity": "qty"}
    names |= {"cancel_time": "off", "cancel_quantity": "offq"}
    d["customers"]["web"]["arrivals"] = {
        "kind": "trace",
        "file": "orders.csv",
        **names,
        **({"price": price} if price else {}),
    }
    del d["customers"]["web"]["basket"]
    return load_text(yaml.safe_dump(d, sort_keys=False), folder=folder)


def played(folder, *lines, lane="simpy", **changes):
    """An audited run of these orders, whose items add up to the totals."""
    run = simulate(recorded(folder, *lines, **changes), "first", 1, lane=lane)
    run.audit()
    item_values(evidence_of(run), "here")
    assert measure(evidence_of(run))["money.not_followed"][0] == 0
    return run


def by_item(run, name):
    e = evidence_of(run)
    return dict(zip([item.name for item in e.world.items], item_kpis(e.world)[name].values(e).tolist(), strict=True))


def test_lines_are_sold_at_their_own_prices_and_the_others_at_the_items(tmp_path):
    run = played(tmp_path, *LINES)
    found = evaluate(run)
    assert found["revenue"] == 2 * 10 + 2 * 8 + 12 + 0.5
    assert found["refunds"] == 8 + 0.5
    assert found["fill_rate_revenue"] == (20 + 16 + 1) / (20 + 24 + 12 + 1)
    assert found["cash_received"] == 20 + 24 + 12 + 1
    assert found["cash_received_early"] == 8 + 12
    assert found["revenue_recognised"] == 20 + 16 + 1
    assert found["deposits_held"] == pytest.approx((8 * 4 + 12 * 36) / 40)
    assert found["unearned_peak"] == 8 + 12
    assert found["contribution"] == found["revenue"] - found["total_cost"]
    assert by_item(run, "demand_value_by_item") == {"mug": 56, "cup": 1}
    assert by_item(run, "lost_margin_by_item") == {"mug": 8 - 5, "cup": 0}


def test_over_time_the_money_is_there_when_it_is_paid(tmp_path):
    e = evidence_of(played(tmp_path, *LINES))
    assert e.cash.balance.times == pytest.approx([0, 1, 2, 4, 5, 6 + REFUND, 9 + REFUND])
    assert e.cash.balance.values.tolist() == [0, 20, 44, 56, 57, 49, 48.5]
    series = measure(e)
    assert (series["money.revenue"].sum(), series["money.refunds"].sum()) == (48.5 + 8.5, 8.5)


@pytest.mark.parametrize("payment", ["at_shipment", "at_delivery"])
def test_paid_later_the_price_is_the_same(payment, tmp_path):
    policy = {"replenishment": {"kind": "none"}, "payment": {"kind": payment}}
    found = evaluate(played(tmp_path, *LINES, policies__first=policy))
    assert found["cash_received"] == 20 + 16 + 1
    assert found["refunds"] == 0.5


def test_an_order_in_two_parcels_pays_each_at_the_prices_of_its_lines(tmp_path):
    due = [{"item": "mug", "units": 1, "due": 4}]
    policy = {"replenishment": {"kind": "none"}, "payment": {"kind": "at_shipment"}}
    changes = {
        "suppliers__pottery__under_way": due,
        "policies__first": policy,
        "warehouse__stock": {"mug": 1, "cup": 1},
    }
    run = played(tmp_path, "1,A,mug,2,,,10", "1,A,cup,1,,,3", **changes)
    moves = evidence_of(run).cash.received
    paid = {day: moves.money[moves.times == day].sum() for day in (1, 4)}
    assert paid == {1: 13, 4: 10}


def test_a_substitute_has_its_own_price_and_a_refused_line_none(tmp_path):
    policy = {"replenishment": {"kind": "none"}, "acceptance": {"kind": "never"}}
    changes = {"policies__first": policy, "items__mug__substitutes": {"cup": "100 %"}, "customers__web__otherwise": {}}
    run = played(tmp_path, "1,A,mug,4,,,10", "2,B,mug,1,,,99", "3,C,cup,1,,,2", "4,D,cup,1,,,5", **changes)
    assert run.recovered["units"].sum() == 1
    found = evaluate(run)
    assert found["revenue"] == 40 + 7 + 2, "nothing is left for the last order"
    assert found["cash_received"] == 49
    assert found["fill_rate_revenue"] == (40 + 2) / (40 + 99 + 2 + 5)


def test_who_comes_back_from_the_waiting_list_pays_what_the_line_says(tmp_path):
    run = played(
        tmp_path,
        "1,A,mug,4,,,10",
        "2,B,mug,2,,,9",
        customers__web__otherwise={"switch": 0, "walk": 0, "waitlist": 1},
        customers__web__waitlist={"convert": "100 %", "fade": "10000000 d"},
        suppliers__pottery__under_way=[{"item": "mug", "units": 2, "due": 5}],
        policies__first={"replenishment": {"kind": "none"}, "acceptance": {"kind": "waitlist"}},
    )
    assert run.recovered["units"].sum() == 2
    found = evaluate(run)
    assert (found["revenue"], found["cash_received"], found["revenue_recognised"]) == (58, 58, 58)


def test_a_price_on_record_is_not_marked_down_again(tmp_path):
    season = {"from": "0 d", "to": "20 d", "markdown": {"days": 20, "price": "50 %"}}
    found = evaluate(played(tmp_path, "1,A,mug,1,,,10", "2,B,mug,1,,,", items__mug__season=season))
    assert (found["revenue"], found["markdown_cost"], found["cash_received"]) == (22, 6, 16)


def test_a_segment_without_prices_sells_at_the_items(tmp_path):
    other = {"arrivals": {"kind": "every", "interval": 100, "first": 3}, "basket": {"kind": "single", "item": "cup"}}
    run = played(tmp_path, "1,A,mug,1,,,10", "5,B,mug,1,,,9", customers__shop=other)
    assert str(run.demand.prices.tolist()) == "[10.0, nan, 9.0]"
    assert evaluate(run)["revenue"] == 10 + 7 + 9


def test_a_column_with_the_items_prices_changes_nothing(tmp_path):
    lines = [",".join([*line.split(",")[:-1], "7" if "cup" in line else "12"]) for line in LINES]
    own, usual = (evaluate(played(tmp_path, *lines, price=price)) for price in ("price", None))
    for name, value in usual.items():
        if isinstance(value, Undefined):
            assert isinstance(own[name], Undefined)
        else:
            assert own[name] == pytest.approx(value, nan_ok=True), name


def test_prices_change_nothing_of_what_happens(tmp_path):
    own, usual = (played(tmp_path, *LINES, price=price) for price in ("price", None))
    assert usual.demand.prices is None
    assert digest(own) == digest(usual)


def test_what_is_sent_in_exchange_is_sold_at_the_price_of_the_line(tmp_path):
    returns = {"share": "100 %", "after": 2, "exchange": "100 %"}
    found = evaluate(played(tmp_path, "1,A,mug,1,,,9", customers__web__returns=returns))
    assert (found["exchanged_share"], found["revenue"], found["refunds"]) == (1, 9, 9)


@pytest.mark.skipif(library() is None, reason="no compiled kernel: run `make kernel`, which needs cc")
def test_both_lanes_have_the_same_prices(tmp_path):
    other = {"arrivals": {"kind": "poisson", "rate": "1 / d"}, "basket": {"kind": "single", "item": "cup"}}
    lines = [line.replace(",6,1,", ",,,").replace(",9,1,", ",,,") for line in LINES]
    mine, theirs = (played(tmp_path, *lines, lane=lane, customers__shop=other) for lane in ("compiled", "simpy"))
    assert np.array_equal(mine.demand.prices, theirs.demand.prices, equal_nan=True)
    assert str(evaluate(mine)) == str(evaluate(theirs))


def test_without_records_the_money_is_not_known(tmp_path):
    run = simulate(recorded(tmp_path, *LINES), "first", 1, records=False)
    run.audit()
    found = evaluate(run)
    assert isinstance(found["revenue"], Undefined)
    assert found["fill_rate"] == 6 / 8


def test_the_customer_of_a_line_reads_its_price(tmp_path):
    run = played(tmp_path, *LINES)
    assert Tracked(run, 1).money(6.0) == {"paid": 24, "back": 0, "due": 8}
    assert Tracked(run, 1).money(6 + REFUND) == {"paid": 24, "back": 8, "due": 0}
