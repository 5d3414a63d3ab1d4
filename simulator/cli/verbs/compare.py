"""Compare two saved results: what moved, is it significant."""

from __future__ import annotations

import json
from pathlib import Path

import click

from simulator.cli.options import json_option
from simulator.cli.screen import in_colour, width
from simulator.experiment.results.comparison import compare
from simulator.experiment.results.results import open_results
from simulator.experiment.storage.manifest import MANIFEST
from simulator.foundation.errors import UserError, some
from simulator.report.terminal.comparison import compared
from simulator.report.text.shown_kpis import chosen_kpis, keys


@click.command("compare")
@click.argument("a", type=click.Path(path_type=Path))
@click.argument("b", type=click.Path(path_type=Path))
@click.option("--kpi", "kpis", multiple=True, metavar="NAME", help="Look at this KPI only (repeatable).")
@click.option("--all", "everything", is_flag=True, help="Look at every KPI, and show those that did not move.")
@json_option
def command(a: Path, b: Path, kpis: tuple[str, ...], everything: bool, as_json: bool) -> None:
    """Compare the results folders A and B: two commits, two scenarios, two settings.

    Above a single results folder, for example what was given to run --out, its path is enough.

    Tells for each policy that both have whether it did the very same, which KPIs moved, by how much, and whether
    that is significant. With one seed replications are paired.
    """
    first, second = open_results(_folder(a)), open_results(_folder(b))
    chosen = keys(second, chosen_kpis(kpis, everything))
    found = compare(first, second, chosen, second.confidence)
    if as_json:
        click.echo(json.dumps({"a": str(a), "b": str(b), **found.to_plain()}, ensure_ascii=False, allow_nan=False))
        return
    click.echo(compared(first, second, found, everything, width(), in_colour()), color=True)


def _folder(path: Path) -> Path:
    """The results folder, or the only one below."""
    if not path.is_dir() or (path / MANIFEST).exists():
        return path
    below = sorted(m.parent for pattern in ("*", "*/*") for m in path.glob(f"{pattern}/{MANIFEST}"))
    if len(below) > 1:
        raise UserError(f"{path}: holds {len(below)} results folders; name one: {some(map(str, below), 5)}")
    return below[0] if below else path
