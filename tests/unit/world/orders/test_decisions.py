"""Decisions that differ by segment and item: which one governs an order, worked out by hand."""

import numpy as np
import pytest
import yaml

from simulator.engine.backlog import Order, Terms
from simulator.kpis.evaluate import evaluate
from simulator.policies.decisions import AT, decision_for, reach_of
from simulator.policies.policy import Policy
from simulator.randomness.streams import Streams
from simulator.record.digest import digest
from simulator.scenario.loader import load_text
from simulator.world.orders.arrival import Arrival, Extras
from simulator.world.simulate import build
from tests.unit.world.shops import play, shop

NONE = {"kind": "none"}


def two_segments(**changes):
    """Each day at noon one order of each segment: b2b for 3 mugs, b2c for 1; nothing is ever on the shelf."""
    d = shop(warehouse__stock={"mug": 0}, clock__horizon=10)
    every = {"kind": "every", "interval": 1, "first": 0.5}
    d["items"]["lamp"] = {"price": 60, "unit_cost": 25}
    d["customers"] = {
        "b2b": {"arrivals": every, "basket": {"kind": "single", "item": "mug", "quantity": 3}},
        "b2c": {"arrivals": every, "basket": {"kind": "single", "item": "mug"}},
    }
    d["suppliers"]["pottery"]["items"] = "all"
    d["policies"]["first"] = {"replenishment": NONE, **changes}
    return d


def test_with_an_empty_shelf_never_loses_every_unit_and_always_lets_every_unit_wait():
    acceptance = {"default": {"kind": "never"}, "segments": {"b2b": {"kind": "always"}}}
    run = play(two_segments(acceptance=acceptance))
    segment = run.demand.segments[run.line_orders]
    assert run.demand.quantities[segment == 1].sum() == 10
    np.testing.assert_array_equal(run.per_line(run.refused), np.where(segment == 1, run.demand.quantities, 0))
    np.testing.assert_array_equal(run.per_line(run.backordered), np.where(segment == 0, run.demand.quantities, 0))
    kpis = evaluate(run)
    assert kpis["lost_at_checkout"] == 10 / 40
    assert kpis["open_share"] == 30 / 40


BY_HAND = {
    "default": {"kind": "limit", "units": 1},
    "lamp": {"kind": "limit", "units": 2},
    "segments": {
        "b2b": {"default": {"kind": "limit", "units": 3}, "items": {"lamp": {"kind": "limit", "units": 4}}},
        "b2c": {"kind": "limit", "units": 5},
    },
}


@pytest.mark.parametrize(
    ("segment", "item", "units"),
    [
        ("b2b", "lamp", 4),  # item within segment
        ("b2b", "mug", 3),  # segment
        ("b2c", "lamp", 5),  # the segment goes before the item
        ("web", "lamp", 2),  # item
        ("web", "mug", 1),  # default
    ],
)
def test_the_more_specific_decision_wins(segment, item, units):
    policy = Policy.model_validate({"replenishment": NONE, "acceptance": BY_HAND})
    assert decision_for(policy.acceptance, item, "", segment).units == units


def test_a_site_goes_before_an_item_within_the_same_segment():
    words = {"default": NONE, "north": {"mug": {"kind": "fixed", "within": 1}}, "mug": {"kind": "fixed", "within": 2}}
    policy = Policy.model_validate({"replenishment": NONE, "promise": {**words, "segments": {"b2b": NONE}}})
    assert decision_for(policy.promise, "mug", "north").within == 1
    assert decision_for(policy.promise, "mug", "south").within == 2
    assert decision_for(policy.promise, "mug", "north", "b2b").kind == "none"


def test_keys_are_the_paths_of_the_file():
    policy = Policy.model_validate({"replenishment": NONE, "acceptance": BY_HAND})
    paths = [key.split(AT) for key in policy.acceptance]
    assert ["segments", "b2b", "items", "lamp"] in paths
    assert ["segments", "b2c"] in paths
    assert reach_of(AT.join(["segments", "b2b", "default"])) == ("b2b", "", "default")


