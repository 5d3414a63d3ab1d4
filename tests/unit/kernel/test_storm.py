"""The kernel against SimPy in random worlds; see "Tests" in CONTRIBUTING.md for how to run more of them."""

from __future__ import annotations

import os

import pytest

from simulator.kernel.border import library
from tests.unit.kernel.storm import compared
from tests.unit.kernel.summed import sums_compared

pytestmark = pytest.mark.skipif(library() is None, reason="no compiled kernel: run `make kernel`, which needs cc")


@pytest.mark.parametrize("first", range(0, 300, 30))
def test_both_lanes_record_the_same_facts_in_random_worlds(first):
    assert {seed: found for seed in range(first, first + 30) if (found := compared(seed))} == {}


def test_a_summed_play_of_random_worlds_has_the_kpis_of_all_facts():
    assert {seed: found for seed in range(30) if (found := sums_compared(seed))} == {}


FIRST, WORLDS = (int(os.environ.get(name, usual)) for name, usual in (("STORM_FIRST", 300), ("STORM_WORLDS", 10_000)))
SLICE = 500
"""Worlds of one test."""


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("first", range(FIRST, WORLDS, SLICE))
def test_both_lanes_record_the_same_facts_in_ten_thousand_random_worlds(first):
    assert {seed: found for seed in range(first, min(first + SLICE, WORLDS)) if (found := compared(seed))} == {}


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("first", range(30, 3000, SLICE))
def test_a_summed_play_of_three_thousand_random_worlds_has_the_kpis_of_all_facts(first):
    assert {seed: found for seed in range(first, min(first + SLICE, 3000)) if (found := sums_compared(seed))} == {}
