"""What a KPI is: identifier, unit, denominator, better direction and definition in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from simulator.kpis.evidence import Evidence

Better = Literal["higher", "lower", "neither"]
Group = Literal["service", "waiting", "leaving", "stock and supply", "money"]


@dataclass(frozen=True)
class Undefined:
    """A KPI without a value in this run, and why."""

    reason: str


Value = float | Undefined
Function = Callable[["Evidence"], "Value | Mapping[str, Value]"]


@dataclass(frozen=True)
class Kpi:
    """One number we report."""

    id: str
    group: Group
    unit: str
    denominator: str
    """What it is a share or a mean of; '' for totals."""
    better: Better
    definition: str
    function: Function
    parts: tuple[str, ...] = ()
    """For a KPI that is a small table: its columns, reported as `id[part]`."""


KPIS: dict[str, Kpi] = {}
"""Every KPI by its identifier, in the order of the reports."""


def kpi(
    group: Group, unit: str, better: Better, denominator: str = "", parts: tuple[str, ...] = ()
) -> Callable[[Function], Function]:
    """Registers a function of the evidence; its name is the identifier, its docstring the definition."""

    def register(function: Function) -> Function:
        definition = " ".join((function.__doc__ or "").split())
        KPIS[function.__name__] = Kpi(function.__name__, group, unit, denominator, better, definition, function, parts)
        return function

    return register


def describe(identifier: str) -> Kpi:
    """The KPI of an identifier; `age_buckets[0-3 d]` belongs to `age_buckets`."""
    return KPIS[identifier.split("[")[0]]
