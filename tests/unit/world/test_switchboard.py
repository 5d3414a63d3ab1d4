"""Gates: shut by one event or several, what is held goes through in order, and nothing is lost."""

import numpy as np
import pytest

from simulator.events.effect import LeadTimeChange, Target
from simulator.world.simpy_clock import SimpyClock
from simulator.world.switchboard import Gate, Switchboard
from tests.properties.models.facts import digest, rows
from tests.unit.world.shops import play, shop


def purchases(run):
    """(bought, received) of every purchase that has arrived, in the order of purchase."""
    return sorted((fact["bought"], fact["time"]) for fact in rows(run, "receipts"))


def shut(start, end):
    return {"kind": "outage", "supplier": "pottery", "at": start, "until": end}


def test_a_gate_shut_twice_opens_when_the_last_event_is_over_and_keeps_the_order():
    gate, log = Gate(), []
    gate.close(0.0)
    gate.close(0.0)
    for k in range(3):
        gate.hold(lambda k, now: log.append((k, now)), k)
    gate.reopen(1.0)
    assert log == []
    gate.reopen(2.0)
    assert log == [(0, 2.0), (1, 2.0), (2, 2.0)]
    assert gate.held == []
    assert gate.shut == 0


def test_what_is_held_again_at_the_reopening_waits_for_the_next_one():
    gate, log = Gate(), []

    def again(k, now):
        log.append((k, now))
        gate.close(0.0)
        gate.hold(lambda k, now: log.append((k, now)), k)

    gate.close(0.0)
    gate.hold(again, 1)
    gate.reopen(1.0)
    gate.reopen(2.0)
    assert log == [(1, 1.0), (1, 2.0)]


def test_the_switchboard_has_one_gate_a_target_and_one_list_of_rules_a_supplier():
    board = Switchboard(SimpyClock())
    assert board.gate("suppliers", "a") is board.gate("suppliers", "a")
    assert board.gate("suppliers", "a") is not board.gate("carriers", "a")
    rules = board.lead_time_rules("a")
    slow = LeadTimeChange(Target("suppliers", "a"), float)
    board.begin(slow)
    assert rules == [float]
    board.end(slow)
    assert rules == []


def test_lead_times_run_from_the_reopening_after_two_overlapping_events():
    free = purchases(play(shop()))
    assert [bought for bought, _ in free[:4]] == [2, 7, 12, 17]
    events = [shut(6, 10), {"kind": "closure", "supplier": "pottery", "at": 8, "lasts": 5}]
    run = play(shop(events=events))
    held = {bought: received for bought, received in purchases(run) if 6 <= bought < 13}
    assert held
    assert set(held.values()) == {13 + 4}
    assert [fact["purchase"] for fact in rows(run, "receipts")] == sorted(f["purchase"] for f in rows(run, "receipts"))


def test_two_outages_that_meet_are_one_long_outage():
    one = play(shop(events=[shut(6, 12)]))
    two = play(shop(events=[shut(6, 9), shut(9, 12)]))
    assert digest(one) == digest(two)


def test_a_purchase_at_the_first_instant_of_an_outage_is_held_and_at_its_end_is_not():
    run = play(shop(events=[shut(7, 12)]))
    times = dict(purchases(run))
    assert times[2] == 6
    assert times[7] == 16
    assert times[12] == 16


def test_a_supplier_that_is_down_for_ever_delivers_nothing_more():
    run = play(shop(events=[{"kind": "outage", "supplier": "pottery", "at": 5}]))
    assert [bought for bought, _ in purchases(run)] == [2]
    assert len(rows(run, "purchases")) > 1


def test_supplier_closures_are_outages_told_at_the_supplier():
    spans = [{"from": 6, "to": 9}, {"from": 20, "to": 22.5, "name": "stock-taking"}]
    own = play(shop(suppliers__pottery__closures=spans))
    assert digest(own) == digest(play(shop(events=[shut(6, 9), shut(20, 22.5)])))


def test_two_closures_on_one_day_can_be_played():
    spans = [{"from": 6, "to": 6}, {"from": 6, "to": 9}, {"from": 9, "to": 9}]
    run = play(shop(suppliers__pottery__closures=spans))
    assert digest(run) == digest(play(shop(suppliers__pottery__closures=[{"from": 6, "to": 9}])))


@pytest.mark.parametrize("who", [{"warehouse": True}, {"carrier": "van"}, {"warehouse": True, "carrier": "van"}])
def test_parcels_wait_at_a_shut_warehouse_or_carrier_and_leave_in_order_when_it_opens(who):
    d = shop(carriers__van={"transit": 2}, events=[{"kind": "closure", "at": 10.5, "until": 14.5, **who}])
    d["warehouse"]["stock"]["mug"] = 100
    parcels = rows(play(d), "parcels")
    assert [fact["order"] for fact in parcels] == list(range(len(parcels)))
    assert [fact["shipped"] for fact in parcels] == [14.5 if 10.5 <= t < 14.5 else t for t in np.arange(1.0, 40.0)]
    assert all(fact["delivered"] == fact["shipped"] + 2 for fact in parcels)


def test_a_parcel_in_the_hands_of_a_picker_is_finished_but_does_not_leave_a_shut_warehouse():
    d = shop(warehouse={"stock": {"mug": 100}, "picking": {"time": 0.5}})
    d["events"] = [{"kind": "outage", "warehouse": True, "at": 10.25, "until": 12.75}]
    run = play(d)
    picks = {fact["order"]: (fact["started"], fact["done"]) for fact in rows(run, "picks")}
    shipped = {fact["order"]: fact["shipped"] for fact in rows(run, "parcels")}
    assert picks[9] == (10.0, 10.5)
    assert picks[10] == (12.75, 13.25)
    assert (shipped[8], shipped[9], shipped[10], shipped[11]) == (9.5, 12.75, 13.25, 13.25)


def test_random_events_happen_at_the_same_times_under_every_policy():
    d = shop(
        events=[{"kind": "outage", "supplier": "pottery", "every": {"kind": "exponential", "mean": 5}, "lasts": 2}]
    )
    d["policies"]["second"] = {"replenishment": {"kind": "R_S", "R": 1, "S": 12}}
    ends = []
    for policy in ("first", "second"):
        found = {fact["time"] - 4 for fact in rows(play(d, policy), "receipts") if fact["time"] - 4 != fact["bought"]}
        ends.append(found)
    assert ends[0]
    assert ends[0] <= ends[1]
