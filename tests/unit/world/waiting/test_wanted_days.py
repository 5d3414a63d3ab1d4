"""Goods for a later day: when stock is reserved, when goods leave, and from when waits and dates count."""

import numpy as np
import pytest
import yaml

from simulator.foundation.errors import UserError
from simulator.kernel.eligible import reasons
from simulator.kpis.evaluate import evaluate
from simulator.scenario.loader import load_text
from simulator.world.simulate import simulate
from tests.properties.models.facts import digest
from tests.unit.world.shops import play, shop

ONE_ORDER = {
    "arrivals": {"kind": "every", "interval": 500, "first": 0},
    "basket": {"kind": "single", "item": "mug", "quantity": 10},
}


def world(stock=20, lead=4, reservation=None, wanted=40, **changes):
    """An order for 10 mugs placed on day 0; the way to the customer takes 0.5 and 2 days. Whatever is missing is bought
    at once and comes after `lead` days."""
    policy = {"replenishment": {"kind": "base_stock", "S": 0}, "promise": {"kind": "atp"}}
    return shop(
        clock__horizon=60,
        customers__web={**ONE_ORDER, "wanted": wanted},
        carriers__post={"transit": 2},
        warehouse={"stock": {"mug": stock}, "picking": {"time": 0.5}},
        suppliers__pottery__lead_time=lead,
        policies__first=policy | ({"reservation": reservation} if reservation else {}),
        **changes,
    )


def on_hand(run, day):
    """Mugs on the shelf at the end of a day's first instant."""
    taken = run.since_start <= day
    return run.initial[0] - run.at_once[taken].sum() + run.receipts["units"][run.receipts["time"] <= day].sum()


def parcels(run):
    return [*zip(run.parcels["shipped"], run.parcels["delivered"], run.parcels["units"], strict=True)]


def test_goods_for_day_40_do_not_leave_on_day_0():
    run = play(world())
    assert parcels(run) == [(38.0, 40.0, 10)], "picked from day 37.5 on, half a day before they are handed over"
    assert on_hand(run, 0) == 10, "but they are reserved with the order"
    assert run.demand.leaves.tolist() == [37.5]


def test_stock_is_reserved_no_earlier_than_two_weeks_ahead():
    run = play(world(reservation={"ahead": "14 d"}))
    assert on_hand(run, 25.999) == 20, "no unit is taken before day 26"
    assert on_hand(run, 26) == 10
    assert parcels(run) == [(38.0, 40.0, 10)]
    assert run.demand.times.tolist() == [0], "the order itself is as old as it is"


def test_goods_may_come_some_days_early():
    run = play(world(reservation={"early": "3 d"}))
    assert parcels(run) == [(35.0, 37.0, 10)]
    values = evaluate(run, ["early_share", "otif_requested"])
    assert values == {"early_share": 1.0, "otif_requested": 1.0}


@pytest.mark.parametrize(
    ("lead", "wait", "arrives"),
    [
        (4, 0.0, 40.0),  # there on day 4, kept until day 37.5
        (37, 0.0, 40.0),  # there just in time
        (39, 1.5, 41.5),  # leaves on day 39, and is 1.5 days late
    ],
)
def test_a_wait_counts_from_the_last_day_on_which_goods_can_leave(lead, wait, arrives):
    run = play(world(stock=0, lead=lead))
    values = evaluate(run, ["wait_mean", "fill_rate", "otif_requested", "otif_first_promise", "backlog_mean"])
    assert values["wait_mean"] == wait
    assert values["fill_rate"] == float(wait == 0), "what is there in time is filled from stock"
    assert values["otif_requested"] == float(wait == 0)
    assert values["backlog_mean"] == pytest.approx(10 * lead / 60), "it was on backorder since the order"
    assert run.parcels["delivered"].tolist() == [arrives]
    assert run.promises["date"].tolist() == [arrives], "the date is exact, and never before the day that is wanted"
    assert values["otif_first_promise"] == 1.0


def test_an_order_that_opens_late_waits_from_then_on():
    # It opens on day 39, one day before it is wanted: too late to be in time, whatever is there.
    run = play(world(reservation={"ahead": "1 d"}))
    assert parcels(run) == [(39.5, 41.5, 10)]
    assert evaluate(run, ["wait_mean", "fill_rate"]) == {"wait_mean": 0.0, "fill_rate": 1.0}
    assert evaluate(run, ["otif_requested", "otif_first_promise"]) == {"otif_requested": 0.0, "otif_first_promise": 1.0}


def test_an_order_filled_at_once_is_promised_its_day():
    run = play(world())
    assert not run.promises["date"].size
    assert evaluate(run, ["otif_first_promise", "promise_error"])["promise_error"] == 0.0


@pytest.mark.parametrize("promise", [{"kind": "none"}, {"kind": "atp"}])
def test_patience_begins_with_the_wait(promise):
    d = world(stock=0, lead=55, policies__first__promise=promise)
    d["customers"]["web"]["patience"] = 3
    run = play(d)
    assert run.cancelled["time"].tolist() == [40.5], "three days after the goods had to leave on day 37.5"
    assert evaluate(run, ["wait_mean"])["wait_mean"] == 3


