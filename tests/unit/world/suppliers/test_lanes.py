"""The way from a supplier: departures with room for so much, closed paths, customs, freight."""

from __future__ import annotations

import pytest

from simulator.kpis.evaluate import evaluate
from tests.unit.world.shops import play, shop


def one_purchase(units=10, horizon=30.0, events=(), **supplier):
    """Ten units bought on day 1, with a travel of 4 days."""
    return shop(
        clock__horizon=horizon,
        customers__web={
            "arrivals": {"kind": "every", "interval": 100, "first": 1},
            "basket": {"kind": "single", "item": "mug", "quantity": units},
        },
        warehouse__stock__mug=0,
        suppliers={"pottery": {"items": ["mug"], "lead_time": 4, **supplier}},
        policies__first={"replenishment": {"kind": "base_stock", "S": 0}},
        events=list(events),
    )


def receipts(d):
    run = play(d)
    return list(zip(run.receipts["time"].tolist(), run.receipts["units"].tolist(), strict=True))


def test_goods_wait_for_the_next_departure():
    assert receipts(one_purchase(lane={"departures": {"every": 7, "first": 2}})) == [(6, 10)]


def test_what_finds_no_room_is_rolled_to_the_next_departure():
    run = play(one_purchase(lane={"departures": {"every": 7, "first": 2, "units": 4}}))
    assert run.receipts["time"].tolist() == [6, 13, 20]
    assert run.receipts["units"].tolist() == [4, 4, 2]
    assert evaluate(run)["rolled_units[pottery]"] == 6 + 2


def test_a_closed_path_holds_what_would_depart():
    closed = {"kind": "path_closed", "supplier": "pottery", "at": 0.5, "lasts": 3}
    assert receipts(one_purchase(events=[closed])) == [(3.5 + 4, 10)]


def test_what_is_under_way_stands_still_while_its_path_is_closed():
    """Under way on [1, 5); closed on [2, 4) and, still under way, on [6, 6.5)."""
    closed = [
        {"kind": "path_closed", "supplier": "pottery", "at": at, "lasts": lasts} for at, lasts in ((2, 2), (6, 0.5))
    ]
    assert receipts(one_purchase(events=closed)) == [(7.5, 10)]
    arriving = [{"kind": "path_closed", "supplier": "pottery", "at": 4.5, "lasts": 10}]
    assert receipts(one_purchase(events=arriving)) == [(15, 10)]


def test_customs_inspect_a_share():
    always, never = (one_purchase(lane={"customs": {"inspected": share, "delay": 3}}) for share in ("100 %", "0 %"))
    assert receipts(always) == [(8, 10)]
    assert receipts(never) == [(5, 10)]


@pytest.mark.parametrize(("at", "day"), [(0, 8), (2, 5)])
def test_a_strict_office_looks_at_what_leaves_while_it_is_strict(at, day):
    strict = {"kind": "customs", "supplier": "pottery", "at": at, "lasts": 1.5, "inspected": 1, "delay": 3}
    assert receipts(one_purchase(events=[strict])) == [(day, 10)]


def test_purchases_that_leave_together_share_the_freight():
    two = {"default": {"kind": "base_stock", "S": 0}}
    cost = {"shipment": 100, "unit": 2}

    def freight(**lane):
        d = one_purchase(lane={"cost": cost, **lane})
        d["items"]["plate"] = {"price": 1, "unit_cost": 1}
        d["suppliers"]["pottery"]["items"] = "all"
        d["customers"]["bulk"] = {
            "arrivals": {"kind": "every", "interval": 100, "first": 1.5},
            "basket": {"kind": "single", "item": "plate", "quantity": 5},
        }
        d["policies"]["first"]["replenishment"] = two
        return evaluate(play(d))["freight_cost"]

    assert freight() == 2 * 100 + 15 * 2
    assert freight(departures={"every": 7, "first": 2}) == 100 + 15 * 2
