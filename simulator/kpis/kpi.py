"""What a KPI is: its identifier, unit, denominator, better direction and definition."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar, cast

from simulator.model.amounts import in_units

if TYPE_CHECKING:
    from simulator.kpis.evidence.evidence import Evidence
    from simulator.model.nouns import World

Better = Literal["higher", "lower", "neither"]
Group = Literal[
    "service",
    "waiting",
    "open at the start",
    "leaving",
    "promise",
    "talk",
    "by site",
    "by segment",
    "by item",
    "stock and supply",
    "by supplier",
    "money",
    "trust",
    "disruption",
]


@dataclass(frozen=True)
class Undefined:
    """The reason why a KPI has no value in this run."""

    reason: str


Value = float | Undefined
Function = Callable[["Evidence"], "Value | Mapping[str, Value]"]
F = TypeVar("F", bound=Function)
N = TypeVar("N", bound=Any)


class RequestedParts(NamedTuple):
    """Parts of a KPI that are worked out only when they are asked for by key, because there may be many."""

    parts: tuple[str, ...] | Callable[[World], tuple[str, ...]]


Parts = tuple[str, ...] | Callable[["World"], tuple[str, ...]] | RequestedParts
"""The parts of a KPI that is a small table: the same in every run, or those of a run's world."""


@dataclass(frozen=True)
class Kpi:
    """One reported number, or a small table of numbers."""

    id: str
    group: Group
    unit: str
    denominator: str
    """What the value is a share of, or a mean over; '' for totals."""
    better: Better
    definition: str
    function: Function
    parts: Parts = ()
    """For a small table: its parts, reported as `id[part]`; () for a number."""
    applies: Callable[[World], bool] | None = None
    """Whether a world has it; None: every world has. A run reports only what its world has."""

    @property
    def on_request(self) -> bool:
        """Whether a part is worked out only when it is asked for by its key, because there may be many parts."""
        return isinstance(self.parts, RequestedParts)

    @property
    def fixed(self) -> tuple[str, ...]:
        """The parts that every world has; () where they depend on it, or there are none."""
        known = self.parts.parts if isinstance(self.parts, RequestedParts) else self.parts
        return known if isinstance(known, tuple) else ()

    def keys(self, world: World) -> tuple[str, ...]:
        """The keys under which a run in this world reports it."""
        if self.applies is not None and not self.applies(world):
            return ()
        if not self.parts:
            return (self.id,)
        known = self.parts.parts if isinstance(self.parts, RequestedParts) else self.parts
        parts = known if isinstance(known, tuple) else known(world)
        return tuple(f"{self.id}[{part}]" for part in parts)

    def has_key(self, key: str) -> bool:
        """Whether any run may report it under this key."""
        if not self.parts:
            return key == self.id
        if self.fixed:
            return key in {f"{self.id}[{part}]" for part in self.fixed}
        return key.startswith(f"{self.id}[") and key.endswith("]")


OF_UNITS = ("units", "unit-days")
"""The units of KPIs that are sums of units; all others are ratios, times, money or counts."""


def reported(value: N, unit: str, world: World) -> N:
    """A KPI of this unit, or an array of its values, as it is reported: what follows from facts counts grains."""
    return in_units(world, value) if unit in OF_UNITS else value


KPIS: dict[str, Kpi] = {}
"""Every KPI by identifier, in the order of the reports."""


def kpi(
    group: Group,
    unit: str,
    better: Better,
    denominator: str = "",
    parts: Parts = (),
    name: str | None = None,
    definition: str | None = None,
    applies: Callable[[World], bool] | None = None,
) -> Callable[[F], F]:
    """Registers a function of the evidence as a KPI.

    Its name is the identifier and its docstring the definition, unless they are given (where one function is made for
    each of several KPIs).

    Raises:
        ValueError: another module has registered a KPI of this name.
    """

    def register(function: F) -> F:
        function.__name__ = name or function.__name__
        function = _once(function)
        words = " ".join((definition or function.__doc__ or "").split())
        made = Kpi(function.__name__, group, unit, denominator, better, words, function, parts, applies)
        if (other := KPIS.get(made.id)) is not None and other.function.__module__ != function.__module__:
            raise ValueError(f"KPI {made.id!r} is in {other.function.__module__} and in {function.__module__}")
        KPIS[made.id] = made
        return function

    return register


def _once(function: F) -> F:
    """The function, worked out once for each evidence: KPIs follow from one another, and are also shown by item."""

    @wraps(function)
    def known(evidence: Evidence, *more: Hashable) -> Value | Mapping[str, Value]:
        values: dict[Hashable, Value | Mapping[str, Value]] = evidence.values
        key = (function, more)
        if key not in values:
            values[key] = function(evidence, *more)
        return values[key]

    return cast(F, known)


def describe(identifier: str) -> Kpi:
    """The KPI that reports a key; `age_buckets[0-3 d]` belongs to `age_buckets`."""
    return KPIS[identifier.split("[")[0]]
