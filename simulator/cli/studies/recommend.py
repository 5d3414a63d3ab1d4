"""Recommend for which items to take backorders."""

from __future__ import annotations

from functools import partial

import click

from simulator.cli.completion import policies_for
from simulator.cli.options import several
from simulator.cli.study import StudyRequest, study_command
from simulator.experiment.studies.recommend import recommend
from simulator.report.terminal.advice import advice_card


@study_command("recommend", fewest=2)
@click.option(
    "--policy",
    metavar="NAME",
    shell_complete=policies_for,
    help="The policy whose `acceptance` is judged (default: the first).",
)
@several("--item", "NAME", "Judge only this item (repeatable; default: all).", "items")
@click.option("--maximise", "kpi", default="contribution", metavar="KPI", help="The KPI to maximise (contribution).")
def command(request: StudyRequest, policy: str | None, items: tuple[str, ...], kpi: str) -> None:
    """Show, item by item, whether the scenario FILE gains by taking backorders.

    Each item is judged by paired replications with its backorders taken and refused, everything else unchanged. The
    verdicts are adjusted for the number of items. Prints an `acceptance:` block to paste into the policy, and what
    following it gains. An interrupted run resumes when the same command is run again.
    """
    scenario = request.scenario()
    with request.options() as options:
        made = recommend(scenario, policy, items, kpi, request.replications, **options)
    request.show(made.to_json, partial(advice_card, made), f"Results: {made.study.folder}", *request.workbook(made))
