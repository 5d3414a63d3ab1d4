"""`compare` and `check`, end to end on a tiny shop."""

import json
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from simulator.cli.main import backorder
from simulator.foundation.errors import UserError
from tests.unit.cli.test_verbs import TINY

EXPECT = """
expect:
  - {better: rich, than: lean, kpi: fill_rate}
  - {policy: rich, kpi: fill_rate, at_least: 50 %}
"""


@pytest.fixture
def shell(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(TINY.replace("replications: 3", "replications: 6") + EXPECT)
    runner = CliRunner()
    return lambda *arguments: runner.invoke(backorder, arguments, catch_exceptions=False)


def cases(path):
    return {case.get("name"): case for case in ElementTree.parse(path).getroot().iter("testcase")}


def test_what_holds_passes_and_shows_both_intervals(shell):
    told = shell("check", "tiny.yaml")
    assert told.exit_code == 0
    assert "tiny, 6 replications: passed" in told.stdout
    line = " ".join(told.stdout.split())
    assert "holds rich better than lean on fill_rate: +" in line
    assert "; rich 100" in line or "; rich 9" in line
    assert "no baseline at results/baselines/tiny.json" in line


def test_what_does_not_hold_leaves_with_1_and_says_so_in_junit(shell, tmp_path):
    (tmp_path / "tiny.yaml").write_text(TINY + EXPECT.replace("rich, than: lean", "lean, than: rich"))
    told = shell("check", "tiny.yaml", "--junit", "out/report.xml", "--replications", "8")
    assert told.exit_code == 1
    assert "FAILS" in told.stdout
    found = cases(tmp_path / "out" / "report.xml")
    assert found["lean better than rich on fill_rate"].find("failure").get("message").startswith("fails: -")
    assert found["fill_rate of rich at least 50 %"].find("failure") is None
    assert found["baseline"].find("skipped") is not None
    suite = ElementTree.parse(tmp_path / "out" / "report.xml").getroot()[0]
    assert [suite.get(key) for key in ("name", "tests", "failures", "skipped")] == ["tiny", "3", "1", "1"]
    origin = {found.get("name"): found.get("value") for found in suite.find("properties")}
    (manifest,) = (json.loads(path.read_text()) for path in tmp_path.glob("results/tiny/*/manifest.json"))
    assert (origin["seed"], origin["replications"]) == (str(manifest["seed"]), "8")
    assert origin["fingerprint"] == manifest["fingerprint"]
    assert {f"version.{name}": value for name, value in manifest["versions"].items()}.items() <= origin.items()


def test_a_baseline_is_written_kept_and_missed_when_it_moves(shell, tmp_path):
    assert shell("check", "tiny.yaml", "--update", "--junit", "report.xml").exit_code == 0
    path = tmp_path / "results" / "baselines" / "tiny.json"
    assert [(part.tag, part.text) for part in cases(tmp_path / "report.xml")["baseline"]] == [
        ("system-out", "baseline written: results/baselines/tiny.json")
    ]
    before = path.read_text()
    same = shell("check", "tiny.yaml", "--junit", "report.xml")
    assert same.exit_code == 0
    assert "identical behaviour in 6 replications" in " ".join(same.stdout.split())
    assert len(cases(tmp_path / "report.xml")["baseline"]) == 0

    slower = ("--set", "suppliers.maker.lead_time=7 d")
    moved = shell("check", "tiny.yaml", *slower, "--junit", "report.xml")
    assert moved.exit_code == 1
    assert "significantly" in moved.stdout
    failure = cases(tmp_path / "report.xml")["baseline"].find("failure")
    assert "moved: fill_rate of lean:" in failure.text
    assert path.read_text() == before  # only --update writes
    accepted = shell("check", "tiny.yaml", *slower, "--update")
    assert accepted.exit_code == 0
    assert "rewritten" in accepted.stdout
    assert path.read_text() != before
    assert shell("check", "tiny.yaml", *slower).exit_code == 0


def test_what_is_only_priced_otherwise_is_identical_behaviour(shell, tmp_path):
    shell("check", "tiny.yaml", "--update")
    told = shell("check", "tiny.yaml", "--set", "costs.order=9")
    assert told.exit_code == 1
    assert "identical behaviour, fact by fact, in all 6 replications" in told.stdout
    assert "operating_cost" in told.stdout


def test_a_policy_that_is_gone_fails_and_a_new_one_does_not(shell, tmp_path):
    shell("check", "tiny.yaml", "--update")
    path = tmp_path / "results" / "baselines" / "tiny.json"
    (tmp_path / "tiny.yaml").write_text(TINY.replace("replications: 3", "replications: 6").replace("rich:", "new:"))
    told = shell("check", "tiny.yaml")
    assert told.exit_code == 1
    assert "in the baseline but not in the scenario: rich" in told.stdout
    assert "not in the baseline: new" in told.stdout
    found = json.loads(path.read_text())
    del found["policies"]["rich"]
    path.write_text(json.dumps(found))
    assert shell("check", "tiny.yaml").exit_code == 0


def test_where_there_is_nothing_to_check_it_says_so_and_no_build_stays_green_by_accident(shell, tmp_path):
    (tmp_path / "tiny.yaml").write_text(TINY)
    told = shell("check", "tiny.yaml", "--junit", "found.xml")
    assert told.exit_code == 1
    assert "nothing to check" in told.stdout
    (suite,) = ElementTree.parse(tmp_path / "found.xml").getroot()
    assert (suite.attrib["tests"], suite.attrib["failures"]) == ("1", "1")
    assert shell("check", "tiny.yaml", "--update").exit_code == 0
    assert shell("check", "tiny.yaml").exit_code == 0


def test_check_prints_one_json_object(shell):
    assert json.loads(shell("check", "tiny.yaml", "--json").stdout)["scenarios"][0]["baseline"] is None
    written = json.loads(shell("check", "tiny.yaml", "--update", "--json").stdout)["scenarios"][0]["baseline"]
    assert written == {"file": "results/baselines/tiny.json", "updated": True}
    found = json.loads(shell("check", "tiny.yaml", "--json").stdout)
    assert found["passed"] is True
    (tiny,) = found["scenarios"]
    assert [e["outcome"] for e in tiny["expectations"]] == ["holds", "holds"]
    assert tiny["expectations"][0]["difference"]["low"] > 0
    assert tiny["baseline"]["identical"] == {"lean": True, "rich": True}


def test_compare_tells_what_moved_between_two_folders(shell, tmp_path):
    for folder, more in (("a", ()), ("b", ("--set", "suppliers.maker.lead_time=7 d")), ("c", ("--seed", "8"))):
        shell("run", "tiny.yaml", "--out", folder, "--no-report", *more)
    same = shell("compare", "a", "a")
    assert same.exit_code == 0
    assert "lean: identical behaviour, fact by fact, in all 6 replications" in same.stdout
    moved = shell("compare", "a", "b").stdout
    assert "paired by replication (seed 7, 6 pairs)" in moved
    row = next(line for line in moved.splitlines() if line.startswith("  fill_rate "))
    assert row.endswith("worse")
    assert "wait_p50" not in moved
    assert "wait_p50" in shell("compare", "a", "b", "--all").stdout
    assert "not paired, as the seeds differ (7 and 8)" in shell("compare", "a", "c").stdout
    found = json.loads(shell("compare", "a", "b", "--json", "--kpi", "fill_rate").stdout)
    assert {(m["policy"], m["kpi"]) for m in found["moves"]} == {("lean", "fill_rate"), ("rich", "fill_rate")}
    assert found["identical"] == {"lean": False, "rich": False}


def test_compare_takes_the_newest_of_a_folder_and_says_so(shell):
    shell("run", "tiny.yaml", "--out", "b", "--no-report", "--seed", "8")
    for more in ((), ("--seed", "8")):
        shell("run", "tiny.yaml", "--out", "a", "--no-report", *more)
    told = shell("compare", "a", "b")
    assert "lean: identical behaviour" in told.stdout, "both of seed 8"
    assert "a: 2 results, using the newest: a/tiny/run-" in told.stderr
    assert "b:" not in told.stderr
    with pytest.raises(UserError, match="nowhere: is not a results folder"):
        CliRunner().invoke(backorder, ["compare", "nowhere", "a"], catch_exceptions=False, standalone_mode=False)


def test_compare_passes_over_studies_in_the_same_folder(shell):
    for folder in ("a", "b"):
        assert shell("run", "tiny.yaml", "--out", folder, "--no-report").exit_code == 0
    assert shell("stress", "tiny.yaml", "--out", "a", "--replications", "2", "--at", "15 d", "--quiet").exit_code == 0
    told = shell("compare", "a", "b")
    assert told.exit_code == 0
    assert "identical behaviour" in told.stdout


def test_compare_names_a_study_where_there_is_no_run(shell):
    shell("stress", "tiny.yaml", "--out", "a", "--replications", "2", "--at", "15 d", "--quiet")
    with pytest.raises(UserError, match=r"holds a study \(stress\), not a run"):
        shell("compare", "a", "a")
