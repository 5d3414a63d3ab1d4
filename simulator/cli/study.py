"""Commands that run replications: one decorator gives all of them the same options."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import Any

import click

from simulator.cli.completion import scenarios_for
from simulator.cli.options import (
    ScenarioFile,
    data_option,
    json_option,
    lane_option,
    quiet_option,
    seconds,
    seed_option,
    settings_option,
    size,
    workers_option,
    xlsx_option,
)
from simulator.cli.screen import show
from simulator.cli.workbook import checked_workbook, written_workbook
from simulator.experiment.arguments import StudyOptions
from simulator.experiment.running.memory import check_memory
from simulator.experiment.storage.lock import FolderInUse
from simulator.foundation.signals import TimedOut, time_limit
from simulator.kernel.lanes import Lane
from simulator.report.cards.card import Card
from simulator.scenario.schema.schema import Scenario

Command = Callable[..., None]
LOOK_AGAIN = 1.0
"""Seconds between two attempts to write to a folder in use."""


@dataclass(frozen=True)
class StudyRequest:
    """The scenario files and the options of a study, as the command line gives them."""

    files: tuple[Path, ...]
    settings: tuple[str, ...]
    data: tuple[Path, ...]
    replications: int | None
    seed: int | None
    workers: int
    memory: float | None
    cluster: str | None
    lane: Lane
    limit: float | None
    out: Path
    force: bool
    wait: bool
    as_json: bool
    quiet: bool
    xlsx: Path | None

    def scenarios(self, light: bool = False) -> list[Scenario]:
        """The scenarios, with --set and --data; their warnings go to stderr. `light`: no records are kept.

        Raises:
            UserError: every fault with its place, a scenario that would not fit into memory, or a workbook that cannot
                be written.
        """
        checked_workbook(self.xlsx)
        found = [ScenarioFile(file, self.settings, self.data).read(self.quiet) for file in self.files]
        for scenario in (
            found if self.cluster is None and not light else ()
        ):  # the workers of a cluster have memory of their own
            check_memory(scenario, self.workers, self.memory)
        return found

    def scenario(self, light: bool = False) -> Scenario:
        """The scenario of a command that takes a single file; `light`: no records are kept."""
        (scenario,) = self.scenarios(light)
        return scenario

    @contextmanager
    def options(self) -> Iterator[StudyOptions]:
        """The options of the study; inside the block the cluster is connected and the time limit runs."""
        options = StudyOptions(
            seed=self.seed,
            workers=self.workers,
            lane=self.lane,
            out=self.out,
            force=self.force,
            progress=not self.quiet,
        )
        with time_limit(self.limit):
            if self.cluster is None:
                yield options
                return
            from simulator.experiment.running.cluster import cluster

            with cluster(self.cluster) as executor:
                yield {**options, "executor": executor}

    def workbook(self, made: Any) -> list[str]:
        """Write the workbook of an outcome, if one was asked for; the lines that name it."""
        return written_workbook(made, self.xlsx)

    def show(self, plain: Callable[[], Any], card: Callable[[], Card], *lines: str) -> None:
        """Print the outcome as JSON or as a card, see `screen.show`."""
        show(self.as_json, plain, card, *lines)


_FILE = click.argument("files", nargs=1, metavar="FILE", type=click.Path(path_type=Path), shell_complete=scenarios_for)
_FILES = click.argument(
    "files", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path), shell_complete=scenarios_for
)
_OPTIONS = (
    seed_option,
    workers_option,
    click.option(
        "--cluster",
        metavar="ADDRESS",
        help="Use the workers of a dask scheduler, e.g. tcp://10.0.0.5:8786, instead of --workers.",
    ),
    lane_option,
    click.option(
        "--memory",
        callback=size,
        metavar="SIZE",
        help="Refuse a scenario that would need more memory, e.g. '8 GB' (80 % of the machine's).",
    ),
    click.option(
        "--time-limit",
        "limit",
        callback=seconds,
        metavar="DURATION",
        help="Stop after this time, e.g. '10 min' (exit status 124); the same command resumes from there.",
    ),
    click.option(
        "--out",
        type=click.Path(path_type=Path),
        default=Path("results"),
        metavar="DIR",
        help="Folder in which results are saved (results).",
    ),
    click.option(
        "--wait", is_flag=True, help="Wait until no other process writes to the results folder (else: exit status 75)."
    ),
    xlsx_option,
    click.option("--force", is_flag=True, help="Start over and discard earlier results of the same command."),
    json_option,
    quiet_option,
)


def study_command(name: str, *, many_files: bool = False, fewest: int = 1) -> Callable[[Command], click.Command]:
    """Make a function the command `name` on a scenario FILE (or on many), with the options of every study.

    The function is called with a `StudyRequest` and with the options that it declares itself. `fewest` is the smallest
    number of replications.
    """
    replications = click.option(
        "--replications", type=click.IntRange(min=fewest), metavar="N", help="Number of independent replications."
    )

    def decorate(function: Command) -> click.Command:
        @wraps(function)
        def command(**given: Any) -> None:
            request = {field.name: given.pop(field.name) for field in fields(StudyRequest)}
            if not many_files:
                request["files"] = (request["files"],)
            asked = StudyRequest(**request)
            _when_free(asked, lambda: function(asked, **given))

        made = click.command(name)(command)  # with the command's own options; the common ones follow them in --help
        for option in (_FILES if many_files else _FILE, settings_option, data_option, replications, *_OPTIONS):
            option(made)
        return made

    return decorate


def _when_free(request: StudyRequest, study: Callable[[], None]) -> None:
    """Run the study; with `--wait`, again and again while another process writes to its results folder."""
    started, told = time.monotonic(), False
    while True:
        try:
            study()
            return
        except FolderInUse as busy:
            if not request.wait:
                raise
            if request.limit is not None and time.monotonic() - started > request.limit:
                raise TimedOut from None
            if not told and not request.quiet:
                click.echo(f"Waiting: {busy}", err=True)
            told = True
            time.sleep(LOOK_AGAIN)
