"""Sweeps and factorial experiments: their points, tables, folders, and what they say of known cases."""

import csv
import json
from pathlib import Path

import pytest

import simulator
from simulator.experiment.studies.factorial import factorial
from simulator.experiment.studies.sweep import sweep
from simulator.foundation.errors import UserError
from tests.unit.experiment.fakes import contents

TEXTBOOK = Path(__file__).parents[4] / "scenarios" / "textbook"
SHORT = {"clock.horizon": "300 d", "clock.warm_up": "10 d"}
PATHS = ["policies.r9_Q20.replenishment.s=5,9,13", "policies.r9_Q20.replenishment.Q=10,20"]


def shop(**more):
    return simulator.load(TEXTBOOK / "reorder-point.yaml").edit({**SHORT, **more})


def played(out=None, vary=PATHS, **options):
    return sweep(shop(), vary, replications=4, policies=["r9_Q20"], out=out, **options)


def rows(folder, name):
    return list(csv.DictReader((folder / name).read_text().splitlines()))


def test_every_point_is_what_a_run_of_the_edited_scenario_gives():
    made = played()
    assert len(made.points) == 6
    point = made.points[3]
    assert dict(point.values) == {"policies.r9_Q20.replenishment.s": 9, "policies.r9_Q20.replenishment.Q": 20}
    alone = simulator.run(shop().edit(dict(point.values)), replications=4, policies=["r9_Q20"])
    assert made.study.column(point, "r9_Q20", "total_cost") == alone.column("r9_Q20", "total_cost")


def test_the_folder_holds_tidy_tables_and_two_workers_write_the_same_bytes(tmp_path):
    one = played(tmp_path / "1")
    two = played(tmp_path / "2", workers=2)
    assert contents(one.study.folder) == contents(two.study.folder)
    names = {path.name for path in one.study.folder.iterdir()}
    assert names == {
        *("manifest.json", "scenario.yaml", "replications.jsonl", "timing.json"),
        *("points.csv", "summary.csv", "kpis.csv", "frontier.csv", "sensitivity.csv"),
    }
    points = rows(one.study.folder, "points.csv")
    assert points[4] == {"point": "4", "policies.r9_Q20.replenishment.s": "13", "policies.r9_Q20.replenishment.Q": "10",
                         "key": one.points[4].key, "problem": ""}  # fmt: skip
    found = {(row["point"], row["kpi"]): row for row in rows(one.study.folder, "summary.csv")}
    assert float(found["4", "fill_rate"]["mean"]) == one.study.estimate(one.points[4], "r9_Q20", "fill_rate").mean
    assert len(rows(one.study.folder, "kpis.csv")) == 6 * 4 * len(one.study.kpis)
    assert json.loads((one.study.folder / "manifest.json").read_text())["study"]["design"] == "grid"


def test_the_manifest_names_the_points_that_another_lane_plays(tmp_path):
    vary = ["policies.r9_Q20.promise.kind=none,ctp"]
    made = sweep(shop(), vary, replications=2, policies=["r9_Q20"], out=tmp_path)
    told = json.loads((made.study.folder / "manifest.json").read_text())
    assert told["lanes"] == {"r9_Q20": "compiled"}
    assert told["point_lanes"] == {made.points[1].key: {"r9_Q20": "simpy"}}


def test_nothing_is_played_twice_and_more_replications_extend_a_sweep(tmp_path):
    assert played(tmp_path).study.simulated == 24
    assert played(tmp_path).study.simulated == 0
    more = sweep(shop(), PATHS, replications=6, policies=["r9_Q20"], out=tmp_path)
    assert more.study.simulated == 12
    clean = sweep(shop(), PATHS, replications=6, policies=["r9_Q20"], out=tmp_path / "clean")
    assert contents(more.study.folder) == contents(clean.study.folder)
    assert played(tmp_path, force=True).study.simulated == 24


