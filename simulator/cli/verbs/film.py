"""Write an animated page of the queue, for one or two policies."""

from __future__ import annotations

import json
from pathlib import Path

import click

from simulator.cli.completion import policies_for
from simulator.cli.options import (
    ScenarioFile,
    amount,
    day_of,
    html_option,
    json_option,
    page_file,
    renaming,
    replication_option,
    scenario_file,
    seed_option,
)
from simulator.cli.screen import say
from simulator.experiment.arguments import policies_of
from simulator.experiment.storage.files import check_writable, write_file
from simulator.foundation.errors import UserError
from simulator.foundation.units import duration
from simulator.kernel.lanes import simulate
from simulator.report.interactive.film import DAYS, film
from simulator.scenario.identity import slug

MOST_LANES = 2


@click.command("film", cls=renaming(out="html"))
@scenario_file
@click.option(
    "--policy",
    "policies",
    multiple=True,
    shell_complete=policies_for,
    metavar="NAME",
    help="Show this policy; give it twice for two side by side (default: the first).",
)
@click.option(
    "--from",
    "start",
    metavar="DAY",
    help="First day: a number or a date (default: some days before the largest backlog).",
)
@click.option(
    "--days", callback=amount(duration), default=f"{DAYS:g} d", metavar="N", help=f"Number of days ({DAYS:g})."
)
@replication_option
@seed_option
@html_option("File of the page (SCENARIO-film.html).")
@json_option
def command(
    file: ScenarioFile,
    policies: tuple[str, ...],
    start: str | None,
    days: float,
    replication: int,
    seed: int | None,
    html: Path | None,
    as_json: bool,
) -> None:
    """Write a page that animates the queue of the scenario FILE.

    Order lines move between customers, backlog, warehouse and carrier; their colour shows the age and their shape the
    segment. The page plays by itself or step by step, and works offline and on a phone. Two policies serve the same
    customers.
    """
    scenario = file.read(quiet=as_json)
    chosen = policies_of(scenario, policies or list(scenario.policies)[:1])
    if len(chosen) > MOST_LANES:
        raise UserError(f"--policy: {len(chosen)} policies; a film shows one or two")
    path = page_file(html or Path(), f"{slug(scenario.name)}-film")
    check_writable(path, "--html")
    first = day_of("--from", start, scenario)
    seed = scenario.experiment.seed if seed is None else seed
    runs = [simulate(scenario, name, seed, replication) for name in chosen]
    write_file(path, film(runs, scenario.title or scenario.name, first, days).encode(), "--html")
    say(json.dumps({"film": str(path), "policies": chosen}) if as_json else f"Film: {path}")
