"""The stable order of numbers."""

import numpy as np
import pytest

from simulator.foundation.compiled.sorting import FEW, stable_order

RNG = np.random.default_rng(5)
N = 4 * FEW
ARRAYS = {
    "floats": RNG.exponential(30.0, N),
    "floats with ties": RNG.integers(0, 50, N) / 4,
    "zeros of both signs": np.where(RNG.random(N) < 0.5, -0.0, RNG.integers(0, 3, N) * 0.5),
    "infinite": np.where(RNG.random(N) < 0.1, np.inf, RNG.random(N)),
    "not numbers": np.where(RNG.random(N) < 0.1, np.nan, RNG.random(N)),
    "below 0": RNG.normal(0.0, 1.0, N),
    "runs": np.concatenate((np.sort(RNG.random(N)), np.sort(RNG.random(N)))),
    "small integers": RNG.integers(0, 9, N),
    "integers": RNG.integers(0, 10**6, N),
    "large integers": RNG.integers(0, 2**62, N),
    "integers below 0": RNG.integers(-9, 9, N),
    "nothing but 0": np.zeros(N, dtype=np.int64),
    "16 bits": RNG.integers(0, 999, N).astype(np.int16),
    "few": RNG.random(5),
    "none": np.empty(0),
}


@pytest.mark.parametrize("numbers", ARRAYS.values(), ids=ARRAYS.keys())
def test_the_order_is_that_of_numpys_stable_sort(numbers):
    before = numbers.copy()
    assert np.array_equal(stable_order(numbers), np.argsort(numbers, kind="stable"))
    assert np.array_equal(numbers, before, equal_nan=True)
