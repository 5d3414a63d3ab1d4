"""Files that hold one replication each, of its series or of its items: where they are, and reading those of a run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from simulator.experiment.storage.files import read_small, unsealed
from simulator.experiment.storage.manifest import Manifest
from simulator.foundation.errors import UserError

MOST = 200
"""Largest number of replications that have such files: enough for their extremes to be informative."""


def replication_file(folder: Path, name: str, number: int) -> Path:
    """The path of a replication in a subfolder of a results folder."""
    return folder / name / f"{number:06d}.json"


def has_replications(folder: Path, name: str) -> bool:
    """Whether a subfolder of a results folder has the file of any replication."""
    return any((folder / name).glob("*.json"))


def read_replications(folder: Path, name: str, manifest: Manifest) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The path and the content of the files that exist, one replication in memory at a time.

    Raises:
        UserError: a file was edited or damaged, or belongs to another run; the message names it.
    """
    for number in range(min(manifest.replications or 0, MOST)):
        path = replication_file(folder, name, number)
        if path.exists():
            plain = unsealed(path, read_small(path))
            if [plain.get("seed"), plain.get("replication")] != [manifest.seed, number]:
                raise UserError(f"{path}: belongs to another experiment or replication; remove this file")
            yield path, plain
