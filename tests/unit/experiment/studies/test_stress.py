"""The stress test: what a knock-out does, whom the shop depends on, and which cause is answerable for what."""

import csv
import json

import pytest
import yaml

from simulator.experiment.studies.causes import cause_of, knocked_out, present, without
from simulator.experiment.studies.stress import stress
from simulator.foundation.errors import UserError
from simulator.report.cards.terminal import on_terminal
from simulator.report.terminal.stress import stress_card
from simulator.scenario.loader import load_text
from simulator.world.simulate import simulate
from tests.unit.world.shops import shop


def scenario(**changes):
    d = shop(
        **{
            "clock": {"horizon": 120, "warm_up": 10},
            "items": {"mug": {"price": 12, "unit_cost": 5, "demand": 4}, "pot": {"price": 9, "unit_cost": 3}},
            "customers": {
                "web": {"arrivals": {"kind": "poisson", "rate": 4}, "basket": {"kind": "single", "item": "mug"}},
                "bar": {"arrivals": {"kind": "every", "interval": 4}, "basket": {"kind": "single", "item": "pot"}},
            },
            "suppliers": {
                "pottery": {"items": ["mug"], "lead_time": {"kind": "gamma", "mean": 4, "cv": 0.5}},
                "smithy": {"items": ["pot"], "lead_time": 2},
            },
            "carriers": {"van": {"transit": 1}},
            "warehouse": {"stock": {"mug": 40, "pot": 3}},
            "events": [
                {"kind": "demand_spike", "name": "fair", "customers": "web", "at": 40, "lasts": 5, "factor": 5},
                {"kind": "supplier_delay", "supplier": "pottery", "at": 80, "lasts": 10, "extra": 8},
            ],
            "policies": {
                "first": {
                    "replenishment": {
                        "mug": {"kind": "s_S", "s": 24, "S": 40},
                        "pot": {"kind": "base_stock", "S": 3},
                    }
                }
            },
            "experiment": {"replications": 3, "seed": 5},
            **changes,
        }
    )
    return load_text(yaml.safe_dump(d))


@pytest.fixture(scope="module")
def outcome():
    return stress(scenario(), at=60.0, lasts=15.0)


def knock(outcome, target):
    (found,) = (k.measures for k in outcome.knocks if str(k.target) == target)
    return {name: estimate.mean for name, estimate in found.items()}


def test_everything_there_is_is_knocked_out_once(outcome):
    assert [str(k.target) for k in outcome.knocks] == [
        "supplier pottery",
        "supplier smithy",
        "carrier van",
        "warehouse",
    ]


def test_the_supplier_of_most_leaves_the_largest_backlog(outcome):
    assert [str(k.target) for k in outcome.exposure("first")[:2]] == ["supplier pottery", "supplier smithy"]
    worst = knock(outcome, "supplier pottery")
    assert 5 < worst["time_to_survive"] < 15, "24 to 40 mugs and what is on order, at 4 a day"
    assert worst["peak"] > 20
    assert worst["backlog_area"] > 200


def test_a_carrier_that_stops_makes_nothing_short_but_everything_late(outcome):
    van = knock(outcome, "carrier van")
    assert (van["time_to_survive"], van["peak"], van["backlog_area"]) == (None, 0, 0)
    assert van["delivery"] > 0.5


def test_causes_add_up_to_all_backorder_days(outcome):
    shares = {share.cause: share for share in outcome.shares}
    assert list(shares) == ["demand", "supplier", "together", "ordinary"]
    assert sum(share.part.mean for share in shares.values()) == pytest.approx(1.0)
    assert shares["demand"].part.mean > 0.1
    assert shares["supplier"].part.mean > 0.2
    columns = zip(*((s.last.mean, s.first.mean) for s in shares.values()), strict=True)
    last, first = (sum(column) for column in columns)
    assert last == pytest.approx(first), "taken out or added one by one, the whole is the same"


def test_a_cause_that_is_not_there_takes_no_blame():
    quiet = stress(scenario(events=[]), replications=2)
    assert [share.cause for share in quiet.shares] == ["supplier", "ordinary"]
    assert present(scenario(), "first") == ["demand", "supplier"]


def test_what_is_left_keeps_its_luck():
    usual, calm = scenario(), without(scenario(), "first", ["supplier"])
    runs = [simulate(s, "first", 5, 1) for s in (usual, calm, knocked_out(usual, "suppliers", "smithy", 60, 9))]
    assert all((run.demand.times == runs[0].demand.times).all() for run in runs)
    assert without(usual, "first", ["record"]) is usual


def test_events_belong_to_the_cause_that_one_would_say():
    events = scenario(
        events=[
            {"kind": "outage", "carrier": "van", "at": 1, "lasts": 1},
            {"kind": "closure", "supplier": "smithy", "at": 1, "lasts": 1},
            {"kind": "closure", "warehouse": True, "at": 1, "lasts": 1},
            {"kind": "forecast_bias", "items": "mug", "at": 1, "lasts": 1, "factor": 2},
        ]
    ).events
    assert [cause_of(event) for event in events] == ["transport", "supplier", "capacity", "rule"]


