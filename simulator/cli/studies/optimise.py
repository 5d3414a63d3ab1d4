"""Search for the values of some keys that make a KPI best."""

from __future__ import annotations

from functools import partial
from typing import Unpack

import click

from simulator.cli.completion import policies_for
from simulator.cli.options import count_option, several, share
from simulator.cli.study import StudyRequest, study_command
from simulator.experiment.studies.optimise import (
    FINALISTS,
    INDIFFERENCE,
    MOST_FRESH,
    TRIALS,
    SearchOptions,
    optimise,
)
from simulator.experiment.studies.sampler import SAMPLERS
from simulator.report.terminal.search_result import best_command, optimum_card


@study_command("optimise")
@click.option(
    "--vary",
    multiple=True,
    required=True,
    metavar="PATH=VALUES",
    help="A key of the scenario and the values to search: low..high, low..high by step, or a,b,c (repeatable).",
)
@several("--minimise", "KPI", "A KPI to minimise (repeatable).")
@several("--maximise", "KPI", "A KPI to maximise (repeatable).")
@several("--subject-to", "BOUND", "A bound on the mean of a KPI, e.g. 'fill_rate>=97%' (repeatable).")
@click.option(
    "--policy",
    metavar="NAME",
    shell_complete=policies_for,
    help="Search this policy (default: the one that the varied keys belong to).",
)
@count_option("--trials", TRIALS, "Number of proposals")
@click.option(
    "--sampler", type=click.Choice(SAMPLERS), help="How proposals are made (tpe; nsga2 if there are several goals)."
)
@count_option("--finalists", FINALISTS, "Number of proposals that are simulated again")
@click.option(
    "--indifference",
    callback=share,
    default=f"{INDIFFERENCE * 100:g} %",
    metavar="SHARE",
    help=f"A difference that does not matter, as a share of the mean ({INDIFFERENCE * 100:g} %).",
)
@count_option("--most", MOST_FRESH, "Most fresh replications before an undecided choice is accepted", fewest=2)
def command(request: StudyRequest, vary: tuple[str, ...], **search: Unpack[SearchOptions]) -> None:
    """Search the scenario FILE for the values of some keys that make a KPI best.

    Tries many proposals with few replications each, then simulates the finalists with fresh replications until the
    best of them is known with the scenario's confidence. Results are saved under --out. An interrupted search resumes
    when the same command is run again, and more --trials extend it.

    \b
    backorder optimise shop.yaml --vary policies.lean.replenishment.s=5..40 --minimise operating_cost \\
        --subject-to 'fill_rate>=97%'
    """
    scenario = request.scenario()
    with request.options() as options:
        both: SearchOptions = {**search, **options}
        made = optimise(scenario, vary, request.replications, **both)
    lines = [*best_command(made, request.files[0]), f"Results: {made.study.folder}", *request.workbook(made)]
    request.show(made.to_json, partial(optimum_card, made), *lines)
