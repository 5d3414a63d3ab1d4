"""Purchases: when stock is reviewed, who is asked, how long goods take, whether they overtake, how much arrives."""

import numpy as np
import pytest
import yaml

from simulator.kpis.evaluate import evaluate
from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.kpi import Undefined
from simulator.kpis.series.series import measure
from simulator.policies.replenishment.view import Rhythm
from simulator.randomness.streams import Streams
from simulator.scenario.loader import load_text
from simulator.world.simpy_clock import SimpyClock
from simulator.world.simulate import build, simulate
from simulator.world.suppliers.stocking_node import StockingNode
from tests.properties.models.facts import digest, rows
from tests.unit.world.shops import play, shop

RANDOM = {"kind": "uniform", "low": 1, "high": 15}
PLAIN_ITEM = {"price": 1, "unit_cost": 1}


class Notes(StockingNode):
    """A node that notes when it is asked."""

    def __init__(self, clock):
        self.clock, self.times, self.reviewed = clock, [], {}

    def purchase_is_made(self, shelf, now):
        self.times.append(now)


@pytest.mark.parametrize("first", [0.1, 0.25])
def test_reviews_fall_on_multiples_of_the_period_without_drift(first):
    clock = SimpyClock()
    notes = Notes(clock)
    clock.process(notes.review(Rhythm(period=0.1, first=first), ["the only shelf"], history=False))
    clock.run_to(400.0)
    if first == 0.1:
        assert notes.times == [k * 0.1 for k in range(1, 4000)]
        assert notes.times[2] == 0.1 * 3
    else:
        assert notes.times == [0.25 + k * 0.1 for k in range(3998)]


@pytest.mark.parametrize(
    ("more", "times"),
    [({}, [7, 14, 21, 28, 35]), ({"first": 0}, [0, 7, 14, 21, 28, 35]), ({"first": 3}, [3, 10, 17, 24, 31, 38])],
)
def test_a_periodic_policy_buys_at_first_and_every_period_after_it(more, times):
    run = play(shop(policies__first={"replenishment": {"kind": "R_S", "R": 7, "S": 30, **more}}))
    assert run.purchases["time"].tolist() == times


def test_demand_at_the_instant_of_a_review_comes_before_it():
    run = play(shop(policies__first={"replenishment": {"kind": "R_S", "R": 7, "S": 20}}))
    assert run.purchases["units"].tolist()[:2] == [20 - 6 + 7, 7]


def test_a_receipt_comes_before_the_demand_of_its_instant():
    run = play(shop(warehouse__stock__mug=0, policies__first={"replenishment": {"kind": "base_stock", "S": 4}}))
    waits = {fact["order"]: fact["time"] - fact["placed"] for fact in rows(run, "fills")}
    assert waits == {0: 3, 1: 2, 2: 1}, "bought on day 0, there on day 4, before the order of day 4"


def test_a_delay_lengthens_the_lead_time_of_what_is_released_while_it_lasts():
    delay = {"kind": "supplier_delay", "supplier": "pottery", "at": 7, "lasts": 8, "factor": 2, "extra": 3}
    run = play(shop(events=[delay]))
    for fact in rows(run, "receipts"):
        assert fact["time"] - fact["bought"] == (11 if 7 <= fact["bought"] < 15 else 4)
    assert {fact["time"] - fact["bought"] for fact in rows(run, "receipts")} == {4, 11}


def test_two_delays_at_once_work_one_after_the_other():
    first = {"kind": "supplier_delay", "supplier": "pottery", "at": 1, "lasts": 30, "factor": 2}
    second = {"kind": "supplier_delay", "supplier": "pottery", "at": 2, "lasts": 10, "extra": 3}
    leads = {f["bought"]: f["time"] - f["bought"] for f in rows(play(shop(events=[first, second])), "receipts")}
    assert leads[2] == 4 * 2 + 3
    assert leads[12] == 4 * 2


