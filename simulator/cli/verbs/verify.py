"""Set simulated values beside those of the textbooks."""

from __future__ import annotations

import json

import click

from simulator.cli.options import json_option, seed_option
from simulator.cli.screen import in_colour, width
from simulator.experiment.textbook.sample import FEWEST
from simulator.experiment.textbook.verify import DIFFERS, chosen_cases, verify
from simulator.report.terminal.verification import case_list, verification


@click.command("verify")
@click.argument("names", metavar="[CASE]...", nargs=-1)
@click.option(
    "--replications",
    type=click.IntRange(min=FEWEST),
    metavar="N",
    help="Of every world that is random (each case's own number).",
)
@seed_option
@click.option("--workers", type=click.IntRange(min=1), default=1, metavar="N", help="Processes (1).")
@click.option("--list", "listed", is_flag=True, help="Only name the cases and their sources.")
@json_option
@click.option("--quiet", is_flag=True, help="No progress on stderr.")
def command(
    names: tuple[str, ...],
    replications: int | None,
    seed: int | None,
    workers: int,
    listed: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Simulate worlds whose answer is known in closed form, and set measured beside theory.

    Without CASE: all of them, about three minutes. The interval is four standard errors on each side; a right value
    lies outside in 1 of 16,000 cases. Exit status 1 when a value differs.
    """
    cases = chosen_cases(names)
    if listed:
        if as_json:
            told = [{"case": c.name, "title": c.title, "source": c.source, "scenario": c.scenario} for c in cases]
            click.echo(json.dumps(told, ensure_ascii=False))
        else:
            click.echo(case_list(cases, width(), in_colour()), color=True)
        return
    checks = verify([case.name for case in cases], replications, seed, workers, progress=not quiet)
    failed = sum(check.verdict == DIFFERS for check in checks)
    if as_json:
        found = {"checks": [check.to_plain() for check in checks], "differ": failed}
        click.echo(json.dumps(found, ensure_ascii=False, allow_nan=False))
    else:
        click.echo(verification(cases, checks, width(), in_colour()), color=True)
    if failed:
        raise click.exceptions.Exit(1)
