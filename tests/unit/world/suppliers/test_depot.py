"""A supplier with stock: what it has leaves at once, the rest waits there; several sites share it."""

from __future__ import annotations

import pytest
import yaml

from simulator.foundation.errors import UserError
from simulator.kpis.evaluate import evaluate
from simulator.randomness.streams import Streams
from simulator.scenario.loader import load_text
from simulator.world.availability.known import KnownEvents
from simulator.world.availability.shelf_forecast import ShelfForecasts
from simulator.world.simulate import build, start
from tests.unit.world.shops import play, shop

HUB = {
    "items": ["mug"],
    "lead_time": 1,
    "stock": {"mug": 3},
    "suppliers": {"works": {"items": "all", "lead_time": 5}},
}
ONE_ORDER = {
    "customers__web": {"arrivals": {"kind": "every", "interval": 1}, "basket": {"kind": "single", "item": "mug"}},
    "warehouse__stock__mug": 0,
    "policies__first": {"replenishment": {"kind": "base_stock", "S": 5}},
}


def rows(table, *columns):
    return list(zip(*(table[name].tolist() for name in columns), strict=True))


def test_a_purchase_is_shipped_in_parts_as_the_supplier_has_it():
    """Bought 5 at time 0: 3 leave at once and are there on day 1; the supplier buys them again, they come on day 5, and
    the 2 that waited are at the warehouse on day 6."""
    run = play(shop(clock__horizon=8, suppliers={"hub": HUB}, **ONE_ORDER))
    assert rows(run.receipts, "time", "units", "purchase")[:2] == [(1, 3, 0), (2 + 4, 2, 0)]
    hub = run.suppliers["hub"]
    assert rows(hub.parcels, "shipped", "delivered", "units")[:2] == [(0, 1, 3), (5, 6, 2)]
    assert rows(hub.backordered, "order", "units")[0] == (0, 2)
    assert rows(hub.purchases, "time", "units")[:1] == [(0, 5)]


def test_line_complete_waits_for_the_whole_purchase():
    hub = HUB | {"fulfilment": {"kind": "line_complete"}}
    run = play(shop(clock__horizon=8, suppliers={"hub": hub}, **ONE_ORDER))
    assert rows(run.receipts, "time", "units")[:1] == [(6, 5)]


def test_what_is_not_kept_in_stock_is_released_at_once():
    d = shop(
        items__plate={"price": 1, "unit_cost": 1},
        suppliers={"hub": HUB | {"items": ["mug", "plate"]}},
        policies__first={"replenishment": {"kind": "s_Q", "s": 1, "Q": 2}},
    )
    run = play(d)
    plates = run.receipts["item"] == 1
    assert plates.any()
    assert (run.receipts["time"] - run.receipts["bought"])[plates] == pytest.approx(1)


def test_an_order_in_the_mail_reaches_the_supplier_later():
    run = play(shop(clock__horizon=12, suppliers={"hub": HUB | {"order_delay": 2}}, **ONE_ORDER))
    assert rows(run.receipts, "time", "units")[:2] == [(3, 3), (8, 2)]


def test_what_is_under_way_at_the_start_is_on_order_and_arrives():
    under_way = [{"item": "mug", "units": 4, "due": 2}, {"item": "mug", "units": 1, "reaches": 1}]
    run = play(shop(clock__horizon=8, suppliers={"hub": HUB | {"under_way": under_way}}, **ONE_ORDER))
    assert rows(run.receipts, "time", "units")[:2] == [(2, 4), (2, 1)]
    assert run.level("on_order").values[0] == 5
    assert rows(run.purchases, "time", "units")[2:3] == [(1, 1)]  # the position was right from the start


def test_a_withdrawn_purchase_is_called_off_where_it_waits_and_not_where_it_has_left():
    d = shop(
        clock__horizon=12,
        customers__web={
            "arrivals": {"kind": "every", "interval": 20, "first": 0.5},
            "basket": {"kind": "single", "item": "mug", "quantity": 5},
            "patience": 1,
        },
        warehouse__stock__mug=0,
        suppliers={"hub": HUB | {"lead_time": 2}},
        policies__first={"replenishment": {"kind": "base_stock", "S": 0, "cancel_purchase": True}},
    )
    run = play(d)
    assert run.withdrawn["units"].tolist() == [2]
    assert run.receipts["units"].tolist() == [3]
    assert run.suppliers["hub"].cancelled["units"].tolist() == [2]


def test_an_outage_upstream_is_felt_downstream():
    hub = HUB | {"stock": {"mug": 12}, "replenishment": {"kind": "s_Q", "s": 4, "Q": 8}}
    policy = {"replenishment": {"kind": "s_Q", "s": 4, "Q": 5}}
    calm = shop(clock__horizon=60, suppliers={"hub": hub}, policies__first=policy)
    hit = dict(calm, events=[{"kind": "outage", "supplier": "works", "at": 10, "lasts": 20}])
    before, after = evaluate(play(calm)), evaluate(play(hit))
    assert after["wait_mean"] > before["wait_mean"]
    assert after["supplier_backlog[hub]"] > before["supplier_backlog[hub]"]
    assert after["supplier_otif"] < before["supplier_otif"]


