"""List saved results, newest first, with what changed."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from simulator.cli.options import json_option
from simulator.cli.screen import show
from simulator.experiment.results.saved import saved_results
from simulator.report.terminal.saved import saved_card


@click.command("results")
@click.argument("folder", type=click.Path(path_type=Path), default=Path("results"), required=False)
@json_option
def command(folder: Path, as_json: bool) -> None:
    """List the results that are saved in FOLDER (results), newest first.

    Each is compared with the next older results of the same scenario and command: changed keys of the scenario, seed,
    policies, replications and code. `report` and `compare` use the newest of a folder.
    """
    found = saved_results(folder)
    show(as_json, lambda: [result.to_plain() for result in found], partial(saved_card, found, folder))