@pytest.mark.parametrize(
    ("family", "one"),
    [
        ("acceptance", {"kind": "limit", "units": 2}),
        ("fulfilment", {"kind": "order_complete"}),
        ("promise", {"kind": "ctp"}),
        ("window", {"kind": "cancel_after", "days": "3 d"}),
        ("payment", {"kind": "deposit"}),
        ("communication", {"kind": "heartbeat", "every": "2 d"}),
    ],
)
def test_all_ways_to_write_one_decision_play_the_same(family, one):
    plain = play(two_segments(replenishment={"kind": "s_Q", "s": 0, "Q": 5}, **{family: one}))
    written = [
        {"default": one},
        {"default": one, "segments": {"b2b": one}},
        {"default": one, "items": {"mug": one}},
        {"default": NONE if family == "promise" else one, "segments": {"b2b": one, "b2c": {"default": one}}},
    ]
    for words in written:
        run = play(two_segments(replenishment={"kind": "s_Q", "s": 0, "Q": 5}, **{family: words}))
        found = evaluate(run)
        for name, value in evaluate(plain).items():
            assert found[name] == (pytest.approx(value) if isinstance(value, float) else value), (words, name)
        assert digest(run) == digest(plain), words


def test_the_window_of_a_segment_cancels_its_orders_only():
    run = play(two_segments(window={"default": NONE, "segments": {"b2c": {"kind": "cancel_after", "days": "2 d"}}}))
    cancelled = run.cancelled
    assert set(run.demand.segments[cancelled.numbers("order")].tolist()) == {1}
    np.testing.assert_allclose(cancelled["time"] - cancelled["placed"], 2.0)
    assert cancelled["units"].sum() == 8  # placed on days 0.5 to 7.5; the last two are open at the end


def test_an_order_of_several_items_has_the_most_specific_decision_among_them():
    mixed = {"kind": "weighted", "lines": 2, "items": {"mug": 1, "lamp": 1}}
    d = two_segments(window={"default": {"kind": "cancel_after", "days": "2 d"}, "items": {"lamp": NONE}})
    d["customers"] = {"web": {"arrivals": {"kind": "every", "interval": 1, "first": 0.5}, "basket": mixed}}
    run = play(d)
    lamp = next(k for k, item in enumerate(run.world.items) if item.name == "lamp")
    with_lamp = set(run.line_orders[run.demand.items == lamp].tolist())
    cancelled = set(run.cancelled.numbers("order").tolist())
    assert cancelled == {n for n in range(8) if n not in with_lamp}


def test_fulfilment_holds_the_orders_of_one_segment():
    d = two_segments(fulfilment={"default": {"kind": "as_available"}, "segments": {"b2b": {"kind": "order_complete"}}})
    d["warehouse"]["stock"] = {"mug": 2}
    del d["customers"]["b2c"]
    held = play(d)
    assert not held.parcels["order"].size
    d["policies"]["first"]["fulfilment"] = {"kind": "as_available"}
    split = play(d)
    assert split.parcels["units"].tolist() == [2.0]


def test_dates_are_promised_to_the_segment_that_gets_them():
    promise = {"default": NONE, "segments": {"b2b": {"kind": "fixed", "within": "4 d"}}}
    run = play(two_segments(promise=promise))
    days, waiting = run.promised_by_rule
    b2b = run.demand.segments == 0
    np.testing.assert_array_equal(days[b2b], 4.0)
    assert np.isnan(days[~b2b]).all()
    assert waiting[b2b].all()
    assert set(run.promises.numbers("order").tolist()) == set(np.flatnonzero(b2b).tolist())


def test_each_segment_pays_as_its_terms_say():
    payment = {"default": {"kind": "at_order"}, "segments": {"b2b": {"kind": "at_delivery"}}}
    kpis = evaluate(play(two_segments(payment=payment)))
    assert kpis["cash_received"] == 10 * 12  # the mugs of b2c; nothing is ever delivered to b2b
    assert kpis["cash_received_early"] == 10 * 12
    # One mug of b2c more from each noon on: held for 9.5, 8.5, … 0.5 of 10 days.
    assert kpis["deposits_held"] == pytest.approx(12 * sum(day + 0.5 for day in range(10)) / 10)


def test_messages_go_to_the_segment_that_gets_them():
    communication = {"default": {"kind": "silent"}, "segments": {"b2c": {"kind": "silent", "also": ["order"]}}}
    run = play(two_segments(communication=communication))
    assert run.notices["order"].size == 10
    assert set(run.demand.segments[run.notices.numbers("order")].tolist()) == {1}


