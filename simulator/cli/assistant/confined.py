"""Commands in one folder: no path leads out of it, each ends in time, and results do not grow without bound."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.cli.plugins import VARIABLE
from simulator.foundation.cache import OFF
from simulator.foundation.cache import VARIABLE as CACHE
from simulator.foundation.errors import UserError
from simulator.foundation.signals import TimedOut
from simulator.scenario.tree.examples import example_names

RESULTS = "results"
LARGEST_ANSWER = 200_000
"""Characters; what is longer must be asked for in parts."""
SPARE = 10.0
"""Seconds between the time limit, after which a study stops by itself, and the end of its process."""


@dataclass(frozen=True)
class ConfinedFolder:
    """A folder in which commands run, one process each; plug-ins are never allowed."""

    folder: Path
    seconds: float
    """Time limit of a command."""
    most_bytes: float
    """Largest size of the saved results; above it, nothing more is simulated."""
    workers: int = 1

    def place(self, name: str) -> str:
        """The path of a file or folder, relative to the folder; or the name of an example.

        Raises:
            UserError: it leads out of the folder.
        """
        if name in example_names() and not os.path.lexists(self.folder / name):
            return name
        if not name or "\0" in name:
            raise UserError(f"{name!r}: is not a path in the folder")
        root = self.folder.resolve()
        real = (root / name).resolve()
        if not real.is_relative_to(root):
            raise UserError(f"{name!r}: leads out of the folder; name a file in it, without links to elsewhere")
        return real.relative_to(root).as_posix()

    def ask(self, verb: str, options: Iterable[tuple[str, object]], files: Sequence[str] = ()) -> Any:
        """What a command prints as JSON.

        Args:
            options: option and value; several of one name are repeated, None leaves it out.
            files: paths, as `place` gives them.

        Raises:
            UserError: the command failed; its message. Or the answer is too large.
        """
        return json.loads(self.told(verb, [*options, ("--json", True)], files))

    def told(self, verb: str, options: Iterable[tuple[str, object]], files: Sequence[str] = ()) -> str:
        """What a command prints."""
        words = [word for name, value in options for word in _option(name, value)]
        environment = {key: value for key, value in os.environ.items() if key != VARIABLE}
        environment |= {"PYTHONIOENCODING": "utf-8", CACHE: OFF}
        command = [sys.executable, "-m", "simulator", verb, *words, "--", *files]
        try:
            done = subprocess.run(
                command, cwd=self.folder, env=environment, stdin=subprocess.DEVNULL,
                capture_output=True, encoding="utf-8", timeout=self.seconds + SPARE, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise UserError(f"{verb}: took longer than {self.seconds:g} s and was ended") from None
        if done.returncode == TimedOut.exit_code:
            raise UserError(
                f"{verb}: the time limit of {self.seconds:g} s is over; finished replications are kept: the same call "
                "goes on from there, fewer replications end sooner"
            )
        if done.returncode and not (verb == "validate" and done.stdout):
            raise UserError(done.stderr.strip() or f"{verb}: ended with status {done.returncode}")
        return done.stdout

    def study(self, verb: str, options: Iterable[tuple[str, object]], file: str) -> Any:
        """What a command that simulates prints as JSON; its results are saved in the folder.

        Raises:
            UserError: as for `ask`; or the saved results are too large already.
        """
        saved = self.place(RESULTS)
        used = sum(path.stat().st_size for path in (self.folder / saved).rglob("*") if path.is_file())
        if used > self.most_bytes:
            held, most = used / 1e6, self.most_bytes / 1e6
            raise UserError(
                f"{RESULTS}: holds {held:,.0f} MB, more than {most:,.0f} MB; somebody must remove old results"
            )
        if links := [path for level in ("*", "*/*") for path in (self.folder / saved).glob(level) if path.is_symlink()]:
            raise UserError(f"{links[0].relative_to(self.folder)}: is a link, which could lead out of the folder")
        limits = [("--time-limit", f"{self.seconds:g} s"), ("--workers", self.workers), ("--out", saved)]
        return self.ask(verb, [*options, *limits, ("--quiet", True)], [self.place(file)])


def _option(name: str, value: object) -> list[str]:
    if value is None or value is False:
        return []
    if value is True:
        return [name]
    if isinstance(value, list | tuple):
        return [f"{name}={one}" for one in value]
    return [f"{name}={value}"]


def answered(found: Any) -> str:
    """Plain data as text.

    Raises:
        UserError: it is too large.
    """
    text = json.dumps(found, ensure_ascii=False)
    if len(text) > LARGEST_ANSWER:
        size = f"{len(text):,} characters, more than {LARGEST_ANSWER:,}"
        raise UserError(f"the answer has {size}: name some KPIs or policies")
    return text
