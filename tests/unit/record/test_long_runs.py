"""Long runs keep facts and order books in pages of their own until they are joined; nothing else differs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import simulator
from simulator.foundation.compiled.library import compiled_library
from simulator.kernel.lanes import simulate
from simulator.kpis.evaluate import evaluate, evidence_of
from simulator.kpis.evidence import evidence
from simulator.kpis.groups.items import item_values
from simulator.kpis.series.series import measure
from simulator.record import columns, facts, ledger
from simulator.record.columns import FactTable, OwnPages, sums_by, sums_of_runs
from simulator.record.digest import digest
from simulator.world.customers import shop as customers
from tests.unit.world.shops import play, shop

ROOT = Path(__file__).parents[3]


@pytest.fixture
def many(monkeypatch):
    """A table moves its rows whenever it is asked to."""
    monkeypatch.setattr(columns, "MANY", 1)


def table() -> FactTable:
    """Rows 0 to 6, moved after 3 and after 5 rows."""
    found = FactTable("order", "units")
    for row in range(7):
        found.write(row, 10 * row)
        if row in (2, 4):
            found.stow()
    return found


def test_a_table_that_has_moved_rows_reads_as_before(many):
    found = table()
    assert len(found) == 7
    for row in range(8):
        assert found.since(row).tolist() == [[k, 10 * k] for k in range(row, 7)]
    frozen = found.freeze()
    assert frozen["order"].tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert frozen["units"].tolist() == [0, 10, 20, 30, 40, 50, 60]
    assert len(found) == 0


def test_a_harvest_takes_moved_rows_along(many):
    found = table()
    assert found.harvest(first=2).freeze()["order"].tolist() == [-2, -1, 0, 1, 2, 3, 4]
    assert len(found) == 0


def test_few_rows_stay_where_they_are():
    found = table()
    assert found.since(6).tolist() == [[6, 60]]
    assert found.freeze()["order"].size == 7


def test_kept_arrays_of_all_kinds_stay_as_they_were():
    pages, kept = OwnPages(), []
    given = [np.arange(n).astype(kind) for n in (1, 7, 300_000, 3) for kind in ("i2", "i4", "f8", "?")]
    for values in given:
        kept.append(pages.keep(values))
    pages.end()
    for values, copy in zip(given, kept, strict=True):
        assert copy.dtype == values.dtype
        assert np.array_equal(copy, values)
        assert copy.flags.aligned


@pytest.mark.parametrize("replenishment", [{"kind": "s_Q", "s": 4, "Q": 5}, {"kind": "forecast", "R": "2 d"}])
def test_a_long_run_has_the_facts_of_a_short_one(monkeypatch, many, replenishment):
    world = shop(policies__first={"replenishment": replenishment}, customers__web__patience=2, clock__horizon=90)
    usual = digest(play(world))
    monkeypatch.setattr(customers, "DRAWN_AT_ONCE", 4)
    assert digest(play(world)) == usual
    monkeypatch.setattr(ledger, "LONG", 2)
    assert digest(play(world)) == usual


@pytest.mark.parametrize(("long", "told"), [(6, [(0, 4), (4, 8), (8, 12), (12, 14)]), (7, [])])
def test_rows_become_columns_in_pieces_and_those_of_a_long_table_are_told(monkeypatch, long, told):
    monkeypatch.setattr(columns, "PIECE", 2)
    monkeypatch.setattr(columns, "LONG", long)
    rows, heard = table().since(0), []
    taken = FactTable("order", "units")
    taken.adopt(rows.ravel(), lambda begin, end: heard.append((begin, end)))
    assert heard == told
    frozen = taken.freeze()
    assert frozen["order"].tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert frozen["units"].tolist() == [0, 10, 20, 30, 40, 50, 60]
    taken.adopt(np.empty(0))
    assert taken.freeze().size == 0


@pytest.mark.skipif(compiled_library() is None, reason="the kernel was not built")
def test_a_run_whose_rows_are_given_back_piece_by_piece_is_the_same(monkeypatch):
    scenario = simulator.load("steady-shop")
    name = next(iter(scenario.policies))
    usual = digest(simulator.simulate(scenario, name, 1, lane="compiled"))
    monkeypatch.setattr(columns, "PIECE", 1000)
    monkeypatch.setattr(columns, "LONG", 1)
    assert digest(simulator.simulate(scenario, name, 1, lane="compiled")) == usual


@pytest.mark.parametrize("size", [0, 1, 99, 100, 101])
def test_sums_by_number_and_of_runs_have_the_bits_of_one_sum(monkeypatch, size):
    monkeypatch.setattr(columns, "PIECE", 7)
    rng = np.random.default_rng(size)
    numbers, values = rng.integers(0, 5, size), rng.exponential(1.0, size)
    expected = np.bincount(numbers, weights=values, minlength=6).astype(np.float64)
    counts = rng.integers(0, 4, 40)
    counts[-1] += 200
    money = rng.exponential(1.0, counts.sum())
    runs = np.bincount(np.repeat(np.arange(40), counts), weights=money, minlength=40)
    for long in (0, 1 << 18):
        monkeypatch.setattr(columns, "LONG", long)
        assert sums_by(numbers.astype(np.int16), values, 6).tobytes() == expected.tobytes()
        assert sums_of_runs(money, counts.astype(np.int32)).tobytes() == runs.tobytes()
        assert sums_of_runs(np.empty(0), np.empty(0, dtype=np.int32)).size == 0


@pytest.mark.parametrize("name", ["steady-shop", "silence-or-delay", "money/pay-when", "causes/courier-peak"])
def test_a_long_run_has_the_kpis_of_a_short_one(monkeypatch, name):
    scenario = simulator.load(ROOT / "scenarios" / f"{name}.yaml")
    run = simulator.simulate(scenario, next(iter(scenario.policies)), 1)

    def everything():
        run.forget()
        found = evidence_of(run)
        series = {key: values.tobytes() for key, values in measure(found).items()}
        return evaluate(run, evidence=found), item_values(found, "").tobytes(), series

    short = everything()
    for module, number in ((columns, "LONG"), (facts, "FEW"), (evidence, "MOST_KEPT")):
        monkeypatch.setattr(module, number, 50)
    monkeypatch.setattr(columns, "PIECE", 16)
    assert run.is_long
    assert everything() == short


def test_kpis_of_sums_take_no_memory_by_order():
    scenario = simulator.load(ROOT / "scenarios" / "steady-shop.yaml")
    run = simulate(scenario, next(iter(scenario.policies)), 1, records=False)
    sums = evidence_of(run)
    sums.order_count = 10**13  # no machine has so much memory
    assert evaluate(run, evidence=sums)["fill_rate"] > 0.5
