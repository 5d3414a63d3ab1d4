"""Say in words what differs between two scenarios."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from simulator.cli.completion import scenarios_for
from simulator.cli.options import data_option, json_option
from simulator.cli.screen import show
from simulator.report.cards.card import Card, line, notes
from simulator.report.cards.markdown import as_markdown
from simulator.scenario.differences import ScenarioDiff, scenario_diff
from simulator.scenario.loader import load


@click.command("diff")
@click.argument("a", type=click.Path(path_type=Path), shell_complete=scenarios_for)
@click.argument("b", type=click.Path(path_type=Path), shell_complete=scenarios_for)
@data_option
@click.option("--markdown", "as_md", is_flag=True, help="Print the differences as Markdown.")
@json_option
def command(a: Path, b: Path, data: tuple[Path, ...], as_md: bool, as_json: bool) -> None:
    """Say in words what differs from the scenario A to the scenario B, key by key.

    Values are compared, not their notation: 24 h equals 1 d. The order of keys and defaults that are written out do not
    matter either. The last line says whether results can differ.
    """
    found = scenario_diff(load(a, (), data), load(b, (), data))
    if as_md and not as_json:
        click.echo(as_markdown(_card(found, a, b)))
        return
    show(as_json, partial(_plain, found, a, b), partial(_card, found, a, b))


def _plain(found: ScenarioDiff, a: Path, b: Path) -> dict[str, Any]:
    differences = [{"path": d.path, "subject": d.subject, "said": d.said, "matters": d.matters} for d in found.found]
    return {"a": str(a), "b": str(b), "same_results": found.same_results, "differences": differences}


def _card(found: ScenarioDiff, a: Path, b: Path) -> Card:
    said = [str(d) + ("" if d.matters else " (results do not depend on it)") for d in found.found]
    return Card([*notes(said, tone=""), line(), line(found.conclusion)], title=f"From {a} to {b}")
