"""Options that several commands share, so that they read and mean the same everywhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, get_args

import click
from click.shell_completion import CompletionItem
from pydantic_core import PydanticCustomError

from simulator.cli.completion import keys_for, kpis_for, policies_for, scenarios_for
from simulator.experiment.results.saved import newest_run
from simulator.foundation.errors import listing
from simulator.foundation.units import clock_start, duration, fraction, moment, number_or_text
from simulator.kernel.lanes import VARIABLE, Lane
from simulator.scenario.loader import load
from simulator.scenario.schema.schema import Scenario

Function = TypeVar("Function", bound=Callable[..., Any])
Callback = Callable[[click.Context, click.Parameter, str | None], float | None]
Completion = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def amount(read: Callable[[object], float]) -> Callback:
    """Callback of an option that takes an amount with a unit, read by a function of `foundation.units`."""

    def callback(ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:
        try:
            return None if value is None else read(number_or_text(value))
        except PydanticCustomError as error:
            raise click.BadParameter(str(error), ctx, param) from None

    return callback


def day_of(option: str, text: str | None, scenario: Scenario) -> float | None:
    """The day that an option names: a number, a duration since the start, or a date if the scenario has `clock.start`.

    Raises:
        click.BadParameter: the text is not a number, a duration or a date.
    """
    if text is None:
        return None
    with clock_start(scenario.clock.start):
        try:
            return moment(number_or_text(text))
        except PydanticCustomError as error:
            raise click.BadParameter(str(error), param_hint=f"'{option}'") from None


def share(ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:
    """Callback of an option that takes a share such as '2 %' or 0.02."""
    found = amount(fraction)(ctx, param, value)
    if found is not None and not 0 < found < 1:
        raise click.BadParameter(f"{value!r} is not a share between 0 and 1: write '2 %' or 0.02", ctx, param)
    return found


def seconds(ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:
    """Callback of an option that takes a span of real time such as '10 min'; seconds."""
    days = amount(duration)(ctx, param, value)
    if days is not None and not 0 < days * 86400 < 1e9:
        raise click.BadParameter(f"{value!r}: expected a positive duration such as '10 min' or '8 h'", ctx, param)
    return None if days is None else days * 86400


def size(ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:
    """Callback of an option that takes an amount of memory such as '8 GB'; bytes."""
    if value is None:
        return None
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kMGT])i?B\s*", value[:40])
    if match is None or not float(match[1]):
        raise click.BadParameter(f"{value[:40]!r} is not an amount of memory: write '8 GB' or '500 MB'", ctx, param)
    return float(match[1]) * 1000.0 ** (1 + "kMGT".index(match[2]))


def count_option(name: str, default: int, text: str, fewest: int = 1) -> Callable[[Function], Function]:
    """An option that takes a whole number; its help ends with the default."""
    return click.option(
        name, type=click.IntRange(min=fewest), default=default, metavar="N", help=f"{text} ({default})."
    )


def several(
    name: str, metavar: str, text: str, variable: str | None = None, completion: Completion | None = None
) -> Callable[[Function], Function]:
    """An option that may be repeated; `completion` says what the shell offers."""
    names = (name,) if variable is None else (name, variable)
    return click.option(*names, multiple=True, metavar=metavar, help=text, shell_complete=completion)


def html_option(text: str) -> Callable[[Function], Function]:
    """`--html [FILE]`: the file name is optional (see `page_file`)."""
    return click.option(
        "--html", type=click.Path(path_type=Path), is_flag=False, flag_value=Path(), metavar="[FILE]", help=text
    )


def renaming(**names: str) -> type[click.Command]:
    """A command that still takes options by their former names, and says how they are called now.

    `renaming(out="html")`: `--out FILE` is read as `--html FILE`.
    """

    class Renaming(click.Command):
        """A command with former names of options."""

        def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
            ends = args.index("--") if "--" in args else len(args)
            for place, word in enumerate(args[:ends]):
                option, equals, value = word.partition("=")
                if option.startswith("--") and (new := names.get(option[2:])):
                    args[place] = f"--{new}{equals}{value}"
                    click.echo(f"{option} is now called --{new}; the former name will be removed.", err=True)
            return super().parse_args(ctx, args)

    return Renaming


def page_file(html: Path, name: str) -> Path:
    """The file of a page: the one that `--html` names, or NAME.html in the working directory."""
    return Path(f"{name}.html") if html == Path() else html


def xlsx_option(function: Function) -> Function:
    """`--xlsx FILE`: also write a workbook (see `cli.workbook`)."""
    return click.option(
        "--xlsx",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Also write a workbook for spreadsheets, one sheet a table (needs the extra `xlsx`).",
    )(function)


def newest(folder: Path) -> Path:
    """The results folder itself, or the newest results of `run` in a folder; stderr names them if there are several."""
    found, count = newest_run(folder)
    if count > 1:
        click.echo(
            f"{folder}: {count} results, using the newest: {found} (`backorder results {folder}` lists all)", err=True
        )
    return found


data_option = click.option(
    "--data",
    multiple=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Another folder that may hold the scenario's data files (repeatable).",
)
settings_option = several(
    "--set",
    "PATH=VALUE",
    "Change a key of the scenario, e.g. policies.lean.replenishment.S=20 (repeatable).",
    "settings",
    keys_for,
)
policies_option = several("--policy", "NAME", "Only this policy (repeatable; default: all).", "policies", policies_for)
kpis_option = several("--kpi", "NAME", "Show this KPI (repeatable).", "kpis", kpis_for)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
seed_option = click.option("--seed", type=click.IntRange(min=0), metavar="N", help="Seed of all random streams.")
replication_option = click.option(
    "--replication", type=click.IntRange(min=0), default=0, metavar="K", help="Number of the replication (0)."
)
workers_option = count_option("--workers", 1, "Number of local processes")
lane_option = click.option(
    "--lane",
    type=click.Choice(get_args(Lane)),
    default="auto",
    envvar=VARIABLE,
    help="Who plays: the compiled kernel or SimPy (auto: the kernel wherever it can). Results do not depend on it.",
)
quiet_option = click.option("--quiet", is_flag=True, help="No progress and no warnings on stderr.")


@dataclass(frozen=True)
class ScenarioFile:
    """A scenario file with the changes and data folders that the command line gives."""

    path: Path
    settings: tuple[str, ...]
    data: tuple[Path, ...]

    def read(self, quiet: bool = False) -> Scenario:
        """The scenario; its warnings go to stderr unless `quiet`.

        Raises:
            UserError: every fault with its place.
        """
        scenario = load(self.path, self.settings, self.data)
        if scenario.warnings and not quiet:
            click.echo(listing(scenario.warnings), err=True)
        return scenario


def scenario_file(function: Callable[..., None]) -> Callable[..., None]:
    """The argument FILE with --set and --data, handed over as the first argument, a `ScenarioFile`."""

    @wraps(function)
    def command(file: Path, settings: tuple[str, ...], data: tuple[Path, ...], **given: Any) -> None:
        function(ScenarioFile(file, settings, data), **given)

    argument = click.argument("file", type=click.Path(path_type=Path), shell_complete=scenarios_for)
    return argument(settings_option(data_option(command)))
