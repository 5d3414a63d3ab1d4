"""The kernel against SimPy in random worlds."""

from __future__ import annotations

import pytest

from simulator.kernel.border import library
from tests.unit.kernel.storm import compared

pytestmark = pytest.mark.skipif(library() is None, reason="no compiled kernel: run `make kernel`, which needs cc")


@pytest.mark.parametrize("first", range(0, 300, 30))
def test_both_lanes_record_the_same_facts_in_random_worlds(first):
    assert {seed: found for seed in range(first, first + 30) if (found := compared(seed))} == {}


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("first", range(300, 10_000, 500))
def test_both_lanes_record_the_same_facts_in_ten_thousand_random_worlds(first):
    assert {seed: found for seed in range(first, min(first + 500, 10_000)) if (found := compared(seed))} == {}
