"""Run every policy of a scenario and compare them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from simulator.cli.options import (
    cluster_option,
    finding,
    force_option,
    json_option,
    limit_option,
    out_option,
    quiet_option,
    read,
    scenario_file,
    seed_option,
    share,
    workers_at,
    workers_option,
)
from simulator.cli.screen import in_colour, width
from simulator.experiment.results.results import Results
from simulator.experiment.run import run
from simulator.experiment.running.selection import WITHIN
from simulator.report.terminal.exchange import as_csv
from simulator.report.terminal.exchange import as_markdown as as_document
from simulator.report.terminal.scorecard import scorecard
from simulator.report.terminal.selection import chosen as chosen_policy
from simulator.report.text.shown_kpis import Choice, chosen_kpis


@click.command("run")
@scenario_file
@click.option("--policy", "policies", multiple=True, metavar="NAME", help="Only this policy (repeatable; all).")
@click.option("--replications", type=click.IntRange(min=1), metavar="N", help="Independent replications.")
@click.option(
    "--precision",
    callback=share,
    metavar="SHARE",
    help="Replicate until half-widths are within this share of the mean, e.g. '2 %'; at most --replications (1000).",
)
@click.option(
    "--precise", multiple=True, metavar="KPI", help="What --precision is about (repeatable; fill_rate and total_cost)."
)
@click.option(
    "--select",
    metavar="KPI",
    help="Choose the best policy by this KPI: who is clearly behind plays no further; at most --replications (1000).",
)
@click.option("--within", metavar="AMOUNT", help=f"For --select: a difference that does not matter ({WITHIN}).")
@seed_option
@workers_option
@cluster_option
@limit_option
@out_option
@click.option(
    "--keep", type=click.Choice(["orders"]), help="Also save every single order (Parquet; needs the extra `trace`)."
)
@force_option
@click.option("--kpi", "kpis", multiple=True, metavar="NAME", help="Show this KPI (repeatable).")
@click.option("--all", "everything", is_flag=True, help="Show every KPI.")
@json_option
@click.option("--markdown", "as_markdown", is_flag=True, help="Print the scorecard as Markdown.")
@click.option("--csv", "as_comma", is_flag=True, help="Print the scorecard as CSV.")
@click.option(
    "--report/--no-report",
    "with_report",
    default=None,
    help="Write report.html and figures beside the results (yes, but not with --json, --csv or --select).",
)
@quiet_option
def command(
    file: Path,
    settings: tuple[str, ...],
    data: tuple[Path, ...],
    policies: tuple[str, ...],
    replications: int | None,
    precision: float | None,
    precise: tuple[str, ...],
    select: str | None,
    within: str | None,
    seed: int | None,
    workers: int,
    cluster: str | None,
    limit: float | None,
    out: Path,
    keep: str | None,
    force: bool,
    kpis: tuple[str, ...],
    everything: bool,
    as_json: bool,
    as_markdown: bool,
    as_comma: bool,
    with_report: bool | None,
    quiet: bool,
) -> None:
    """Run every policy of the scenario FILE under the same luck and compare them.

    Prints the scorecard: mean ± half-width of each KPI, and the paired difference of each policy to the first. Results
    are saved under --out; a run that was interrupted goes on where it stood.
    """
    if as_json + as_markdown + as_comma > 1:
        raise click.UsageError("one of --json, --markdown and --csv")
    chosen = chosen_kpis(kpis, everything)
    if precise and precision is None:
        raise click.UsageError("--precise names what --precision is about: give both")
    if within and select is None:
        raise click.UsageError("--within says what --select may overlook: give both")
    scenario = read(file, settings, data, quiet)
    with finding(), workers_at(cluster, limit) as executor:
        results = run(
            scenario,
            replications=replications,
            seed=seed,
            workers=workers,
            executor=executor,
            policies=policies or None,
            precision=precision,
            precise=precise,
            select=select,
            within=within or WITHIN,
            out=out,
            progress=not quiet,
            keep_orders=keep == "orders",
            force=force,
        )
    wanted = not (as_json or as_comma or select) if with_report is None else with_report
    written = _report(results) if wanted else None
    if as_json or as_markdown or as_comma:
        click.echo(_for_programs(results, chosen, as_json, as_markdown), nl=not as_comma)
        return
    told = chosen_policy(results, width(), in_colour()) if select else scorecard(results, chosen, width(), in_colour())
    click.echo(told, color=True)
    click.echo(_saved(results, written))


def _for_programs(results: Results, chosen: Choice, as_json: bool, as_markdown: bool) -> str:
    if as_json:
        return json.dumps(results.to_json(), allow_nan=False)
    return as_document(results, chosen) if as_markdown else as_csv(results, chosen)


def _report(results: Results) -> Path | None:
    """Writes the report; what was measured is saved already, so a failure is told and costs nothing else."""
    from simulator.report.page.write import write_report

    try:
        return write_report(results).page
    except Exception as error:  # noqa: BLE001 - whatever it is, the user keeps his results
        click.echo(f"The report could not be written ({error}); the results are saved.", err=True)
        return None


def _saved(results: Results, report: Path | None) -> str:
    lines = [f"Results: {results.folder}"]
    if report is not None:
        lines.append(f"Report: {report}")
    if (target := results.manifest.precision) is not None:
        lines[:0] = list(_precision(target, results.replications))
    return "\n".join(lines)


def _precision(target: Mapping[str, Any], replications: int) -> Iterator[str]:
    asked = f"{target['target'] * 100:.3g} % of the mean"
    if not target["reached"]:
        yield f"The asked precision ({asked}) was not reached within {replications} replications:"
        for miss in target["missed"]:
            width = (
                "has no such interval" if miss["relative"] is None else f"is known to {miss['relative'] * 100:.2g} %"
            )
            yield f"  {miss['kpi']} of {miss['policy']} {width}"
    if target["without"]:
        yield f"No precision can be asked of {', '.join(target['without'])}: no replication has a value."
