"""The outlook of open orders: known answers, what covers a line, chances, tables, and the page."""

import csv
import json

import pytest
from click.testing import CliRunner

import simulator
from simulator.cli.main import backorder
from simulator.experiment.studies.outlook import day_of, outlook
from simulator.foundation.errors import UserError
from simulator.kernel.lanes import simulate
from simulator.report.cards.terminal import on_terminal
from simulator.report.terminal.outlook import outlook_card
from simulator.report.tracking.outlook import outlook_page
from simulator.scenario.loader import load_text

SHOP = """
name: monday
clock: {{start: 2025-03-03, horizon: 30 d}}
items: {{lamp: {{price: 10, unit_cost: 5}}, shelf: {{price: 50, unit_cost: 20}}}}
customers:
  web:
    arrivals: {{kind: every, interval: 100 d, first: 90 d}}
    basket: {{kind: single, item: lamp}}
    {patience}
suppliers: {{maker: {{items: all, lead_time: 5 d}}}}
opening:
  orders: {{file: orders.csv, order: id, placed: date, item: sku, quantity: open, promised: eta}}
  purchases: {{file: purchases.csv, item: sku, quantity: qty, due: eta, purchase: po{late}}}
policies:
  base: {{replenishment: {{kind: none}}, promise: {{kind: ctp}}}}
  buys: {{replenishment: {{kind: base_stock, S: 0}}, promise: {{kind: ctp}}}}
"""
ORDERS = """id,date,sku,open,eta
S-1,2025-02-01,lamp,2,2025-03-05
S-2,2025-02-26,lamp,1,2025-03-20
S-2,2025-02-26,shelf,1,
S-3,2025-03-01,lamp,3,2025-03-02
"""
PURCHASES = "sku,qty,eta,po\nlamp,3,2025-03-08,PO-7\n"


@pytest.fixture
def shop(tmp_path):
    def scenario(patience="", late="", orders=ORDERS):
        (tmp_path / "orders.csv").write_text(orders)
        (tmp_path / "purchases.csv").write_text(PURCHASES)
        text = SHOP.format(patience=patience, late=late)
        (tmp_path / "monday.yaml").write_text(text)
        return load_text(text, tmp_path)

    return scenario


def rows(found, policy="base"):
    return {(row.order, row.item): row for row in found.of(policy)[0]}


def test_under_deterministic_supply_both_days_are_that_on_which_the_line_ships_and_the_one_promised(shop):
    scenario = shop()
    found = simulator.outlook(scenario, replications=5)
    run = simulate(scenario, "buys", 1)
    filled = {
        (run.name_of(int(o)), int(line)): t
        for o, line, t in zip(run.fills["order"], run.fills["line"], run.fills["time"], strict=True)
    }
    for (order, item), row in rows(found, "buys").items():
        assert row.p50 == row.p90 == filled[order, 1 if item == "shelf" else 0]
    assert [rows(found)[key].p50 for key in (("S-1", "lamp"), ("S-2", "lamp"))] == [5, 5]
    # An order without a day is promised one by the availability model: it is the day on which it ships.
    undated = shop(orders="id,date,sku,open,eta\nS-9,2025-02-01,shelf,1,\n")
    (row,) = outlook(undated, 3, ["buys"]).lines
    run = simulate(undated, "buys", 1)
    assert row.p50 == row.p90 == run.promises["date"][-1] == 5


def test_each_line_names_what_covers_it_and_each_purchase_what_it_holds_up(shop):
    found = outlook(shop(), 3)
    base, buys = rows(found), rows(found, "buys")
    assert [base[key].purchase for key in base] == ["PO-7", "PO-7", "nothing", "nothing"]
    assert buys["S-2", "shelf"].purchase == buys["S-3", "lamp"].purchase == "new from maker"
    (purchase,) = found.of("base")[1]
    assert (purchase.purchase, purchase.held, purchase.orders, purchase.value) == ("PO-7", 3, 2, 30)
    assert (purchase.oldest, purchase.oldest_age, purchase.p50, purchase.p90) == ("S-1", 30, 5, 5)