def test_with_crossing_allowed_purchases_overtake_and_with_fifo_they_wait_for_the_one_before():
    base = shop(suppliers__pottery__lead_time=RANDOM, policies__first={"replenishment": {"kind": "base_stock", "S": 6}})
    free = play(base)
    base["suppliers"]["pottery"]["crossing"] = "fifo"
    ordered = play(base)
    assert (np.diff(free.receipts["purchase"]) < 0).any()
    assert (np.diff(ordered.receipts["purchase"]) > 0).all()
    due = {fact["purchase"]: fact["time"] for fact in rows(free, "receipts")}
    latest = 0.0
    for fact in rows(ordered, "receipts"):
        latest = max(latest, due[fact["purchase"]])
        assert fact["time"] == latest


def test_fifo_crossing_is_kept_item_by_item():
    d = shop(
        items={"mug": PLAIN_ITEM, "plate": PLAIN_ITEM},
        suppliers__pottery={"items": "all", "lead_time": RANDOM, "crossing": "fifo"},
        customers__web__basket={"kind": "bundle", "items": {"mug": 1, "plate": 1}},
        policies__first={"replenishment": {"kind": "base_stock", "S": 3}},
    )
    run = play(d)
    for item in (0, 1):
        assert (np.diff(run.receipts["purchase"][run.receipts["item"] == item]) > 0).all()
    assert (np.diff(run.receipts["purchase"]) < 0).any()


@pytest.mark.parametrize("shares", [(0.3, 0.7), (0.5, 0.5), (0.05, 0.95), (1.0, 0.0)])
@pytest.mark.parametrize("minimum", [0, 12])
def test_purchases_from_two_suppliers_stay_within_one_purchase_of_their_shares(shares, minimum):
    d = shop(
        clock__horizon=400,
        suppliers={
            "a": {"items": ["mug"], "lead_time": 2, "minimum": minimum},
            "b": {"items": ["mug"], "lead_time": 5},
        },
        policies__first={
            "replenishment": {"kind": "s_Q", "s": 9, "Q": 5, "supplier": {"a": shares[0], "b": shares[1]}},
        },
    )
    run = play(d)
    bought = [run.purchases["units"][run.purchases["supplier"] == k].sum() for k in (0, 1)]
    total = sum(bought)
    assert total > 350
    for part, share in zip(bought, shares, strict=True):
        assert abs(part - share * total) <= max(minimum, 5)


def test_a_small_purchase_is_raised_to_the_minimum_and_the_policy_knows():
    run = play(shop(suppliers__pottery__minimum=12))
    assert set(run.purchases["units"].tolist()) == {15.0}, "whole lots of 5"
    assert run.purchases["time"].tolist()[:2] == [2, 17]


@pytest.mark.parametrize(("share", "arrives"), [(0.5, 3), (0.9, 5), (0, 0), (1.3, 7), (1, 5)])
def test_a_yield_is_rounded_half_up_to_whole_units_and_the_loss_is_bought_again(share, arrives):
    run = play(shop(suppliers__pottery={"items": ["mug"], "lead_time": 4, "yield": share, "overdelivers": True}))
    for fact in rows(run, "receipts"):
        bought = fact["units"] + fact["lost"]
        assert fact["units"] == np.floor(bought * share + 0.5)
    first = rows(run, "receipts")[0]
    assert (first["units"], first["lost"]) == (arrives, 5 - arrives)
    if share < 0.9:
        assert run.purchases["units"].sum() > 40 - 6


