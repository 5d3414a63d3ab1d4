"""Knock out one supplier, carrier or cause of backorders at a time."""

from __future__ import annotations

import json
from pathlib import Path

import click

from simulator.cli.options import json_option, out_option, quiet_option, read, scenario_file, seed_option
from simulator.cli.screen import in_colour, width
from simulator.experiment.studies.stress import stress
from simulator.foundation.units import duration, moment
from simulator.report.terminal.stress import stress_card


def _days(ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:
    """Callback of an option that takes a duration such as '30 d'."""
    from pydantic_core import PydanticCustomError

    if value is None:
        return None
    try:
        return (moment if param.name == "at" else duration)(value)
    except PydanticCustomError as error:
        raise click.BadParameter(str(error), ctx, param) from None


@click.command("stress")
@scenario_file
@click.option("--policy", "policies", multiple=True, metavar="NAME", help="Test this policy (repeatable; the first).")
@click.option("--at", callback=_days, metavar="DAY", help="When each knock-out begins, e.g. '120 d' (half-way).")
@click.option("--lasts", callback=_days, default="30 d", metavar="DURATION", help="How long each lasts (30 d).")
@click.option(
    "--within",
    callback=_days,
    default="0 d",
    metavar="DURATION",
    help="Service is what is filled within so long of the order (at once).",
)
@click.option("--replications", type=click.IntRange(min=1), metavar="N", help="Independent replications.")
@seed_option
@click.option("--workers", type=click.IntRange(min=1), default=1, metavar="N", help="Processes (1).")
@out_option
@json_option
@quiet_option
def command(
    file: Path,
    settings: tuple[str, ...],
    data: tuple[Path, ...],
    policies: tuple[str, ...],
    at: float | None,
    lasts: float,
    within: float,
    replications: int | None,
    seed: int | None,
    workers: int,
    out: Path,
    as_json: bool,
    quiet: bool,
) -> None:
    """Knock out each supplier, each carrier and the warehouse of the scenario FILE in turn, and take out each cause of
    backorders in turn, all under the same luck.

    Prints how long each knock-out is survived, the backlog it leaves, when service is back and when the backlog is
    cleared, the worst first; and the backorder-days that each cause is answerable for. Tables are saved under --out.
    """
    scenario = read(file, settings, data, quiet)
    outcome = stress(
        scenario,
        policies or None,
        replications,
        seed,
        at,
        lasts,
        within,
        workers,
        out,
        progress=not quiet,
    )
    if as_json:
        click.echo(json.dumps(outcome.to_plain(), allow_nan=False))
        return
    click.echo(stress_card(outcome, width(), in_colour()), color=True)
    click.echo(f"Results: {outcome.folder}")
