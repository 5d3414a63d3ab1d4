"""Show the KPIs of single items of saved results, the worst items first."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from simulator.cli.options import json_option, newest, policies_option, several, xlsx_option
from simulator.cli.screen import show
from simulator.cli.workbook import checked_workbook, written_workbook
from simulator.experiment.results.items import HEADER
from simulator.experiment.results.results import open_results
from simulator.experiment.results.tables import csv_pieces
from simulator.experiment.storage.files import check_writable, write_file
from simulator.report.cards.item_tables import SHOWN
from simulator.report.terminal.items import items_card


@click.command("items")
@click.argument("result", type=click.Path(path_type=Path))
@policies_option
@click.option(
    "--sort",
    default="backorder_days",
    metavar="KPI",
    help="Sort by this KPI, the worst items first (backorder_days).",
)
@click.option("--top", type=click.IntRange(min=0), default=10, metavar="N", help="Show N items; 0 shows all (10).")
@several("--kpi", "KPI", "Show this KPI (repeatable; default: the main ones).", "kpis")
@click.option(
    "--csv", "file", type=click.Path(path_type=Path), metavar="FILE", help="Also write every KPI of every item."
)
@xlsx_option
@json_option
def command(
    result: Path,
    policies: tuple[str, ...],
    sort: str,
    top: int,
    kpis: tuple[str, ...],
    file: Path | None,
    xlsx: Path | None,
    as_json: bool,
) -> None:
    """Show which items of the results folder RESULT are short, wait longest or earn least.

    A folder that contains results will do: the newest results of `run` in it are used. KPIs can be named without
    `_by_item`; `backorder list kpi` shows all.

    \b
    backorder items results --sort lost_margin --top 20
    backorder items results --policy lean --kpi fill_rate --kpi turns --csv items.csv
    """
    if file is not None:
        check_writable(file, "--csv")
    checked_workbook(xlsx)
    results = open_results(newest(result))
    table = results.items()
    by = table.key(sort)
    shown = tuple(dict.fromkeys(map(table.key, kpis or SHOWN)))
    if by not in shown:
        shown = (by, *shown)
    chosen = tuple(map(table.policy, policies)) or table.policies
    if file is not None:
        write_file(file, csv_pieces(HEADER, table.rows(chosen)), "--csv")

    def plain() -> dict[str, object]:
        worst = {policy: table.worst(policy, by, top or None) for policy in chosen}
        rows = {p: [table.to_plain(p, item, shown) for item in found] for p, found in worst.items()}
        return {"sorted_by": by, "replications": table.replications, "policies": rows}

    lines = [] if file is None else [f"Items: {file}"]
    lines += written_workbook(results, xlsx)
    show(as_json, plain, partial(items_card, results, table, chosen, by, shown, top or len(table.items)), *lines)