def test_the_nth_purchase_of_an_item_takes_the_nth_lead_time_whatever_the_policy_and_the_other_items():
    def leads(policy, others):
        d = shop(suppliers__pottery={"items": "all", "lead_time": RANDOM}, policies__first={"replenishment": policy})
        for name in others:
            d["items"][name] = PLAIN_ITEM
            d["customers"][f"{name} lovers"] = {
                "arrivals": {"kind": "poisson", "rate": 1},
                "basket": {"kind": "single", "item": name},
            }
        run = play(d)
        mug = [item.name for item in run.world.items].index("mug")
        mine = np.flatnonzero(run.purchases["item"] == mug).tolist()
        facts = [fact for fact in rows(run, "receipts") if fact["item"] == mug]
        return {mine.index(fact["purchase"]): fact["time"] - fact["bought"] for fact in facts}

    plain = leads({"kind": "s_Q", "s": 4, "Q": 5}, [])
    others = [leads({"kind": "R_S", "R": 2, "S": 30}, []), leads({"kind": "s_Q", "s": 9, "Q": 3}, ["aaa", "zzz"])]
    for other in others:
        assert len(plain.keys() & other.keys()) > 3
        for n in plain.keys() & other.keys():
            assert plain[n] == pytest.approx(other[n], abs=1e-9)


def test_a_negative_stock_is_a_backlog_from_before_that_is_served_first():
    d = shop(warehouse__stock__mug=-3, policies__first={"replenishment": {"kind": "s_Q", "s": 0, "Q": 5}})
    run = play(d)
    fills = rows(run, "fills")
    assert [(f["order"], f["units"], f["placed"], f["time"]) for f in fills[:2]] == [(-1, 3, 0, 4), (0, 1, 1, 4)]
    assert run.initial == (-3,)
    parcel = rows(run, "parcels")[0]
    assert (parcel["order"], parcel["units"], parcel["shipped"]) == (-1, 3, 4)
    assert run.level("backlog").values[0] == 3


def test_a_backlog_from_before_is_no_demand_of_the_run_and_no_limit_refuses_it():
    d = shop(warehouse__stock__mug=-3, policies__first__acceptance={"kind": "never"})
    d["customers"] = {}
    run = play(d)
    assert evaluate(run)["fill_rate"].reason
    assert evaluate(run)["backlog_peak"] == 3
    assert rows(run, "fills")[0]["units"] == 3


def test_a_cancellation_withdraws_the_purchase_made_last_and_what_is_withdrawn_does_not_arrive():
    d = shop(customers__web__patience=2.5, warehouse__stock__mug=0, suppliers__pottery__lead_time=6)
    d["policies"]["first"] = {"replenishment": {"kind": "base_stock", "S": 0, "cancel_purchase": True}}
    run = play(d)
    withdrawn = rows(run, "withdrawn")
    assert [fact["time"] for fact in withdrawn] == [fact["time"] for fact in rows(run, "cancelled")]
    assert [(fact["time"], fact["purchase"]) for fact in withdrawn[:2]] == [(3.5, 2), (4.5, 3)]
    gone = {fact["purchase"] for fact in withdrawn}
    assert not gone & {fact["purchase"] for fact in rows(run, "receipts")}
    assert all(level.on_hand + level.on_order - level.backordered == 0 for level in run.final), "base stock is 0"


def test_an_order_that_is_lost_as_it_comes_withdraws_no_purchase():
    d = shop(customers__web__patience=0, warehouse__stock__mug=2, suppliers__pottery__lead_time=6)
    d["policies"]["first"] = {"replenishment": {"kind": "base_stock", "S": 2}}
    plain = play(d)
    d["policies"]["first"]["replenishment"]["cancel_purchase"] = True
    assert digest(play(d)) == digest(plain)
    assert rows(plain, "cancelled")
    assert rows(plain, "receipts")


BEFORE_THE_START = {
    "on their way": [{"item": "mug", "units": 50, "due": 5}, {"item": "mug", "units": 50, "due": 12}],
    "in the mail": [{"item": "mug", "units": 50, "reaches": 1}, {"item": "mug", "units": 50, "reaches": 8}],
    "one of each": [{"item": "mug", "units": 50, "due": 5}, {"item": "mug", "units": 50, "reaches": 8}],
}


