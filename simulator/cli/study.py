"""What the verbs that play many points share: their options, and who plays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from simulator.cli.options import cluster_option, limit_option, workers_at, workers_option
from simulator.experiment.runner import WorkerDied
from simulator.experiment.study import Workforce

Function = TypeVar("Function", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--policy", "policies", multiple=True, metavar="NAME", help="Only this policy (repeatable; all)."),
    click.option("--replications", type=click.IntRange(min=1), metavar="N", help="Replications of each point."),
    workers_option,
    cluster_option,
    limit_option,
    click.option(
        "--out",
        type=click.Path(path_type=Path),
        default=Path("results"),
        metavar="DIR",
        help="Where results are saved (results).",
    ),
    click.option("--force", is_flag=True, help="Start anew, whatever was saved before."),
    click.option("--quiet", is_flag=True, help="No progress and no warnings on stderr."),
)


def study_options(function: Function) -> Function:
    """The options of a verb that plays many points under some policies."""
    return _options_with(function, _OPTIONS)


def one_policy_options(function: Function) -> Function:
    """The same but for `--policy`."""
    return _options_with(function, _OPTIONS[1:])


def _options_with(function: Function, options: Sequence[Callable[[Function], Function]]) -> Function:
    for option in reversed(options):
        function = option(function)
    return function


@contextmanager
def workforce(workers: int, address: str | None, limit: float | None, quiet: bool) -> Iterator[Workforce]:
    """Who plays, as the options say."""
    with workers_at(address, limit) as executor:
        yield Workforce(workers, executor, progress=not quiet)


@contextmanager
def finding() -> Iterator[None]:
    """A worker that died twice is told in a line."""
    try:
        yield
    except WorkerDied as error:
        raise click.ClickException(str(error)) from None
