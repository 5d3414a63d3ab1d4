"""Spikes, dips and crowds: demand is multiplied as it is said, for the items named, in the shape named."""

import numpy as np
import pytest
import yaml

from simulator.events.demand_spike import DemandSpike
from simulator.events.event import Span
from simulator.kpis.evaluate import evaluate
from simulator.randomness.arrivals.trace import Trace
from simulator.randomness.orderbook import OrderBook
from simulator.scenario.loader import load_text
from simulator.world.simulate import simulate
from tests.properties.models.facts import digest
from tests.unit.world.shops import play, shop

RATE, START, LASTS = 200.0, 10.0, 10.0
REPLICATIONS = 4


def busy(**spike):
    event = {"kind": "demand_spike", "customers": "web", "at": START, "lasts": LASTS, **spike}
    return shop(
        clock__horizon=30,
        items={"mug": {"price": 1, "unit_cost": 1}, "plate": {"price": 1, "unit_cost": 1}},
        customers__web={
            "arrivals": {"kind": "poisson", "rate": RATE},
            "basket": {
                "kind": "weighted",
                "items": {"mug": 1, "plate": 1},
                "lines": {"kind": "discrete", "values": [1, 2]},
            },
        },
        warehouse__stock={},
        policies__first={"replenishment": {"kind": "none"}},
        events=[event] if spike else [],
    )


def lines(d, item=None):
    """Times of the lines (of one item) asked for, of all replications."""
    found = []
    for replication in range(REPLICATIONS):
        run = play(d, replication=replication, lane="auto")
        number = None if item is None else [i.name for i in run.world.items].index(item)
        times = np.repeat(run.demand.times, run.demand.counts)
        found.append(times if number is None else times[run.demand.items == number])
    return np.concatenate(found)


def orders(d):
    return np.concatenate([play(d, replication=k, lane="auto").demand.times for k in range(REPLICATIONS)])


def within(times, start, end):
    return int(((times >= start) & (times < end)).sum())


def assert_count(count, mean):
    assert abs(count - mean) <= 4 * np.sqrt(mean), f"{count} where {mean:g} were due"


@pytest.mark.parametrize(
    ("decay", "share", "first_half"),
    [("none", 1.0, 0.5), ("linear", 0.5, 0.75), ("exponential", 0.95 / np.log(20), (1 - 0.05**0.5) / 0.95)],
)
def test_a_spike_brings_the_extra_demand_that_its_factor_and_decay_say_and_only_while_it_lasts(
    decay, share, first_half
):
    times = orders(busy(factor=5, decay=decay))
    usual = RATE * LASTS * REPLICATIONS
    extra = 4 * usual * share
    assert_count(within(times, START, START + LASTS), usual + extra)
    assert_count(within(times, START, START + LASTS / 2), usual / 2 + extra * first_half)
    assert_count(within(times, 0, START), usual)
    assert_count(within(times, START + LASTS, 30), usual)


@pytest.mark.parametrize(("decay", "share"), [("none", 1.0), ("linear", 0.5), ("exponential", 0.95 / np.log(20))])
def test_a_dip_keeps_the_share_of_orders_that_its_factor_says(decay, share):
    times = orders(busy(factor=0.3, decay=decay))
    usual = RATE * LASTS * REPLICATIONS
    assert_count(within(times, START, START + LASTS), usual * (1 - 0.7 * share))
    assert_count(within(times, 0, START), usual)


def test_a_spike_of_a_moment_fades_at_once_and_far_from_it_nothing_overflows():
    spike = DemandSpike(customers="web", factor=3, decay="exponential", at=100, lasts=1e-3)
    found = spike.extra(Span(100.0, 100.001), np.array([0.0, 100.0, 100.0005, 100.001, 400.0]), 365.0)
    assert found == pytest.approx([0, 2, 2 * 0.05**0.5, 0, 0])


def test_a_factor_of_nothing_leaves_nothing():
    times = orders(busy(factor=0))
    assert within(times, START, START + LASTS) == 0


def test_a_spike_leaves_the_usual_orders_as_they_are_and_a_dip_only_takes_some_away():
    usual, spike, dip = (play(d).demand.times for d in (busy(), busy(factor=3), busy(factor=0.4)))
    assert np.isin(usual, spike).all()
    assert np.isin(dip, usual).all()
    assert usual.size < spike.size
    assert usual.size > dip.size


@pytest.mark.parametrize(("factor", "expected"), [(3, 3.0), (0.25, 0.25)])
def test_a_spike_or_dip_of_one_item_multiplies_the_demand_for_it_and_for_nothing_else(factor, expected):
    struck, other, usual = busy(factor=factor, items="mug"), busy(factor=factor, items=["mug"]), busy()
    assert digest(play(struck)) == digest(play(other))
    mugs, usual_mugs = lines(struck, "mug"), lines(usual, "mug")
    mean = RATE * 0.75 * LASTS * REPLICATIONS
    assert_count(within(usual_mugs, START, START + LASTS), mean)
    assert_count(within(mugs, START, START + LASTS), mean * expected)
    assert np.array_equal(lines(struck, "plate"), lines(usual, "plate"))


