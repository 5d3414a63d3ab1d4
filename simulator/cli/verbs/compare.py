"""Compare two saved results and test which differences are significant."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from simulator.cli.options import json_option, newest, xlsx_option
from simulator.cli.screen import show
from simulator.cli.workbook import checked_workbook, written_workbook
from simulator.experiment.results.comparison import compare
from simulator.experiment.results.results import open_results
from simulator.report.terminal.comparison import comparison_card
from simulator.report.text.shown_kpis import keys, select_kpis
from simulator.report.workbook.comparison_book import comparison_book


@click.command("compare")
@click.argument("a", type=click.Path(path_type=Path))
@click.argument("b", type=click.Path(path_type=Path))
@click.option("--kpi", "kpis", multiple=True, metavar="NAME", help="Compare only this KPI (repeatable).")
@click.option("--all", "everything", is_flag=True, help="Compare every KPI, and show those that did not change.")
@xlsx_option
@json_option
def command(a: Path, b: Path, kpis: tuple[str, ...], everything: bool, xlsx: Path | None, as_json: bool) -> None:
    """Compare the results folders A and B: two commits, two scenarios, two settings.

    A folder that contains results will do, for example the one given to `run --out`: the newest results of `run` in it
    are used.

    Shows for each policy that both have whether it behaved identically, which KPIs changed, by how much, and whether
    the change is significant. If both have the same seed, replications are paired.
    """
    checked_workbook(xlsx)
    first, second = open_results(newest(a)), open_results(newest(b))
    chosen = keys(second, select_kpis(kpis, everything))
    found = compare(first, second, chosen, second.confidence)
    plain = {"a": str(a), "b": str(b), **found.to_plain()}
    lines = written_workbook(comparison_book(first, second, found), xlsx)
    show(as_json, lambda: plain, partial(comparison_card, first, second, found, everything), *lines)
