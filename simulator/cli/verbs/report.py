"""Rebuild the tables, figures and page of a saved result."""

from __future__ import annotations

from pathlib import Path

import click

from simulator.experiment.results.results import open_results, rewrite_tables
from simulator.experiment.storage.manifest import MANIFEST
from simulator.foundation.errors import UserError
from simulator.report.page.write import write_report


@click.command("report")
@click.argument("result", type=click.Path(path_type=Path))
@click.option("--png", is_flag=True, help="Also write every figure as PNG, for slides.")
def command(result: Path, png: bool) -> None:
    """Rebuild the tables, figures and page of a saved RESULT (the folder that `run` prints).

    Nothing is simulated. RESULT can also be a scenario's folder that contains a single result of `run`.
    """
    folder = _folder(result)
    results = open_results(folder, tables=False)
    rewrite_tables(results)
    written = write_report(results, png)
    click.echo(f"Report: {written.page}")
    click.echo(f"Figures: {written.plots} in {written.page.parent / 'plots'} ({'SVG, PNG' if png else 'SVG'})")


def _folder(result: Path) -> Path:
    """The results folder itself, or the only one in a scenario's folder."""
    if (result / MANIFEST).exists() or not result.is_dir():
        return result
    found = sorted(path.parent for path in result.glob(f"run-*/{MANIFEST}"))
    if len(found) > 1:
        raise UserError(f"{result}: contains several results; name one of them: {', '.join(map(str, found))}")
    return found[0] if found else result