@pytest.mark.parametrize("under_way", BEFORE_THE_START.values(), ids=BEFORE_THE_START)
@pytest.mark.parametrize("records", [True, False])
def test_a_purchase_from_before_the_start_arrives_but_was_not_made_in_the_window(under_way, records):
    d = shop(
        suppliers__pottery__under_way=under_way,
        warehouse__stock__mug=0,
        costs={"order": 25},
        policies__first={"replenishment": {"kind": "none"}},
    )
    run = simulate(load_text(yaml.safe_dump(d)), "first", 1, records=records)
    run.audit()
    kpis = evaluate(run)
    assert [kpis[name] for name in ("purchases", "ordering_cost", "purchase_cost")] == [0, 0, 500]
    assert isinstance(kpis["purchase_size"], Undefined)
    assert isinstance(kpis["lead_time_effective"], Undefined), "nobody knows when it was bought"
    assert kpis["on_order_mean"] == pytest.approx(50 * (5 + 12) / 40), "on order from the start"
    if records:
        assert [fact["time"] for fact in rows(run, "receipts")] == [5, 12]
        assert kpis["bullwhip"] == 0
        assert isinstance(kpis["supplier_otif"], Undefined)
        assert isinstance(kpis["lead_time_sd[pottery]"], Undefined)
        series = measure(Evidence(run))
        assert series["flow.bought"].sum() == series["money.ordering_cost"].sum() == 0
        assert series["flow.received"].sum() == 100
        assert run.story(0)[2].endswith("from 50 received from pottery (bought before the start)")


def test_purchases_from_before_the_start_do_not_dilute_those_of_the_run():
    d = shop(suppliers__pottery__under_way=[{"item": "mug", "units": 7, "due": 9}], costs={"order": 25})
    kpis = evaluate(run := play(d))
    made = run.purchases["units"][run.purchases["time"] >= 0]
    assert (kpis["purchases"], kpis["ordering_cost"]) == (made.size, 25 * made.size)
    assert kpis["purchase_size"] == made.mean() == 5
    assert (kpis["lead_time_effective"], kpis["lead_time_sd[pottery]"]) == (4, 0)


def test_a_planner_expects_a_purchase_from_before_the_start_on_its_day():
    d = shop(suppliers__pottery__under_way=[{"item": "mug", "units": 7, "due": 9}])
    d["policies"]["first"]["replenishment"] = {"kind": "none"}
    state = build(load_text(yaml.safe_dump(d)), "first", Streams(1, 0))
    state.flow.purchasing.watch()
    assert state.flow.views[0].pipeline == ((9.0, 7),)


@pytest.mark.parametrize(
    ("lot", "minimum", "units"), [(5, 12, {15}), (5, 3, {5}), (5, 10, {10}), (7, 8, {14}), (4, 0, {4})]
)
def test_a_purchase_stays_a_multiple_of_q_where_the_supplier_has_a_minimum(lot, minimum, units):
    d = shop(suppliers__pottery__minimum=minimum, policies__first={"replenishment": {"kind": "s_Q", "s": 3, "Q": lot}})
    assert set(play(d).purchases["units"].tolist()) == units


def test_without_lots_a_purchase_is_raised_to_the_minimum_itself():
    d = shop(suppliers__pottery__minimum=12, policies__first={"replenishment": {"kind": "base_stock", "S": 6}})
    assert set(play(d).purchases["units"].tolist()) == {12}


def test_lots_and_minimum_agree_at_a_supplier_that_buys_in_its_turn():
    d = shop(clock__horizon=80)
    d["suppliers"]["pottery"] |= {
        "stock": {"mug": 6},
        "replenishment": {"kind": "s_Q", "s": 2, "Q": 5},
        "suppliers": {"works": {"items": "all", "lead_time": 3, "minimum": 12}},
    }
    assert set(play(d).suppliers["pottery"].purchases["units"].tolist()) == {15}
