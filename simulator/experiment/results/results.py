"""The results of an experiment, just finished or read from a folder: estimates, paired differences, tables."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import simulator.kpis.evaluate  # noqa: F401  every KPI is known by its unit
from simulator.experiment.results.items import HEADER, ItemTable
from simulator.experiment.results.notebook import as_html
from simulator.experiment.results.over_time import OverTime, over_time
from simulator.experiment.results.tables import csv_files, csv_pieces, plain_table
from simulator.experiment.statistics.intervals import Difference, Estimate, difference, estimate
from simulator.experiment.statistics.measured import unit_of
from simulator.experiment.statistics.quantiles import quantile
from simulator.experiment.statistics.verdicts import against
from simulator.experiment.statistics.warm_up import advice
from simulator.experiment.storage.columns import FACTS, SETTLED, Columns, digest_of
from simulator.experiment.storage.item_files import KeptItems, kept_items, read_items
from simulator.experiment.storage.journal import Task
from simulator.experiment.storage.lock import locked
from simulator.experiment.storage.manifest import Manifest
from simulator.experiment.storage.replication import Replication
from simulator.experiment.storage.store import Store, read_finished
from simulator.foundation.errors import UserError, nearest, some
from simulator.kpis.kpi import KPIS, Undefined, Value
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.tree.nodes import parse, to_plain
from simulator.scenario.tree.paths import unknown


class Results:
    """KPI values by policy and replication, with their origin.

    `manifest` holds scenario, seed, policies and versions; `source` is the resolved scenario file; `folder` is the
    results folder (None: not saved). Values are stored by column, and moved from memory to a file if there are many.
    """

    def __init__(
        self, manifest: Manifest, source: str, runs: Columns | Iterable[Replication], folder: Path | None
    ) -> None:
        self.manifest, self.source, self.folder = manifest, source, folder
        self._columns = runs if isinstance(runs, Columns) else Columns.of(runs)
        self._estimates: dict[tuple[str, str], Estimate] = {}
        self._differences: dict[tuple[str, str, str, int], Difference] = {}
        self.policies: tuple[str, ...] = manifest.policies
        self.replications: int = self._columns.count if manifest.replications is None else manifest.replications
        """Number of replications."""
        self.kpis: tuple[str, ...] = self._columns.kpis
        """KPI keys in the order of the reports."""
        self._requested: dict[tuple[str, str], list[Value]] = {}
        """KPIs by item that were read from the folder, by policy and key."""

    def __repr__(self) -> str:
        plays = f"{self.replications} replication{'s' * (self.replications != 1)}"
        played = f"{some(self.policies)}; {plays}, seed {self.seed}"
        where = "not saved" if self.folder is None else str(self.folder)
        return f"<Results of {self.scenario_name!r}: {played}, {where}>"

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

    @cached_property
    def written(self) -> dict[str, Any]:
        """The scenario as plain data, as the user wrote it; another version may no longer load it."""
        found = to_plain(parse(self.source, "scenario.yaml")) if self.source.strip() else None
        return found if isinstance(found, dict) else {}

    @property
    def runs(self) -> tuple[Replication, ...]:
        """The replications in order, each with all its values."""
        return tuple(self._columns.replication(k, self.policies) for k in range(self.replications))

    def column(self, policy: str, kpi: str, first: int = 0, last: int | None = None) -> list[Value]:
        """The KPI in every replication, in order, or in first … last - 1; `Undefined` if it has no value."""
        self._known(policy, kpi)
        n = self.replications if last is None else min(last, self.replications)
        if (policy, kpi) in self._requested:
            return self._requested[policy, kpi][first:n]
        return self._columns.column(policy, kpi, n, first)

    def _known(self, policy: str, kpi: str) -> None:
        if policy not in self.policies:
            known = ", ".join(self.policies)
            raise UserError(f"no policy {policy!r} in these results{nearest(policy, self.policies)}; policies: {known}")
        if kpi not in self.kpis:
            raise UserError(f"no KPI {kpi!r} in these results{nearest(kpi, self.kpis)}")

    def values(self, policy: str, kpi: str) -> NDArray[np.float64]:
        """The KPI in every replication, shape (replications,), nan where it has no value."""
        self._known(policy, kpi)
        if (policy, kpi) in self._requested:
            return np.array([np.nan if isinstance(v, Undefined) else v for v in self._requested[policy, kpi]])
        return self._columns.values(policy, kpi, self.replications)

    @cached_property
    def item_table(self) -> ItemTable | None:
        """The KPIs of single items; None if there are none, see `items`."""
        found = None if self.folder is None else read_items(self.folder, self.manifest.finished(self.replications))
        return None if found is None else ItemTable(found, self.policies, self.confidence)

    def items(self) -> ItemTable:
        """The KPIs of single items.

        Raises:
            UserError: these results are not saved, or they were summed up without records of single orders.
        """
        if self.item_table is None:
            why = "were not saved: give a folder" if self.folder is None else "have no items"
            raise UserError(f"these results {why}")
        return self.item_table

    def series(self, name: str) -> OverTime:
        """A quantity over time by policy: the mean over the replications, and the lowest and highest values.

        Args:
            name: `backlog`, `on_hand`, `on_order`, `position`, or a flow such as `flow.asked`; a wrong name is answered
                with all of them.

        >>> import simulator, tempfile
        >>> made = simulator.run("textbook/base-stock", 2, out=tempfile.mkdtemp())
        >>> made.series("backlog").mean["base"].shape
        (240,)

        Raises:
            UserError: these results are not saved, have no series, or none of this name.
        """
        return over_time(self.folder, self.manifest.finished(self.replications), name)

    def request(self, key: str) -> None:
        """Make a KPI by item, such as `fill_rate_by_item[mug]`, one of these results' KPIs.

        It is read from the folder, which has the items of the first replications.

        Raises:
            UserError: these results have no such KPI or no such item.
        """
        name = key.split("[")[0]
        if key in self.kpis or name not in KPIS or not KPIS[name].on_request:
            return
        if KPIS[name].fixed:
            raise UserError(f"{key} is worked out on request: run the scenario again with --kpi '{key}'")
        table, item = self.items(), key.removeprefix(name)[1:-1]
        if item not in table.items:
            raise UserError(f"{key}: {unknown(item, table.items, 'item')}")
        found = self._kept_items.columns(table.key(name), item, self.replications)
        self._requested.update({(policy, key): values for policy, values in found.items()})
        self.kpis = (*self.kpis, key)

    @cached_property
    def _kept_items(self) -> KeptItems:
        assert self.folder is not None
        return kept_items(self.folder, self.policies, self.replications)

    def facts(self, policy: str) -> list[str | None]:
        """A digest of all events for each replication; equal digests mean that the same happened to every order."""
        return [None if np.isnan(v) else digest_of(v) for v in self._columns.values(policy, FACTS, self.replications)]

    def alike(self) -> list[list[str]]:
        """Groups of policies that behave identically: the same happens to every order in every replication."""
        groups: dict[tuple[str | None, ...], list[str]] = {}
        for policy in self.policies:
            groups.setdefault(tuple(self.facts(policy)), []).append(policy)
        return [group for facts, group in groups.items() if len(group) > 1 and None not in facts]

    def settled(self, policy: str) -> list[float]:
        """End of the initial transient of each replication, days (MSER-5 on the net stock), if it is known."""
        return [v for v in self._columns.values(policy, SETTLED, self.replications).tolist() if not np.isnan(v)]

    def advised(self, scenario: Scenario) -> Results:
        """These results, with advice on the scenario's warm-up and horizon."""
        found = advice(scenario, {policy: self.settled(policy) for policy in self.policies})
        self.manifest = replace(self.manifest, advice=tuple(found))
        return self

    def estimate(self, policy: str, kpi: str) -> Estimate:
        """Mean and interval of a KPI; the interval of a share stays within [0, 1]. Worked out once for all tables."""
        if (found := self._estimates.get((policy, kpi))) is None:
            found = estimate(self.column(policy, kpi), self.confidence, share=unit_of(kpi) == "share")
            self._estimates[policy, kpi] = found
        return found

    def quantile(self, policy: str, kpi: str, p: float) -> Estimate:
        """The quantile of the KPI over replications: a share `p` of all replications is below it."""
        return quantile(self.column(policy, kpi), p, self.confidence)

    def difference(self, a: str, b: str, kpi: str, together: int = 1) -> Difference:
        """Policy `a` minus policy `b`, paired by replication (common random numbers).

        `together` is the number of differences that are to hold simultaneously with the confidence. Worked out once
        for all tables.
        """
        key = a, b, kpi, together
        if (found := self._differences.get(key)) is None:
            found = difference(self.column(a, kpi), self.column(b, kpi), self.confidence, together)
            self._differences[key] = found
        return found

    def table(self) -> str:
        """A plain text table for a terminal or a log."""
        return plain_table(self)

    def _repr_html_(self) -> str:
        """The view in a notebook."""
        return as_html(self, self.manifest)

    def to_json(self) -> dict[str, Any]:
        """Plain data, as `run --json` prints it. Differences are from the first policy; those of a KPI hold at once.

        A missing value is null, with a reason. With `precision` or `select`, the outcome is included.
        """
        policies = {
            policy: {kpi: estimate_json(self.estimate(policy, kpi), unit_of(kpi)) for kpi in self.kpis}
            for policy in self.policies
        }
        found = {kpi: against(self, self.policies[0], kpi) for kpi in self.kpis}
        differences = {
            policy: {kpi: difference_json(found[kpi][policy]) for kpi in self.kpis} for policy in self.policies[1:]
        }
        asked = {name: getattr(self.manifest, name) for name in ("precision", "selection", "inputs")}
        return {
            "scenario": self.scenario_name,
            "fingerprint": self.fingerprint,
            "replications": self.replications,
            "seed": self.seed,
            "policies": policies,
            "differences": differences,
            **{key: value for key, value in asked.items() if value is not None},
            "results": None if self.folder is None else str(self.folder),
        }

    def to_pandas(self) -> Any:
        """A tidy `pandas.DataFrame`: policy, replication, kpi, value (nan where undefined)."""
        try:
            import pandas
        except ImportError:
            raise UserError("to_pandas() needs the extra: pip install 'backorder-simulator[notebook]'") from None
        columns: dict[str, list[Any]] = {"policy": [], "replication": [], "kpi": [], "value": []}
        for policy in self.policies:
            for kpi in self.kpis:
                columns["policy"] += [policy] * self.replications
                columns["replication"] += list(range(self.replications))
                columns["kpi"] += [kpi] * self.replications
                columns["value"] += self.values(policy, kpi).tolist()
        return pandas.DataFrame(columns)

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write the results folder; `open_results` reads it."""
        place = Path(folder)
        with Store.opened(place, self.manifest, self.source) as store:
            due = [Task("", k) for k in range(self.replications) if Task("", k) not in store.journal]
            store.journal.append((task, self._columns.replication(task.number, self.policies)) for task in due)
            self.finish(store)
        return place

    def finish(self, store: Store) -> None:
        """Write the tables and the manifest to a folder that already holds the replications."""
        tables = csv_files(self)
        if self.item_table is not None:
            tables["items.csv"] = csv_pieces(HEADER, self.item_table.rows())
        store.finish(self.manifest.finished(self.replications), tables)


def estimate_json(e: Estimate, unit: str) -> dict[str, Any]:
    """An estimate as plain data; a missing value is null, with a reason."""
    return plain_estimate(e, "mean", "half_width", "low", "high", "n", unit=unit)


def difference_json(d: Difference) -> dict[str, Any]:
    """A difference as plain data."""
    return plain_estimate(d, "mean", "half_width", "significant")


def plain_estimate(e: Estimate, *names: str, **more: str) -> dict[str, Any]:
    """Some attributes of an estimate and more entries as plain data, with a reason if there is one."""
    found = {name: getattr(e, name) for name in names}
    return found | more | ({"reason": e.reason} if e.reason else {})


def open_results(folder: str | os.PathLike[str], tables: bool = True) -> Results:
    """Read the results that a run or `Results.save` wrote to a folder; without `tables`, its tables are not checked.

    >>> import simulator, tempfile
    >>> made = simulator.run("textbook/base-stock", 2, out=tempfile.mkdtemp())
    >>> simulator.open_results(made.folder).values("base", "fill_rate").shape
    (2,)

    Raises:
        UserError: it is not a results folder, the run was interrupted, or a file was edited.
    """
    place = Path(folder)
    manifest, source, replications = read_finished(place, tables)
    if foreign := sorted({kpi.split("[")[0] for kpi in replications.kpis} - set(KPIS)):
        plugins = [name.removeprefix("plugin ") for name in manifest.versions if name.startswith("plugin ")]
        allow = f"allow the plug-in that computed them: {' '.join(f'--plugin {name}' for name in plugins)}"
        raise UserError(
            f"{place}: has KPIs that are not known here ({some(foreign)}); {allow if plugins else 'run it again'}"
        )
    return Results(manifest, source, replications, place)


def rewrite_tables(results: Results) -> None:
    """Rebuild the tables of saved results from their replications.

    Raises:
        UserError: the results are not saved, or another process is writing to the folder.
    """
    if results.folder is None:
        raise UserError("these results are not saved; results.save(folder) does it")
    with locked(results.folder):
        results.finish(Store(results.folder, results.manifest, results.source))