def test_a_study_is_not_taken_for_a_run(tmp_path):
    folder = played(tmp_path).study.folder
    with pytest.raises(UserError, match=r"holds a study \(sweep\), not a run"):
        simulator.open_results(folder)


def test_another_scenario_design_or_seed_has_a_folder_of_its_own(tmp_path):
    folders = {
        played(tmp_path).study.folder,
        played(tmp_path, seed=99).study.folder,
        played(tmp_path, vary=PATHS[:1]).study.folder,
        sweep(shop(**{"costs.order": 33}), PATHS, replications=4, policies=["r9_Q20"], out=tmp_path).study.folder,
    }
    assert len(folders) == 4


def test_points_that_make_no_scenario_are_told_and_the_rest_is_played(tmp_path):
    vary = {"policies.r9_Q20.replenishment": [{"kind": "s_S", "s": 9, "S": 5}, {"kind": "s_S", "s": 9, "S": 25}]}
    made = played(tmp_path, vary)
    assert "s = 9 is above S = 5" in made.points[0].problem
    assert [option[0].number for option in made.options] == [1]
    assert made.sensitivity("r9_Q20", "total_cost") == "some points of the design are not valid scenarios"
    path = "policies.r9_Q20.replenishment"
    assert made.points[0].problem == f"--vary {path}: s = 9 is above S = 5; s must be at most S"
    with pytest.raises(UserError, match=r"^--vary policies.r9_Q20.replenishmnt.s: .* 'replenishmnt' .did you mean 're"):
        played(vary=["policies.r9_Q20.replenishmnt.s=1,2"])
    with pytest.raises(
        UserError, match=rf"^--vary {path}.s: 'abc' is not a level: write whole units, such as 30, or d"
    ):
        played(vary=[f"{path}.s=abc,def"])


def test_the_frontier_and_the_shares_of_a_known_case():
    """Fill rate rises with s; cost is least near (9, 14)."""
    made = played(vary=["policies.r9_Q20.replenishment.s=5,9,13", "policies.r9_Q20.replenishment.Q=14,20"])
    places = {tuple(p.values.values()): made.frontier[p.number, "r9_Q20"] for p in made.points}
    assert places[13, 14] == places[9, 14] == "frontier"
    assert places[5, 14] == places[5, 20] == "beaten"
    shares = made.sensitivity("r9_Q20", "fill_rate")
    assert shares.first[0].mean > 0.9 > 0.1 > shares.first[1].mean
    assert shares.first[0].half_width < 0.05


