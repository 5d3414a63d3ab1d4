"""Play a scenario at many points; cost against service, what matters most."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import click

from simulator.cli.options import html_option, json_option, page_file, read, scenario_file
from simulator.cli.screen import in_colour, width
from simulator.cli.study import Playing, study_options
from simulator.experiment.storage.files import make_folder, write_whole
from simulator.experiment.studies.design import DESIGNS, SAMPLES
from simulator.experiment.studies.factorial import MOST_ORDER, Factorial, factorial
from simulator.experiment.studies.sweep import AGAINST, Sweep, sweep
from simulator.report.interactive.play import play
from simulator.report.terminal.study_tables import factorial_card, sweep_card
from simulator.report.text.shown_kpis import chosen_kpis


@click.command("sweep")
@scenario_file
@click.option(
    "--vary",
    multiple=True,
    metavar="PATH=VALUES",
    help="A key of the scenario and its values: a,b,c or low..high (repeatable). Without it the scenario's "
    "`experiment: {factorial: …}` is played.",
)
@click.option("--design", type=click.Choice(DESIGNS), help="Which points (grid; lhs where a key has a range).")
@click.option(
    "--samples",
    type=click.IntRange(min=2),
    default=SAMPLES,
    metavar="N",
    help=f"Points of a sampled design ({SAMPLES}).",
)
@click.option(
    "--against",
    multiple=True,
    metavar="KPI",
    help=f"A KPI of the frontier (repeatable; {' and '.join(AGAINST)}).",
)
@click.option(
    "--interactions",
    type=click.IntRange(min=1),
    default=MOST_ORDER,
    metavar="K",
    help=f"Of a factorial experiment: most factors in an interaction ({MOST_ORDER}).",
)
@study_options
@click.option("--kpi", "kpis", multiple=True, metavar="NAME", help="Show this KPI, too (repeatable).")
@click.option("--all", "everything", is_flag=True, help="Show every point.")
@html_option("Also write a page to play with: sliders for the keys (SCENARIO-play.html).")
@json_option
def command(
    file: Path,
    settings: tuple[str, ...],
    data: tuple[Path, ...],
    vary: tuple[str, ...],
    design: str | None,
    samples: int,
    against: tuple[str, ...],
    interactions: int,
    policies: tuple[str, ...],
    playing: Playing,
    kpis: tuple[str, ...],
    everything: bool,
    html: Path | None,
    as_json: bool,
) -> None:
    """Play the scenario FILE at many points of some of its keys, all under the same luck.

    Prints the points, which of them no other one beats in cost and service, and how much of the spread each key
    accounts for. Results are saved under --out; a sweep that was interrupted goes on where it stood.

    \b
    backorder sweep shop.yaml --vary policies.lean.replenishment.s=10,20,30
    backorder sweep shop.yaml --vary 'suppliers.maker.lead_time.mean=5 d..20 d' --design sobol
    """
    chosen_kpis(kpis)
    scenario = read(file, settings, data, playing.quiet)
    if html is not None:
        html = page_file(html, f"{scenario.name}-play")
        make_folder(html.parent)
    made: Sweep | Factorial
    with playing.workforce() as workforce:
        if vary:
            made = sweep(
                scenario,
                vary,
                design,
                samples,
                playing.replications,
                playing.seed,
                policies or None,
                against or AGAINST,
                out=playing.out,
                workforce=workforce,
                force=playing.force,
            )
        else:
            made = factorial(
                scenario,
                interactions,
                playing.replications,
                playing.seed,
                policies or None,
                out=playing.out,
                workforce=workforce,
                force=playing.force,
            )
    if html is not None:
        write_whole({html: play(made, kpis, _command(file, settings, data)).encode()})
    if as_json:
        click.echo(json.dumps(made.to_json(), allow_nan=False))
        return
    if isinstance(made, Sweep):
        text = sweep_card(made, kpis, everything, width(), in_colour())
    else:
        text = factorial_card(made, [*(against or AGAINST), *kpis], width(), in_colour())
    click.echo(text, color=True)
    click.echo(f"Results: {made.study.folder}")
    if html is not None:
        click.echo(f"The page to play with: {html}")


def _command(file: Path, settings: tuple[str, ...], data: tuple[Path, ...]) -> str:
    """What runs the scenario as it was before any point changed it."""
    words = ["backorder", "run", str(file)]
    for option, values in (("--set", settings), ("--data", data)):
        for value in values:
            words += [option, str(value)]
    return shlex.join(words)