def test_items_have_the_columns_of_a_planner(shop):
    lamp = next(row for row in outlook(shop(), 3).of("base")[2] if row.item == "lamp")
    assert (lamp.owed, lamp.orders, lamp.oldest, lamp.oldest_age) == (6, 3, "S-1", 30)
    assert (lamp.on_hand, lamp.on_order, lamp.next_day, lamp.clear_day) == (0, 3, 5, None)
    assert (lamp.told, lamp.passed, lamp.urgency) == (2, 1, "no supply")


def test_a_promise_is_missed_if_anything_is_missing_at_the_end_of_its_day(shop):
    found = rows(outlook(shop(), 3), "buys")
    assert found["S-1", "lamp"].miss == 1  # promised for 5 March, shipped on the 8th
    assert found["S-2", "lamp"].miss == 0
    assert found["S-2", "shelf"].miss is None
    assert [row.urgency for row in found.values()] == ["late", "on time", "no date", "late"]
    on_its_day = shop(orders="id,date,sku,open,eta\nS-1,2025-02-01,lamp,1,2025-03-08\n")
    assert rows(outlook(on_its_day, 2))["S-1", "lamp"].miss == 0


def test_chances_are_shares_of_the_replications(shop):
    scenario = shop("patience: {kind: exponential, mean: 10 d}", ", late: {kind: exponential, mean: 4 d}")
    found = rows(outlook(scenario, 400, ["base"]))["S-1", "lamp"]
    # It ships on day 5 + an exponential delay (mean 4), unless the customer has left (mean 10): 1 - e^-0.5 / 1.4.
    assert found.cancel == pytest.approx(1 - 2.718281828**-0.5 * 10 / 14, abs=0.06)
    assert found.p50 < found.p90
    assert found.miss == 1  # who still wants it on 5 March does not have it


def test_quantiles_leave_out_the_replications_in_which_a_line_is_cancelled():
    import numpy as np

    values = np.array([3.0, 1.0, np.nan, 2.0, np.inf])
    assert (day_of(values, 0.5), day_of(values, 0.75), day_of(values, 0.9)) == (2.0, 3.0, None)
    assert day_of(np.array([np.nan]), 0.5) is None
    assert day_of(np.arange(1.0, 11.0), 0.9) == 9.0


def test_the_outlook_does_not_depend_on_workers_or_on_the_order_of_policies(shop):
    scenario = shop("patience: {kind: exponential, mean: 10 d}", ", late: {kind: exponential, mean: 4 d}")
    alone, together = outlook(scenario, 12), outlook(scenario, 12, ["buys", "base"], workers=2)
    for policy in ("base", "buys"):
        assert alone.of(policy) == together.of(policy)


def test_without_open_orders_it_says_what_to_add(shop):
    with pytest.raises(UserError, match=r"no open orders; add `opening: \{orders"):
        outlook(shop().edit({"opening": None}), 2)
    with pytest.raises(UserError, match="no policy 'none'"):
        outlook(shop(), 2, ["none"])


