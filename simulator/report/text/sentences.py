"""Pieces of sentences about estimates and differences."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.experiment.statistics.intervals import Difference, Estimate
from simulator.experiment.statistics.measured import Labels
from simulator.report.text.numbers import decimals, unit, written

NO_INTERVAL = "One replication has no interval, so differences cannot be judged; try --replications 10."


CLAUSES = ", and "


def joined(parts: Sequence[str], end: str = " and ") -> str:
    """'a, b and c'; with CLAUSES 'one falls, another rises, and a third is the same'."""
    *most, last = parts
    return f"{', '.join(most)}{end}{last}" if most else last


def quoted(policies: Sequence[str]) -> str:
    """'`lean` and `safe`'."""
    return joined([f"`{p}`" for p in policies])


def size(difference: Difference, key: str, labels: Labels) -> str:
    """A difference without its sign: '4.1 points'."""
    how = unit(key, labels)
    places = decimals([difference], how.factor)
    return f"{written(abs(difference.mean or 0.0) * how.factor, places)} {how.of_difference}"


def ends(estimate: Estimate, key: str, labels: Labels, signed: bool = False) -> tuple[str, str]:
    """Ends of an interval as written; those of a negative difference without its sign, unless `signed`."""
    factor = unit(key, labels).factor
    places = decimals([estimate], factor)
    low, high = (end or 0.0 for end in (estimate.low, estimate.high))
    if isinstance(estimate, Difference) and (estimate.mean or 0.0) < 0 and not signed:
        low, high = -high, -low
    return written(low * factor, places, signed), written(high * factor, places, signed)
