"""Sensitivity: the share of each factor in the variance of a KPI over a design, with intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.experiment.statistics.intervals import Estimate, t_quantile

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Sensitivity:
    """Shares of the variance of a KPI over the design, by factor."""

    method: str
    """The method."""
    first: tuple[Estimate, ...]
    """First-order shares: the factor alone."""
    total: tuple[Estimate, ...] | None
    """Total shares, with all interactions of the factor; None if the design does not give them."""


def of_grid(response: Values, shape: Sequence[int], confidence: float = 0.95) -> Sensitivity:
    """Exact Sobol' indices of a full grid (analysis of variance); every level has the same weight.

    First order: Var(E[y | x_i]) / Var(y); total: 1 - Var(E[y | all but x_i]) / Var(y) (Sobol' 1993; Homma & Saltelli
    1996).

    Args:
        response: shape (points, replications), points in the order of `itertools.product`.
        shape: levels of each factor.
    """

    def indices(y: Values) -> Values:
        grid = y.reshape(tuple(shape))
        spread = grid.var()
        axes = range(grid.ndim)
        first = [grid.mean(axis=tuple(a for a in axes if a != k)).var() for k in axes]
        rest = [grid.mean(axis=k).var() for k in axes]
        return _shares([*first, *(spread - r for r in rest)], spread)

    return _jackknifed("analysis of variance", indices, response, len(shape), confidence, with_total=True)


def of_saltelli(response: Values, factors: int, confidence: float = 0.95) -> Sensitivity:
    """Sobol' indices from the points of `design.saltelli`.

    First order by Saltelli et al. 2010 (table 2 b), total by Jansen 1999 (table 2 f). Shape (points, replications).
    """

    def indices(y: Values) -> Values:
        a, b, *mixed = y.reshape(factors + 2, -1)
        spread = np.concatenate([a, b]).var()
        centre = np.concatenate([a, b]).mean()
        first = [((b - centre) * (m - a)).mean() for m in mixed]
        total = [((a - m) ** 2).mean() / 2 for m in mixed]
        return _shares([*first, *total], spread)

    return _jackknifed("Sobol' indices", indices, response, factors, confidence, with_total=True)


def of_samples(response: Values, inputs: Values, confidence: float = 0.95) -> Sensitivity:
    """Squared standardised regression coefficients for a sample of points: the shares that a linear model explains.

    Args:
        response: shape (points, replications).
        inputs: shape (points, factors), numbers.
    """
    spread = inputs.std(axis=0)
    design = np.column_stack([np.ones(len(inputs)), (inputs - inputs.mean(axis=0)) / np.where(spread > 0, spread, 1.0)])

    def indices(y: Values) -> Values:
        slopes = np.linalg.lstsq(design, y, rcond=None)[0][1:]
        return _shares(list(slopes**2), y.var())

    return _jackknifed("squared regression coefficients", indices, response, inputs.shape[1], confidence, False)


def _shares(parts: Sequence[float], spread: float) -> Values:
    return np.array(parts) / spread if spread > 0 else np.full(len(parts), np.nan)


def _jackknifed(
    method: str,
    indices: Callable[[Values], Values],
    response: Values,
    factors: int,
    confidence: float,
    with_total: bool,
) -> Sensitivity:
    """The indices of the mean response, with jackknife intervals over replications (Tukey 1958)."""
    n = response.shape[1]
    whole = indices(response.mean(axis=1))
    half_widths: Sequence[float | None] = [None] * len(whole)
    if n > 1 and np.isfinite(whole).all():
        everything = response.sum(axis=1)
        without = np.stack([indices((everything - response[:, k]) / (n - 1)) for k in range(n)])
        if np.isfinite(without).all():
            error = np.sqrt((n - 1) / n * ((without - without.mean(axis=0)) ** 2).sum(axis=0))
            half_widths = (t_quantile((1 + confidence) / 2, n - 1) * error).tolist()
    made = [
        Estimate(None, None, 0, "the KPI is the same at every point") if math.isnan(v) else Estimate(v, h, n)
        for v, h in zip(whole.tolist(), half_widths, strict=True)
    ]
    return Sensitivity(method, tuple(made[:factors]), tuple(made[factors:]) if with_total else None)
