"""Backorder processing: one run over the lines of an item, to the unit."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from simulator.policies.allocation.allocation import Allocation, Claim
from simulator.policies.allocation.backorder_processing import KEEPS, STRATEGIES, processed

LOOK = settings(derandomize=True, deadline=None, max_examples=200)
LINES = {"a": (40, 10), "b": (30, 20), "c": (30, 30), "d": (20, 0), "e": (20, 20), "f": (15, 15)}
"""Customer -> units open, units confirmed."""
STRATEGY = {"a": "win", "b": "gain", "c": "redistribute", "d": "redistribute", "e": "fill", "f": "lose"}


def claims(lines=LINES):
    return [Claim(k, segment=s, units=u, confirmed=c) for k, (s, (u, c)) in enumerate(lines.items())]


def policy(strategies=STRATEGY, **more):
    segments = [{"customers": customers, "strategy": strategy} for customers, strategy in strategies.items()]
    return Allocation.parse({"kind": "backorder_processing", "segments": segments, **more})


@pytest.mark.parametrize(
    ("supply", "expected"),
    [(130, [40, 30, 30, 20, 10, 0]), (100, [40, 30, 30, 0, 0, 0]), (160, [40, 30, 30, 20, 20, 0])],
)
def test_six_customers_with_six_strategies(supply, expected):
    """Worked example: with 130, E keeps 10 of 20; with 100 nothing is left for D; with 160 20 units stay free."""
    found = policy().divide(claims(), supply)
    assert list(found.units) == expected
    assert not found.exceptions


def test_the_order_of_the_segments_in_the_file_decides_only_within_a_strategy():
    turned = dict(reversed(STRATEGY.items()))
    assert list(policy(turned).divide(claims(), 130).units) == [40, 30, 30, 20, 10, 0]
    assert list(policy(turned).divide(claims(), 105).units) == [40, 30, 15, 20, 0, 0], "D stands before C now"


def test_a_protected_confirmation_stays_whatever_the_strategy():
    found = policy(protect="confirmed").divide(claims(), 130)
    assert list(found.units) == [40, 25, 30, 0, 20, 15]
    assert list(policy(protect="confirmed").divide(claims(), 95).units) == [10, 20, 30, 0, 20, 15]


def test_where_supply_falls_below_what_is_kept_the_last_lose_first_and_gain_says_so():
    found = policy().divide(claims(), 25)
    assert list(found.units) == [10, 15, 0, 0, 0, 0]
    assert set(found.exceptions) == {0, 1}


def test_after_an_exception_a_run_goes_on_stops_or_falls_back():
    short = {"a": (40, 10), "b": (30, 20), "e": (20, 20)}
    strategies = {s: STRATEGY[s] for s in short}
    assert list(policy(strategies).divide(claims(short), 55).units) == [35, 20, 0]
    stopped = policy(strategies, on_exception="stop").divide(claims(short), 55)
    assert list(stopped.units) == [10, 20, 20]
    assert stopped.exceptions == (0,)
    fallback = [{"customers": ["b", "e"], "strategy": "improve"}]
    fell = policy(strategies, on_exception="fallback", fallback=fallback).divide(claims(short), 55)
    assert list(fell.units) == [10, 25, 20]
    assert fell.exceptions == (0,)


def test_lines_of_no_segment_have_a_strategy_of_their_own_and_come_after_the_segments_that_have_it_too():
    assert list(policy({"b": "improve"}).divide(claims({"a": (9, 0), "b": (9, 0)}), 12).units) == [3, 9]
    assert list(policy({"b": "lose"}, others="skip").divide(claims({"a": (9, 2), "b": (9, 4)}), 12).units) == [2, 0]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [("fifo", [5, 3, 0]), ("lifo", [0, 2, 6]), ("largest", [2, 0, 6]), ("smallest", [5, 3, 0]), ("margin", [0, 3, 5])],
)
def test_within_a_segment_lines_are_sorted(sort, expected):
    lines = [Claim(k, units=u, margin=m) for k, (u, m) in enumerate([(5, 1.0), (3, 9.0), (6, 5.0)])]
    segments = [{"strategy": "improve", "sort": sort}]
    found = Allocation.parse({"kind": "backorder_processing", "segments": segments}).divide(lines, 8)
    assert list(found.units) == expected


def test_segments_choose_by_customer_item_and_priority_and_the_first_that_fits_counts():
    rule = Allocation.parse(
        {
            "kind": "backorder_processing",
            "others": "lose",
            "segments": [
                {"customers": "web", "items": ["mug"], "strategy": "win"},
                {"priority": 1, "strategy": "fill"},
            ],
        }
    )
    lines = [
        Claim(0, priority=2, segment="web", item="mug", units=4),
        Claim(1, priority=2, segment="web", item="jug", units=4, confirmed=3),
        Claim(2, priority=1, segment="web", item="jug", units=4, confirmed=3),
    ]
    assert list(rule.divide(lines, 99).units) == [4, 0, 3]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"on_exception": "fallback"}, "needs `fallback:`"),
        ({"fallback": [{"strategy": "win"}]}, "has no effect without"),
        ({"new_orders": "confirm"}, "which examines every new line"),
        ({"at_hour": 24}, "less than 24"),
    ],
)
def test_what_does_nothing_or_cannot_be_is_refused(more, told):
    with pytest.raises(ValidationError, match=told):
        policy(**more)


@LOOK
@given(
    lines=st.lists(st.tuples(st.integers(1, 50), st.integers(0, 50), st.sampled_from(STRATEGIES)), max_size=8),
    supply=st.integers(0, 300),
    protected=st.booleans(),
    data=st.data(),
)
def test_a_run_keeps_to_supply_and_to_what_each_strategy_says(lines, supply, protected, data):
    open_ = [Claim(k, units=u, confirmed=min(u, c)) for k, (u, c, _) in enumerate(lines)]
    strategies = [strategy for *_, strategy in lines]
    sequence = sorted(range(len(lines)), key=lambda k: STRATEGIES.index(strategies[k]))
    found = processed(open_, strategies, sequence, supply, protected)
    assert sum(found.units) <= supply
    keeps = sum(c.confirmed for c, s in zip(open_, strategies, strict=True) if protected or s in KEEPS)
    for claim, units, strategy in zip(open_, found.units, strategies, strict=True):
        assert 0 <= units <= claim.units
        if strategy in ("fill", "skip", "lose"):
            assert units <= claim.confirmed
        if strategy == "lose" and not protected:
            assert units == 0
        if (protected or strategy in KEEPS) and keeps <= supply:
            assert units >= claim.confirmed
    could_have_more = [
        k for k, s in enumerate(strategies) if s not in ("fill", "skip", "lose") and found.units[k] < open_[k].units
    ]
    assert sum(found.units) == supply or not could_have_more
    again = [c._replace(confirmed=u) for c, u in zip(open_, found.units, strict=True)]
    assert processed(again, strategies, sequence, supply, protected).units == found.units, (
        "a second run changes nothing"
    )