def test_the_window_of_the_seller_begins_with_the_wait():
    run = play(world(stock=0, lead=55, policies__first__window={"kind": "cancel_after", "days": 5}))
    assert run.cancelled["time"].tolist() == [42.5]


def test_customers_do_not_ask_before_the_day():
    d = world(stock=0, lead=55)
    d["customers"]["web"]["contact"] = {"per_day_waiting": 1}
    assert play(d).contacts["time"].min() > 37.5


def test_orders_that_open_after_the_end_are_not_counted():
    run = play(world(wanted=100, reservation={"ahead": "14 d"}))
    assert not run.came.any()
    assert on_hand(run, 59) == 20
    assert evaluate(run, ["revenue"])["revenue"] == 0
    assert "wanted on day 100.000; stock is reserved from day 86.000 on" in " ".join(map(str, run.story(0)))


def test_whoever_orders_for_tomorrow_is_served_before_stock_is_reserved():
    d = world(reservation={"ahead": "14 d"}, stock=10)
    d["customers"]["late"] = {**ONE_ORDER, "arrivals": {"kind": "every", "interval": 500, "first": 20}}
    d["policies"]["first"]["replenishment"] = {"kind": "none"}
    run = play(d)
    assert parcels(run) == [(20.5, 22.5, 10)]
    assert [*zip(run.backordered["order"], run.backordered["units"], strict=True)] == [(0, 10)]
    d["policies"]["first"]["reservation"] = {"ahead": "30 d"}
    assert parcels(play(d)) == [(38.0, 40.0, 10)], "reserved on day 10, before the other order comes"


def test_goods_that_are_complete_in_parts_leave_together_on_their_day():
    d = world(stock=4, lead=10)
    assert parcels(play(d)) == [(38.0, 40.0, 10)]
    d["customers"]["web"]["wanted"] = 8  # 4 mugs leave on day 5.5, the others on day 10
    assert parcels(play(d)) == [(6.0, 8.0, 4), (10.5, 12.5, 6)]


# ------------------------------------------------------------------------------------------------- order books
BOOK = """day,so,sku,qty,on
2025-03-01,A,mug,4,2025-03-10
2025-03-01,A,mug,3,2025-04-10
2025-03-01,A,mug,2,2025-03-10
2025-03-02T12:00,B,mug,1,
2025-03-03,C,mug,5,2025-03-03
"""
RECORDED = """
name: call-offs
clock: {start: 2025-03-01, horizon: 60 d}
items: {mug: {price: 2, unit_cost: 1}}
customers:
  web: {arrivals: {kind: trace, file: orders.csv, time: day, order: so, item: sku, quantity: qty, wanted: on}%s}
carriers: {post: {transit: 2 d}}
warehouse: {stock: {mug: 50}}
policies: {first: {replenishment: {kind: none}%s}}
"""


def recorded(folder, book=BOOK, customers="", policy=""):
    (folder / "orders.csv").write_text(book)
    return load_text(RECORDED % (customers, policy), folder)


def test_rows_of_one_order_for_different_days_are_deliveries_of_their_own(tmp_path):
    run = simulate(recorded(tmp_path), "first", 1)
    run.audit()
    assert run.demand.counts.tolist() == [2, 1, 1, 1]
    assert str(run.demand.wanted.tolist()) == "[9.0, 40.0, nan, 2.0]"
    # A date lasts until the end of its day; the last order is wanted on the day on which it is placed.
    assert run.demand.need_by == pytest.approx([9 + 1439 / 1440, 40 + 1439 / 1440, np.inf, 1439 / 1440])
    assert run.parcels["delivered"].tolist() == [3.5, 4.0, 9.0, 40.0]
    assert evaluate(run, ["otif_requested"])["otif_requested"] == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("book", "customers", "policy", "fault"),
    [
        (BOOK.replace("C,mug,5,2025-03-03", "C,mug,5,2025-03-02"), "", "", "orders.csv:6: .* before the order was pla"),
        (BOOK.replace(",2025-03-03\n", ",soon\n"), "", "", "orders.csv:6: column 'on': 'soon' is not a date"),
        (BOOK, "", ", reservation: {ahead: -1 d}", "ahead: '-1 d' is out of range"),
        (BOOK, "", ", reservation: {ahead: 3 d}, acceptance: {kind: never}", "before it looks at the stock"),
        (BOOK, ", join: {kind: logit}", ", reservation: {ahead: 3 d}", "join: cannot be combined"),
    ],
)
def test_days_that_cannot_be_meant_are_refused(tmp_path, book, customers, policy, fault):
    with pytest.raises(UserError, match=fault):
        recorded(tmp_path, book, customers, policy)


