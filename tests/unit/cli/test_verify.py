"""`backorder verify`, and what an installation without the repository has of it."""

import dataclasses
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from simulator.cli.main import backorder
from simulator.experiment.textbook.case import Trial
from simulator.experiment.textbook.verify import CASES
from simulator.foundation.errors import UserError
from simulator.scenario.tree import examples

ROOT = Path(__file__).resolve().parents[3]


def shell(*arguments):
    return CliRunner().invoke(backorder, arguments, catch_exceptions=False)


def test_a_case_is_printed_with_theory_interval_and_verdict():
    told = shell("verify", "safety-stock", "fill-rates")
    assert told.exit_code == 0
    lines = [line.split() for line in told.stdout.splitlines()]
    assert ["fill_rate_revenue", "0.218750", "0.218750", "agrees"] in lines
    (both, alone) = (line for line in lines if line[:1] == ["cycle_service"])
    assert both[1] == "0.944849"
    assert alone[1] == "0.687364"
    assert [word for word in both if word in {"±", "agrees"}] == ["±", "agrees"]
    assert lines[-1][:3] == ["6", "of", "6"]


def test_json_has_every_check_and_the_count_of_those_that_differ():
    found = json.loads(shell("verify", "salable-limit", "--json").stdout)
    assert found["differ"] == 0
    assert found["checks"][-1] == {
        "case": "salable-limit", "policy": "limit", "label": "", "measure": "backlog_peak", "theory": 50.0,
        "mean": 50.0, "half_width": 0.0, "replications": 1, "verdict": "agrees",
    }  # fmt: skip


def test_a_value_that_differs_is_told_and_the_exit_status_is_1(monkeypatch):
    case = CASES["fill-rates"]
    claims = [Trial("never_buy", {"fill_rate": 0.6, "fill_rate_orders": 0.0})]
    wrong = dataclasses.replace(case, trials=lambda _: claims)
    monkeypatch.setitem(CASES, "fill-rates", wrong)
    told = shell("verify", "fill-rates")
    assert told.exit_code == 1
    assert told.stdout.splitlines()[-1] == "1 DIFFER: fill-rates fill_rate."


def test_an_interval_that_says_little_is_called_vague():
    """Ten replications of a rare event."""
    told = shell("verify", "pooling-one-hub", "--replications", "10")
    assert told.exit_code == 0
    assert "vague" in told.stdout
    assert "more replications narrow it" in " ".join(told.stdout.split()), "however wide the terminal is"


def test_the_number_of_workers_and_nothing_else_is_the_same_bytes():
    alone, together = (shell("verify", "little", "fill-rates", "--workers", n).stdout for n in ("1", "2"))
    assert alone == together
    other = json.loads(shell("verify", "safety-stock", "--json", "--seed", "99", "--replications", "10").stdout)
    assert {check["replications"] for check in other["checks"]} == {10}


def test_every_case_is_listed_with_its_source():
    told = " ".join(shell("verify", "--list").stdout.split())
    assert all(f"{case.name} {case.title} " in told for case in CASES.values())
    assert [c["case"] for c in json.loads(shell("verify", "--list", "--json").stdout)] == list(CASES)


@pytest.mark.parametrize("case", CASES.values(), ids=lambda case: case.name)
def test_every_case_says_what_it_is_and_where_it_comes_from(case):
    assert case.title
    assert case.source


def test_an_unknown_case_is_refused_with_the_nearest_name():
    with pytest.raises(UserError, match="did you mean 'safety-stock'"):
        shell("verify", "safetystock")
    assert shell("verify", "little", "--replications", "3").exit_code == 2


def test_an_installation_without_the_cases_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(examples, "PLACES", (tmp_path / "none",))
    with pytest.raises(UserError, match="not in this installation"):
        examples.examples_folder.__wrapped__()


def test_the_wheel_brings_the_examples_their_data_and_the_report_s_page_along(tmp_path):
    """Built, unpacked and run where there is no repository."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=100)
    (wheel,) = tmp_path.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    told = subprocess.run(
        [sys.executable, "-m", "simulator", "verify", "salable-limit"],
        cwd=tmp_path / "site", env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert (told.returncode, told.stderr) == (0, "")
    assert "3 of 3 values agree" in told.stdout
    for words in (
        ["new", "mine", "--from", "online-retail"],
        ["validate", "mine.yaml", "fmcg-backlog", "strategies/kits", "textbook/better-forecast"],
        ["new", "shop", "--from", "textbook"],
        ["run", "shop.yaml", "--replications", "2"],
    ):
        told = subprocess.run(
            [sys.executable, "-m", "simulator", *words],
            cwd=tmp_path / "site", env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
            capture_output=True, text=True, timeout=100,
        )  # fmt: skip
        assert (told.returncode, told.stderr) == (0, "")
    assert (tmp_path / "site" / told.stdout.splitlines()[-1].removeprefix("Report: ")).exists()
