"""Changes of a level in the compiled library: sums by item and by cell, with the bits of numpy's."""

import numpy as np
import pytest

import simulator
from simulator.foundation.compiled import changes
from simulator.foundation.compiled.changes import Changes
from simulator.foundation.compiled.library import compiled_library
from simulator.kernel.lanes import simulate
from simulator.kpis.evaluate import evidence_of
from simulator.kpis.series.grid import area_per_cell, per_cell
from simulator.record.levels import LEVELS, areas

pytestmark = pytest.mark.skipif(
    compiled_library() is None, reason="no compiled kernel: run `make kernel`, which needs cc"
)
SALES = np.array([0.0, 1.5, 3.0]), np.array([1, 0, 1], dtype=np.int32), np.array([-1, -2, -3], dtype=np.int32)
RECEIPTS = np.array([1.0, 9.0]), np.array([0.0, 1.0]), np.array([5.0, 4.0])


def test_a_change_counts_with_the_days_that_are_left_after_it():
    total = np.array([10.0, 0.0])
    assert Changes([SALES, RECEIPTS]).areas(1.0, 4.0, total)
    assert total.tolist() == [10 - 2 * 2.5 + 5 * 3, -1 * 3 - 3 * 1]


def test_a_change_counts_in_its_cell_with_the_time_left_there_and_late_ones_in_the_last_cell():
    steps, inside = np.zeros(2), np.zeros(2)
    assert Changes([SALES, RECEIPTS]).by_cell(np.array([1.0, 10.0]), 1.0, 2.0, steps, inside)
    assert steps.tolist() == [-10 - 2 + 5, -30 + 40]
    assert inside.tolist() == [-10 * 1.0 - 2 * 0.5 + 5 * 1.0, -30 * 1.0 + 40 * -5.0]


@pytest.mark.parametrize("scenario", ["steady-shop", "online-retail", "kinds/custom"])
def test_numpy_and_the_library_add_up_the_same_bits(scenario, monkeypatch):
    loaded = simulator.load(scenario)
    run = simulate(loaded, next(iter(loaded.policies)), 1)

    def found():
        e, start = evidence_of(run), run.world.warm_up
        rates = e.of_items("unit_cost")
        of_levels = [(areas(run, level, start, e.end), area_per_cell(e, level, rates, start)) for level in LEVELS]
        flow = per_cell(run.world, run.demand.times, run.units_by_order)
        return b"".join(array.tobytes() for pair in of_levels for array in pair) + flow.tobytes()

    fast = found()
    monkeypatch.setattr(changes, "function_of", lambda *_: None)
    assert found() == fast
