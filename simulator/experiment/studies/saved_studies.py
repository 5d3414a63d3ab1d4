"""Saved stress tests of a scenario, found next to the results of a run."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from simulator.experiment.storage.files import json_object, read_small
from simulator.experiment.storage.replication import finite
from simulator.foundation.errors import UserError

SCENARIO, CAUSES, STRESS = "scenario.yaml", "causes.csv", "stress.json"


class SavedCause(NamedTuple):
    """Reduction in a policy's backorder-days when a cause is removed, and its half-width."""

    policy: str
    cause: str
    mean: float
    half_width: float | None


class SavedCauses(NamedTuple):
    """The causes that a stress test found."""

    replications: int
    seed: int
    found: tuple[SavedCause, ...]


def saved_causes(folder: Path, source: str) -> SavedCauses | None:
    """Causes of backorders from the stress test with the most replications next to this results folder, of exactly the
    same scenario. None if there is no readable one."""
    found = list(_studies(folder, source.encode("utf-8", "backslashreplace")))
    return max(found, key=lambda study: study.replications, default=None)


def _studies(folder: Path, source: bytes) -> Iterator[SavedCauses]:
    for path in sorted(folder.parent.glob(f"stress-*/{STRESS}")):
        if path.parent.is_symlink():
            continue
        try:
            if read_small(path.parent / SCENARIO) != source:
                continue
            plain = json_object(read_small(path), str(path))
            rows = list(csv.DictReader(read_small(path.parent / CAUSES).decode().splitlines()))
            yield SavedCauses(int(plain["replications"]), int(plain["seed"]), tuple(map(_cause, rows)))
        except (UserError, ValueError, KeyError, TypeError, csv.Error):  # unfinished or written by another version
            continue


def _cause(row: Mapping[str, str]) -> SavedCause:
    half_width = row["last_half_width"]
    return SavedCause(
        row["policy"], row["cause"], finite(float(row["last"])), finite(float(half_width)) if half_width else None
    )
