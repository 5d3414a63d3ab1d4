"""Check scenario files and print every problem with its place."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import click

from simulator.cli.completion import scenarios_for
from simulator.cli.options import data_option, json_option, settings_option
from simulator.cli.screen import in_colour, is_terminal, print_card, width
from simulator.foundation.errors import Problem, UserError, listing, visible
from simulator.report.terminal.lines import problems_card
from simulator.scenario.loader import validate


@click.command("validate")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path), shell_complete=scenarios_for
)
@settings_option
@data_option
@json_option
@click.pass_context
def command(
    ctx: click.Context, files: tuple[Path, ...], settings: tuple[str, ...], data: tuple[Path, ...], as_json: bool
) -> None:
    """Check the structure, references and plausibility of scenario files.

    Prints every problem as file:line:column: key: what is wrong (what would be right). The exit status is 2 if a file
    cannot be run.
    """
    found = {str(file): validate(file, settings, data) for file in files}
    if as_json:
        click.echo(json.dumps({"files": [_plain(file, problems) for file, (_, problems) in found.items()]}))
    else:
        for file, (scenario, problems) in found.items():
            if problems:
                _print_problems(problems)
            if scenario is not None:
                counted = f", {len(problems)} warning{'s' * (len(problems) != 1)}" if problems else ""
                said = visible(f"{file}: ok{counted}")
                click.echo(click.style(said, fg="green") if in_colour() else said, color=True)
    if any(scenario is None for scenario, _ in found.values()):
        ctx.exit(UserError.exit_code)


def _print_problems(problems: list[Problem]) -> None:
    """One line per problem; in a terminal, also the line of the file."""
    if not is_terminal():
        click.echo(listing(problems))
        return
    texts = {}
    for file in {p.file for p in problems}:
        with suppress(OSError):
            texts[file] = Path(file).read_text(encoding="utf-8", errors="replace")
    print_card(problems_card(problems, texts, width()))


def _plain(file: str, problems: list[Problem]) -> dict[str, object]:
    return {"file": file, "ok": all(p.warning for p in problems), "problems": [asdict(p) for p in problems]}
