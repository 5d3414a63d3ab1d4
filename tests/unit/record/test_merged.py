"""Levels that the compiled library merges: known answers, and the same bits as those that numpy sorts."""

import numpy as np
import pytest

import simulator
from simulator.foundation.compiled import changes, sorting
from simulator.foundation.compiled.changes import Changes
from simulator.foundation.compiled.library import compiled_library
from simulator.foundation.compiled.sorting import Merged
from simulator.kernel.lanes import simulate
from simulator.record import levels
from simulator.record.levels import LEVELS

pytestmark = pytest.mark.skipif(
    compiled_library() is None, reason="no compiled kernel: run `make kernel`, which needs cc"
)
SALES = np.array([0.0, 1.0, 1.0]), np.array([1, 0, 1], dtype=np.int32), np.array([-1, -2, -3], dtype=np.int32)
RECEIPTS = np.array([1.0, 2.5]), np.array([0.0, 1.0]), np.array([5.0, 4.0])


def test_kinds_of_facts_are_merged_by_item_and_time_and_one_instant_keeps_their_order():
    ends, times, units = Merged(Changes([SALES, RECEIPTS]), np.array([2.0, 9.0])).steps()
    assert ends.tolist() == [3, 7]
    assert times.tolist() == [0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 2.5]
    assert units.tolist() == [2.0, 0.0, 5.0, 9.0, 8.0, 5.0, 9.0]


def test_the_level_of_all_items_has_one_value_for_each_instant():
    times, values = Merged(Changes([SALES, RECEIPTS]), np.array([2.0, 9.0])).path()
    assert times.tolist() == [0.0, 1.0, 2.5]
    assert values.tolist() == [10.0, 10.0, 14.0]


def test_facts_that_are_not_in_order_of_time_are_left_to_numpy():
    late = np.array([2.0, 1.0]), np.array([0.0, 0.0]), np.ones(2)
    found = Merged(Changes([SALES, late]), np.zeros(2))
    assert found.steps() is None
    assert found.path() is None


@pytest.mark.parametrize("scenario", ["steady-shop", "supplier-delay", "kinds/custom"])
def test_numpy_and_the_library_find_the_same_bits(scenario, monkeypatch):
    loaded = simulator.load(scenario)
    run = simulate(loaded, next(iter(loaded.policies)), 1)
    fast = {level: (levels.steps(run, level), levels.path(run, level, None)) for level in LEVELS}
    run.levels.clear()
    for module in (changes, sorting):
        monkeypatch.setattr(module, "function_of", lambda *_: None)
    for level, (steps, path) in fast.items():
        for mine, theirs in zip(
            (*steps, *path), (*levels.steps(run, level), *levels.path(run, level, None)), strict=True
        ):
            assert mine.dtype == theirs.dtype
            assert mine.tobytes() == theirs.tobytes()


@pytest.mark.parametrize("most", [1, 3, 100])
def test_levels_come_in_parts_of_whole_items(most, monkeypatch):
    monkeypatch.setattr(levels, "PART", most)
    whole = levels.Steps(np.array([0, 0, 1, 2, 2, 2, 2, 3]), np.arange(8.0), np.arange(8.0))
    parts = list(whole.parts())
    assert [part.items.tolist() for part in parts] == {
        1: [[0, 0], [1], [2, 2, 2, 2], [3]],
        3: [[0, 0, 1], [2, 2, 2, 2], [3]],
        100: [whole.items.tolist()],
    }[most]
    assert np.concatenate([part.times for part in parts]).tolist() == whole.times.tolist()
