"""Hold scenarios to their expectations and baselines."""

from __future__ import annotations

import json
from pathlib import Path

import click

from simulator.cli.options import data_option, finding, json_option, quiet_option, read, seed_option, settings_option
from simulator.cli.screen import in_colour, width
from simulator.experiment.results.baseline import baseline_file
from simulator.experiment.results.check import Checked, checked
from simulator.experiment.run import run
from simulator.experiment.storage.files import make_folder, write_whole
from simulator.report.terminal.comparison import checks
from simulator.report.terminal.junit import junit
from simulator.report.text.shown_kpis import chosen_kpis

BASELINES = Path("results") / "baselines"


@click.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path))
@settings_option
@data_option
@click.option("--replications", type=click.IntRange(min=2), metavar="N", help="Independent replications.")
@seed_option
@click.option("--workers", type=click.IntRange(min=1), default=1, metavar="N", help="Processes (1).")
@click.option("--out", type=click.Path(path_type=Path), default=Path("results"), metavar="DIR", help="As for run.")
@click.option(
    "--baselines",
    type=click.Path(path_type=Path),
    default=BASELINES,
    metavar="DIR",
    help=f"Where baselines lie, as DIR/<scenario>.json ({BASELINES}).",
)
@click.option("--update", is_flag=True, help="Write the baselines anew; review the diff.")
@click.option("--junit", "report", type=click.Path(path_type=Path), metavar="FILE", help="Also write JUnit XML.")
@json_option
@quiet_option
@click.pass_context
def command(
    ctx: click.Context,
    files: tuple[Path, ...],
    settings: tuple[str, ...],
    data: tuple[Path, ...],
    replications: int | None,
    seed: int | None,
    workers: int,
    out: Path,
    baselines: Path,
    update: bool,
    report: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Run the scenarios FILE… and hold them to their `expect:` blocks and their baselines.

    An expectation holds when the whole interval is on the right side. Against the baseline it tells what moved and
    whether that is significant. Leaves with 1 when an expectation does not hold, something moved significantly, or a
    scenario has neither expectations nor a baseline.
    """
    scenarios = [read(file, settings, data, quiet) for file in files]
    found: list[Checked] = []
    for scenario in scenarios:
        with finding():
            results = run(scenario, replications, seed, workers, out=out, progress=not quiet)
        path = baseline_file(baselines, scenario.name)
        found.append(checked(scenario, results, path, chosen_kpis().names, update))
    if report is not None:
        make_folder(report.parent)
        write_whole({report: junit(found)})
    if as_json:
        told = {"passed": all(c.passed for c in found), "scenarios": [c.to_plain() for c in found]}
        click.echo(json.dumps(told, ensure_ascii=False, allow_nan=False))
    else:
        click.echo(checks(found, width(), in_colour()), color=True)
    if not all(c.passed for c in found):
        ctx.exit(1)
