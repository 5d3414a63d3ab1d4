"""Options that several verbs share, so that they read and mean the same everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
from pydantic_core import PydanticCustomError

from simulator.experiment.running.runner import WorkerDied
from simulator.foundation.errors import listing
from simulator.foundation.signals import time_limit
from simulator.foundation.units import duration, fraction
from simulator.scenario.loader import load
from simulator.scenario.schema.schema import Scenario

Function = TypeVar("Function", bound=Callable[..., Any])


def share(ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:
    """Callback of an option that takes a share such as '2 %' or 0.02."""
    try:
        found = None if value is None else fraction(_number_or_text(value))
    except PydanticCustomError as error:
        raise click.BadParameter(str(error), ctx, param) from None
    if found is not None and not 0 < found < 1:
        raise click.BadParameter(f"{value!r} is not a share between 0 and 1: write '2 %' or 0.02", ctx, param)
    return found


def _number_or_text(value: str) -> float | str:
    try:
        return float(value)
    except ValueError:
        return value


def html_option(told: str) -> Callable[[Function], Function]:
    """`--html [FILE]`: without a name the page has one of its own (see `page_file`)."""
    return click.option(
        "--html", type=click.Path(path_type=Path), is_flag=False, flag_value=Path(), metavar="[FILE]", help=told
    )


def page_file(html: Path, name: str) -> Path:
    """Where a page goes: what `--html` says, or NAME.html in this folder."""
    return Path(f"{name}.html") if html == Path() else html


data_option = click.option(
    "--data",
    multiple=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Another folder in which the scenario's data files may lie (repeatable).",
)
settings_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="PATH=VALUE",
    help="Change a key of the scenario, e.g. policies.lean.replenishment.S=20 (repeatable).",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
seed_option = click.option("--seed", type=click.IntRange(min=0), help="Seed of all random streams.")
out_option = click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("results"),
    metavar="DIR",
    help="Where results are saved (results).",
)
force_option = click.option("--force", is_flag=True, help="Start anew, whatever was saved before.")
quiet_option = click.option("--quiet", is_flag=True, help="No progress and no warnings on stderr.")

workers_option = click.option(
    "--workers", type=click.IntRange(min=1), default=1, metavar="N", help="Processes of this machine (1)."
)
cluster_option = click.option(
    "--cluster",
    metavar="ADDRESS",
    help="The workers of a dask scheduler, e.g. tcp://10.0.0.5:8786, in place of --workers.",
)


def _seconds(ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:
    try:
        found = None if value is None else duration(value) * 86400
    except PydanticCustomError as error:
        raise click.BadParameter(str(error), ctx, param) from None
    if found is not None and not 0 < found < 1e9:
        raise click.BadParameter(f"{value!r} is no time to work in: write '10 min' or '8 h'", ctx, param)
    return found


limit_option = click.option(
    "--time-limit",
    "limit",
    callback=_seconds,
    metavar="DURATION",
    help="Stop after so much time, e.g. '10 min' (exit status 124); the same command goes on from there.",
)


@contextmanager
def workers_at(address: str | None, limit: float | None = None) -> Iterator[Executor | None]:
    """The workers of the scheduler at an address, None where there is none; for so many seconds."""
    with time_limit(limit):
        if address is None:
            yield None
            return
        from simulator.experiment.running.cluster import cluster

        with cluster(address) as executor:
            yield executor


@contextmanager
def finding() -> Iterator[None]:
    """A worker that died twice is told in a line."""
    try:
        yield
    except WorkerDied as error:
        raise click.ClickException(str(error)) from None


def scenario_file(function: Function) -> Function:
    """The argument FILE with --set and --data: see `read`."""
    argument = click.argument("file", type=click.Path(path_type=Path))
    return argument(settings_option(data_option(function)))


def read(file: Path, settings: tuple[str, ...], data: tuple[Path, ...], quiet: bool = False) -> Scenario:
    """The scenario; its warnings go to stderr.

    Raises:
        UserError: every fault with its place.
    """
    scenario = load(file, settings, data)
    if scenario.warnings and not quiet:
        click.echo(listing(scenario.warnings), err=True)
    return scenario
