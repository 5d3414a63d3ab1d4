"""What the verbs that play many points share: their options, and who plays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from simulator.experiment.runner import WorkerDied
from simulator.experiment.study import Workforce

Function = TypeVar("Function", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--policy", "policies", multiple=True, metavar="NAME", help="Only this policy (repeatable; all)."),
    click.option("--replications", type=click.IntRange(min=1), metavar="N", help="Replications of each point."),
    click.option("--workers", type=click.IntRange(min=1), default=1, metavar="N", help="Processes (1)."),
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
    """The options of every verb that plays points."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


@contextmanager
def workforce(workers: int, quiet: bool) -> Iterator[Workforce]:
    """Who plays, as the options say."""
    yield Workforce(workers, progress=not quiet)


@contextmanager
def finding() -> Iterator[None]:
    """A worker that died twice is told in a line."""
    try:
        yield
    except WorkerDied as error:
        raise click.ClickException(str(error)) from None
