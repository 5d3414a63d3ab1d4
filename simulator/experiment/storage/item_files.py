"""KPIs of single items in the first replications of a run, one file with a checksum each; summed up when they are read.

Every replication has as many numbers as there are policies, items and KPIs, so they are not in the journal.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simulator.experiment.storage.files import make_subfolder, read_small, sealed, unsealed, write_whole
from simulator.experiment.storage.manifest import Manifest
from simulator.experiment.storage.replication_files import (
    MOST,
    has_replications,
    read_replications,
    replication_file,
)
from simulator.foundation.errors import UserError
from simulator.kpis.groups.items import ITEM_KPIS
from simulator.kpis.kpi import Undefined, Value
from simulator.record.ledger import Floats

FOLDER = "items"
MOST_NUMBERS = 4_000_000
"""Numbers that the files of a run may hold together (about 40 MB)."""

NOT_KEPT = Undefined("items are saved for the first replications only")


def item_file(folder: Path, number: int) -> Path:
    """The path of the items of a replication in a results folder."""
    return replication_file(folder, FOLDER, number)


def has_items(folder: Path) -> bool:
    """Whether a results folder has the items of any replication."""
    return has_replications(folder, FOLDER)


def kept_replications(items: int, policies: int) -> int:
    """Number of replications whose items are saved: fewer than `MOST` if there are many items."""
    return max(2, min(MOST, MOST_NUMBERS // max(1, items * policies * len(ITEM_KPIS))))


def keep_items(
    folder: Path, seed: int, number: int, kpis: Sequence[str], items: Sequence[str], found: Mapping[str, Floats]
) -> None:
    """Write these KPIs of all items in one replication: by policy, shape (KPIs, items)."""
    path = item_file(folder, number)
    make_subfolder(path.parent)
    policies = {policy: base64.b64encode(values.astype("<f8").tobytes()).decode() for policy, values in found.items()}
    content = {"seed": seed, "replication": number, "kpis": list(kpis), "items": list(items), "policies": policies}
    write_whole({path: sealed(content)})


class RunningMoments:
    """Number of values, mean and sum of squared deviations of an array, element by element, without nan."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.n: NDArray[np.int64] = np.zeros(shape, dtype=np.int64)
        self.mean, self.squares = np.zeros(shape), np.zeros(shape)
        self.low, self.high = np.full(shape, np.inf), np.full(shape, -np.inf)

    def add(self, values: Floats) -> None:
        """Take in the values of one replication (Welford 1962)."""
        there = ~np.isnan(values)
        self.n += there
        step = np.where(there, values - self.mean, 0.0)
        self.mean += step / np.maximum(self.n, 1)
        self.squares += np.where(there, step * (values - self.mean), 0.0)
        self.low, self.high = np.fmin(self.low, values), np.fmax(self.high, values)


@dataclass(frozen=True)
class ItemMoments:
    """The KPIs of items over the first `replications` of a run, shape (KPIs, items) for each policy."""

    replications: int
    kpis: tuple[str, ...]
    items: tuple[str, ...]
    policies: Mapping[str, RunningMoments]


def read_items(folder: Path, manifest: Manifest) -> ItemMoments | None:
    """Read the items of a results folder, one replication in memory at a time; None if there are none.

    Raises:
        UserError: a file was edited or damaged, or belongs to another run; the message names it.
    """
    kpis: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    found: dict[str, RunningMoments] = {}
    n = 0
    for path, plain in read_replications(folder, FOLDER, manifest):
        try:
            names = tuple(map(_text, plain["kpis"])), tuple(map(_text, plain["items"]))
            policies = plain["policies"]
            if set(policies) != set(manifest.policies) or (n and names != (kpis, items)):
                raise UserError(f"{path}: has other policies, items or KPIs than the run; remove this file")
            kpis, items = names
            for policy in manifest.policies:
                numbers = np.frombuffer(base64.b64decode(policies[policy], validate=True), dtype="<f8")
                values = numbers.reshape(len(kpis), len(items))
                if np.isinf(values).any():
                    raise ValueError("not finite")
                found.setdefault(policy, RunningMoments(values.shape)).add(values)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise UserError(f"{path}: does not hold KPIs of items; remove this file") from None
        n += 1
    return ItemMoments(n, kpis, items, found) if n else None


@dataclass(frozen=True)
class KeptItems:
    """The KPIs of items in every replication that has a file."""

    kpis: tuple[str, ...]
    items: tuple[str, ...]
    numbers: tuple[int, ...]
    """The replications, ascending."""
    policies: Mapping[str, Floats]
    """By policy, shape (replications, KPIs, items); nan for a KPI without a value."""

    def columns(self, kpi: str, item: str, replications: int) -> dict[str, list[Value]]:
        """A KPI of an item in each of the first replications, by policy."""
        unknown = ITEM_KPIS[kpi].undefined
        place = self.kpis.index(kpi), self.items.index(item)
        found: dict[str, list[Value]] = {policy: [NOT_KEPT] * replications for policy in self.policies}
        for policy, values in self.policies.items():
            for number, value in zip(self.numbers, values[:, *place].tolist(), strict=True):
                found[policy][number] = unknown if value != value else value
        return found


def kept_items(folder: Path, policies: Sequence[str], replications: int) -> KeptItems:
    """All files of items, read once; `read_items` has checked them, and they hold `MOST_NUMBERS` or little more."""
    numbers: list[int] = []
    rows: dict[str, list[Floats]] = {policy: [] for policy in policies}
    names: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    for number in range(min(replications, MOST)):
        path = item_file(folder, number)
        if path.exists():
            plain = unsealed(path, read_small(path))
            names = tuple(plain["kpis"]), tuple(plain["items"])
            numbers.append(number)
            for policy in policies:
                values = np.frombuffer(base64.b64decode(plain["policies"][policy]), dtype="<f8")
                rows[policy].append(values.reshape(len(names[0]), len(names[1])))
    return KeptItems(*names, tuple(numbers), {policy: np.array(found) for policy, found in rows.items()})


def _text(name: object) -> str:
    if not isinstance(name, str):
        raise TypeError(name)
    return name
