"""Simulate a scenario at many values of some of its keys."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click

from simulator.cli.options import count_option, html_option, kpis_option, page_file, policies_option, several
from simulator.cli.study import StudyRequest, study_command
from simulator.experiment.arguments import with_kpis
from simulator.experiment.storage.files import check_writable, write_file
from simulator.experiment.studies.design import DESIGNS, SAMPLES
from simulator.experiment.studies.factorial import MOST_ORDER, Factorial, factorial
from simulator.experiment.studies.sweep import AGAINST, Sweep, sweep
from simulator.report.interactive.play import play
from simulator.report.terminal.study_tables import factorial_card, sweep_card
from simulator.report.text.shown_kpis import select_kpis
from simulator.scenario.identity import slug
from simulator.scenario.schema.schema import Scenario


@study_command("sweep")
@several(
    "--vary",
    "PATH=VALUES",
    "A key of the scenario and its values: a,b,c or low..high (repeatable). Without it, the scenario's "
    "`experiment: {factorial: …}` is simulated.",
)
@click.option("--design", type=click.Choice(DESIGNS), help="How points are chosen (grid; lhs if a key has a range).")
@count_option("--samples", SAMPLES, "Points of a sampled design", fewest=2)
@several("--against", "KPI", f"A KPI of the frontier (repeatable; {' and '.join(AGAINST)}).")
@count_option("--interactions", MOST_ORDER, "Factorial experiments: most factors in an interaction")
@policies_option
@kpis_option
@click.option("--all", "everything", is_flag=True, help="Show every point.")
@html_option("Also write an interactive page with a slider for each key (SCENARIO-play.html).")
def command(request: StudyRequest, kpis: tuple[str, ...], everything: bool, html: Path | None, **points: Any) -> None:
    """Simulate the scenario FILE at many values of some of its keys, all with common random numbers.

    Prints the points, those that no other point beats in cost and service, and how much of the variation each key
    accounts for. Results are saved under --out; an interrupted sweep resumes when the same command is run again.

    \b
    backorder sweep shop.yaml --vary policies.lean.replenishment.s=10,20,30
    backorder sweep shop.yaml --vary 'suppliers.maker.lead_time.mean=5 d..20 d' --design sobol
    """
    select_kpis(kpis)
    scenario = request.scenario()
    if html is not None:
        html = page_file(html, f"{slug(scenario.name)}-play")
        check_writable(html, "--html")
    made = _simulated(scenario, request, kpis, points)
    if html is not None:
        write_file(html, play(made, kpis, _command(request)).encode(), "--html")
    if isinstance(made, Sweep):
        card = partial(sweep_card, made, kpis, everything)
    else:
        card = partial(factorial_card, made, [*(points["against"] or AGAINST), *kpis])
    page = [] if html is None else [f"Interactive page: {html}"]
    request.show(made.to_json, card, f"Results: {made.study.folder}", *page, *request.workbook(made))


def _simulated(
    scenario: Scenario, request: StudyRequest, kpis: Sequence[str], points: Mapping[str, Any]
) -> Sweep | Factorial:
    """The sweep, or without --vary the scenario's own factorial experiment; `points` are the command's own options."""
    n, named, against = request.replications, points["policies"] or None, points["against"] or AGAINST
    with request.options() as common:
        options = with_kpis(common, *against, *kpis)
        if points["vary"]:
            design, samples = points["design"], points["samples"]
            return sweep(scenario, points["vary"], design, samples, n, named, against, **options)
        return factorial(scenario, points["interactions"], n, named, **options)


def _command(request: StudyRequest) -> str:
    """The command that runs the scenario as it was before any point changed it."""
    words = ["backorder", "run", str(request.files[0])]
    for option, values in (("--set", request.settings), ("--data", request.data)):
        for value in values:
            words += [option, str(value)]
    return shlex.join(words)