def test_the_command_prints_exports_and_draws_the_same_numbers(shop, tmp_path, monkeypatch):
    shop()
    monkeypatch.chdir(tmp_path)
    shell = CliRunner()
    asked = ["outlook", "monday.yaml", "--replications", "3", "--policy", "base"]
    told = shell.invoke(backorder, [*asked, "--csv", "tables", "--html"], env={"COLUMNS": "160"})
    assert told.exit_code == 0
    for part in ("S-1", "PO-7", "Sat 8 Mar", "no supply", "what is owed", "every purchase under way", "100 %"):
        assert part in told.output
    with (tmp_path / "tables" / "lines.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [row["order"] for row in lines] == ["S-1", "S-2", "S-2", "S-3"]
    assert (lines[0]["p50"], lines[0]["p50_date"], lines[0]["promised_date"]) == (
        "5.0",
        "2025-03-08 00:00",
        "2025-03-05 23:59",
    )
    assert lines[3]["p50"] == lines[3]["p50_date"] == ""
    assert {path.name for path in (tmp_path / "tables").iterdir()} == {"lines.csv", "purchases.csv", "items.csv"}
    plain = json.loads(shell.invoke(backorder, [*asked, "--json"]).stdout)
    assert plain["lines"][0]["p50"] == 5
    assert plain["today"] == "2025-03-03T00:00:00"
    assert plain["items"][0]["urgency"] == "no supply"


def test_the_page_is_whole_and_names_every_order(shop):
    text = outlook_page(outlook(shop(), 2))
    for part in ("S-1", "PO-7", "Sat\u00a08\u00a0Mar", "none\u00a0under way".replace("\u00a0", " "), "no supply"):
        assert part in text
    assert "http" not in text.split("<script")[0].replace("http-equiv", "")


def test_what_another_site_sends_is_named(tmp_path):
    (tmp_path / "orders.csv").write_text("id,date,sku,open,seg\nN,-2,rug,3,northerners\n")
    (tmp_path / "stock.csv").write_text("site,sku,qty\nsouth,rug,9\n")
    scenario = load_text(
        """
name: two
clock: {horizon: 10 d}
items: {rug: {price: 10, unit_cost: 5}}
carriers: {van: {transit: 1 d}}
customers:
  northerners: {site: north, arrivals: {kind: every, interval: 50 d, first: 40 d}, basket: {kind: single, item: rug}}
  southerners: {site: south, arrivals: {kind: every, interval: 50 d, first: 40 d}, basket: {kind: single, item: rug}}
warehouses: {north: {}, south: {}}
suppliers: {maker: {items: all, lead_time: 5 d}}
opening:
  orders: {file: orders.csv, order: id, placed: date, item: sku, quantity: open, segment: seg}
  stock: {file: stock.csv, item: sku, quantity: qty, site: site}
policies:
  apart: {replenishment: {kind: none}}
  sent: {replenishment: {kind: none}, transfers: {kind: on_shortage, lead_time: 2 d}}
""",
        tmp_path,
    )
    apart, sent = outlook(scenario, 2).lines
    assert (apart.purchase, apart.p50, apart.urgency) == ("nothing", None, "no supply")
    assert (sent.purchase, sent.p50, sent.p90) == ("sent by south", 2, 2)


def test_a_scorecard_says_how_many_orders_were_open_at_the_start(shop):
    results = simulator.run(shop(), replications=2)
    assert "3 orders open at the start" in simulator.scorecard(results).splitlines()[1]


def test_purchases_under_way_at_a_supplier_count_as_on_order_and_a_cancelled_line_says_so(shop):
    scenario = shop("patience: 32 d").edit(
        {"opening.purchases": None, "suppliers.maker.under_way": [{"item": "lamp", "units": 9, "due": "4 d"}]}
    )
    found = outlook(scenario, 2, ["base"])
    lamp = next(row for row in found.items if row.item == "lamp")
    assert (lamp.on_order, lamp.next_day) == (9, 4)
    lines = rows(found)
    assert (lines["S-1", "lamp"].cancel, lines["S-1", "lamp"].p50) == (1, None)
    assert lines["S-2", "lamp"].purchase == "under way from maker"
    assert "cancelled" in on_terminal(outlook_card(found), 160, False)


def test_the_card_ends_with_the_lines_in_danger_and_the_purchase_that_most_units_wait_for(shop):
    found = outlook(shop(), 3, ["buys"])
    text = " ".join(on_terminal(outlook_card(found), 160, False).split("In short")[1].split())
    late = sum(row.urgency == "late" for row in found.lines)
    assert text.startswith(f"Of {len(found.lines)} open order lines, {late} ")
    assert "Most units wait for purchase PO-7 of lamp: 3 of " in text
