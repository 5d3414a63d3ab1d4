"""Numbers for readers: as many digits as the interval justifies, shares in %, thousands separated."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from simulator.experiment.statistics.intervals import Difference, Estimate
from simulator.experiment.statistics.measured import Labels, unit_of
from simulator.kpis.kpi import OF_UNITS

MOST_DECIMALS = 4
DIGITS = 2
"""Significant digits of a half-width."""
NOISE = 1e-9
"""A half-width below this share of the mean is a rounding error."""


class Unit(NamedTuple):
    """The unit in which a KPI's values are written."""

    name: str
    """In tables: %, d, units, EUR."""
    factor: float
    """Value as stored -> value as written."""
    of_difference: str
    """After a difference: points, d, units, EUR."""


def unit(key: str, labels: Labels) -> Unit:
    """The unit of a KPI by its key; '' for one that this version does not know."""
    name = unit_of(key)
    if name == "share":
        return Unit("%", 100.0, "points")
    if name == "currency":
        return Unit(labels.currency, 1.0, labels.currency)
    if name in OF_UNITS and (goods := labels.goods(key)):
        name = goods if name == "units" else f"{goods}-days"
    return Unit(name, 1.0, name)


def _reaches_zero(estimates: Iterable[Estimate], factor: float, places: int) -> bool:
    """Whether the interval of a significant difference would appear to reach 0 after rounding."""
    return any(
        isinstance(e, Difference)
        and e.significant
        and not is_exact(e)
        and round(min(abs(e.low or 0.0), abs(e.high or 0.0)) * factor, places) == 0
        for e in estimates
    )


def decimals(estimates: Iterable[Estimate], factor: float = 1.0) -> int:
    """Decimals shared by the numbers of a row.

    The widest interval gets two digits, or one more where a narrower one needs it. Without intervals, the largest
    number gets four digits, fewer if all numbers are exact with fewer.

    >>> decimals([Estimate(0.951234, 0.0021, 10)], 100)
    2
    """
    known = [e for e in estimates if e.mean is not None]
    widths = [e.half_width * factor for e in known if e.half_width and not is_exact(e)]
    if widths:
        widest = DIGITS - 1 - math.floor(math.log10(max(widths)))
        narrowest = -math.floor(math.log10(min(widths)))
        places = min(max(widest, min(narrowest, widest + 1), 0), MOST_DECIMALS)
        return next((p for p in range(places, MOST_DECIMALS) if not _reaches_zero(known, factor, p)), MOST_DECIMALS)
    means = [abs(e.mean or 0.0) * factor for e in known if e.mean]
    most = min(max(3 - math.floor(math.log10(max(means))), 0), MOST_DECIMALS) if means else 0
    return next((p for p in range(most) if all(abs(m - round(m, p)) <= NOISE * m for m in means)), most)


def is_exact(estimate: Estimate) -> bool:
    """Whether the KPI had the same value in every replication, up to rounding errors."""
    return estimate.half_width is not None and estimate.half_width <= NOISE * abs(estimate.mean or 0.0)


def written(value: float, places: int, sign: bool = False) -> str:
    """'1,234.5'; with `sign` '+1,234.5'. A number that rounds to zero has no sign.

    >>> written(-0.001, 1), written(1234.5, 1, sign=True)
    ('0.0', '+1,234.5')
    """
    rounded = round(value, places) + 0.0
    return f"{rounded:{'+' if sign and rounded else ''},.{places}f}"


def arms(estimate: Estimate, places: int, factor: float) -> str:
    """'± 0.21', or '(99.2–99.9)' where the arms of the interval differ."""
    if estimate.even:
        return f"± {written((estimate.half_width or 0.0) * factor, places)}"
    low, high = (written((end or 0.0) * factor, places) for end in (estimate.low, estimate.high))
    return f"({low}–{high})"
