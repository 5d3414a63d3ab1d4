"""Orders that are open at the start: waits from the day they were placed, rank, promises, patience, purchases."""

import numpy as np
import pytest

from simulator.experiment.keeping.order_lines import keep_orders
from simulator.experiment.storage.kept_files import kept_file
from simulator.kernel.lanes import lane_of, simulate
from simulator.kpis.evaluate import evaluate
from simulator.kpis.evidence.cash import Cash
from simulator.record.audit import _open_orders_wait
from simulator.record.order_numbers import number_of
from simulator.record.story import story_lines
from simulator.report.tracking.order import promises
from simulator.report.tracking.page import tracking
from simulator.scenario.loader import load_text

SHOP = """
name: monday
clock: {{horizon: 20 d}}
items: {{lamp: {{price: 10, unit_cost: 5}}}}
customers:
  web:
    arrivals: {{kind: every, interval: 100 d, first: 90 d}}
    basket: {{kind: single, item: lamp}}
    {patience}
suppliers: {{maker: {{items: all, lead_time: 5 d}}}}
opening:
  orders: {{file: orders.csv, order: id, placed: date, item: sku, quantity: open, priority: prio, promised: eta}}
  purchases: {{file: purchases.csv, item: sku, quantity: qty, due: eta, purchase: po{late}}}
  {stock}
policies:
  base: {{replenishment: {{kind: none}}, {policy}}}
"""
ORDERS = "id,date,sku,open,prio,eta\nS5,-5,lamp,1,,\nS10,-10,lamp,1,,2\nS30,-30,lamp,1,,-4\n"
PURCHASES = "sku,qty,eta,po\nlamp,3,3,PO7\n"


@pytest.fixture
def shop(tmp_path):
    def scenario(orders=ORDERS, purchases=PURCHASES, patience="", policy="", stock="", late=""):
        (tmp_path / "orders.csv").write_text(orders)
        (tmp_path / "purchases.csv").write_text(purchases)
        (tmp_path / "stock.csv").write_text("sku,qty\nlamp,2\n")
        return load_text(SHOP.format(patience=patience, policy=policy, stock=stock, late=late), tmp_path)

    return scenario


def played(scenario, seed=1, replication=0):
    run = simulate(scenario, "base", seed, replication)
    run.audit()
    return run


def waits(run):
    return {
        run.name_of(int(k)): d for k, d in zip(run.fills["order"], run.fills["time"] - run.fills["placed"], strict=True)
    }


def test_orders_aged_5_10_and_30_days_wait_8_13_and_33_days_for_a_receipt_on_day_3(shop):
    run = played(shop())
    assert waits(run) == {"S5": 8, "S10": 13, "S30": 33}
    kpis = evaluate(run)
    assert kpis["opening_orders"] == kpis["opening_units"] == 3
    assert kpis["opening_age"] == 15
    assert (kpis["opening_wait_mean"], kpis["opening_wait_max"]) == (18, 33)
    assert kpis["opening_clear"] == 3
    assert kpis["opening_late"] == 1  # promised for days 2 and -4; S5 had no day
    assert kpis["backlog_mean"] == pytest.approx(3 * 3 / 20)


def test_open_orders_are_first_in_line_before_those_that_come_later(shop):
    run = played(shop(purchases="sku,qty,eta,po\nlamp,1,3,A\nlamp,1,5,B\nlamp,1,9,C\n"))
    assert waits(run) == {"S30": 33, "S10": 15, "S5": 14}


def test_under_priority_an_old_low_ranked_order_waits_behind_a_new_high_ranked_one(shop):
    orders = "id,date,sku,open,prio,eta\nOLD,-30,lamp,1,3,\nNEW,-1,lamp,1,1,\n"
    two = "sku,qty,eta,po\nlamp,1,3,A\nlamp,1,9,B\n"
    assert waits(played(shop(orders, two))) == {"OLD": 33, "NEW": 10}
    assert waits(played(shop(orders, two, policy="allocation: {kind: priority}"))) == {"NEW": 4, "OLD": 39}


def test_stock_of_today_goes_to_the_oldest_open_orders_at_once(shop):
    run = played(shop(stock="stock: {file: stock.csv, item: sku, quantity: qty}"))
    assert waits(run) == {"S30": 30, "S10": 10, "S5": 8}
    assert run.initial == (2,)


def test_an_open_order_keeps_its_promise_and_one_without_gets_the_date_of_the_availability_model(shop):
    run = played(shop(policy="promise: {kind: ctp}"))
    told = {
        (run.name_of(int(k)), d, t)
        for k, d, t in zip(*(run.promises[c] for c in ("order", "date", "told")), strict=True)
    }
    assert told == {("S30", -4.0, 1.0), ("S10", 2.0, 1.0), ("S5", 3.0, 0.0)}


