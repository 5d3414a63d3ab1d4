"""The stable order of numbers."""

import numpy as np
import pytest

from simulator.foundation.compiled import changes, sorting
from simulator.foundation.compiled.library import address, compiled_library
from simulator.foundation.compiled.sorting import FEW, running_sum, stable_order, worth_of_parcels

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
    "every second": RNG.random(2 * N)[::2],
    "few": RNG.random(5),
    "none": np.empty(0),
}


@pytest.fixture(params=["library", "numpy"])
def compiled_or_not(request, monkeypatch):
    """With the compiled library, where there is one, and without."""
    if request.param == "numpy":
        for module in (changes, sorting):
            monkeypatch.setattr(module, "function_of", lambda *_: None)


@pytest.mark.parametrize("numbers", ARRAYS.values(), ids=ARRAYS.keys())
def test_the_order_is_that_of_numpys_stable_sort(numbers, compiled_or_not):
    before = numbers.copy()
    assert np.array_equal(stable_order(numbers), np.argsort(numbers, kind="stable"))
    assert np.array_equal(numbers, before, equal_nan=True)


def test_parcels_hold_the_units_of_their_group_in_the_order_in_which_they_were_given(compiled_or_not):
    of, units, price = np.array([0, 0, 3, 3]), np.array([2.0, 1.0, 0.0, 4.0]), np.array([10.0, 7.0, 1.0, 0.5])
    group, parcel = np.array([0, 0, 3]), np.array([1.0, 2.0, 3.0])
    assert worth_of_parcels(of, units, price, group, parcel).tolist() == [10.0, 17.0, 1.5]


def test_the_library_and_numpy_find_the_same_worth_to_the_last_bit(monkeypatch):
    of = np.sort(RNG.integers(0, N // 4, N))
    units, price = RNG.integers(0, 4, N).astype(np.float64), RNG.random(N)
    group = np.repeat(np.unique(of), 2)
    whole = np.bincount(of, weights=units)[np.unique(of)]
    parcel = np.column_stack((np.floor(whole / 2), np.ceil(whole / 2))).ravel()
    found = worth_of_parcels(of, units, price, group, parcel)
    for module in (changes, sorting):
        monkeypatch.setattr(module, "function_of", lambda *_: None)
    assert worth_of_parcels(of, units, price, group, parcel).tobytes() == found.tobytes()


@pytest.mark.skipif(compiled_library() is None, reason="no compiled kernel: run `make kernel`, which needs cc")
def test_changes_of_several_parts_are_summed_in_order_of_time_and_of_the_parts():
    late_first = np.array([3.0, 1.0]), np.array([4.0, 0.5])
    times, values = running_sum([late_first, (np.array([1.0, 3.0, 3.0]), np.array([1.0, -2.0, -1.0]))])
    assert times.tolist() == [0.0, 1.0, 3.0]
    assert values.tolist() == [0.0, 1.5, 2.5]
    assert running_sum([(np.array([-1.0]), np.ones(1))]) is None
    times, values = running_sum([(np.arange(1.0, N), np.ones(N - 1))])
    assert times.tolist() == values.tolist() == list(range(N))


@pytest.mark.parametrize("array", [np.ones(3), np.ones((2, 3))[:, 1:], np.empty(0), np.ones(4, dtype=np.int32)])
@pytest.mark.parametrize("writable", [True, False])
def test_the_address_is_that_of_the_first_number(array, writable):
    array.flags.writeable = writable
    assert address(array) == array.ctypes.data
