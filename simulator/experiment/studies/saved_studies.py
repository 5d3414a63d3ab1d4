"""Saved stress tests of a scenario, found next to the results of a run."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

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
        try:
            if (path.parent / SCENARIO).read_bytes() != source:
                continue
            plain = json.loads(path.read_text(encoding="utf-8"))
            rows = list(csv.DictReader((path.parent / CAUSES).read_text(encoding="utf-8").splitlines()))
            causes = tuple(
                SavedCause(r["policy"], r["cause"], float(r["last"]), float(h) if (h := r["last_half_width"]) else None)
                for r in rows
            )
            yield SavedCauses(int(plain["replications"]), int(plain["seed"]), causes)
        except (OSError, ValueError, KeyError, TypeError):  # unfinished or written by another version
            continue