def test_what_is_bought_today_counts_for_the_date_given_today(shop):
    run = played(
        shop(ORDERS, "sku,qty,eta,po\nlamp,2,3,PO7\n", policy="promise: {kind: atp}").edit(
            {"policies.base.replenishment": {"kind": "base_stock", "S": 0}}
        )
    )
    assert dict(zip(run.promises["order"], run.promises["date"], strict=True))[2.0] == 5.0
    assert waits(run)["S5"] == 10


def test_the_numbers_of_the_user_survive_into_stories_and_name_the_purchase(shop):
    run = played(shop())
    assert number_of(run, "S10") == 1
    text = "\n".join(line.text for line in story_lines(run, 1))
    assert "order S10 placed by web" in text
    assert "promised before the start" in text
    assert "purchase PO7" in text


def test_a_customer_who_is_still_there_waits_as_long_as_one_who_has_waited_that_long(shop):
    later = "sku,qty,eta,po\nlamp,3,19,PO7\n"
    scenario = shop(purchases=later, patience="patience: {kind: uniform, low: 0 d, high: 40 d}")
    many = [played(scenario, 1, k) for k in range(300)]
    left = {name: [] for name in ("S5", "S30")}
    for run in many:
        for order, time in zip(run.cancelled["order"], run.cancelled["time"], strict=True):
            if (name := run.name_of(int(order))) in left:
                left[name].append(time)
    # Given that it is above 5 (30) days, patience is uniform up to 40 days: 35 (10) are left at most.
    assert len(left["S5"]) / 300 == pytest.approx(19 / 35, abs=0.09)
    assert len(left["S30"]) == 300
    assert max(left["S30"]) <= 10
    assert np.mean(left["S30"]) == pytest.approx(5, abs=0.6)


def test_a_customer_who_waited_longer_than_any_does_stays(shop):
    scenario = shop(patience="patience: 8 d")
    assert any("stay for good" in str(warning) for warning in scenario.warnings)
    run = played(scenario)
    assert waits(run) == {"S10": 13, "S30": 33, "S5": 8}


def test_the_window_of_the_seller_counts_from_the_order(shop):
    run = played(shop(policy="window: {kind: cancel_after, days: 7 d}"))
    gone = {run.name_of(int(k)): t for k, t in zip(run.cancelled["order"], run.cancelled["time"], strict=True)}
    assert gone == {"S30": 0, "S10": 0, "S5": 2}


def test_an_overdue_purchase_comes_later_than_it_is_overdue(shop):
    overdue = "sku,qty,eta,po\nlamp,3,-6,PO7\n"
    late = ", late: {kind: uniform, low: 0 d, high: 10 d}"
    scenario = shop(purchases=overdue, late=late)
    days = [float(played(scenario, 1, k).receipts["time"][0]) for k in range(200)]
    assert 0 < min(days) < max(days) < 4
    assert np.mean(days) == pytest.approx(2, abs=0.3)


def test_a_quantile_promise_knows_how_late_purchases_come(shop):
    late = ", late: {kind: uniform, low: 0 d, high: 10 d}"
    scenario = shop(late=late, policy="promise: {kind: quantile, p: 90 %}")
    runs = [played(scenario, 1, k) for k in range(200)]
    dates = [dict(zip(run.promises["order"], run.promises["date"], strict=True))[2.0] for run in runs]
    assert np.mean(dates) == pytest.approx(3 + 9, abs=0.2)
    kept = np.mean([run.fills["time"].max() <= date for run, date in zip(runs, dates, strict=True)])
    assert kept == pytest.approx(0.9, abs=0.06)


def test_the_other_orders_keep_their_random_numbers(shop):
    busy = {"customers.web.arrivals": {"kind": "poisson", "rate": "3 / d"}}
    with_, without = shop().edit(busy), shop().edit({**busy, "opening": None})
    found = [simulate(s, "base", 1).demand.times for s in (with_, without)]
    assert found[0][:3].tolist() == [-30, -10, -5]
    assert np.array_equal(found[0][3:], found[1])


def test_without_records_the_levels_are_the_same(shop):
    scenario = shop().edit({"customers.web.arrivals": {"kind": "poisson", "rate": "3 / d"}})
    whole, sums = (simulate(scenario, "base", 1, records=keep) for keep in (True, False))
    sums.audit()
    assert [level.backordered for level in whole.final] == [level.backordered for level in sums.final]
    a, b = evaluate(whole), evaluate(sums)
    assert a["backlog_mean"] == pytest.approx(b["backlog_mean"])
    assert a["wait_mean"] == pytest.approx(b["wait_mean"], abs=0.01)


