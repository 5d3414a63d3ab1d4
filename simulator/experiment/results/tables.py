"""Results as CSV files and as a plain text table; cells that a spreadsheet would read as formulas become text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from simulator.experiment.statistics.intervals import Estimate
from simulator.experiment.statistics.measured import Measured, unit_of
from simulator.experiment.statistics.verdicts import against
from simulator.experiment.storage.columns import NOT_REPORTED, ROWS
from simulator.foundation.errors import visible
from simulator.kpis.kpi import Undefined

Cell = str | float | int | bool | None
PIECE = 1 << 20
"""Number of characters written at once."""


def csv_files(results: Measured) -> dict[str, Iterable[bytes]]:
    """The tables of a results folder by file name, in pieces, because they may not fit in memory."""
    return {
        "kpis.csv": csv_pieces(("policy", "replication", "kpi", "value"), _kpis(results)),
        "summary.csv": csv_pieces(
            ("policy", "kpi", "mean", "half_width", "low", "high", "n", "unit", "reason"), _summary(results)
        ),
        "differences.csv": csv_pieces(
            ("policy", "kpi", "mean", "half_width", "n", "significant"), _differences(results)
        ),
    }


def _kpis(results: Measured) -> Iterator[Sequence[Cell]]:
    for policy in results.policies:
        for first in range(0, results.replications, ROWS):
            columns = [results.column(policy, kpi, first, first + ROWS) for kpi in results.kpis]
            for row, values in enumerate(zip(*columns, strict=True)):
                for kpi, value in zip(results.kpis, values, strict=True):
                    if value is not NOT_REPORTED:
                        yield policy, first + row, kpi, None if isinstance(value, Undefined) else value


def _summary(results: Measured) -> Iterable[Sequence[Cell]]:
    for policy in results.policies:
        for kpi in results.kpis:
            e = results.estimate(policy, kpi)
            yield policy, kpi, e.mean, e.half_width, e.low, e.high, e.n, unit_of(kpi), e.reason


def _differences(results: Measured) -> Iterable[Sequence[Cell]]:
    for policy in results.policies[1:]:
        for kpi in results.kpis:
            d = results.difference(policy, results.policies[0], kpi, together=len(results.policies) - 1)
            yield policy, kpi, d.mean, d.half_width, d.n, d.significant


def to_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A table as CSV, see `csv_pieces`."""
    return b"".join(csv_pieces(header, rows))


def csv_pieces(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """CSV in UTF-8, in pieces: line feeds as line ends, numbers in full precision, empty cells for missing values."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([_cell(c) for c in header])
    for row in rows:
        writer.writerow([c if type(c) is float else _cell(c) for c in row])  # which is written as `repr` says
        if text.tell() > PIECE:
            yield text.getvalue().encode("utf-8", "backslashreplace")
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode("utf-8", "backslashreplace")


def _cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
    return repr(cell)


def plain_table(results: Measured) -> str:
    """KPIs in rows, policies in columns: mean ± half-width; * if a policy differs significantly from the first."""
    rows = [["", *map(visible, results.policies), ""]]
    for kpi in results.kpis:
        first = results.policies[0]
        cells = [short(results.estimate(first, kpi))]
        for policy, difference in against(results, first, kpi).items():
            star = " *" if difference.significant else ""
            cells.append(short(results.estimate(policy, kpi)) + star)
        rows.append([visible(kpi), *cells, unit_of(kpi)])
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = ("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows)
    others = len(results.policies) - 1
    legend = ["* differs significantly from the first policy" + ", adjusted for all comparisons" * (others > 1)] * bool(
        others
    )
    return "\n".join([*lines, *legend])


def short(estimate: Estimate) -> str:
    """'0.9512 ± 0.0021', '0.999 (0.992–1)' if asymmetric, '0.95' without an interval, '-' without a value."""
    if estimate.mean is None:
        return "-"
    if estimate.half_width is None:
        return f"{estimate.mean:.4g}"
    if not estimate.even:
        return f"{estimate.mean:.4g} ({estimate.low:.4g}–{estimate.high:.4g})"
    return f"{estimate.mean:.4g} ± {estimate.half_width:.2g}"
