"""`backorder validate FILE…`: every problem of scenario files, each with its place."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from simulator.cli.options import data_option, json_option, settings_option
from simulator.foundation.errors import Problem, UserError, listing
from simulator.scenario.loader import validate


@click.command("validate")
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path))
@settings_option
@data_option
@json_option
@click.pass_context
def command(
    ctx: click.Context, files: tuple[Path, ...], settings: tuple[str, ...], data: tuple[Path, ...], as_json: bool
) -> None:
    """Check scenario files: shape, references and sense.

    Prints every problem as file:line:column: key: what is wrong (what would be right), and leaves with 2 where a file
    cannot be run.
    """
    found = {str(file): validate(file, settings, data) for file in files}
    if as_json:
        click.echo(json.dumps({"files": [_plain(file, problems) for file, (_, problems) in found.items()]}))
    else:
        for file, (scenario, problems) in found.items():
            if problems:
                click.echo(listing(problems))
            if scenario is not None:
                click.echo(f"{file}: ok{_counted(problems)}")
    if any(scenario is None for scenario, _ in found.values()):
        ctx.exit(UserError.exit_code)


def _plain(file: str, problems: list[Problem]) -> dict[str, object]:
    return {"file": file, "ok": all(p.warning for p in problems), "problems": [asdict(p) for p in problems]}


def _counted(warnings: list[Problem]) -> str:
    return f", {len(warnings)} warning{'s' * (len(warnings) != 1)}" if warnings else ""
