"""Studies that lie beside a run: what `stress` has found out about the very same scenario."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

SCENARIO, CAUSES, STRESS = "scenario.yaml", "causes.csv", "stress.json"


class Caused(NamedTuple):
    """Backorder-days of a policy that would go without a cause (taken out last), and their interval."""

    policy: str
    cause: str
    mean: float
    half_width: float | None


class Causes(NamedTuple):
    """What a stress test says of a scenario."""

    replications: int
    seed: int
    found: tuple[Caused, ...]


def causes_beside(folder: Path, source: str) -> Causes | None:
    """The causes of backorders by the stress test, beside this results folder, that has most replications; of the same
    scenario to the letter. None where there is none that can be read."""
    found = list(_studies(folder, source.encode("utf-8", "backslashreplace")))
    return max(found, key=lambda study: study.replications, default=None)


def _studies(folder: Path, source: bytes) -> Iterator[Causes]:
    for path in sorted(folder.parent.glob(f"stress-*/{STRESS}")):
        try:
            if (path.parent / SCENARIO).read_bytes() != source:
                continue
            told = json.loads(path.read_text(encoding="utf-8"))
            rows = list(csv.DictReader((path.parent / CAUSES).read_text(encoding="utf-8").splitlines()))
            causes = tuple(
                Caused(r["policy"], r["cause"], float(r["last"]), float(h) if (h := r["last_half_width"]) else None)
                for r in rows
            )
            yield Causes(int(told["replications"]), int(told["seed"]), causes)
        except (OSError, ValueError, KeyError, TypeError):  # unfinished, or of another version
            continue
