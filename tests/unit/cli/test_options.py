"""Options that are named alike everywhere, and their former names."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from simulator.cli.main import VERBS, backorder

SCENARIOS = Path(__file__).parents[3] / "scenarios"
MONDAY = str(SCENARIOS / "monday-morning.yaml")
BASE = str(SCENARIOS / "textbook" / "base-stock.yaml")
SHORT = ("--set", "clock.horizon=30 d", "--set", "clock.warm_up=2 d")


@pytest.fixture
def shell(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(backorder, arguments, catch_exceptions=False)


def test_an_option_of_one_name_takes_the_same_everywhere(shell):
    """FILE for pages, workbooks and JUnit, DIR for folders; a flag for JSON on stdout."""
    wanted = {"html": "[FILE]", "xlsx": "FILE", "junit": "FILE", "out": "DIR", "data": "DIR", "json": "", "seed": "N"}
    wanted |= {"workers": "N", "policy": "NAME", "set": "PATH=VALUE"}
    for verb in VERBS:
        for line in shell(verb, "--help").stdout.splitlines():
            words = line.split()
            if line.startswith("  --") and (name := words[0][2:]) in wanted and len(words) > 1:
                found = words[1] if line[len(words[0]) + 3 :].startswith(words[1]) else ""
                assert found == wanted[name], (verb, line)


def test_verbs_that_write_tables_write_workbooks(shell):
    verbs = ["run", "check", "compare", "sweep", "optimise", "recommend", "stress", "report", "items", "outlook"]
    assert [verb for verb in VERBS if "--xlsx" in shell(verb, "--help").stdout] == [v for v in VERBS if v in verbs]


@pytest.mark.parametrize("old", ["--out", "--out=film.html"])
def test_the_former_name_of_the_films_file_still_works_and_says_so(shell, tmp_path, old):
    value = ["film.html"] if old == "--out" else []
    told = shell("film", BASE, *SHORT, "--days", "5", old, *value)
    assert told.exit_code == 0, told.output
    assert told.stderr == "--out is now called --html; the former name will be removed.\n"
    assert told.stdout == "Film: film.html\n"
    assert (tmp_path / "film.html").is_file()
    assert "--out" not in shell("film", "--help").stdout


def test_the_former_name_of_the_outlooks_folder_still_works_and_says_so(shell, tmp_path):
    told = shell("outlook", MONDAY, "--policy", "in_turn", "--replications", "2", "--csv", "tables")
    assert "--csv is now called --out" in told.stderr
    assert sorted(path.name for path in (tmp_path / "tables").iterdir()) == ["items.csv", "lines.csv", "purchases.csv"]


def test_the_page_of_a_run_goes_to_a_file_of_its_own(shell, tmp_path):
    told = shell("run", BASE, *SHORT, "--replications", "2", "--quiet", "--html", "shared.html", "--xlsx", "run.xlsx")
    assert told.exit_code == 0, told.output
    assert told.stdout.endswith("Report: shared.html\nWorkbook: run.xlsx\n")
    (page,) = tmp_path.glob("results/*/run-*/report.html")
    assert (tmp_path / "shared.html").read_bytes() == page.read_bytes()
    told = shell("report", "results", "--html", "--xlsx", "again.xlsx", "--json")
    found = json.loads(told.stdout)
    assert found["html"] == "base-stock-report.html"
    assert (tmp_path / found["html"]).read_bytes() == page.read_bytes()
    assert (tmp_path / found["xlsx"]).read_bytes() == (tmp_path / "run.xlsx").read_bytes()


def test_nothing_is_simulated_where_a_page_or_a_workbook_cannot_be_written(shell, tmp_path):
    (tmp_path / "file").touch()
    for options, why in (
        (("--html", "file/a.html"), "name another place with --html"),
        (("--xlsx", "file/a.xlsx"), "name another place with --xlsx"),
        (("--xlsx", "a.csv"), "ends in .xlsx"),
    ):
        told = CliRunner().invoke(backorder, ["run", BASE, *SHORT, "--replications", "2", *options])
        assert why in str(told.exception)
    assert not (tmp_path / "results").exists()