@pytest.mark.parametrize("lane", ["auto", "simpy"])
def test_acceptance_by_segment_is_not_played_by_the_kernel_and_gives_the_same(lane):
    from simulator.kernel.lanes import simulate

    words = two_segments(acceptance={"default": {"kind": "never"}, "segments": {"b2b": {"kind": "always"}}})
    scenario = load_text(yaml.safe_dump(words))
    run = simulate(scenario, "first", 1, lane=lane)
    assert run.refused["units"].sum() == 10


EXAMPLES = {
    "acceptance": [{"kind": "limit", "units": k} for k in range(4)],
    "promise": [{"kind": "fixed", "within": k} for k in range(4)],
    "communication": [{"kind": "heartbeat", "every": k + 1} for k in range(4)],
    "fulfilment": [{"kind": "hold_until", "days": k + 1} for k in range(4)],
    "window": [{"kind": "cancel_after", "days": k + 1} for k in range(4)],
    "payment": [{"kind": "deposit", "share": (k + 1) / 10} for k in range(4)],
}


@pytest.mark.parametrize("family", EXAMPLES)
def test_item_within_segment_goes_before_segment_before_item_before_default(family):
    d = two_segments()
    everywhere, of_item, of_segment, of_both = EXAMPLES[family]
    d["policies"]["first"][family] = {
        "default": everywhere,
        "items": {"lamp": of_item},
        "segments": {"b2b": {"default": of_segment, "items": {"lamp": of_both}}},
    }
    scenario = load_text(yaml.safe_dump(d))
    state = build(scenario, "first", Streams(1))
    in_force = getattr(state.decided, family)
    found = {}
    for segment, name in enumerate(state.numbering.segments):
        for item, (_, mug_or_lamp) in enumerate(state.numbering.shelves):
            terms = Terms(lambda number: (0, number), segment=segment)
            order = Order(0, 0.0, terms, Arrival(0.0, terms, 0, 9.0, (), [item], [1], None, Extras()))
            assert in_force.of(order) is in_force.of_line(order, item)
            found[name, mug_or_lamp] = in_force.of(order)
    parsed = [type(found["b2c", "mug"]).parse(words) for words in (everywhere, of_item, of_segment, of_both)]
    cases = [("b2c", "mug"), ("b2c", "lamp"), ("b2b", "mug"), ("b2b", "lamp")]
    assert [found[case] for case in cases] == parsed
    choice = in_force.choice()
    one_line = np.ones(4, dtype=np.int64)
    numbers = choice.of_orders(
        np.zeros(4),
        np.array([state.numbering.segments.index(segment) for segment, _ in cases]),
        one_line,
        np.array([state.numbering.number(item) for _, item in cases]),
        {},
    )
    assert [in_force.all[number] for number in numbers] == parsed


MERGED = [
    # (the parent's acceptance, the child's, what the child has for: b2c mug, b2b mug, b2b lamp)
    ({"kind": "always"}, {"segments": {"b2b": {"kind": "never"}}}, ("always", "never", "never")),
    (
        {"default": {"kind": "never"}, "segments": {"b2b": {"kind": "always"}}},
        {"segments": {"b2b": {"items": {"lamp": {"kind": "never"}}}}},
        ("never", "always", "never"),
    ),
    (
        {"default": {"kind": "never"}, "segments": {"b2b": {"kind": "limit", "units": 3}}},
        {"segments": {"b2b": {"units": 7}}},
        ("never", "limit", "limit"),
    ),
    ({"segments": {"b2b": {"kind": "never"}}}, {"kind": "indefinite"}, ("indefinite",) * 3),
    ({"kind": "never"}, {"items": {"lamp": {"kind": "always"}}}, ("never", "never", "always")),
]


@pytest.mark.parametrize(("parent", "child", "kinds"), MERGED)
def test_a_policy_changes_parts_of_the_decisions_that_it_extends(parent, child, kinds):
    d = two_segments(acceptance=parent)
    d["policies"]["second"] = {"extends": "first", "acceptance": child}
    found = load_text(yaml.safe_dump(d)).policies["second"].acceptance
    cases = [("mug", "b2c"), ("mug", "b2b"), ("lamp", "b2b")]
    assert tuple(decision_for(found, item, "", segment).kind for item, segment in cases) == kinds
