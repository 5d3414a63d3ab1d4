"""`backorder report`, and the report that `run` writes."""

import json

import pytest
from click.testing import CliRunner

from simulator.cli.main import backorder
from simulator.foundation.errors import UserError
from tests.unit.cli.test_verbs import TINY


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """A folder with tiny.yaml, and the command."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(TINY)
    runner = CliRunner()
    return lambda *arguments: runner.invoke(backorder, arguments, catch_exceptions=False)


def folder(tmp_path):
    (found,) = (tmp_path / "results/tiny").iterdir()
    return found


def test_run_writes_the_report_and_names_it(shell, tmp_path):
    told = shell("run", "tiny.yaml")
    page = folder(tmp_path) / "report.html"
    assert told.stdout.endswith(f"Report: {page.relative_to(tmp_path)}\n")
    assert "A tiny shop" in page.read_text()


@pytest.mark.parametrize(
    ("options", "written"), [(["--no-report"], False), (["--json"], False), (["--json", "--report"], True)]
)
def test_scripts_get_no_report_unless_they_ask(shell, tmp_path, options, written):
    told = shell("run", "tiny.yaml", *options)
    assert told.exit_code == 0
    assert (folder(tmp_path) / "report.html").exists() is written


def test_a_report_that_fails_costs_no_results(shell, tmp_path, monkeypatch):
    def broken(results):
        raise ZeroDivisionError("no ink")

    monkeypatch.setattr("simulator.report.page.write.write_report", broken)
    told = shell("run", "tiny.yaml")
    assert told.exit_code == 0
    assert "The report could not be written (no ink); the results are saved." in told.stderr
    assert "fill_rate" in told.stdout
    assert (folder(tmp_path) / "summary.csv").exists()


def test_report_rebuilds_tables_figures_and_page(shell, tmp_path):
    shell("run", "tiny.yaml")
    place = folder(tmp_path)
    before = {p.relative_to(place): p.read_bytes() for p in place.rglob("*") if p.is_file()}
    for name in ("report.html", "summary.csv", "plots/waits.svg"):
        (place / name).unlink()
    (place / "kpis.csv").write_text("edited")
    told = shell("report", str(place))
    assert told.stdout.splitlines()[0] == f"Report: {place / 'report.html'}"
    assert {p.relative_to(place): p.read_bytes() for p in place.rglob("*") if p.is_file()} == before
    shell("run", "tiny.yaml")  # takes the folder for what it is


def test_report_makes_pngs_for_slides(shell, tmp_path):
    shell("run", "tiny.yaml", "--no-report")
    assert "SVG, PNG" in shell("report", "results/tiny", "--png").stdout
    plots = folder(tmp_path) / "plots"
    assert {p.stem for p in plots.glob("*.png")} == {p.stem for p in plots.glob("*.svg")}
    assert (plots / "waits.png").read_bytes().startswith(b"\x89PNG")


def saved(told):
    (line,) = (line for line in told.stdout.splitlines() if line.startswith("Results: "))
    return line.removeprefix("Results: ")


def test_of_several_results_in_a_folder_the_newest_is_reported(shell, tmp_path):
    shell("run", "tiny.yaml", "--no-report")
    newest = saved(shell("run", "tiny.yaml", "--no-report", "--seed", "8"))
    told = shell("report", "results/tiny")
    assert f"Report: {newest}/report.html" in told.stdout
    assert f"results/tiny: 2 results, using the newest: {newest}" in told.stderr


def test_results_lists_what_differs_newest_first(shell, tmp_path):
    first = saved(shell("run", "tiny.yaml", "--no-report"))
    second = saved(shell("run", "tiny.yaml", "--no-report", "--set", "policies.lean.replenishment.S=25", "--seed", "8"))
    study = saved(shell("stress", "tiny.yaml", "--replications", "2", "--at", "15 d", "--quiet"))
    third = saved(shell("run", "tiny.yaml", "--no-report", "--policy", "rich", "--replications", "2"))
    (tmp_path / "results" / "broken").mkdir()
    (tmp_path / "results" / "broken" / "manifest.json").write_text("{}")
    plain = json.loads(shell("results", "--json").stdout)
    assert [row["results"] for row in plain] == [third, study, second, first]
    assert [row["differs"] for row in plain] == [
        [
            "seed: 8 -> 7",
            "policies: lean, rich -> rich",
            "replications: 3 -> 2",
            "policies.lean.replenishment.S: 25 -> 20",
        ],
        [],
        ["seed: 7 -> 8", "policies.lean.replenishment.S: 20 -> 25"],
        [],
    ]
    card = shell("results", "results/tiny").stdout
    assert card.index(third) < card.index(first)
    assert "unfinished" not in card
    assert "No results in empty" in _in_an_empty_folder(shell, tmp_path)


def _in_an_empty_folder(shell, tmp_path):
    (tmp_path / "empty").mkdir()
    return shell("results", "empty").stdout


def test_results_of_nowhere_is_a_message(shell):
    with pytest.raises(UserError, match="nowhere: is not a folder"):
        shell("results", "nowhere")


def test_a_folder_without_results_is_named(shell):
    with pytest.raises(UserError, match="is not a results folder"):
        shell("report", "nowhere")


def test_the_scorecard_comes_as_markdown_and_csv(shell, tmp_path):
    markdown = shell("run", "tiny.yaml", "--markdown").stdout
    assert markdown.startswith("# A tiny shop\n")
    assert "Results:" not in markdown
    table = shell("run", "tiny.yaml", "--csv", "--kpi", "fill_rate").stdout
    assert table.splitlines()[0].startswith("policy,kpi,mean")
    assert len(table.splitlines()) == 3
    assert shell("run", "tiny.yaml", "--csv", "--json").exit_code == 2
