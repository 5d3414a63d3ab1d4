"""Find the distribution of recorded values, and print it for a scenario."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click
import numpy as np
from pydantic_core import PydanticCustomError

from simulator.cli.options import html_option, json_option, page_file
from simulator.cli.screen import show
from simulator.experiment.fitting.fit import Fit, fit
from simulator.experiment.fitting.sample import ROUNDINGS
from simulator.experiment.storage.files import check_writable, write_file
from simulator.foundation.datafiles import DataFiles
from simulator.foundation.errors import UserError, some
from simulator.report.fitting.page import fit_page
from simulator.report.terminal.fitting import fit_card
from simulator.scenario.identity import slug


@click.command("fit")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE")
@click.option("--column", required=True, metavar="NAME", help="Column of values: durations, quantities or shares.")
@click.option("--sheet", metavar="NAME", help="Sheet of a workbook.")
@click.option("--where", multiple=True, metavar="COLUMN=TEXT", help="Only rows with this text (repeatable).")
@click.option(
    "--open",
    "open_column",
    metavar="NAME",
    help="Column of 1 where the value is a lower bound: what has not ended yet.",
)
@click.option(
    "--rounded",
    type=click.Choice(ROUNDINGS),
    default="auto",
    help="How values were rounded to whole ones (auto: to the nearest, if all are whole).",
)
@click.option("--by", type=click.Choice(["aic", "bic"]), default="aic", help="Rank by this criterion (aic).")
@html_option("Also write a page with a Q-Q plot (COLUMN-fit.html).")
@json_option
def command(file: Path, column: str, html: Path | None, as_json: bool, **how: Any) -> None:
    """Rank the distributions that a column of the table FILE may come from, by maximum likelihood.

    FILE is CSV, Parquet or a workbook. The best distribution is printed as a scenario has it. Rounded values count with
    the probability of their intervals, so that laws of counts and of durations compare. Needs the extra `optimise`
    (scipy).

    \b
    backorder fit deliveries.csv --column lead_days --html fit.html
    backorder fit purchases.xlsx --sheet Received --column days --where supplier=pottery --open not_arrived
    """
    if html is not None:
        html = page_file(html, f"{slug(column)}-fit")
        check_writable(html, "--html")
    try:
        found = _fit(file, column, **how)
    except PydanticCustomError as error:
        raise UserError(str(error)) from None
    lines = [f"  {found.best.yaml}"]
    if html is not None:
        write_file(html, fit_page(found).encode(), "--html")
        lines.append(f"Page: {html}")
    show(as_json, found.to_plain, partial(fit_card, found), *lines)


def _fit(
    file: Path, column: str, sheet: str | None, where: tuple[str, ...], open_column: str | None, rounded: str, by: str
) -> Fit:
    """The fit to the rows that are asked for.

    Raises:
        PydanticCustomError: the file or a cell cannot be read.
        UserError: no row is left, or the values cannot be fitted.
    """
    files = DataFiles(file.parent)
    name = file.name
    cells = files.column(name, column, sheet)
    keep = np.ones(len(cells.cells), dtype=bool)
    for condition in where:
        key, equals, text = condition.partition("=")
        if not equals:
            raise UserError(f"--where {condition!r}: expected COLUMN=TEXT")
        there = files.column(name, key, sheet).cells
        keep &= np.array([cell.strip() == text.strip() for cell in there])
        if not keep.any():
            raise UserError(f"--where {condition}: no row is left; {key!r} has {some(sorted(set(there)))}")
    filled = cells.filled()
    kept = keep & filled
    if not kept.any():
        raise UserError(f"{cells.file}: column {column!r} has no values")
    values = cells.numbers(blank=0.0)
    if (bad := np.flatnonzero(kept & (values < 0))).size:
        raise cells.wrong(int(bad[0]), f"{values[bad[0]]:g} is below 0; values are at least 0", bad.size - 1)
    marks = None
    if open_column is not None:
        marks = (files.column(name, open_column, sheet).whole(0, blank=0) > 0)[kept].tolist()
    return fit(values[kept], rounded=rounded, is_open=marks, by=by, label=column)  # type: ignore[arg-type]
