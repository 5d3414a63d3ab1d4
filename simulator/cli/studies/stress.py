"""Knock out one supplier, carrier or cause of backorders at a time."""

from __future__ import annotations

from functools import partial

import click

from simulator.cli.completion import policies_for
from simulator.cli.options import amount, day_of, several
from simulator.cli.study import StudyRequest, study_command
from simulator.experiment.studies.stress import stress
from simulator.foundation.units import duration
from simulator.report.terminal.stress import stress_card


@study_command("stress")
@several("--policy", "NAME", "Test this policy (repeatable; default: the first).", "policies", policies_for)
@click.option("--at", metavar="DAY", help="Start of each knock-out: a day such as 120, or a date (half-way).")
@click.option(
    "--lasts", callback=amount(duration), default="30 d", metavar="DURATION", help="Length of each knock-out (30 d)."
)
@click.option(
    "--within",
    callback=amount(duration),
    default="0 d",
    metavar="DURATION",
    help="Service is the share of units filled within this time of the order (0 d: at once).",
)
def command(request: StudyRequest, policies: tuple[str, ...], at: str | None, lasts: float, within: float) -> None:
    """Stress the scenario FILE: knock out each supplier, each carrier and the warehouse in turn, and remove each cause
    of backorders in turn, all with common random numbers.

    Prints how long the shop survives each knock-out, the backlog it leaves, and when service and backlog have
    recovered, the worst first; then the backorder-days that each cause accounts for. Tables are saved under --out.
    """
    scenario = request.scenario()
    day = day_of("--at", at, scenario)
    with request.options() as options:
        outcome = stress(scenario, policies, request.replications, day, lasts, within, **options)
    lines = [f"Results: {outcome.study.folder}", *request.workbook(outcome)]
    request.show(outcome.to_json, partial(stress_card, outcome), *lines)