def test_two_segments_struck_by_one_spike_have_crowds_of_their_own():
    d = busy(factor=3, customers=["web", "shop"])
    d["customers"]["shop"] = d["customers"]["web"]
    run = play(d)
    one, two = (run.demand.times[run.demand.segments == k] for k in (0, 1))
    assert not np.intersect1d(one, two).size
    usual = RATE * LASTS
    for times in (one, two):
        assert_count(within(times, START, START + LASTS), 3 * usual)


def test_a_spike_longer_than_the_run_is_cut_at_the_horizon():
    times = orders(busy(factor=5, at=25, lasts=100))
    assert_count(within(times, 25, 30), 5 * RATE * 5 * REPLICATIONS)
    assert times.max() < 30


def test_a_spike_on_recorded_orders_draws_recorded_baskets_at_the_days_own_rate():
    d = busy(factor=4)
    scenario = load_text(yaml.safe_dump(d))
    days = np.repeat(np.arange(30.0), np.where(np.arange(30) % 2, 40, 10))
    book = OrderBook(days + 0.5, np.full(days.size, 2), np.tile([0, 1], days.size), np.tile([3, 7], days.size))
    record = scenario.customers["web"].model_copy(update={"arrivals": Trace.of(book, ("plate", "mug")), "basket": None})
    scenario = scenario.model_copy(update={"customers": {"web": record}})
    odd = even = 0
    for replication in range(20):
        run = simulate(scenario, "first", 1, replication)
        run.audit()
        crowd = run.demand.times[run.demand.times % 1 != 0.5]
        assert set(run.demand.quantities[run.demand.items == 0].tolist()) == {7}, "mug is the first item"
        assert ((crowd >= START) & (crowd < START + LASTS)).all()
        odd += int((crowd.astype(int) % 2 == 1).sum())
        even += int((crowd.astype(int) % 2 == 0).sum())
    assert_count(odd, 20 * 5 * 40 * 3)
    assert_count(even, 20 * 5 * 10 * 3)


def test_a_spike_on_a_calendar_follows_the_hours_even_where_it_begins_and_ends_within_one():
    hours = [1.0] * 24
    hours[12] = 30.0
    d = busy(factor=3, at=10 + 11.5 / 24, lasts=0.9 / 24)
    d["clock"]["start"] = "2025-01-06"
    d["clock"]["horizon"] = 11
    d["customers"]["web"]["arrivals"] = {"kind": "profile", "rate": 2000, "hour": hours}
    times = (play(d, replication=k, lane="auto").demand.times for k in range(6))
    found = sum(within(each, 10 + 12 / 24, 10 + 12.4 / 24) for each in times)
    assert_count(found, 6 * 3 * 2000 * 30 / 53 * 0.4)


def test_the_warm_up_is_a_window_and_changes_no_fact():
    whole, cut = (play(shop(clock__warm_up=w, customers__web__patience=2)) for w in (0, 15))
    assert digest(whole) == digest(cut)
    assert evaluate(whole)["on_hand_mean"] != evaluate(cut)["on_hand_mean"]


def test_a_warm_up_that_removes_every_order_leaves_kpis_without_a_value():
    d = shop(clock={"horizon": 40, "warm_up": 39}, customers__web__arrivals={"kind": "every", "interval": 30})
    assert evaluate(play(d))["fill_rate"].reason


def test_orders_come_at_the_first_instant_and_never_at_the_horizon():
    run = play(shop(customers__web__arrivals={"kind": "every", "interval": 1, "first": 0}))
    assert run.demand.times.tolist() == [float(k) for k in range(40)]


def test_periodic_orders_do_not_drift():
    run = play(shop(customers__web__arrivals={"kind": "every", "interval": 0.1}))
    assert run.demand.times.tolist() == [k * 0.1 for k in range(1, run.demand.times.size + 1)]


def test_results_do_not_depend_on_how_many_orders_are_drawn_at_once(monkeypatch):
    from simulator.world.customers import shop as customers

    d = busy(factor=2)
    d["customers"]["web"] |= {
        "patience": {"kind": "normal", "mean": 1, "sd": 2},
        "one_parcel": 0.3,
        "need_by": {
            "kind": "mixture",
            "parts": [{"share": 0.5, "of": 1}, {"share": 0.5, "of": {"kind": "poisson", "mean": 3}}],
        },
    }
    d["customers"]["web"]["basket"]["quantity"] = {"kind": "normal", "mean": 1, "sd": 1}
    d["carriers"] = {"van": {"transit": {"kind": "shifted", "by": 1, "of": {"kind": "normal", "mean": 1, "sd": 1}}}}
    d["events"].append({"kind": "demand_spike", "customers": "web", "at": 3, "lasts": 20, "factor": 0.5})
    once = digest(play(d))
    for window in (7, 1000, 10**9):
        monkeypatch.setattr(customers, "DRAWN_AT_ONCE", window)
        assert digest(play(d)) == once
