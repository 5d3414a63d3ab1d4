"""Check scenarios against their expectations and baselines."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from simulator.cli.study import StudyRequest, study_command
from simulator.experiment.results.baseline import baseline_file
from simulator.experiment.results.check import checked
from simulator.experiment.run import run
from simulator.experiment.storage.files import check_writable, write_file
from simulator.report.terminal.comparison import check_card
from simulator.report.terminal.junit import junit
from simulator.report.text.shown_kpis import select_kpis
from simulator.report.workbook.other_books import check_book

BASELINES = Path("results") / "baselines"


@study_command("check", many_files=True, fewest=2)
@click.option(
    "--baselines",
    type=click.Path(path_type=Path),
    default=BASELINES,
    metavar="DIR",
    help=f"Folder of the baselines, as DIR/<scenario>.json ({BASELINES}).",
)
@click.option("--update", is_flag=True, help="Write new baselines; review the diff.")
@click.option("--junit", "report", type=click.Path(path_type=Path), metavar="FILE", help="Also write JUnit XML.")
def command(request: StudyRequest, baselines: Path, update: bool, report: Path | None) -> None:
    """Run the scenarios FILE… and check them against their `expect:` blocks and their baselines.

    An expectation holds if the whole interval is on the right side. Against the baseline, the command shows what
    changed and whether the change is significant. The exit status is 1 if an expectation does not hold, a KPI changed
    significantly, or a scenario has neither expectations nor a baseline.
    """
    found = []
    scenarios = request.scenarios()
    if report is not None:
        check_writable(report, "--junit")
    for scenario in scenarios if update else ():
        check_writable(baseline_file(baselines, scenario.name), "--baselines")
    with request.options() as options:
        for scenario in scenarios:
            results = run(scenario, request.replications, **options)
            path = baseline_file(baselines, scenario.name)
            found.append(checked(scenario, results, path, select_kpis().names, update))
    if report is not None:
        write_file(report, junit(found), "--junit")
    book = request.workbook(check_book(found)) if request.xlsx is not None else []
    passed = all(c.passed for c in found)
    request.show(
        lambda: {"passed": passed, "scenarios": [c.to_plain() for c in found]}, partial(check_card, found), *book
    )
    if not passed:
        raise click.exceptions.Exit(1)
