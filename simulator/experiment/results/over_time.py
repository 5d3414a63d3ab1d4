"""Time series of saved results, for Python: one quantity by policy, over the days of the run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from simulator.experiment.storage.manifest import Manifest
from simulator.experiment.storage.series_files import read_curves
from simulator.foundation.errors import UserError, nearest
from simulator.kpis.series.grid import CELLS
from simulator.record.ledger import Floats

LEVEL = "level."
"""What may be left out of a name."""


class OverTime(NamedTuple):
    """One quantity over time, by policy; shape (cells,) each."""

    name: str
    days: Floats
    """The middle of every cell of time."""
    mean: Mapping[str, Floats]
    low: Mapping[str, Floats]
    """The lowest value of the replications in each cell."""
    high: Mapping[str, Floats]
    replications: int

    def __repr__(self) -> str:
        cells = f"{self.days.size} cells of {self.days[1] - self.days[0]:.3g} d"
        return f"<OverTime {self.name!r}: {', '.join(self.mean)}; {cells}, {self.replications} replications>"

    def to_pandas(self) -> Any:
        """A tidy `pandas.DataFrame`: policy, day, mean, low, high."""
        try:
            import pandas
        except ImportError:
            raise UserError("to_pandas() needs the extra: pip install 'backorder-simulator[notebook]'") from None
        parts = [
            pandas.DataFrame({"policy": p, "day": self.days, "mean": m, "low": self.low[p], "high": self.high[p]})
            for p, m in self.mean.items()
        ]
        return pandas.concat(parts, ignore_index=True)


def over_time(folder: Path | None, manifest: Manifest, name: str) -> OverTime:
    """A series of the results in a folder.

    Raises:
        UserError: the results were not saved, or have no series of this name; the message lists the names.
    """
    if folder is None:
        raise UserError("these results were not saved: give a folder (`out`)")
    curves = read_curves(folder, manifest)
    if curves is None:
        raise UserError(f"{folder}: has no time series, because no records of orders were kept")
    first = next(iter(curves.policies.values()))
    known = {key.removeprefix(LEVEL): key for key, curve in first.items() if curve.mean.size == CELLS}
    key = known.get(name.removeprefix(LEVEL))
    if key is None:
        raise UserError(f"no series {name!r}{nearest(name, known)}; series: {', '.join(known)}")
    found = {policy: of[key] for policy, of in curves.policies.items() if key in of}
    return OverTime(
        name,
        curves.days,
        {policy: curve.mean for policy, curve in found.items()},
        {policy: curve.low for policy, curve in found.items()},
        {policy: curve.high for policy, curve in found.items()},
        curves.replications,
    )
