"""Rebuild the tables, figures and page of a saved result."""

from __future__ import annotations

from pathlib import Path

import click

from simulator.cli.options import newest, xlsx_option
from simulator.cli.screen import say
from simulator.cli.workbook import checked_workbook, written_workbook
from simulator.experiment.results.results import open_results, rewrite_tables
from simulator.report.page.write import write_report


@click.command("report")
@click.argument("result", type=click.Path(path_type=Path))
@click.option("--png", is_flag=True, help="Also write every figure as PNG, for slides.")
@xlsx_option
def command(result: Path, png: bool, xlsx: Path | None) -> None:
    """Rebuild the tables, figures and page of a saved RESULT (the folder that `run` prints).

    Nothing is simulated. RESULT can also be a folder that contains results: the newest of `run` are used.
    """
    checked_workbook(xlsx)
    results = open_results(newest(result), tables=False)
    rewrite_tables(results)
    written = write_report(results, png)
    say(f"Report: {written.page}")
    say(f"Figures: {written.plots} in {written.page.parent / 'plots'} ({'SVG, PNG' if png else 'SVG'})")
    for line in written_workbook(results, xlsx):
        say(line)
