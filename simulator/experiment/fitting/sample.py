"""Recorded values as evidence: exact, rounded to whole units, or known only to be larger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from simulator.foundation.errors import UserError
from simulator.record.ledger import Floats

Rounding = Literal["auto", "nearest", "up", "down", "none"]
ROUNDINGS: tuple[str, ...] = get_args(Rounding)
BELOW = {"nearest": 0.5, "up": 1.0, "down": 0.0}
"""How far below a rounded value the true one may lie; it lies less than 1 - that above it."""


@dataclass(frozen=True)
class Sample:
    """Values of at least 0, each different one with its count, in ascending order."""

    values: Floats
    counts: Floats
    """How often each was seen, shape as `values`."""
    open_values: Floats
    """Values that the true ones exceed: what had not ended when it was recorded."""
    open_counts: Floats
    rounding: Rounding
    """`none`: values are exact."""
    whole: bool
    """Whether all values are whole numbers."""
    alike: float
    """Correlation of values that follow one another in the file; nan where it is not defined."""

    @classmethod
    def of(cls, values: Floats, is_open: Sequence[bool] | None = None, rounding: Rounding = "auto") -> Sample:
        """A sample from values in the order of their file.

        Args:
            values: shape (n,), at least 0.
            is_open: which of them are only lower bounds, shape (n,); none by default.
            rounding: how values were rounded to whole ones; `auto`: to the nearest, if all are whole.

        Raises:
            UserError: there are too few values, or rounded ones are not whole.
        """
        there = np.zeros(values.size, dtype=bool) if is_open is None else np.asarray(is_open, dtype=bool)
        if (~there).sum() < 2:
            raise UserError(f"{int((~there).sum())} values are too few to fit a distribution; expected at least 2")
        whole = bool((values == np.floor(values)).all())
        if rounding not in ("auto", "none") and not whole:
            first = float(values[values != np.floor(values)][0])
            raise UserError(f"{first:g} is not a whole number, so values were not rounded; leave out --rounded")
        known, counts = np.unique(values[~there], return_counts=True)
        bounds, times = np.unique(values[there], return_counts=True)
        found: Rounding = ("nearest" if whole else "none") if rounding == "auto" else rounding
        closed = values[~there]
        steady = closed.size < 3 or not closed[1:].std() or not closed[:-1].std()
        alike = np.nan if steady else float(np.corrcoef(closed[:-1], closed[1:])[0, 1])
        return cls(known, counts.astype(float), bounds, times.astype(float), found, whole, alike)

    @property
    def size(self) -> int:
        """Number of values, lower bounds included."""
        return int(self.counts.sum() + self.open_counts.sum())

    @property
    def zeros(self) -> int:
        """Number of values that are 0."""
        return int(self.counts[self.values == 0].sum())

    @property
    def mean(self) -> float:
        """Mean of the values that are not just lower bounds."""
        return float(self.values @ self.counts / self.counts.sum())

    @property
    def sd(self) -> float:
        """Standard deviation of the values that are not just lower bounds."""
        return float(np.sqrt((self.values - self.mean) ** 2 @ self.counts / self.counts.sum()))

    def interval(self) -> tuple[Floats, Floats]:
        """The ends between which the true value of each rounded one lies."""
        below = BELOW[self.rounding]
        return np.maximum(self.values - below, 0.0), self.values + 1 - below

    def above_zero(self) -> Sample:
        """The values above 0."""
        keep = self.values > 0
        return Sample(
            self.values[keep],
            self.counts[keep],
            self.open_values,
            self.open_counts,
            self.rounding,
            self.whole,
            self.alike,
        )

    def at_most(self) -> Floats:
        """Share of the true values at or below each value (Kaplan & Meier 1958), shape as `values`."""
        left = 1.0
        found = np.empty(self.values.size)
        for k, value in enumerate(self.values):
            at_risk = self.counts[k:].sum() + self.open_counts[self.open_values >= value].sum()
            left *= 1 - self.counts[k] / at_risk
            found[k] = 1 - left
        return found

    def quantile(self, share: float) -> float:
        """The least value that has at least this share at or below it; the largest one where there is none."""
        place = int(np.searchsorted(self.at_most(), share - 1e-12))
        return float(self.values[min(place, self.values.size - 1)])
