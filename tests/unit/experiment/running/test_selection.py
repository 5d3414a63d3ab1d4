"""Choosing the best policy by replications that go to those that may still be it."""

import numpy as np
import pytest

from simulator.experiment.results.results import open_results
from simulator.experiment.running.selection import PolicySelection
from simulator.experiment.storage.replication import Replication
from simulator.foundation.errors import UserError
from simulator.report.cards.terminal import on_terminal
from simulator.report.terminal.selection import selection_card
from tests.unit.experiment import fakes


def played(results):
    return [tuple(r.values) for r in results.runs]


def noisy(scenario, policies, seed, number, **how):
    """Three policies with common luck: `careful` a little better than `lean`, `=bold` far behind."""
    rng = np.random.default_rng([seed, number])
    luck = rng.normal(0, 20)
    means = {"lean": 100.0, "careful": 98.0, "=bold": 150.0}
    own = dict(zip(means, rng.normal(0, 2, 3).tolist(), strict=True))
    return Replication(number, {p: {"total_cost": means[p] + luck + own[p]} for p in policies})


@pytest.fixture
def contest(run, monkeypatch):
    from simulator.experiment import run as experiment

    monkeypatch.setattr(experiment, "replicate", noisy)
    return lambda **options: run(select="total_cost", **{"within": 1, **options})


def test_the_best_is_chosen_and_who_is_behind_plays_no_further(contest):
    results = contest()
    found = results.manifest.selection
    assert (found["best"], found["decided"], found["kpi"]) == ("careful", True, "total_cost")
    assert found["dropped"]["=bold"] == 10
    assert found["played"]["=bold"] == 10 < found["played"]["careful"] == results.replications
    assert [set(p) for p in played(results)][:10] == [{"lean", "careful", "=bold"}] * 10
    assert results.runs[10].values["=bold"] == {}
    values = [r.values["careful"]["total_cost"] for r in results.runs]
    assert found["means"]["careful"] == pytest.approx(np.mean(values[: found["dropped"]["lean"]]))
    assert results.to_json()["selection"] == found


def test_the_choice_is_the_same_for_any_number_of_workers_and_goes_on_where_it_stood(contest, tmp_path):
    one = contest(out=tmp_path / "1")
    two = contest(out=tmp_path / "2", workers=2)
    assert one.folder.name.startswith("select-")
    assert fakes.contents(one.folder) == fakes.contents(two.folder)
    assert contest(out=tmp_path / "1").manifest == one.manifest
    assert open_results(one.folder).manifest.selection == one.manifest.selection
    assert contest(out=tmp_path / "1", within=5).folder != one.folder


def test_a_wider_margin_takes_fewer_runs(contest):
    assert contest(within=5).replications <= contest(within=1).replications


def test_a_contest_that_is_too_close_ends_at_the_most_and_says_so(contest):
    results = contest(within=0.01, replications=14)
    assert results.replications == 14
    assert not results.manifest.selection["decided"]
    assert "Not decided after 14 replications: `lean`, `careful`, `=bold` are too close" in on_terminal(
        selection_card(results), 120
    )


def test_the_report_states_the_guarantee(contest):
    told = on_terminal(selection_card(contest(within="1 %")), 160)
    assert "`careful` is selected: with 95 % confidence it is the best on total_cost, or within 1.0" in told
    assert "★ selected" in told
    assert "dropped after 10" in told


def test_a_choice_by_waits_says_who_takes_no_backorders(run, monkeypatch):
    from simulator.experiment import run as experiment

    def waits(scenario, policies, seed, number, **how):
        rng = np.random.default_rng([seed, number])
        values = {"lean": (0.8, 0.0, 3.0), "careful": (0.9, 0.0, 2.0), "=bold": (0.75, 0.25, 0.0)}
        names = ("fill_rate", "lost_at_checkout", "wait_mean")
        noise = rng.normal(0, 0.1, 3).tolist()
        found = {p: dict(zip(names, values[p], strict=True)) for p in policies}
        for (policy, row), more in zip(found.items(), noise, strict=False):
            row["wait_mean"] += more * (policy != "=bold")
        return Replication(number, found)

    monkeypatch.setattr(experiment, "replicate", waits)
    told = " ".join(on_terminal(selection_card(run(select="wait_mean", within=0.5)), 160).split())
    assert "`=bold` has no waits because it takes no backorders; 25.0 % of units were refused." in told
    assert "It cannot be compared by wait_mean: leave it out (--policy), or select by contribution." in told


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"select": "totalcost"}, "no KPI 'totalcost' to select by .did you mean 'total_cost'"),
        ({"select": "age_buckets"}, "name a row of it"),
        ({"select": "on_hand_mean"}, "neither high nor low values of 'on_hand_mean' are better"),
        ({"select": "total_cost", "within": "nothing"}, "within: 'nothing' is not an amount"),
        ({"select": "total_cost", "within": 0}, "within: must be above 0, got 0"),
        ({"select": "total_cost", "within": "3 d"}, "'3 d' is a duration, and 'total_cost' is measured in"),
        ({"select": "total_cost", "precision": 0.1}, "select determines the replications of each policy"),
        ({"select": "wait_backordered"}, "'lean' has no value of it in replication 1 .nothing was backordered"),
    ],
)
def test_what_cannot_be_selected_by_is_refused(run, options, message):
    with pytest.raises(UserError, match=message):
        run(**options)


def test_a_share_is_within_points_and_any_other_kpi_within_a_share_of_the_first_mean():
    assert PolicySelection("fill_rate", ["a", "b"], "2 %").contest.indifference == 0.02
    choice = PolicySelection("total_cost", ["a", "b"], "2 %")
    for k in range(10):
        choice.add(Replication(k, {"a": {"total_cost": 500.0}, "b": {"total_cost": 500.0 + k % 2}}))
    assert choice.contest.indifference == pytest.approx(10.0)
