"""Two results side by side: what moved, and how often it is said of what did not."""

import numpy as np
import pytest

from simulator.experiment.results.baseline import Baseline
from simulator.experiment.results.comparison import GONE, compare
from simulator.experiment.results.results import Results
from simulator.experiment.storage.manifest import Manifest
from simulator.experiment.storage.replication import Replication
from simulator.foundation.errors import UserError
from simulator.kpis.kpi import Undefined

KPIS = ("fill_rate", "ready_rate", "wait_mean", "wait_p95", "total_cost", "revenue", "contribution", "on_hand_mean")


def results(columns, seed=7, facts=None, policies=("lean",)):
    """Of {kpi: values} for each policy."""
    n = len(next(iter(columns.values())))
    runs = [
        Replication(
            k,
            {p: {kpi: row[k] for kpi, row in columns.items()} for p in policies},
            {p: (facts or [f"{k:013x}" for k in range(n)])[k] for p in policies},
        )
        for k in range(n)
    ]
    return Results(Manifest("shop", "run", "f" * 64, seed, policies, 0.95, replications=n), "", runs, None)


def test_equal_results_are_the_same_fact_by_fact():
    a = results({"wait_mean": [1.0, 2.0, 3.0]})
    found = compare(a, a)
    assert found.identical("lean")
    assert [(m.verdict, m.p) for m in found.moves] == [("same", 1.0)]


def test_the_same_kpis_from_other_facts_are_statistically_the_same_and_no_identical_behaviour():
    a = results({"wait_mean": [1.0, 2.0, 3.0]})
    found = compare(a, results({"wait_mean": [1.0, 2.0, 3.0]}, facts=["0000000000000", "f", "e"]))
    assert found.behaviour["lean"] == (1, 3)
    assert not found.identical("lean")
    assert [m.verdict for m in found.moves] == ["same"]


def test_with_one_seed_a_small_shift_shows_and_with_two_it_drowns():
    rng = np.random.default_rng(1)
    luck = rng.normal(10, 3, 12)
    moved = (luck + 0.1 + 0.02 * rng.normal(size=12)).tolist()
    (paired,) = compare(results({"wait_mean": luck.tolist()}), results({"wait_mean": moved})).moves
    (apart,) = compare(results({"wait_mean": luck.tolist()}), results({"wait_mean": moved}, seed=8)).moves
    assert (paired.verdict, paired.significant) == ("worse", True)
    assert (apart.verdict, apart.significant) == ("unclear", False)
    assert paired.difference.mean == pytest.approx(apart.difference.mean)


def test_of_eight_kpis_that_only_jitter_any_is_called_moved_in_one_comparison_of_twenty():
    rng = np.random.default_rng(2)
    alarms, naive = 0, 0
    for _ in range(400):
        before = {kpi: rng.normal(0.5, 0.01, 8).tolist() for kpi in KPIS}
        after = {kpi: (np.array(row) + rng.normal(0, 0.01, 8)).tolist() for kpi, row in before.items()}
        moves = compare(results(before), results(after)).moves
        alarms += any(m.significant for m in moves)
        naive += any(m.difference.significant for m in moves)
    assert alarms / 400 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)
    assert naive / 400 > 0.2


def test_a_kpi_that_lost_its_value_has_moved():
    (move,) = compare(results({"turns": [1.0, 2.0]}), results({"turns": [Undefined("nothing sold")] * 2})).moves
    assert (move.verdict, move.significant) == (GONE, True)


def test_policies_of_one_side_only_are_named_and_single_ones_are_compared_whatever_their_name():
    a = results({"turns": [1.0, 2.0]}, policies=("lean", "old"))
    b = results({"turns": [1.0, 2.0]}, policies=("lean", "new"))
    found = compare(a, b)
    assert (found.left, found.new, tuple(found.behaviour)) == (("old",), ("new",), ("lean",))
    one, other = results({"turns": [1.0, 2.0]}), results({"turns": [1.0, 2.0]}, policies=("renamed",))
    assert compare(one, other).identical("renamed")
    with pytest.raises(UserError, match="no policy in common: one has lean, old, the other renamed"):
        compare(a, other)


def test_a_baseline_read_back_is_the_same_as_the_results_that_it_keeps(tmp_path):
    rng = np.random.default_rng(3)
    columns = {"wait_mean": rng.normal(3, 1, 14).tolist(), "turns": [Undefined("none"), *rng.normal(3, 1, 13).tolist()]}
    now = results(columns, policies=("lean", "é: 'x'"))
    kept = Baseline.of(now, ["turns", "wait_mean"])
    kept.write(tmp_path / "b" / "shop.json")
    read = Baseline.read(tmp_path / "b" / "shop.json")
    assert read == Baseline.read(tmp_path / "b" / "shop.json")
    assert read.replications == 10
    found = compare(read, now)
    assert found.replications == 10
    assert all(map(found.identical, now.policies))
    assert {m.verdict for m in found.moves} == {"same"}
    text = (tmp_path / "b" / "shop.json").read_text()
    assert text.count("\n") < 20  # a line a KPI
    assert Baseline.read(tmp_path / "none.json") is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 2}', '{"format": 1, "policies": {"a": 3}}'])
def test_what_is_no_baseline_is_told(tmp_path, text):
    (tmp_path / "shop.json").write_text(text)
    with pytest.raises(UserError, match=r"shop\.json"):
        Baseline.read(tmp_path / "shop.json")


def test_a_baseline_with_a_row_cut_short_is_told(tmp_path):
    path = tmp_path / "shop.json"
    Baseline.of(results({"turns": [1.0, 2.0]}), ["turns"]).write(path)
    path.write_text(path.read_text().replace("[1.0, 2.0]", "[1.0]"))
    with pytest.raises(UserError, match="expected 2 values per row; recreate it with `backorder check --update`"):
        Baseline.read(path)