def sites(**changes):
    d = shop(**changes)
    del d["warehouse"]
    d["warehouses"] = {"north": {"stock": {"mug": 6}}, "south": {"stock": {"mug": 2}, "priority": 2}}
    d["customers"]["web"]["site"] = "south"
    d["customers"]["shop"] = {**d["customers"]["web"], "site": "north"}
    return d


def test_each_site_serves_its_own_customers_from_its_own_stock():
    run = play(sites(policies__first={"replenishment": {"kind": "none"}}, clock__horizon=10))
    found = evaluate(run)
    assert found["fill_rate_by_segment[shop]"] == 6 / 9
    assert found["fill_rate_by_segment[web]"] == 2 / 9
    assert run.level("on_hand", "mug").values[0] == 8


def test_a_policy_may_decide_by_site_first():
    replenishment = {"default": {"kind": "s_Q", "s": 1, "Q": 2}, "north": {"mug": {"kind": "s_Q", "s": 4, "Q": 5}}}
    run = play(sites(policies__first={"replenishment": replenishment}))
    assert [set(run.purchases["units"][run.purchases["item"] == k]) for k in (0, 1)] == [{5}, {2}]


def test_a_shared_supplier_serves_the_better_priority_first():
    hub = HUB | {"stock": {"mug": 0}, "allocation": {"kind": "priority"}, "replenishment": {"kind": "none"}}
    hub["under_way"] = []
    hub["suppliers"] = {"works": {"items": "all", "lead_time": 5, "under_way": [{"item": "mug", "units": 6, "due": 9}]}}
    d = sites(
        suppliers={"hub": hub}, clock__horizon=12, policies__first={"replenishment": {"kind": "base_stock", "S": 6}}
    )
    run = play(d)
    assert set(run.receipts["item"].tolist()) == {0}  # all that came went north
    assert run.receipts["units"].sum() == 6


def problems(d) -> str:
    with pytest.raises(UserError) as caught:
        load_text(yaml.safe_dump(d, sort_keys=False))
    return str(caught.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"suppliers__pottery__suppliers": {"quarry": {"items": ["clay"], "lead_time": 1}}},
            "`suppliers:` needs `stock:`",
        ),
        (
            {"suppliers": {"hub": HUB | {"suppliers": {"works": {"items": ["cup"], "lead_time": 5}}}}},
            "does not stock 'cup'",
        ),
        (
            {"suppliers": {"hub": HUB | {"suppliers": {"hub": {"items": ["mug"], "lead_time": 5}}}}},
            "another supplier is also named 'hub'",
        ),
        ({"suppliers": {"hub": HUB | {"replenishment": {"plate": {"kind": "none"}}}}}, "no item 'plate'"),
        ({"customers__web__site": "west"}, "no warehouse 'west'"),
        ({"warehouses": {"north": {}}}, "not both"),
        (
            {"policies__first__replenishment": {"default": {"kind": "none"}, "west": {"mug": {"kind": "none"}}}},
            "'west'",
        ),
    ],
)
def test_what_cannot_be_meant_is_told(change, said):
    assert said in problems(shop(**change))


def test_the_buyer_sees_through_to_the_suppliers_backlog():
    """On day 0.5, of 5 bought at time 0: 3 have left; 2 wait for what the hub bought then, due on day 5; a day more."""
    for visibility, expected in (("look_through", [(1.0, 3), (6.0, 2)]), ("none", [(1.0, 3), (1.5, 2)])):
        d = shop(clock__horizon=8, suppliers={"hub": HUB | {"visibility": visibility}}, **ONE_ORDER)
        stage = build(load_text(yaml.safe_dump(d, sort_keys=False)), "first", Streams(1))
        start(stage)
        for node in stage.nodes:
            node.purchasing.watch()
        for node in stage.nodes:
            node.first_reviews()
        stage.clock.run_to(0.5)
        forecast = ShelfForecasts(KnownEvents(stage)).of(stage.flow, stage.engine.shelves[0], 0.5)
        assert [(receipt.day, receipt.units) for receipt in forecast.committed] == expected


@pytest.mark.parametrize(
    "late",
    [
        {"events": [{"kind": "path_closed", "supplier": "hub", "at": 0.5, "lasts": 50}]},
        {"items__mug__release": 9},
    ],
)
def test_what_stands_still_or_is_stored_at_the_horizon_has_not_arrived(late):
    """Sent on day 0 for day 1, but the route is closed, or the goods are kept for their release: the books agree."""
    run = play(shop(clock__horizon=8, suppliers={"hub": HUB}, **ONE_ORDER, **late))
    assert not run.receipts["time"].size
    assert (run.suppliers["hub"].parcels["delivered"] >= 8).all()
    assert run.suppliers["hub"].parcels["shipped"].size
