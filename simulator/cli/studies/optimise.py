"""Search for the values of some keys that make a KPI best."""

from __future__ import annotations

import json
from pathlib import Path

import click

from simulator.cli.options import json_option, read, scenario_file, share
from simulator.cli.screen import in_colour, width
from simulator.cli.study import Playing, one_policy_options
from simulator.experiment.studies.optimise import FINALISTS, INDIFFERENCE, MOST_FRESH, TRIALS, optimise
from simulator.experiment.studies.sampler import SAMPLERS
from simulator.report.terminal.search_result import optimum_card


@click.command("optimise")
@scenario_file
@click.option(
    "--vary",
    multiple=True,
    required=True,
    metavar="PATH=VALUES",
    help="A key of the scenario and where to look: low..high or a,b,c (repeatable).",
)
@click.option("--minimise", multiple=True, metavar="KPI", help="A KPI to make small (repeatable).")
@click.option("--maximise", multiple=True, metavar="KPI", help="A KPI to make large (repeatable).")
@click.option(
    "--subject-to",
    multiple=True,
    metavar="BOUND",
    help="What a KPI's mean must keep, e.g. 'fill_rate>=97%' (repeatable).",
)
@click.option("--policy", metavar="NAME", help="Under this policy (the one that the varied keys belong to).")
@click.option("--trials", type=click.IntRange(min=1), default=TRIALS, metavar="N", help=f"Proposals ({TRIALS}).")
@click.option("--sampler", type=click.Choice(SAMPLERS), help="Who proposes (tpe; nsga2 for several goals).")
@click.option(
    "--finalists",
    type=click.IntRange(min=1),
    default=FINALISTS,
    metavar="N",
    help=f"Who is played again ({FINALISTS}).",
)
@click.option(
    "--indifference",
    callback=share,
    default=f"{INDIFFERENCE * 100:g} %",
    metavar="SHARE",
    help=f"A difference that does not matter, of the mean ({INDIFFERENCE * 100:g} %).",
)
@click.option(
    "--most",
    type=click.IntRange(min=2),
    default=MOST_FRESH,
    metavar="N",
    help=f"Fresh replications after which the choice stands undecided ({MOST_FRESH}).",
)
@one_policy_options
@json_option
def command(
    file: Path,
    settings: tuple[str, ...],
    data: tuple[Path, ...],
    vary: tuple[str, ...],
    minimise: tuple[str, ...],
    maximise: tuple[str, ...],
    subject_to: tuple[str, ...],
    policy: str | None,
    trials: int,
    sampler: str | None,
    finalists: int,
    indifference: float,
    most: int,
    playing: Playing,
    as_json: bool,
) -> None:
    """Search the scenario FILE for the values of some keys that make a KPI best.

    Looks widely with few replications, then plays the finalists with fresh luck until the best of them is found with
    the asked confidence. Results are saved under --out; a search that was interrupted goes on where it stood, and
    more --trials extend it.

    \b
    backorder optimise shop.yaml --vary policies.lean.replenishment.s=5..40 --minimise total_cost \\
        --subject-to 'fill_rate>=97%'
    """
    scenario = read(file, settings, data, playing.quiet)
    with playing.workforce() as workforce:
        made = optimise(
            scenario,
            vary,
            minimise,
            maximise,
            subject_to,
            policy,
            trials,
            sampler,
            playing.replications,
            finalists,
            indifference,
            most,
            playing.seed,
            out=playing.out,
            workforce=workforce,
            force=playing.force,
        )
        if as_json:
            click.echo(json.dumps(made.to_json(), allow_nan=False))
            return
        click.echo(optimum_card(made, file, width(), in_colour()), color=True)
        click.echo(f"Results: {made.study.folder}")
