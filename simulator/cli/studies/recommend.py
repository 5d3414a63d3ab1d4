"""Say for which items backorders are worth taking."""

from __future__ import annotations

import json
from pathlib import Path

import click

from simulator.cli.options import json_option, read, scenario_file
from simulator.cli.screen import in_colour, width
from simulator.cli.study import Playing, one_policy_options
from simulator.experiment.studies.recommend import recommend
from simulator.report.terminal.advice import advice_card


@click.command("recommend")
@scenario_file
@click.option("--policy", metavar="NAME", help="The policy whose acceptance is asked about (the first).")
@click.option("--item", "items", multiple=True, metavar="NAME", help="Only this item (repeatable; all).")
@click.option("--maximise", "kpi", default="contribution", metavar="KPI", help="What is to be large (contribution).")
@one_policy_options
@json_option
def command(
    file: Path,
    settings: tuple[str, ...],
    data: tuple[Path, ...],
    policy: str | None,
    items: tuple[str, ...],
    kpi: str,
    playing: Playing,
    as_json: bool,
) -> None:
    """Say, item by item, whether the scenario FILE gains by taking backorders.

    Each item is judged by paired runs with its backorders taken and refused, all else as it is; a verdict counts as one
    of many. Prints an `acceptance:` to paste, and what following it brings. An interrupted run goes on where it stood.
    """
    scenario = read(file, settings, data, playing.quiet)
    with playing.workforce() as workforce:
        made = recommend(
            scenario, policy, items, kpi, playing.replications, playing.seed, playing.out, workforce, playing.force
        )
    if as_json:
        click.echo(json.dumps(made.to_json(), allow_nan=False))
        return
    click.echo(advice_card(made, width(), in_colour()), color=True)
    if made.study.folder is not None:
        click.echo(f"Results: {made.study.folder}")
