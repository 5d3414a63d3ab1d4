"""Suppliers in trouble: closures, delays, purchases that come short, and whose random numbers they take."""

import numpy as np
import pytest
import yaml

from simulator.foundation.errors import UserError
from simulator.kpis.evaluate import evaluate
from simulator.scenario.loader import load_text
from simulator.world.simulate import simulate


def world(events=(), **parts):
    """One mug a day, bought one for one from a pottery that takes five days."""
    return {
        "name": "supply",
        "clock": {"horizon": 100},
        "items": {"mug": {"price": 1, "unit_cost": 1}},
        "customers": {
            "web": {"arrivals": {"kind": "every", "interval": 1}, "basket": {"kind": "single", "item": "mug"}}
        },
        "warehouse": {"stock": {"mug": 5}},
        "suppliers": {"pottery": {"items": "all", "lead_time": 5}},
        "policies": {"first": {"replenishment": {"kind": "base_stock", "S": 5}}},
        "events": list(events),
    } | parts


def play(d, records=True):
    run = simulate(load_text(yaml.safe_dump(d, sort_keys=False)), "first", 1, records=records)
    run.audit()
    return run


def arrivals(run, item):
    """Receipts of an item by the time at which they were bought."""
    mine = run.receipts["item"] == [facts.name for facts in run.world.items].index(item)
    return dict(zip(run.receipts["bought"][mine].tolist(), run.receipts["time"][mine].tolist(), strict=True))


def delay(at, **changes):
    return {"kind": "supplier_delay", "supplier": "pottery", "at": at, "until": 30, "extra": 10} | changes


def closure(at):
    return {"kind": "closure", "supplier": "pottery", "at": at, "until": 30}


@pytest.mark.parametrize("events", [[delay(10), closure(20)], [delay(20), closure(10)], [closure(10), delay(10)]])
def test_a_delay_that_ends_as_the_supplier_reopens_is_over_for_what_waited_whichever_began_first(events):
    assert arrivals(play(world(events)), "mug")[25.0] == 35.0


def test_a_random_delay_of_one_item_does_not_depend_on_purchases_of_another():
    event = delay(0, until=100, extra={"kind": "exponential", "mean": 5})
    alone = arrivals(play(world([event])), "mug")
    d = world([event])
    d["items"]["bowl"] = d["items"]["mug"]
    d["warehouse"]["stock"]["bowl"] = 5
    basket = {"kind": "single", "item": "bowl"}
    d["customers"]["shop"] = {"arrivals": {"kind": "poisson", "rate": 1}, "basket": basket}
    assert arrivals(play(d), "mug") == alone


def test_a_backlog_from_before_the_start_travels_the_same_whatever_else_is_sold():
    d = world(warehouse={"stock": {"mug": -5}}, carriers={"van": {"transit": {"kind": "exponential", "mean": 2}}})
    alone = play(d).parcels
    d["items"] = {"bowl": d["items"]["mug"]} | d["items"]
    other = play(d).parcels
    assert alone["delivered"][alone["order"] < 0].tolist() == other["delivered"][other["order"] < 0].tolist()


def test_an_extra_that_may_be_negative_is_refused_where_it_is_written():
    with pytest.raises(UserError, match=r"`extra` may become negative \(down to -20 d\)"):
        play(world([delay(10, extra="-20 d")]))


@pytest.mark.parametrize("share", [0, 0.4])
def test_a_yield_that_brings_nothing_at_once_and_for_ever_ends_with_a_message(share):
    with pytest.raises(UserError, match="such a `yield` needs a `lead_time` above 0"):
        play(world(suppliers={"pottery": {"items": "all", "lead_time": 0, "yield": share}}))


def test_equal_shares_are_bought_in_turn_whatever_their_order_in_the_file():
    suppliers = {"pottery": {"items": "all", "lead_time": 5}, "kiln": {"items": "all", "lead_time": 9}}
    first, second = (
        play(world(suppliers=suppliers, policies={"first": {"replenishment": {"kind": "base_stock", "S": 5} | shares}}))
        for shares in ({"supplier": {"kiln": 0.5, "pottery": 0.5}}, {"supplier": {"pottery": 0.5, "kiln": 0.5}})
    )
    np.testing.assert_array_equal(first.purchases["supplier"], second.purchases["supplier"])


def test_reviews_fire_at_k_times_the_period_to_the_last_bit():
    run = play(world(policies={"first": {"replenishment": {"kind": "R_S", "R": 0.7, "S": 5}}}))
    periods = {k * 0.7 for k in range(1, 200)}
    assert run.purchases["time"].size > 50
    assert set(run.purchases["time"].tolist()) <= periods


def test_sums_and_records_count_the_waits_that_are_cut_off_at_the_horizon_alike():
    policy = {"first": {"replenishment": {"kind": "base_stock", "S": -15}}}
    d = world(policies=policy, clock={"horizon": 100, "warm_up": 20})
    names = ["wait_mean", "wait_backordered", "wait_p95", "wait_max", "open_share"]
    kept, summed = (evaluate(play(d, records), names) for records in (True, False))
    assert kept["open_share"] > 0
    assert summed == pytest.approx(kept, abs=1 / 1024)
