"""Recorded cancellations: of units that wait or are held, that are being picked, and that have left (returns)."""

from functools import partial

import pytest

from simulator.kpis.evaluate import evaluate
from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.series.series import measure
from simulator.record.parts import parts_of
from tests.properties.models.facts import rows
from tests.unit.world.shops import play_book


@pytest.fixture
def played(tmp_path):
    return partial(play_book, tmp_path)


def parcels(run):
    return [(f["shipped"], f["order"], f["units"]) for f in rows(run, "parcels")]


# ------------------------------------------------------------------------------------------------- waiting units
@pytest.mark.parametrize("of", ["line", "order"])
@pytest.mark.parametrize("allocation", [{}, {"allocation": {"kind": "proportional"}}])
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("1,A,mug,10,3,4", [(3, 4), (12, 2)]),  # 4 of the 6 that are left are more than half
        ("1,A,mug,10,3,2", [(3, 4)]),  # 4 of 8 are half; 2 of 8 are less, and not the last
        ("1,A,mug,10,3,1", [(12, 6)]),  # 4 of 9 are less
        ("1,A,mug,10,,", [(12, 6)]),
    ],
)
def test_the_share_that_must_go_together_is_one_of_what_is_still_ordered(played, line, expected, of, allocation):
    run = played(
        line,
        warehouse__stock__mug=4,
        suppliers__pottery__under_way=[{"item": "mug", "units": 2, "due": 12}],
        policy={"fulfilment": {"kind": "minimum_split", "share": "50 %", "of": of}, **allocation},
    )
    assert [(shipped, units) for shipped, _, units in parcels(run)] == expected


# ------------------------------------------------------------------------------------------- units that are packed
def released(run):
    return [(f["time"], f["order"], f["units"], bool(f["held"])) for f in rows(run, "cancelled")]


PICKED = {"warehouse__picking": {"time": "2 d"}, "warehouse__stock__mug": 3, "carriers__van": {"transit": 1}}


def test_units_that_are_being_picked_are_taken_out_of_the_parcel_and_serve_who_waits(played):
    run = played("0,A,mug,3,1,2", "0.5,B,mug,1,,", **PICKED)
    assert parcels(run) == [(2, 0, 1), (3, 1, 1)]
    assert released(run) == [(1, 0, 2, True)]
    assert not rows(run, "returned")
    assert (run.final[1].on_hand, evaluate(run)["revenue"]) == (1, 24)


def test_a_parcel_of_which_all_is_called_off_does_not_leave(played):
    run = played("0,A,mug,3,1,3", "0.5,B,mug,1,,", **PICKED)
    assert parcels(run) == [(3, 1, 1)]
    assert evaluate(run)["parcels_per_order"] == 1


def test_of_two_lines_the_one_that_was_called_off_is_taken_out(played):
    run = played("0,A,mug,1,,", "0,A,cup,2,1,1", **PICKED, warehouse__stock__cup=2)
    assert parcels(run) == [(2, 0, 2)]
    assert sorted((p.item, p.units) for p in parts_of(run, 0) if p.delivered == 3) == [(0, 1), (1, 1)]


def test_units_that_a_closed_warehouse_holds_are_taken_out(played):
    closed = [{"kind": "closure", "warehouse": True, "at": 0, "lasts": 5}]
    run = played("1,A,mug,3,2,2", warehouse__stock__mug=3, events=closed)
    assert parcels(run) == [(5, 0, 1)]
    assert released(run) == [(2, 0, 2, True)]


# ------------------------------------------------------------------------------------------------------- returns
def test_goods_that_come_back_are_refunded_and_serve_who_waits(played):
    run = played("0,A,mug,2,6,", "2,B,mug,1,,", warehouse__stock__mug=2)
    assert [(f["time"], f["order"], f["units"]) for f in rows(run, "returned")] == [(6, 0, 2)]
    assert [(f["time"], f["order"]) for f in rows(run, "fills")] == [(6, 1)]
    assert run.final[0 if run.world.items[0].name == "mug" else 1].on_hand == 1
    found = evaluate(run)
    assert (found["revenue"], found["refunds"], found["otif_first_promise"]) == (12, 24, found["otif_last_promise"])
    assert "returned: 2 mug" in run.story(0)[-1]


@pytest.mark.parametrize("payment", [{"kind": "at_order"}, {"kind": "at_shipment"}, {"kind": "at_delivery"}])
def test_the_price_of_returned_goods_goes_back_whenever_it_was_paid(played, payment):
    run = played("0,A,mug,2,6,1", warehouse__stock__mug=2, carriers__van={"transit": 2}, policy={"payment": payment})
    e = Evidence(run)
    assert (e.cash.received.money.sum(), e.cash.refunds.money.sum()) == (24, 12)
    assert e.cash.refunds_due.values[-1] == 0
    found = evaluate(run)
    assert (found["revenue"], found["refunds"]) == (12, 12)
    series = measure(e)
    assert series["money.refunds"].sum() == 12
    assert series["money.not_followed"][0] == 0


def test_goods_in_transit_come_back_when_they_are_delivered(played):
    run = played("0,A,mug,3,1,2", "0.5,B,mug,1,,", warehouse__stock__mug=3, carriers__van={"transit": 4})
    assert [(f["time"], f["units"]) for f in rows(run, "returned")] == [(4, 2)]
    assert [(f["time"], f["order"]) for f in rows(run, "fills")] == [(4, 1)]


def test_waiting_units_are_called_off_before_others_come_back(played):
    run = played("0,A,mug,5,6,4", warehouse__stock__mug=3)
    assert released(run) == [(6, 0, 2, False)]
    assert [(f["time"], f["units"]) for f in rows(run, "returned")] == [(6, 2)]


def test_a_replication_without_records_knows_of_returns(tmp_path):
    run = play_book(tmp_path, "0,A,mug,2,6,1", warehouse__stock__mug=2, records=False)
    found = evaluate(run)
    assert (found["revenue"], found["refunds"]) == (12, 12)


def test_units_that_are_called_off_as_they_are_filled_do_not_leave(played):
    due = [{"item": "mug", "units": 3, "due": 4}]
    run = played("1,A,mug,3,4,2", "2,B,mug,1,,", warehouse__stock__mug=0, suppliers__pottery__under_way=due)
    assert parcels(run) == [(4, 0, 1), (4, 1, 1)]
    assert released(run) == [(4, 0, 2, True)]


def test_units_of_two_fills_come_back_together(played):
    due = [{"item": "mug", "units": 1, "due": 4}, {"item": "mug", "units": 2, "due": 4}]
    run = played("1,A,mug,3,6,3", warehouse__stock__mug=0, suppliers__pottery__under_way=due)
    assert [(f["time"], f["units"]) for f in rows(run, "returned")] == [(6, 3)]
