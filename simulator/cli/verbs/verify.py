"""Compare simulated values with closed-form results from textbooks."""

from __future__ import annotations

from functools import partial

import click

from simulator.cli.options import json_option, quiet_option, seed_option, workers_option
from simulator.cli.screen import show
from simulator.experiment.textbook.sample import FEWEST
from simulator.experiment.textbook.verify import DIFFERS, chosen_cases, verify
from simulator.report.terminal.verification import case_list, verification


@click.command("verify")
@click.argument("names", metavar="[CASE]...", nargs=-1)
@click.option(
    "--replications",
    type=click.IntRange(min=FEWEST),
    metavar="N",
    help="Replications of every random case (each case's own number).",
)
@seed_option
@workers_option
@click.option("--list", "listed", is_flag=True, help="Only list the cases and their sources.")
@json_option
@quiet_option
def command(
    names: tuple[str, ...],
    replications: int | None,
    seed: int | None,
    workers: int,
    listed: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Simulate systems whose answer is known in closed form, and compare measurement with theory.

    Without CASE, all cases are run, which takes about three minutes. The interval is four standard errors on each side;
    a correct value lies outside it in 1 of 16,000 cases. The exit status is 1 if a value differs.
    """
    cases = chosen_cases(names)
    if listed:
        plain = [{"case": c.name, "title": c.title, "source": c.source, "scenario": c.scenario} for c in cases]
        show(as_json, lambda: plain, partial(case_list, cases))
        return
    checks = verify([case.name for case in cases], replications, seed, workers, progress=not quiet)
    differ = sum(check.verdict == DIFFERS for check in checks)
    found = {"checks": [check.to_plain() for check in checks], "differ": differ}
    show(as_json, lambda: found, partial(verification, cases, checks))
    if differ:
        raise click.exceptions.Exit(1)