def test_stock_and_purchases_of_today_are_those_of_the_scenario_in_both_lanes(shop):
    books = shop(stock="stock: {file: stock.csv, item: sku, quantity: qty}").edit(
        {"opening.orders": None, "customers.web.arrivals": {"kind": "poisson", "rate": "1 / d"}}
    )
    by_hand = books.edit(
        {
            "opening": None,
            "warehouse": {"stock": {"lamp": 2}},
            "suppliers.maker.under_way": [{"item": "lamp", "units": 3, "due": 3}],
        }
    )
    if lane_of(by_hand, "base") == "compiled":
        assert lane_of(books, "base") == "compiled"
    for lane in ("auto", "simpy"):
        a, b = (evaluate(simulate(s, "base", 1, lane=lane)) for s in (books, by_hand))
        assert a == b


def test_two_sites_have_their_own_stock_and_open_orders(tmp_path):
    (tmp_path / "orders.csv").write_text("id,date,sku,open,seg\nN,-2,rug,3,northerners\nS,-1,rug,3,southerners\n")
    (tmp_path / "stock.csv").write_text("site,sku,qty\nnorth,rug,5\nsouth,rug,0\n")
    (tmp_path / "purchases.csv").write_text("site,sku,qty,eta\nsouth,rug,3,4\n")
    scenario = load_text(
        """
name: two
clock: {horizon: 10 d}
items: {rug: {price: 10, unit_cost: 5}}
customers:
  northerners: {site: north, arrivals: {kind: every, interval: 50 d, first: 40 d}, basket: {kind: single, item: rug}}
  southerners: {site: south, arrivals: {kind: every, interval: 50 d, first: 40 d}, basket: {kind: single, item: rug}}
warehouses: {north: {}, south: {}}
suppliers: {maker: {items: all, lead_time: 5 d}}
opening:
  orders: {file: orders.csv, order: id, placed: date, item: sku, quantity: open, segment: seg}
  stock: {file: stock.csv, item: sku, quantity: qty, site: site}
  purchases: {file: purchases.csv, item: sku, quantity: qty, due: eta, site: site}
policies: {base: {replenishment: {kind: none}}}
""",
        tmp_path,
    )
    assert waits(played(scenario)) == {"N": 2, "S": 5}


@pytest.mark.parametrize(
    "policy",
    [
        "payment: {kind: at_order}",
        "payment: {kind: at_shipment, fails: 50 %, reauth_days: 3 d}",
        "fulfilment: {kind: order_complete}",
        "fulfilment: {kind: hold_until, days: 2 d}",
        "allocation: {kind: lifo}",
        "allocation: {kind: proportional}",
        "allocation: {kind: backorder_processing, segments: [{name: web, customers: [web], strategy: win}]}",
        "communication: {kind: on_change, also: [order, shipped]}, promise: {kind: ctp, repromise: on_change}",
        "window: {kind: ftc}, promise: {kind: ctp}",
    ],
)
def test_open_orders_meet_every_kind_of_policy(shop, policy):
    evaluate(played(shop(policy=policy)))


def test_an_order_that_does_not_wait_with_all_of_its_units_breaks_a_law(shop):
    run = simulate(shop(), "base", 1)
    run.backordered = run.backordered.where(np.array([True, True, False]))
    assert _open_orders_wait(run) == "order S5, open at the start, does not wait with all of its units"


def test_kept_orders_have_the_numbers_of_the_user(shop, tmp_path):
    duckdb = pytest.importorskip("duckdb")
    scenario = shop().edit({"customers.web.arrivals": {"kind": "every", "interval": "9 d"}})
    keep_orders(simulate(scenario, "base", 1), tmp_path)
    rows = duckdb.execute(
        'SELECT number, "order", placed FROM read_parquet(?)', [str(kept_file(tmp_path, "orders", "base", 0))]
    ).fetchall()
    assert rows[:4] == [(0, "S30", -30.0), (1, "S10", -10.0), (2, "S5", -5.0), (3, "3", 9.0)]


def test_the_tracking_page_and_its_messages_speak_of_the_order_by_its_number(shop):
    run = played(shop(policy="promise: {kind: ctp, repromise: on_infeasible}, communication: {kind: on_change}"))
    text = tracking(run, 1, "Monday")
    assert '"order":"S10"' in text
    assert "Thank you for your order" in text
    assert next(time for time, _ in promises(run, 1)) == -10  # promised with the order, as far as anybody knows


def test_prices_paid_before_the_start_are_owed_in_goods_and_are_no_cash_of_the_run(shop):
    run = played(shop(policy="payment: {kind: at_order}"))
    cash = Cash(run)
    assert cash.received.money.sum() == 0
    assert cash.unearned.before(np.array([1.0, 4.0])).tolist() == [30.0, 0.0]
    at_door = Cash(played(shop(policy="payment: {kind: at_delivery}")))
    assert at_door.received.money.sum() == 30
