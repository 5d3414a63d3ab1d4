"""Rationing: who gets how much of too little, to the unit."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.policies.allocation.allocation import Allocation, Claim

LOOK = settings(derandomize=True, deadline=None, max_examples=80)
RULES = ("proportional", "linear", "uniform")


def shares(kind, asked, supply, whole=()):
    claims = [Claim(k, units=units, whole=k in whole) for k, units in enumerate(asked)]
    return list(Allocation.parse({"kind": kind}).divide(claims, supply).units)


@pytest.mark.parametrize(
    ("kind", "expected"), [("proportional", [50, 25, 15]), ("linear", [70, 20, 0]), ("uniform", [30, 30, 30])]
)
def test_ninety_units_over_a_hundred_fifty_and_thirty(kind, expected):
    assert shares(kind, [100, 50, 30], 90) == expected


def test_who_doubles_the_order_gains_under_proportional_and_linear_and_nothing_under_uniform():
    rule = Allocation.parse({"kind": "proportional"})
    assert rule.shares([200, 50, 30], 90)[0] == pytest.approx(64.2857, abs=1e-4)
    assert shares("proportional", [200, 50, 30], 90) == [64, 16, 10]
    assert shares("linear", [200, 50, 30], 90) == [90, 0, 0]
    assert shares("uniform", [200, 50, 30], 90) == [30, 30, 30]


def test_uniform_gives_small_orders_all_and_shares_the_rest():
    assert shares("uniform", [100, 50, 4], 84) == [40, 40, 4]


def test_odd_units_go_by_the_largest_remainder_the_first_come_first():
    assert shares("proportional", [1, 1, 1], 2) == [1, 1, 0]
    assert shares("proportional", [10, 10, 13], 7) == [2, 2, 3]
    assert shares("uniform", [5, 5, 5], 7) == [3, 2, 2]


def test_a_line_that_is_filled_whole_gets_all_or_nothing_and_what_is_left_goes_to_others():
    assert shares("proportional", [60, 40, 20], 60, whole=[0]) == [0, 40, 20]
    assert shares("uniform", [60, 40, 20], 60, whole=[0, 1, 2]) == [0, 40, 20]
    assert shares("uniform", [60, 40, 20], 65, whole=[0]) == [0, 40, 20]


asked = st.lists(st.integers(1, 1000), min_size=1, max_size=8)


@pytest.mark.parametrize("kind", RULES)
@LOOK
@given(asked=asked, supply=st.integers(0, 9000), whole=st.sets(st.integers(0, 7)))
def test_nothing_is_lost_and_nobody_gets_more_than_is_asked_for(kind, asked, supply, whole):
    found = shares(kind, asked, supply, whole)
    assert all(0 <= got <= units for got, units in zip(found, asked, strict=True))
    if not whole:
        assert sum(found) == min(supply, sum(asked))
    else:
        assert sum(found) <= supply
        assert all(found[k] in (0, asked[k]) for k in whole if k < len(asked))


@pytest.mark.parametrize("kind", RULES)
@LOOK
@given(asked=asked, supply=st.integers(0, 9000))
def test_who_asks_for_more_never_gets_less_than_who_asks_for_less(kind, asked, supply):
    found = shares(kind, asked, supply)
    for k, units in enumerate(asked):
        for j, other in enumerate(asked):
            if units > other:
                assert found[k] >= found[j] - 1  # the odd unit


@LOOK
@given(asked=asked, supply=st.integers(0, 9000), more=st.integers(1, 1000))
def test_under_uniform_asking_for_more_than_one_gets_wins_nothing(asked, supply, more):
    before = shares("uniform", asked, supply)
    if before[0] < asked[0]:
        assert shares("uniform", [asked[0] + more, *asked[1:]], supply)[0] == before[0]
