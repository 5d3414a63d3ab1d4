"""The search for the number of replications."""

import numpy as np
import pytest

from simulator.experiment.running.stopping import PrecisionSearch
from simulator.experiment.statistics.intervals import estimate
from simulator.experiment.storage.replication import Replication
from simulator.kpis.kpi import Undefined


def series(values):
    return [Replication(k, {"lean": {"fill_rate": v}}) for k, v in enumerate(values)]


def play(search, replications):
    for replication in replications:
        if search.ended:
            break
        search.add(replication)
    return search


def test_it_stops_when_the_interval_has_been_narrow_for_five_more():
    values = np.random.default_rng(4).normal(10, 2, 2000).tolist()
    search = play(PrecisionSearch(0.05, ["fill_rate"], 2000, 0.95), series(values))
    n = search.narrow_since
    assert search.reached
    assert n is not None
    assert search.n == search.goal == n + max(5, n // 20)
    assert all(estimate(values[:k]).relative <= 0.05 for k in range(n, search.n + 1))
    assert estimate(values[: n - 1]).relative > 0.05


def test_a_lucky_start_is_not_believed():
    values = [1.0, 1.0001, 1.0, 9.0, *np.random.default_rng(4).normal(3, 0.1, 500).tolist()]
    search = play(PrecisionSearch(0.1, ["fill_rate"], 500, 0.95), series(values))
    assert search.narrow_since > 20


def test_the_answer_does_not_hinge_on_who_finished_first():
    values = np.random.default_rng(4).normal(10, 3, 300).tolist()
    straight = play(PrecisionSearch(0.05, ["fill_rate"], 300, 0.95), series(values))
    shuffled = PrecisionSearch(0.05, ["fill_rate"], 300, 0.95)
    sent = 0
    while not shuffled.ended:
        batch = series(values)[sent : shuffled.goal]
        sent = shuffled.goal
        for replication in reversed(batch):
            shuffled.add(replication)
    assert shuffled.goal == sent == straight.n


def test_it_gives_up_at_the_most():
    values = np.random.default_rng(4).normal(0, 3, 50).tolist()
    search = play(PrecisionSearch(0.01, ["fill_rate"], 50, 0.95), series(values))
    assert (search.n, search.reached) == (50, False)


@pytest.mark.parametrize("value", [0.0, 0.7, Undefined("nothing was ordered")])
def test_a_constant_or_a_kpi_without_values_needs_the_fewest(value):
    search = play(PrecisionSearch(0.02, ["fill_rate"], 100, 0.95), series([value] * 100))
    assert (search.n, search.reached) == (8, True)


def test_every_policy_must_be_narrow():
    noisy = np.random.default_rng(4).normal(10, 3, 400).tolist()
    runs = [Replication(k, {"lean": {"fill_rate": 1.0}, "wild": {"fill_rate": v}}) for k, v in enumerate(noisy)]
    search = play(PrecisionSearch(0.05, ["fill_rate"], 400, 0.95), runs)
    assert search.n > 50


def test_who_is_not_precise_enough_is_named_the_worst_first():
    rng = np.random.default_rng(4)
    runs = [
        Replication(k, {"lean": {"fill_rate": 0.9, "total_cost": x}, "wild": {"fill_rate": 0.5 + y, "total_cost": z}})
        for k, (x, y, z) in enumerate(rng.normal(size=(30, 3)) * (30, 0.05, 400) + (1000, 0, 1000))
    ]
    search = play(PrecisionSearch(0.005, ["fill_rate", "total_cost", "wait_p95"], 30, 0.95), runs)
    found = search.to_plain()
    assert not found["reached"]
    assert [(m["policy"], m["kpi"]) for m in found["missed"]] == [
        ("wild", "total_cost"),
        ("wild", "fill_rate"),
        ("lean", "total_cost"),
    ]
    values = [r.values["wild"]["fill_rate"] for r in runs]
    assert found["missed"][1]["relative"] == pytest.approx(estimate(values, share=True).relative)
    assert found["without"] == ["wait_p95"]


def test_every_row_of_a_small_table_is_watched():
    rows = np.random.default_rng(4).normal(0.5, 0.1, 40).clip(0, 1).tolist()
    runs = [Replication(k, {"lean": {"age_buckets[0-3 d]": 0.5, "age_buckets[4-7 d]": v}}) for k, v in enumerate(rows)]
    search = play(PrecisionSearch(0.01, ["age_buckets"], 40, 0.95), runs)
    assert [m["kpi"] for m in search.missed] == ["age_buckets[4-7 d]"]
    assert search.without == []
