"""What a KPI is: identifier, unit, denominator, better direction and definition in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from simulator.kpis.evidence.evidence import Evidence
    from simulator.model.nouns import World

Better = Literal["higher", "lower", "neither"]
Group = Literal[
    "service",
    "waiting",
    "leaving",
    "promise",
    "talk",
    "by segment",
    "stock and supply",
    "by supplier",
    "money",
    "trust",
    "disruption",
]


@dataclass(frozen=True)
class Undefined:
    """A KPI without a value in this run, and why."""

    reason: str


Value = float | Undefined
Function = Callable[["Evidence"], "Value | Mapping[str, Value]"]
Parts = tuple[str, ...] | Callable[["World"], tuple[str, ...]]
"""The columns of a small table: the same in every run, or those of a run's world."""


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
    parts: Parts = ()
    """For a KPI that is a small table: its columns, reported as `id[part]`; () for one that is a number."""

    def keys(self, world: World) -> tuple[str, ...]:
        """The keys under which a run of this world reports it."""
        if not self.parts:
            return (self.id,)
        parts = self.parts if isinstance(self.parts, tuple) else self.parts(world)
        return tuple(f"{self.id}[{part}]" for part in parts)

    def has_key(self, key: str) -> bool:
        """Whether some run may report it under this key."""
        if not self.parts:
            return key == self.id
        if isinstance(self.parts, tuple):
            return key in {f"{self.id}[{part}]" for part in self.parts}
        return key.startswith(f"{self.id}[") and key.endswith("]")


KPIS: dict[str, Kpi] = {}
"""Every KPI by its identifier, in the order of the reports."""


def kpi(
    group: Group, unit: str, better: Better, denominator: str = "", parts: Parts = ()
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