@pytest.mark.parametrize(
    ("lead", "need_by", "in_time"),
    [
        (4, None, 1),  # comes on the wanted day
        (39, None, 0),  # comes on day 41.5
        (39, 41, 0),
        (39, 42, 1),  # wanted from day 40 on, needed by day 42
        (39, 10, 0),  # a day before the wanted one is that day
        (4, 10, 1),
    ],
)
def test_goods_that_are_wanted_on_one_day_may_be_needed_by_another(lead, need_by, in_time):
    changes = {} if need_by is None else {"customers__web__need_by": need_by}
    d = world(stock=0, lead=lead)
    d["customers"]["web"] |= {"need_by": need_by} if changes else {}
    run = play(d)
    assert evaluate(run, ["otif_requested"])["otif_requested"] == in_time
    assert run.demand.leaves.tolist() == [37.5], "they leave for the wanted day all the same"


def test_an_order_book_names_both_days(tmp_path):
    rows = ("A,mug,1,0,10,12", "B,mug,1,0,10,", "C,mug,1,0,,6", "D,mug,1,0,,")
    lines = "\n".join(["order,item,qty,ts,on,by", *rows]) + "\n"
    (tmp_path / "both.csv").write_text(lines)
    d = world(wanted=None)
    columns = {"order": "order", "item": "item", "quantity": "qty", "time": "ts", "wanted": "on", "need_by": "by"}
    d["customers"]["web"] = {"arrivals": {"kind": "trace", "file": "both.csv", **columns}}
    run = simulate(load_text(yaml_of(d), folder=tmp_path), "first", 1)
    run.audit()
    assert run.demand.need_by.tolist() == [12, 10, 6, np.inf]
    assert str(run.demand.wanted.tolist()) == "[10.0, 10.0, nan, nan]"
    (tmp_path / "both.csv").write_text(lines.replace("10,12", "10,9"))
    with pytest.raises(
        UserError, match=r"both.csv:2: column 'by': '9' is before the day on which the goods are wanted"
    ):
        load_text(yaml_of(d), folder=tmp_path)


# ---------------------------------------------------------------------------------------------- without records
def busy(**changes):
    """Three orders a day for up to 20 days later, some for days after the end; a third is before the warm-up."""
    web = {"arrivals": {"kind": "poisson", "rate": 3}, "basket": {"kind": "single", "item": "mug"}}
    web |= {"wanted": {"kind": "uniform", "low": 0, "high": 20}, "patience": {"kind": "gamma", "mean": 2, "cv": 1}}
    policy = {"replenishment": {"kind": "s_Q", "s": 4, "Q": 15}, "reservation": {"ahead": 8}}
    clock, post = {"horizon": 60, "warm_up": 20}, {"transit": 2}
    plain = {"clock": clock, "customers__web": web, "carriers__post": post, "policies__first": policy}
    return shop(**{**plain, **changes})


@pytest.mark.parametrize("window", [1, 40, 4096])
def test_without_records_an_order_counts_when_it_opens_however_the_order_book_is_cut(window, monkeypatch):
    monkeypatch.setattr("simulator.world.customers.shop.DRAWN_AT_ONCE", window)
    scenario = load_text(yaml_of(busy()))
    usual = evaluate(simulate(scenario, "first", 1))
    run = simulate(scenario, "first", 1, records=False)
    run.audit()
    found = {key: value for key, value in evaluate(run).items() if isinstance(value, float)}
    assert {"fill_rate", "backlog_mean", "on_hand_mean", "wait_mean", "revenue"} <= found.keys()
    assert found["wait_mean"] > 0
    for key, value in found.items():
        assert value == pytest.approx(usual[key], abs=1 / 512 if key.startswith(("wait", "age")) else 1e-9), key


def test_without_records_many_windows_of_several_sites_are_summed_up(monkeypatch):
    monkeypatch.setattr("simulator.world.customers.shop.DRAWN_AT_ONCE", 5)
    d = busy(policies__first__sourcing={"kind": "nearest"})
    del d["customers"]["web"]["wanted"], d["policies"]["first"]["reservation"]
    d["warehouses"] = {"north": d.pop("warehouse"), "south": {"stock": {"mug": 9}}}
    usual, run = (simulate(load_text(yaml_of(d)), "first", 1, records=kept) for kept in (True, False))
    run.audit()
    assert evaluate(run)["fill_rate"] == pytest.approx(evaluate(usual)["fill_rate"], abs=1e-12)


# ------------------------------------------------------------------------------------------------------- limits
def test_simpy_plays_orders_for_a_later_day(tmp_path):
    assert reasons(load_text(yaml_of(world())), "first")
    assert "customers.web.arrivals.wanted" in reasons(recorded(tmp_path), "first")


def test_ahead_without_a_wanted_day_is_warned_about():
    d = world(reservation={"ahead": 3})
    del d["customers"]["web"]["wanted"]
    assert any("no customer segment has a `wanted` day" in w.message for w in load_text(yaml_of(d)).warnings)


def test_the_words_of_before_mean_what_they_meant():
    def facts(words):
        carts = {"abandoned": "50 %", "hold": "9 d"}
        return digest(play(shop(policies__first__reservation=words, customers__web__carts=carts)))

    assert facts("at_cart") == facts({"at": "at_cart"}) == facts({"at": "at_cart", "early": 0})
    assert facts("at_checkout") == facts({"at": "at_checkout"}) != facts("at_cart")


def yaml_of(d):
    return yaml.safe_dump(d, sort_keys=False)
