"""The tracking page: what the customer is shown on any day, and what really happened."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from simulator.cli.main import backorder
from simulator.foundation.errors import UserError
from simulator.model.nouns import Cause
from simulator.report.interactive.film import film
from simulator.report.tracking.behind import behind
from simulator.report.tracking.letters import WHY, messages
from simulator.report.tracking.order import Tracked
from simulator.report.tracking.page import tracking
from simulator.report.tracking.views import view, views
from simulator.scenario.loader import load, load_text
from simulator.world.simulate import simulate

ROOT = Path(__file__).resolve().parents[4]
SHOP = """
name: shop
title: A small shop
clock: {start: 2025-03-01, horizon: 60 d}
items: {mug: {price: 12, unit_cost: 5}, plate: {price: 18, unit_cost: 8}}
customers:
  web:
    arrivals: {kind: every, interval: 10 d, first: 1 d}
    basket: {kind: bundle, items: {mug: 2, plate: 1}}
warehouse: {stock: {mug: 2, plate: 0}}
suppliers: {maker: {items: [mug, plate], lead_time: 12 d}}
carriers: {parcel: {transit: 2 d}}
policies:
  split: {replenishment: {kind: base_stock, S: 1}, promise: {kind: fixed, within: 5 d}}
  whole: {extends: split, fulfilment: {kind: order_complete}}
  closing: {extends: split, window: {kind: cancel_after, days: 4 d}}
  capped: {extends: split, acceptance: {kind: never}}
