"""Show when each open order ships, and what it waits for."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from simulator.cli.options import (
    ScenarioFile,
    count_option,
    html_option,
    json_option,
    page_file,
    policies_option,
    renaming,
    scenario_file,
    seed_option,
    workers_option,
    xlsx_option,
)
from simulator.cli.screen import show
from simulator.cli.workbook import checked_workbook, written_workbook
from simulator.experiment.results.backlog_outlook import TABLES
from simulator.experiment.results.tables import csv_pieces
from simulator.experiment.storage.files import check_writable, make_folder, write_file
from simulator.experiment.studies.outlook import REPLICATIONS, outlook
from simulator.report.terminal.outlook import outlook_card
from simulator.report.tracking.outlook import outlook_page
from simulator.scenario.identity import slug


@click.command("outlook", cls=renaming(csv="out"))
@scenario_file
@policies_option
@count_option("--replications", REPLICATIONS, "Number of independent replications")
@seed_option
@workers_option
@click.option(
    "--out",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Also write lines.csv, purchases.csv and items.csv to this folder.",
)
@html_option("Also write a page (SCENARIO-outlook.html).")
@xlsx_option
@json_option
def command(
    file: ScenarioFile,
    policies: tuple[str, ...],
    replications: int,
    seed: int | None,
    workers: int,
    as_json: bool,
    **outputs: Path | None,
) -> None:
    """Show when each open order of the scenario FILE ships, under every policy.

    FILE starts from today's books (`opening`). For each open order line: the purchase that covers it, the days by which
    it ships with a probability of 50 % and of 90 %, the chance to miss its promised day, and the chance that the
    customer cancels first. For each purchase under way: what it holds up. For each item: what is owed.

    \b
    backorder outlook monday-morning --policy in_turn
    backorder outlook monday-morning --html --out outlook --xlsx outlook.xlsx
    """
    html, xlsx, folder = (outputs[name] for name in ("html", "xlsx", "folder"))
    scenario = file.read(quiet=as_json)
    if html is not None:
        html = page_file(html, f"{slug(scenario.name)}-outlook")
        check_writable(html, "--html")
    checked_workbook(xlsx)
    if folder is not None:
        make_folder(folder, "name another place with --out")
    found = outlook(scenario, replications, policies or None, seed=seed, workers=workers)
    lines = []
    if folder is not None:
        for name in TABLES:
            write_file(folder / f"{name}.csv", csv_pieces(*found.table(name)), "--out")
        lines.append(f"Tables: {folder}")
    if html is not None:
        write_file(html, outlook_page(found).encode(), "--html")
        lines.append(f"Page: {html}")
    lines += written_workbook(found, xlsx)
    show(as_json, found.to_plain, partial(outlook_card, found), *lines)
