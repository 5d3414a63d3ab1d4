"""Time series of the first replications of a run, one file with a checksum each; aggregated when they are read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from simulator.experiment.storage.files import make_subfolder, sealed, write_whole
from simulator.experiment.storage.manifest import Manifest
from simulator.experiment.storage.replication_files import (
    has_replications,
    read_replications,
    replication_file,
)
from simulator.foundation.errors import UserError
from simulator.kpis.series.grid import CELLS
from simulator.kpis.series.series import Series, wait_edges
from simulator.model.nouns import World
from simulator.record.ledger import Floats

FOLDER = "series"
DIGITS = 5
"""Number of significant digits."""


class Frame(NamedTuple):
    """The axes and names that the series refer to."""

    horizon: float
    warm_up: float
    segments: tuple[str, ...]
    events: tuple[str, ...]
    """Names of events, numbered like the series `event.K`."""


def series_file(folder: Path, number: int) -> Path:
    """The path of the series of a replication in a results folder."""
    return replication_file(folder, FOLDER, number)


def has_series(folder: Path) -> bool:
    """Whether a results folder has the series of any replication."""
    return has_replications(folder, FOLDER)


def keep_series(
    folder: Path, seed: int, number: int, world: World, events: Sequence[str], measured: Mapping[str, Series]
) -> None:
    """Write the series of every policy in one replication; `events` are the names of the scenario's."""
    path = series_file(folder, number)
    make_subfolder(path.parent)
    frame = Frame(world.horizon, world.warm_up, tuple(s.name for s in world.segments), tuple(events))._asdict()
    policies = {policy: {k: _text(v) for k, v in series.items()} for policy, series in measured.items()}
    write_whole({path: sealed({"seed": seed, "replication": number, "frame": frame, "policies": policies})})


def _text(values: Floats) -> str:
    """Numbers separated by blanks, rounded: '12 0 3.1416'."""
    if not values.any():
        return " ".join(["0"] * values.size)
    return " ".join([f"%.{DIGITS}g"] * values.size) % tuple((values + 0.0).tolist())


class Curve:
    """A series aggregated over replications, element by element: mean, lowest and highest values so far."""

    def __init__(self, size: int) -> None:
        self.n = 0
        self.mean, self.low, self.high = np.zeros(size), np.full(size, np.inf), np.full(size, -np.inf)

    def add(self, values: Floats) -> None:
        """Take in the series of one replication."""
        self.n += 1
        self.mean += (values - self.mean) / self.n
        self.low, self.high = np.minimum(self.low, values), np.maximum(self.high, values)


@dataclass(frozen=True)
class Curves:
    """The series of a run by policy, aggregated over its first `replications`."""

    frame: Frame
    replications: int
    policies: Mapping[str, Mapping[str, Curve]]

    @property
    def days(self) -> Floats:
        """The midpoint of every cell, days."""
        found: Floats = (np.arange(CELLS) + 0.5) * self.frame.horizon / CELLS
        return found

    @property
    def edges(self) -> Floats:
        """Upper edges of the bins of waiting times, days."""
        return wait_edges(self.frame.horizon)

    def of(self, policy: str, name: str) -> Curve | None:
        """A series by name; None if it was not measured."""
        return self.policies[policy].get(name)

    def mean(self, policy: str, name: str) -> Floats:
        """The mean of a series; empty if it was not measured."""
        found = self.of(policy, name)
        return np.zeros(0) if found is None else found.mean


def read_curves(folder: Path, manifest: Manifest) -> Curves | None:
    """Read the series of a results folder, one replication in memory at a time; None if there are none.

    Raises:
        UserError: a file was edited or damaged, or belongs to another run; the message names it.
    """
    curves: dict[str, dict[str, Curve]] = {policy: {} for policy in manifest.policies}
    frame, n = None, 0
    for path, plain in read_replications(folder, FOLDER, manifest):
        try:
            frame, n = _frame(plain["frame"]), n + 1
            if set(plain["policies"]) != set(curves):
                raise UserError(f"{path}: has other policies than the run; remove this file")
            for policy, series in plain["policies"].items():
                _add(curves[policy], series.items())
        except (ValueError, KeyError, TypeError, AttributeError):
            raise UserError(f"{path}: does not hold time series; remove this file") from None
    if frame is None:
        return None
    for curve in (curve for found in curves.values() for curve in found.values()):
        while curve.n < n:  # an event that did not happen in a replication has no series there
            curve.add(np.zeros(curve.mean.size))
    return Curves(frame, n, curves)


def _frame(plain: Mapping[str, Any]) -> Frame:
    horizon, warm_up = float(plain["horizon"]), float(plain["warm_up"])
    if not 0 <= warm_up < horizon < math.inf:
        raise ValueError("horizon")
    segments, events = tuple(plain["segments"]), tuple(plain["events"])
    if not all(isinstance(name, str) for name in (*segments, *events)):
        raise ValueError("names")
    return Frame(horizon, warm_up, segments, events)


def _add(curves: dict[str, Curve], series: Iterable[tuple[str, str]]) -> None:
    found = {name: np.array(text.split(), dtype=np.float64) for name, text in series}
    if not all(np.isfinite(values).all() for values in found.values()):
        raise ValueError("not finite")
    if {"level.on_hand", "level.on_order", "level.backlog"} <= set(found):  # not saved: follows from these
        found["level.position"] = found["level.on_hand"] + found["level.on_order"] - found["level.backlog"]
    for name, values in found.items():
        if curves.setdefault(name, Curve(values.size)).mean.size != values.size:
            raise ValueError("sizes")
        curves[name].add(values)
