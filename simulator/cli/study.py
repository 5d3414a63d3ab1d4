"""What the verbs that play many points share: their options, and who plays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import NamedTuple

import click

from simulator.cli.options import (
    cluster_option,
    finding,
    force_option,
    limit_option,
    out_option,
    quiet_option,
    seed_option,
    workers_at,
    workers_option,
)
from simulator.experiment.studies.study import Workforce

Command = Callable[..., None]


class Playing(NamedTuple):
    """How points are played, as the options of a study say."""

    seed: int | None
    replications: int | None
    workers: int
    cluster: str | None
    limit: float | None
    out: Path
    force: bool
    quiet: bool

    @contextmanager
    def workforce(self) -> Iterator[Workforce]:
        """Who plays."""
        with finding(), workers_at(self.cluster, self.limit) as executor:
            yield Workforce(self.workers, executor, progress=not self.quiet)


_POLICIES = click.option(
    "--policy", "policies", multiple=True, metavar="NAME", help="Only this policy (repeatable; all)."
)
_PLAYING = (
    click.option("--replications", type=click.IntRange(min=1), metavar="N", help="Replications of each point."),
    workers_option,
    cluster_option,
    limit_option,
    out_option,
    force_option,
    quiet_option,
)


def study_options(function: Command) -> Command:
    """The options of a verb that plays many points under some policies; it is given them as `policies`, `playing`."""
    return _with_options(function, seed_option, _POLICIES, *_PLAYING)


def one_policy_options(function: Command) -> Command:
    """The same but for `--policy`."""
    return _with_options(function, seed_option, *_PLAYING)


def _with_options(function: Command, *options: Callable[[Command], Command]) -> Command:
    @wraps(function)
    def command(**given: object) -> None:
        playing = Playing._make(given.pop(name) for name in Playing._fields)
        function(playing=playing, **given)

    found: Command = command
    for option in reversed(options):
        found = option(found)
    return found
