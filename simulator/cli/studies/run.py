"""Run every policy of a scenario and compare them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click

from simulator.cli.options import html_option, kpis_option, page_file, policies_option, several, share
from simulator.cli.study import StudyRequest, study_command
from simulator.experiment.results.results import Results
from simulator.experiment.run import run
from simulator.experiment.running.selection import WITHIN
from simulator.experiment.storage.files import check_writable, write_file
from simulator.experiment.storage.kept_files import KEPT
from simulator.foundation.errors import short, some, visible
from simulator.report.terminal.scorecard import scorecard_card, scorecard_csv, scorecard_markdown
from simulator.report.terminal.selection import selection_card
from simulator.report.text.shown_kpis import select_kpis
from simulator.scenario.identity import slug


@study_command("run")
@policies_option
@click.option(
    "--precision",
    callback=share,
    metavar="SHARE",
    help="Replicate until half-widths are within this share of the mean, e.g. '2 %'; at most --replications (1000).",
)
@several("--precise", "KPI", "A KPI that --precision applies to (repeatable; fill_rate and operating_cost).")
@click.option(
    "--select",
    metavar="KPI",
    help="Choose the best policy by this KPI and drop clearly inferior ones; at most --replications (1000).",
)
@click.option("--within", metavar="AMOUNT", help=f"For --select: a difference that does not matter ({WITHIN}).")
@click.option(
    "--keep",
    type=click.Choice(KEPT),
    multiple=True,
    help="Also save every order line or every table of facts (Parquet; needs the extra `trace`), or event logs for "
    "process mining (OCEL 2.0 as JSON and XES, or OCEL 2.0 as SQLite); repeatable.",
)
@click.option(
    "--light",
    is_flag=True,
    help="Keep no records of orders: memory does not grow with them; KPIs that need single orders have no value.",
)
@kpis_option
@click.option("--all", "everything", is_flag=True, help="Show every KPI.")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print the scorecard as Markdown.")
@click.option("--csv", "as_comma", is_flag=True, help="Print the scorecard as CSV.")
@click.option(
    "--report/--no-report",
    "with_report",
    default=None,
    help="Write report.html and figures next to the results (default: yes, but not with --json, --csv or --select).",
)
@html_option("Also write the report's page to this file, to mail or share it (SCENARIO-report.html).")
def command(
    request: StudyRequest,
    kpis: tuple[str, ...],
    everything: bool,
    as_markdown: bool,
    as_comma: bool,
    with_report: bool | None,
    html: Path | None,
    **rules: Any,
) -> None:
    """Run every policy of the scenario FILE with common random numbers and compare them.

    Prints the scorecard: mean ± half-width of each KPI, and the paired difference of each policy from the first.
    Results are saved under --out; an interrupted run resumes when the same command is run again.
    """
    if request.as_json + as_markdown + as_comma > 1:
        raise click.UsageError("give only one of --json, --markdown and --csv")
    choice = select_kpis(kpis, everything)
    results, html = _run(request, html, kpis=kpis, **rules)
    select = results.manifest.selection is not None
    wanted = not (request.as_json or as_comma or select) if with_report is None else with_report
    written = _report(results) if wanted or html is not None else None
    if html is not None and written is not None:
        write_file(html, written.read_bytes(), "--html")
        written = html
    book = request.workbook(results)
    if as_markdown or as_comma:
        click.echo(
            scorecard_markdown(results, choice) if as_markdown else scorecard_csv(results, choice), nl=not as_comma
        )
        return
    card = partial(selection_card, results) if select else partial(scorecard_card, results, choice)
    request.show(results.to_json, card, *_saved(results, written), *book)


def _run(
    request: StudyRequest,
    html: Path | None,
    policies: tuple[str, ...],
    keep: tuple[str, ...],
    light: bool,
    **rules: Any,
) -> tuple[Results, Path | None]:
    """The results, and the file of the page, which can be written."""
    if rules["precise"] and rules["precision"] is None:
        raise click.UsageError("--precise has no effect without --precision; give both")
    if rules["within"] and rules["select"] is None:
        raise click.UsageError("--within has no effect without --select; give both")
    if keep and light:
        raise click.UsageError("--keep needs records, which --light does not keep; give only one")
    scenario = request.scenario(light)
    if html is not None:
        html = page_file(html, f"{slug(scenario.name)}-report")
        check_writable(html, "--html")
    if not request.quiet and sys.stderr.isatty():
        names = policies or tuple(scenario.policies)
        doing = f"comparing {some(names)}" if len(names) > 1 else f"policy {names[0]}"
        click.echo(visible(f"{scenario.title or scenario.name}: {doing}"), err=True)
    with request.options() as options:
        rules = {**rules, **options, "within": rules["within"] or WITHIN}
        return run(scenario, request.replications, policies or None, keep=keep, light=light, **rules), html


def _report(results: Results) -> Path | None:
    """Write the report; the results are saved already, so a failure is only reported."""
    from simulator.report.page.write import write_report

    try:
        return write_report(results).page
    except Exception as error:  # noqa: BLE001 - whatever the error, the results are saved
        why = visible(short(str(error) or type(error).__name__))
        click.echo(f"The report could not be written ({why}); the results are saved.", err=True)
        return None


def _saved(results: Results, report: Path | None) -> Iterator[str]:
    """The lines below the scorecard."""
    if (target := results.manifest.precision) is not None:
        yield from _precision(target, results.replications)
    yield f"Results: {results.folder}"
    if report is not None:
        yield f"Report: {report}"


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
