"""Drawn quantities in whole steps: what rounding adds or takes is carried, whatever the blocks."""

from itertools import pairwise

import numpy as np
import pytest

from simulator.foundation.errors import UserError
from simulator.randomness.basket import StepRounding, whole_units

ITEMS = np.zeros(3000, dtype=np.int64)


@pytest.mark.parametrize("size", [0.01, 0.25, 1.5, 7.0])
def test_the_sum_stays_within_half_a_step_of_what_was_drawn(size):
    draws = np.random.default_rng(1).gamma(0.7, 0.5, ITEMS.size)
    ordered = StepRounding({0: size})(ITEMS, draws) * size
    assert np.abs(np.cumsum(ordered) - np.cumsum(draws)).max() <= size / 2 + 1e-5
    assert (np.abs(ordered - draws) <= size + 1e-5).all()


def test_blocks_do_not_matter_and_pieces_beside_it_are_rounded_line_by_line():
    rng = np.random.default_rng(2)
    items, draws = rng.integers(0, 3, 500), rng.gamma(0.7, 0.8, 500)
    sizes = {0: 0.25, 2: 0.1}
    whole = StepRounding(sizes)(items, draws)
    parts = StepRounding(sizes)
    cut = [0, 1, 7, 250, 499, 500]
    pieces = [parts(items[a:b], draws[a:b]) for a, b in pairwise(cut)]
    assert np.concatenate(pieces).tolist() == whole.tolist()
    assert whole[items == 1].tolist() == whole_units(draws[items == 1]).tolist()


def test_a_billion_steps_are_added_up_without_overflow():
    draws = np.full(40, 0.9e9)
    assert StepRounding({0: 0.9})(ITEMS[:40], draws).tolist() == [10**9] * 40
    with pytest.raises(UserError, match="at most 1e\\+09"):
        StepRounding({0: 0.1})(ITEMS[:40], draws)
