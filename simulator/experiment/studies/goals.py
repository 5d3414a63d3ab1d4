"""Goals of a search: KPIs to minimise or maximise, and bounds on KPIs."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic_core import PydanticCustomError

from simulator.experiment.arguments import kpis_of
from simulator.experiment.statistics.measured import unit_of
from simulator.foundation.errors import UserError
from simulator.foundation.units import fraction

_BOUND = re.compile(r"\s*([^<>=\s]+)\s*(>=|<=|≥|≤)\s*(.+?)\s*")


@dataclass(frozen=True)
class Goal:
    """A KPI to minimise or maximise."""

    kpi: str
    better: Literal["lower", "higher"]

    def loss(self, value: float) -> float:
        """The value with its sign such that less is better."""
        return value if self.better == "lower" else -value

    def __str__(self) -> str:
        return f"{'least' if self.better == 'lower' else 'greatest'} {self.kpi}"


@dataclass(frozen=True)
class KpiBound:
    """A bound on the mean of a KPI: at least or at most `limit`, in the KPI's unit."""

    kpi: str
    at_least: bool
    limit: float

    def excess(self, value: float | None) -> float:
        """How far beyond the bound, in the KPI's unit: 0 or less where it is kept, infinite without a value."""
        if value is None:
            return math.inf
        return self.limit - value if self.at_least else value - self.limit

    def __str__(self) -> str:
        limit = f"{self.limit * 100:g} %" if unit_of(self.kpi) == "share" else f"{self.limit:g}"
        return f"{self.kpi} {'>=' if self.at_least else '<='} {limit}"


def goals(minimise: Sequence[str], maximise: Sequence[str]) -> tuple[Goal, ...]:
    """The goals: KPIs to minimise and to maximise.

    Raises:
        UserError: there is no goal, or a KPI is unknown or given twice.
    """
    found = [Goal(kpi, "lower") for kpi in kpis_of(minimise)] + [Goal(kpi, "higher") for kpi in kpis_of(maximise)]
    if not found:
        raise UserError("nothing to search for: give --minimise KPI or --maximise KPI")
    if len({goal.kpi for goal in found}) < len(found):
        raise UserError("a KPI can be a goal only once")
    return tuple(found)


def bound(text: str) -> KpiBound:
    """The bound that `--subject-to` gives.

    >>> bound("fill_rate>=97%")
    KpiBound(kpi='fill_rate', at_least=True, limit=0.97)

    Raises:
        UserError: the text is not a bound on a KPI.
    """
    match = _BOUND.fullmatch(text)
    if match is None:
        raise UserError(f"--subject-to {text!r}: expected KPI>=value or KPI<=value, for example 'fill_rate>=97%'")
    kpi, sign, said = match.groups()
    (kpi,) = kpis_of([kpi])
    try:
        limit = fraction(said) if said.endswith("%") else float(said)
    except (ValueError, PydanticCustomError):
        limit = math.nan
    if not math.isfinite(limit):
        raise UserError(f"--subject-to {text!r}: {said!r} is not a number")
    if unit_of(kpi) == "share" and not 0 <= limit <= 1:
        raise UserError(f"--subject-to {text!r}: {kpi} is a share; write 97% or 0.97")
    return KpiBound(kpi, sign in (">=", "≥"), limit)