experiment: {replications: 1, seed: 1}
"""


def tracked(policy, order=0, **changes):
    scenario = load_text(SHOP)
    return Tracked(simulate(scenario.edit(changes) if changes else scenario, policy, 1), order)


def test_an_order_for_a_later_day_is_planned_until_it_leaves():
    later = {"policies.capped.acceptance": {"kind": "always"}, "customers.web.wanted": 30}
    later |= {"policies.split.promise": {"kind": "atp"}, "warehouse.stock.plate": 9}
    order = tracked("split", 0, **later, **{"policies.split.reservation": {"ahead": "14 d"}})
    first = views(order)[0]
    assert (order.wanted, first.headline) == (31.0, "Planned for 1 April")
    assert first.note == "Your order is noted and will leave in time for that day."
    assert view(order, 17.0).note == "Your order is reserved and will leave in time for that day."
    assert view(order, 29.0).headline == "On its way"
    assert view(order, 31.0).headline == "Delivered"
    told = [letter.text for letter in messages(order)]
    assert "Thank you for your order of 2 mug and 1 plate. You want it on 1 April." in told
    assert "Your order will arrive by 1 April." in told


def test_a_split_order_is_told_parcel_by_parcel():
    order = tracked("split")
    shown = {round(page.time, 2): page for page in views(order)}
    assert shown[1.0].headline == "Partly on its way"
    assert shown[1.0].note == "Still to come: 1 plate."
    assert shown[1.0].lines == [
        {"item": "mug", "units": "2", "state": "on its way"},
        {"item": "plate", "units": "1", "state": "waiting for stock"},
    ]
    assert shown[3.0].headline == "Partly delivered"
    assert (shown[6.0].tone, shown[6.0].note) == ("late", "Later than promised (7 March). Still to come: 1 plate.")
    last = views(order)[-1]
    assert (last.headline, last.step, last.options) == ("Delivered", 4, [])
    assert last.promise["kept"].startswith("Missed by ")
    assert [parcel["holds"] for parcel in last.parcels] == ["2 mug", "1 plate"]


def test_an_order_that_ships_once_waits_as_a_whole():
    order = tracked("whole")
    first, *_, last = views(order)
    assert first.headline == "Waiting for stock"
    assert first.lines[0]["state"] == "reserved for you"
    assert [option["name"] for option in first.options] == ["Keep", "Cancel"]
    assert [parcel["holds"] for parcel in last.parcels] == ["2 mug and 1 plate"]


def test_a_cancelled_rest_is_told_with_its_reason():
    order = tracked("closing")
    last = views(order)[-1]
    assert last.headline == "Delivered"
    assert last.lines[1]["state"] == "cancelled"
    assert "We have cancelled 1 plate, because we could not ship it in time. Your refund will arrive by 17 March." in [
        message.text for message in messages(order)
    ]


def test_money_is_paid_and_paid_back_when_the_policy_says():
    order = tracked("closing")
    cancelled = next(part.gone for part in order.parts if part.cause >= 0)
    before, after, later = (view(order, time).money for time in (1.0, cancelled, cancelled + 20))
    assert before == {"paid": "Paid: 42.00 EUR."}
    assert after == {"paid": "Paid: 42.00 EUR.", "due": "To be refunded: 18.00 EUR."}
    assert later == {"paid": "Paid: 42.00 EUR.", "back": "Refunded: 18.00 EUR."}
    at_shipment = tracked("split", **{"policies.split.payment": {"kind": "at_shipment"}})
    paid = [view.money["paid"] for view in views(at_shipment)]
    assert (paid[0], paid[-1]) == ("Paid: 24.00 EUR.", "Paid: 42.00 EUR.")


TALK = {
    "policies.split.promise": {"kind": "atp", "repromise": "on_change"},
    "policies.split.communication": {"kind": "on_change", "also": ["order"], "options": ["keep", "switch", "cancel"]},
    "suppliers.maker.closures": [{"from": "2 d", "to": "20 d"}],
    "suppliers.maker.lead_time": {"kind": "uniform", "low": "4 d", "high": "30 d"},
    "customers.web.contact": {"per_day_waiting": "20 %"},
}


def test_messages_questions_and_offers_stand_on_the_page():
    run = simulate(load_text(SHOP).edit(TALK), "split", 1)
    offered = ("keep", "switch", "cancel")
    orders = [Tracked(run, order, offered) for order in range(len(run.demand.times))]
    texts = {message.text.split(":")[0] for order in orders for message in messages(order)}
    assert "We wrote to you" in texts
    assert any(text.startswith("You asked where your order is") for text in texts)
    told = next(order for order in orders if len(order.promises) > 1)
    assert any("than announced" in message.text for message in messages(told))
    assert any(
        "changes since" in view.promise.get("first", "") or "1 change since" in view.promise.get("first", "")
        for view in views(told)
    )
    names = {tuple(option["name"] for option in view.options) for order in orders for view in views(order)}
    assert ("Keep", "Switch", "Cancel") in names
    lines = [line for order in orders for line in run.story(order.number)]
    assert any("message to the customer: the order is on backorder" in line for line in lines)
    assert any("promised again: delivery by 2025-" in line for line in lines)
    assert any("the customer asks where the order is" in line for line in lines)


def test_an_order_that_nobody_takes_is_not_promised_to_anybody():
    order = tracked("capped", 3)
    (only,) = views(order)
    assert (only.headline, only.parcels, only.options) == ("Cancelled", [], [])
    assert [line["state"] for line in only.lines] == ["sold out, not ordered"] * len(only.lines)


def test_messages_come_in_order_and_say_what_is_there_and_what_is_not():
    texts = [message.text for message in messages(tracked("split"))]
    assert texts[:4] == [
        "Thank you for your order of 2 mug and 1 plate. We are waiting for 1 plate.",
        "You paid 42.00 EUR.",
        "Your order will arrive by 7 March.",
        "Parcel 1 of 2 is on its way: 2 mug.",
    ]
    assert texts[-1] == "Parcel 2 of 2 has been delivered."


def test_behind_the_page_stand_supplier_warehouse_and_carrier():
    order = tracked("split")
    found = behind(order)
    assert {place for _, _, place, _ in found} == {"customer", "warehouse", "supplier", "carrier"}
    assert [time for time, *_ in found] == sorted(time for time, *_ in found)
    supplied = [text for _, _, place, text in found if place == "supplier"]
    assert supplied[0].endswith("plate bought from maker, before the order was placed")
    assert supplied[-1].endswith("plate received from maker, 12.0 d later")


@pytest.mark.parametrize("file", [*sorted(ROOT.glob("scenarios/kinds/*.yaml")), ROOT / "scenarios/flash-sale.yaml"])
def test_every_kind_of_backorder_has_its_pages(file):
    scenario = load(file)
    horizon = min(scenario.clock.horizon, 90.0)
    scenario = scenario.edit({"clock.horizon": f"{horizon} d", "clock.warm_up": "0 d"})
    for policy, decisions in list(scenario.policies.items())[:2]:
        run = simulate(scenario, policy, 1)
        assert '"tokens":[[' in film([run], "A film")
        orders = np.flatnonzero(run.came)
        for order in orders[:: max(1, orders.size // 20)].tolist():
            assert f'"order":{order},' in tracking(run, order, "A page", decisions.communication["default"].options)


def test_every_reason_to_cancel_has_words():
    assert set(WHY) == set(Cause)


def test_every_order_of_a_run_has_a_page():
    for policy in ("split", "whole", "closing", "capped"):
        run = simulate(load_text(SHOP), policy, 1)
        for order in range(len(run.demand.times)):
            assert f'"order":{order},' in tracking(run, order, "A shop")
    with pytest.raises(UserError, match="no order 99"):
        tracking(run, 99, "A shop")


def test_trace_writes_the_page_where_asked(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.yaml").write_text(SHOP)

    def shell(*arguments):
        return CliRunner().invoke(backorder, ["trace", "shop.yaml", "--order", "0", *arguments], catch_exceptions=False)

    assert shell("--html").stdout.splitlines()[-1] == "Tracking page: shop-order-0.html"
    assert (tmp_path / "shop-order-0.html").stat().st_size > 5000
    json.loads(shell("--json", "--html", "mine.html").stdout)
    assert (tmp_path / "mine.html").exists()
    assert "tracking" not in shell().stdout
