"""The results of an experiment: estimates, paired differences, tables; of a run just finished or from its folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import simulator.kpis.evaluate  # noqa: F401  every KPI is known by its unit
from simulator.experiment.intervals import Difference, Estimate, difference, estimate
from simulator.experiment.manifest import Manifest
from simulator.experiment.replication import Replication
from simulator.experiment.store import Store, read_finished
from simulator.experiment.tables import csv_files, plain_table, unit_of
from simulator.foundation.errors import UserError, nearest
from simulator.kpis.kpi import Undefined, Value

_NOT_REPORTED = Undefined("not reported")


class Results:
    """KPI values by policy and replication, with where they come from.

    `manifest` tells of scenario, seed, policies and versions, `source` is the resolved scenario file, `runs` are the
    replications in order, `folder` is where they are saved (None: nowhere).
    """

    def __init__(self, manifest: Manifest, source: str, runs: Sequence[Replication], folder: Path | None) -> None:
        self.manifest, self.source, self.runs, self.folder = manifest, source, tuple(runs), folder
        self.policies: tuple[str, ...] = manifest.policies
        self.kpis: tuple[str, ...] = tuple(
            dict.fromkeys(kpi for r in self.runs for policy in self.policies for kpi in r.values[policy])
        )
        """KPI keys in the order of the reports."""
        self._columns: dict[tuple[str, str], list[Value]] = {}

    @property
    def scenario_name(self) -> str:
        return self.manifest.scenario

    @property
    def fingerprint(self) -> str:
        return self.manifest.fingerprint

    @property
    def seed(self) -> int:
        return self.manifest.seed

    @property
    def confidence(self) -> float:
        return self.manifest.confidence

    @property
    def replications(self) -> int:
        """How many there are."""
        return len(self.runs)

    def column(self, policy: str, kpi: str) -> list[Value]:
        """The KPI in every replication, in order; `Undefined` says why there is no value."""
        if policy not in self.policies:
            known = ", ".join(self.policies)
            raise UserError(f"no policy {policy!r} in these results{nearest(policy, self.policies)}; policies: {known}")
        if kpi not in self.kpis:
            raise UserError(f"no KPI {kpi!r} in these results{nearest(kpi, self.kpis)}")
        if (policy, kpi) not in self._columns:
            self._columns[policy, kpi] = [r.values[policy].get(kpi, _NOT_REPORTED) for r in self.runs]
        return self._columns[policy, kpi]

    def values(self, policy: str, kpi: str) -> NDArray[np.float64]:
        """The KPI in every replication, shape (replications,), nan where it has no value."""
        return np.array([np.nan if isinstance(v, Undefined) else v for v in self.column(policy, kpi)])

    def estimate(self, policy: str, kpi: str) -> Estimate:
        """Mean and interval of a KPI."""
        return estimate(self.column(policy, kpi), self.confidence)

    def difference(self, a: str, b: str, kpi: str) -> Difference:
        """Policy `a` minus policy `b`, paired by replication: both saw the same luck."""
        return difference(self.column(a, kpi), self.column(b, kpi), self.confidence)

    def table(self) -> str:
        """A plain table for a terminal or a log."""
        return plain_table(self)

    def to_json(self) -> dict[str, Any]:
        """What `run --json` prints; differences are to the first policy. Never nan: null, and a reason.

        Where a precision was asked for, it says whether that was reached.
        """
        first = self.policies[0]
        policies = {
            policy: {kpi: _estimate_json(self.estimate(policy, kpi), unit_of(kpi)) for kpi in self.kpis}
            for policy in self.policies
        }
        differences = {
            policy: {kpi: _difference_json(self.difference(policy, first, kpi)) for kpi in self.kpis}
            for policy in self.policies[1:]
        }
        precision = {} if self.manifest.precision is None else {"precision": self.manifest.precision}
        return {
            "scenario": self.scenario_name,
            "fingerprint": self.fingerprint,
            "replications": self.replications,
            "seed": self.seed,
            "policies": policies,
            "differences": differences,
            **precision,
            "results": None if self.folder is None else str(self.folder),
        }

    def to_pandas(self) -> Any:
        """A tidy `pandas.DataFrame`: policy, replication, kpi, value (nan where undefined)."""
        try:
            import pandas
        except ImportError:
            raise UserError("to_pandas() needs pandas: pip install pandas") from None
        columns: dict[str, list[Any]] = {"policy": [], "replication": [], "kpi": [], "value": []}
        for policy in self.policies:
            for kpi in self.kpis:
                columns["policy"] += [policy] * self.replications
                columns["replication"] += [r.number for r in self.runs]
                columns["kpi"] += [kpi] * self.replications
                columns["value"] += self.values(policy, kpi).tolist()
        return pandas.DataFrame(columns)

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write the results folder; `open_results` reads it."""
        place = Path(folder)
        with Store.opened(place, self.manifest, self.source) as store:
            there = store.load(r.number for r in self.runs)
            store.save(r for r in self.runs if r.number not in there)
            self.finish(store)
        return place

    def finish(self, store: Store) -> None:
        """Write the tables and the manifest beside replications that are in the folder already."""
        store.finish(self.manifest.finished(self.replications), csv_files(self))


def _estimate_json(e: Estimate, unit: str) -> dict[str, Any]:
    found = {"mean": e.mean, "half_width": e.half_width, "n": e.n, "unit": unit}
    return {**found, "reason": e.reason} if e.reason else found


def _difference_json(d: Difference) -> dict[str, Any]:
    found = {"mean": d.mean, "half_width": d.half_width, "significant": d.significant}
    return {**found, "reason": d.reason} if d.reason else found


def open_results(folder: str | os.PathLike[str]) -> Results:
    """The results that a run or `Results.save` left in a folder.

    Raises:
        UserError: it is no results folder, its run was interrupted, or it was edited.
    """
    place = Path(folder)
    manifest, source, replications = read_finished(place)
    return Results(manifest, source, replications, place)
