"""Rebuild the tables, figures and page of a saved result."""

from __future__ import annotations

import json
from pathlib import Path

import click

from simulator.cli.options import html_option, json_option, newest, page_file, xlsx_option
from simulator.cli.screen import say
from simulator.cli.workbook import checked_workbook, written_workbook
from simulator.experiment.results.results import open_results, rewrite_tables
from simulator.experiment.storage.files import check_writable, write_file
from simulator.report.page.write import PLOTS, write_report
from simulator.scenario.identity import slug


@click.command("report")
@click.argument("result", type=click.Path(path_type=Path))
@click.option("--png", is_flag=True, help="Also write every figure as PNG, for slides.")
@html_option("Also write the page to this file, to mail or share it (SCENARIO-report.html).")
@xlsx_option
@json_option
def command(result: Path, png: bool, html: Path | None, xlsx: Path | None, as_json: bool) -> None:
    """Rebuild the tables, figures and page of a saved RESULT (the folder that `run` prints).

    Nothing is simulated. RESULT can also be a folder that contains results: the newest of `run` are used.
    """
    checked_workbook(xlsx)
    results = open_results(newest(result), tables=False)
    if html is not None:
        html = page_file(html, f"{slug(results.scenario_name)}-report")
        check_writable(html, "--html")
    rewrite_tables(results)
    written = write_report(results, png)
    if html is not None:
        write_file(html, written.page.read_bytes(), "--html")
    book = written_workbook(results, xlsx)
    plots = written.page.parent / PLOTS
    if as_json:
        asked = {"html": html, "xlsx": xlsx}
        files = {name: str(path) for name, path in asked.items() if path is not None}
        click.echo(json.dumps({"report": str(written.page), "plots": str(plots), "figures": written.plots, **files}))
        return
    say(f"Report: {html or written.page}")
    say(f"Figures: {written.plots} in {plots} ({'SVG, PNG' if png else 'SVG'})")
    for line in book:
        say(line)
