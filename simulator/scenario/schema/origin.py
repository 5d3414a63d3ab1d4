"""Where a scenario came from: its keys as given, its folders, tables, digests and warnings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from simulator.foundation.errors import Problem
from simulator.foundation.tables.frames import FrameTable
from simulator.scenario.tree.nodes import dump


@dataclass(frozen=True, eq=False)
class Origin:
    """Where a scenario came from, with all that is needed to read it again. It does not affect equality."""

    data: Any = None
    """Keys and values of the file, with parents and overrides merged in."""
    folder: Path | None = None
    """Folder that paths of data files are relative to."""
    more_folders: tuple[Path, ...] = ()
    """Other folders that may contain data files."""
    digests: dict[str, str] = field(default_factory=dict)
    """SHA-256 by data file."""
    warnings: tuple[Problem, ...] = ()
    """Warnings: odd things that do not prevent a run."""
    read: Callable[[Origin, Mapping[str, Any]], Any] | None = None
    """Reads the scenario again with changes of {path: value}; set by the loader."""
    tables: Mapping[str, FrameTable] = field(default_factory=dict)
    """Tables in memory that take the place of files."""

    @cached_property
    def text(self) -> str:
        """The data as one YAML text."""
        return dump(self.data)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Origin)

    def __hash__(self) -> int:
        return hash(Origin)