def test_the_tables_are_saved_and_the_same_whatever_the_workers(tmp_path):
    folders = [stress(scenario(), replications=2, out=tmp_path / str(w), workers=w).study.folder for w in (1, 2)]
    for name in ("knock_outs.csv", "causes.csv"):
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()
    with (folders[0] / "causes.csv").open() as file:
        assert [row["cause"] for row in csv.DictReader(file)] == ["demand", "supplier", "together", "ordinary"]
    plain = json.loads((folders[0] / "stress.json").read_text())
    assert plain["knock_outs"][2]["time_to_survive"]["mean"] is None
    assert "nothing more was short" in plain["knock_outs"][2]["time_to_survive"]["reason"]


def test_a_stress_test_resumes_and_more_replications_extend_it(tmp_path):
    folder = stress(scenario(), replications=1, out=tmp_path / "mine").study.folder
    assert stress(scenario(), replications=3, out=tmp_path / "mine").study.folder == folder
    assert json.loads((folder / "timing.json").read_text())["replications_simulated"] == 2
    stress(scenario(), replications=3, out=tmp_path / "mine")
    assert json.loads((folder / "timing.json").read_text())["replications_simulated"] == 0
    clean = stress(scenario(), replications=3, out=tmp_path / "clean").study.folder
    for name in ("knock_outs.csv", "causes.csv", "replications.jsonl"):
        assert (folder / name).read_bytes() == (clean / name).read_bytes()


def test_who_never_ran_short_has_no_service_to_bring_back():
    lines = on_terminal(stress_card(stress(scenario(), replications=2)), 120).splitlines()
    unscathed = [line.split() for line in lines if "throughout" in line and "none ever was" not in line]
    assert unscathed
    assert all(words[-2:] == ["–", "–"] for words in unscathed)
    assert any("contribution, EUR" in line for line in lines)


def test_a_test_that_does_not_fit_is_told():
    for words, said in (
        ({"at": 500.0}, "not in the counted window"),
        ({"lasts": 0.0}, "lasts: must be above 0 d, got 0 d"),
        ({"policies": ["frist"]}, "did you mean 'first'"),
    ):
        with pytest.raises(UserError, match=said):
            stress(scenario(), **words)


def test_an_option_that_is_not_there_is_refused():
    with pytest.raises(TypeError, match="sead"):
        stress(scenario(), replications=1, sead=3)


def test_a_shortage_that_begins_after_the_knock_out_is_measured():
    """Mugs bought within the 10 days arrive on day 60.5 instead of 51 to 60; the shelf lasts for days 51 to 55."""
    made = load_text(
        yaml.safe_dump(
            shop(
                clock={"horizon": 120},
                suppliers__pottery__lead_time=20,
                warehouse__stock__mug=25,
                policies__first={"replenishment": {"kind": "base_stock", "S": 25}},
                experiment={"replications": 2},
            )
        )
    )
    found = knock(stress(made, at=30.5, lasts=10.0), "supplier pottery")
    assert found["time_to_survive"] == 25.5
    assert found["peak"] == 5
    assert found["backlog_area"] == pytest.approx(4.5 + 3.5 + 2.5 + 1.5 + 0.5)
    assert found["time_to_clear"] == pytest.approx(20)
    assert found["time_to_recover"] == pytest.approx(20.5)


def test_the_share_of_a_cause_has_an_interval(outcome, tmp_path):
    """Of a ratio of means: shares over 3 replications, half-width t(2) x s(residuals) / (sqrt(3) x mean)."""
    shares = {share.cause: share.part for share in outcome.shares}
    assert shares["demand"].half_width > 0
    assert shares["ordinary"].low < shares["ordinary"].mean < shares["ordinary"].high
    (row,) = (
        line.split()
        for line in on_terminal(stress_card(outcome), 140).splitlines()
        if line.strip().startswith("demand  ")
    )
    assert row.count("±") == 3, "days, share, days"
    plain = {row["cause"]: row for row in outcome.to_json()["backorder_days_by_cause"]}
    assert plain["demand"]["share_half_width"] == shares["demand"].half_width


def test_the_card_ends_with_what_hurts_most_and_names_the_policies_that_were_not_tested():
    made = scenario(policies={name: {"replenishment": {"kind": "base_stock", "S": 60}} for name in ("first", "second")})
    outcome = stress(made, replications=2)
    text = " ".join(on_terminal(stress_card(outcome), 200).split("In short")[1].split())
    worst = outcome.exposure("first")[0]
    lasted = worst.measures["time_to_survive"].mean
    assert f"Under `first`, losing {worst.target} for 30 d hurts most: stock lasts {lasted:.0f} d" in text
    assert "Not tested: `second`; --policy NAME" in text
    both = on_terminal(stress_card(stress(made, ["first", "second"], replications=2)), 200)
    assert "Not tested" not in both
