"""Where scenarios come from: the file of the command line, shipped examples by name, a text dropped onto the page."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from simulator.experiment.running.memory import check_memory
from simulator.lab.server.answers import Refused
from simulator.scenario.loader import load, load_text
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.size import expected_size
from simulator.scenario.tree.examples import example_file, example_names, example_title

MOST_TEXTS = 32
"""Dropped texts that are kept; the oldest ones are forgotten."""
LONGEST_TEXT = 500_000
"""Characters of a dropped text."""
MOST_ORDERS = 2_000_000
"""Expected orders of a replication; more would not answer at once."""
MOST_MEMORY = 2e9
"""Bytes that a replication may need."""
FILE = "file"
"""The identifier of the file of the command line."""


@dataclass(frozen=True)
class ScenarioSource:
    """A scenario that pages can open: by its identifier, never by a path."""

    id: str
    path: Path | None = None
    text: str = ""
    settings: tuple[str, ...] = ()
    data: tuple[Path, ...] = ()

    def load(self) -> Scenario:
        """The scenario.

        Raises:
            UserError: every fault with its place, or the scenario is too large to answer at once.
        """
        if self.path is None:
            found = load_text(self.text, file="the dropped file")  # without a folder: it can read no file
        else:
            found = load(self.path, self.settings, self.data)
        size = expected_size(found)
        if size.orders > MOST_ORDERS:
            raise Refused(
                422,
                f"{found.name[:60]}: about {size.orders:.2g} orders in a replication; the lab plays at most "
                f"{MOST_ORDERS:,}. Shorten clock.horizon, or use `backorder run`.",
            )
        check_memory(found, 1, MOST_MEMORY)
        return found

    @property
    def changed(self) -> int:
        """When the file was changed last, in nanoseconds; 0 for a text."""
        try:
            return 0 if self.path is None else self.path.stat().st_mtime_ns
        except OSError:
            return 0

    @property
    def words(self) -> list[str]:
        """How the command line names it: the file, and its options."""
        known = self.id != FILE and self.path is not None
        found = [self.id if known else "FILE.yaml" if self.path is None else shown_path(self.path)]
        for option, values in (("--set", self.settings), ("--data", self.data)):
            for value in values:
                found += [option, str(value)]
        return found


def shown_path(path: Path) -> str:
    """The path from the working directory, if it is not longer."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive
        return str(path)
    return relative if len(relative) <= len(str(path)) else str(path)


def example(name: str) -> ScenarioSource:
    """The source of an example."""
    return ScenarioSource(name, example_file(name))


class OpenScenarios:
    """The scenarios that a server can open, by identifier."""

    def __init__(self, first: ScenarioSource | None = None) -> None:
        self.first = first
        self.examples = {name: example_title(name) for name in example_names()}
        """Titles by name."""
        self._texts: dict[str, ScenarioSource] = {}

    def source(self, identifier: object) -> ScenarioSource:
        """The source with an identifier.

        Raises:
            Refused: no source has this identifier.
        """
        if self.first is not None and identifier == self.first.id:
            return self.first
        if isinstance(identifier, str):
            if identifier in self._texts:
                return self._texts[identifier]
            if identifier in self.examples:
                return example(identifier)
        raise Refused(404, "There is no such scenario; open it again.")

    def dropped(self, text: object) -> ScenarioSource:
        """A source for a text that was dropped onto the page.

        Raises:
            Refused: it is not a text, or too long.
        """
        if not isinstance(text, str) or not text.strip():
            raise Refused(422, "The file is empty.")
        if len(text) > LONGEST_TEXT:
            raise Refused(413, f"The file is too long: at most {LONGEST_TEXT:,} characters.")
        name = f"text-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"
        self._texts.pop(name, None)
        self._texts[name] = ScenarioSource(name, text=text)
        while len(self._texts) > MOST_TEXTS:
            del self._texts[next(iter(self._texts))]
        return self._texts[name]