@pytest.mark.parametrize("design", ["lhs", "sobol", "saltelli"])
def test_sampled_designs_find_the_key_that_matters(design):
    vary = ["policies.r9_Q20.replenishment.s=5..13", "costs.holding=1 / d..1.01 / d"]
    made = played(vary=vary, design=design, samples=8)
    assert len(made.points) == {"lhs": 8, "sobol": 8, "saltelli": 32}[design]
    shares = made.sensitivity("r9_Q20", "fill_rate")
    assert shares.first[0].mean > 0.8 > 0.2 > shares.first[1].mean


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"against": ["total_cost"]}, "needs at least two KPIs"),
        ({"against": ["total_cost", "fill_rat"]}, "did you mean 'fill_rate'"),
        ({"against": ["total_cost", "purchases"]}, "neither high nor low values are better"),
        ({"design": "star"}, "designs: grid, lhs, sobol, saltelli"),
        ({"design": "saltely"}, "did you mean 'saltelli'"),
        ({"vary": []}, "nothing to vary"),
    ],
)
def test_a_wrong_argument_is_the_users_mistake(tmp_path, options, message):
    with pytest.raises(UserError, match=message):
        played(tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


# ---------------------------------------------------------------------------------------------------------- factorial
PLAN = {
    "reorder point": {"low": {}, "high": {"policies.r9_Q20.replenishment.s": 13}},
    "lead time": {
        "usual": {},
        "long": {"suppliers.maker.lead_time": "6 d"},
        "longer": {"suppliers.maker.lead_time": "7 d"},
    },
}


def planned(**plan):
    return shop().edit({"experiment.factorial": plan or PLAN})


def test_effects_are_differences_of_means_paired_by_replication():
    made = factorial(planned(), policies=["r9_Q20"], replications=4)
    y = {tuple(p.values.values()): made.study.column(p, "r9_Q20", "fill_rate") for p in made.points}
    assert len(y) == 6
    effects = {str(e): made.effect(e, "r9_Q20", "fill_rate") for e in made.effects}
    assert list(effects) == [
        "reorder point high",
        "lead time long",
        "lead time longer",
        "reorder point high × lead time long",
        "reorder point high × lead time longer",
    ]
    times = ("usual", "long", "longer")
    main = simulator.experiment.statistics.intervals.estimate(
        [sum(y["high", t][k] - y["low", t][k] for t in times) / 3 for k in range(4)], made.study.confidence
    )
    found = effects["reorder point high"]
    assert (found.mean, found.half_width) == pytest.approx((main.mean, main.half_width))
    assert found.significant
    assert found.mean > 0 > effects["lead time long"].mean > effects["lead time longer"].mean
    both = [
        ((y["high", "long"][k] - y["high", "usual"][k]) - (y["low", "long"][k] - y["low", "usual"][k])) / 2
        for k in range(4)
    ]
    assert effects["reorder point high × lead time long"].mean == pytest.approx(sum(both) / 4)


def test_what_adds_up_has_no_interaction():
    """A cost per purchase and a cost per unit and day act on the same stock: holding and order costs simply add."""
    plan = {
        "order": {"cheap": {}, "dear": {"costs.order": 64}},
        "holding": {"low": {}, "high": {"costs.holding": "2 / d"}},
    }
    made = factorial(planned(**plan), policies=["r9_Q20"], replications=3)
    main, _, both = (made.effect(e, "r9_Q20", "total_cost") for e in made.effects)
    assert main.mean > 100
    assert both.mean == pytest.approx(0, abs=1e-6)


def test_a_factorial_folder_is_resumed_and_the_same_for_any_number_of_workers(tmp_path):
    one = factorial(planned(), policies=["r9_Q20"], replications=3, out=tmp_path / "1")
    two = factorial(planned(), policies=["r9_Q20"], replications=3, out=tmp_path / "2", workers=2)
    assert contents(one.study.folder) == contents(two.study.folder)
    assert one.study.folder.name.startswith("factorial-")
    again = factorial(planned(), policies=["r9_Q20"], replications=3, out=tmp_path / "1")
    assert again.study.simulated == 0
    table = {(r["kpi"], r["effect"]): r for r in rows(one.study.folder, "effects.csv")}
    row = table["fill_rate", "reorder point high"]
    assert row["significant"] == "true"
    assert float(row["mean"]) == one.effect(one.effects[0], "r9_Q20", "fill_rate").mean
    json.dumps(one.to_json(), allow_nan=False)


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        ({"s": {"only": {}}}, "at least 2"),
        ({"s": {"a": {}, "b": {"policies.r9_Q20.replenishment.z": 3}}}, r"factorial\.s\.b: .*unknown key 'z'"),
        (
            {"s": {"a": {}, "b": {"costs.order": 3}}, "t": {"a": {}, "b": {"costs.order": 4}}},
            "changes costs.order, as factor 's' does; a key can belong to one factor only",
        ),
    ],
)
def test_a_plan_that_cannot_be_played_is_refused_when_the_file_is_read(plan, message):
    with pytest.raises(UserError, match=message):
        planned(**plan)


def test_combinations_that_make_no_scenario_are_named():
    plan = {
        "start": {"early": {}, "late": {"clock.warm_up": "200 d"}},
        "length": {"long": {}, "short": {"clock.horizon": "150 d"}},
    }
    with pytest.raises(UserError, match=r"start late, length short: .*must be shorter than the horizon"):
        factorial(planned(**plan))
    with pytest.raises(UserError, match="nothing to vary"):
        factorial(shop())
