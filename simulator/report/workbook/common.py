"""What several workbooks have: columns of estimates, definitions of KPIs, the scenario file, facts of the cover."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from simulator.experiment.statistics.intervals import Difference, Estimate
from simulator.experiment.statistics.measured import Labels, unit_of
from simulator.experiment.storage.manifest import Manifest
from simulator.experiment.studies.design import AS_IT_IS
from simulator.kpis.kpi import KPIS, Undefined, Value
from simulator.report.reference.pages import BETTER
from simulator.report.text.numbers import MOST_DECIMALS, decimals, unit
from simulator.report.workbook.sheet import Amount, BookSheet, Content, SheetColumn

ESTIMATE = [SheetColumn(title) for title in ("unit", "mean", "half_width", "low", "high", "n")]
"""Columns of `estimate_cells`."""
REASON = SheetColumn("reason", wide=True)
CELL_PLACES = 4
"""Decimals of single values, which have no interval to go by."""


def share_of(kpi: str) -> bool:
    """Whether a KPI is a share, which is shown in per cent."""
    return unit_of(kpi) == "share"


def places_of(kpi: str, estimates: Iterable[Estimate]) -> int:
    """Decimals of estimates that stand side by side: one more than in a scorecard, as they may be reckoned with."""
    share = share_of(kpi)
    return min(decimals(estimates, 100.0 if share else 1.0) + 1, MOST_DECIMALS)


def estimate_cells(kpi: str, e: Estimate, labels: Labels) -> list[Content]:
    """Unit, mean, half-width, ends of the interval, number of replications."""
    places, share, signed = places_of(kpi, [e]), share_of(kpi), isinstance(e, Difference)
    how = unit(kpi, labels)
    half = Amount(e.half_width, places, share)
    mean, low, high = (Amount(value, places, share, signed) for value in (e.mean, e.low, e.high))
    return [how.of_difference if signed else how.name, mean, half, low, high, e.n]


def value_columns(kpis: Iterable[str], labels: Labels) -> list[SheetColumn]:
    """A column for each KPI, with its unit."""
    return [SheetColumn(kpi, unit(kpi, labels).name) for kpi in kpis]


def value_cell(kpi: str, value: Value | None) -> Content:
    """A KPI in one replication."""
    if value is None or isinstance(value, Undefined):
        return None
    share = share_of(kpi)
    return Amount(value, 2 if share else 0 if float(value).is_integer() else CELL_PLACES, share)


def definitions(kpis: Iterable[str]) -> BookSheet:
    """What each KPI means."""
    shown = {key.split("[")[0] for key in kpis}
    columns = [SheetColumn(t) for t in ("KPI", "group", "unit")]
    columns += [SheetColumn("share or mean of", wide=True), SheetColumn("better"), SheetColumn("definition", wide=True)]
    rows = [
        (kpi.id, kpi.group, kpi.unit, kpi.denominator, BETTER[kpi.better], kpi.definition)
        for kpi in KPIS.values()
        if kpi.id in shown
    ]
    return BookSheet("Definitions", "What each KPI means; ↑ higher is better, ↓ lower is better.", columns, rows)


def scenario_sheet(source: str, name: str = "Scenario", about: str = "") -> BookSheet:
    """The scenario file, line by line."""
    about = about or "The scenario file as it was run, parent files and overrides merged in."
    lines = [(number, line) for number, line in enumerate(source.splitlines(), 1)]
    return BookSheet(name, about, [SheetColumn("line"), SheetColumn("YAML", wide=True)], lines)


def origin(manifest: Manifest, replications: int) -> Iterator[tuple[str, Content]]:
    """Facts for the cover: scenario, seed, replications, fingerprint, versions."""
    yield "scenario", manifest.scenario
    yield "command", manifest.verb
    yield "policies", ", ".join(manifest.policies)
    yield "replications", replications
    yield "seed", manifest.seed
    yield "intervals", f"{manifest.confidence * 100:g} %"
    yield "fingerprint", manifest.fingerprint
    yield "shares", "cells hold 0.951 and show 95.1 %"
    for name, version in manifest.versions.items():
        yield ("version of the simulator" if name == "simulator" else f"version of {name}"), version
    for name, digest in manifest.data.items():
        yield "data file", f"{name}: SHA-256 {digest}"
    if manifest.precision is not None:
        reached = "reached" if manifest.precision["reached"] else "not reached"
        yield "precision", f"{manifest.precision['target'] * 100:.3g} % of the mean, {reached}"
    for text in (*manifest.warnings, *manifest.advice):
        yield "warning", text


def date_of(written: Mapping[str, Any], day: float) -> dt.datetime | None:
    """The date of a day, if the scenario (as plain data) has a start."""
    clock = written.get("clock")
    start = clock.get("start") if isinstance(clock, Mapping) else None
    try:
        return dt.datetime.fromisoformat(str(start)[:10]) + dt.timedelta(days=day)
    except (ValueError, OverflowError):
        return None


def plain_cell(value: Any) -> Content:
    """A value of a scenario as a cell: numbers and dates as such."""
    if isinstance(value, bool | int | float | str | dt.date):
        return value
    return None if value is None else str(value)


def uniform(values: Sequence[Any]) -> tuple[str, list[Content]]:
    """The common unit of values such as '5 d', and the values as numbers; '' and the values where there is none.

    >>> uniform(["5 d", "9 d"]), uniform(["5 d", "2 w"])
    (('d', [5.0, 9.0]), ('', ['5 d', '2 w']))
    """
    parts = {v: v.split(" ", 1) for v in values if isinstance(v, str) and v != AS_IT_IS}
    units = {part[-1].strip() for part in parts.values()}
    try:
        if len(units) == 1 and all(len(parts[v]) == 2 for v in values if v != AS_IT_IS):
            return units.pop(), [v if v == AS_IT_IS else float(parts[v][0]) for v in values]
    except (KeyError, TypeError, ValueError):
        pass
    return "", [plain_cell(v) for v in values]
