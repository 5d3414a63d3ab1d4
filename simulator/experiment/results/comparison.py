"""Comparison of two results: of two commits, of two scenarios, or of a run with its baseline."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from simulator.experiment.statistics.intervals import Difference, Estimate, difference, estimate, holm, unpaired
from simulator.experiment.statistics.measured import MeasuredValues, unit_of
from simulator.experiment.statistics.verdicts import SAME, UNCLEAR, verdict
from simulator.foundation.errors import UserError
from simulator.kpis.kpi import Undefined, Value

NEAR = 1e-7
"""Values whose relative difference is smaller are equal: rounding in a baseline or another CPU causes that much."""
GONE, NEW = "no value now", "has a value now"


class ComparableResults(MeasuredValues, Protocol):
    """Results, or a baseline."""

    @property
    def seed(self) -> int:
        """Seed of all random streams."""

    def facts(self, policy: str) -> Sequence[str | None]:
        """A digest of all events, for each replication."""


@dataclass(frozen=True)
class KpiChange:
    """How one KPI of one policy changed."""

    policy: str
    kpi: str
    before: Estimate
    after: Estimate
    difference: Difference
    """After minus before."""
    p: float
    """p-value of the difference, adjusted for the number of comparisons (Holm)."""
    verdict: str
    """same; better, worse, higher or lower if significant; unclear; or that it gained or lost its value."""

    @property
    def significant(self) -> bool:
        """Whether the change is statistically significant."""
        return self.verdict not in (SAME, UNCLEAR)

    def to_plain(self) -> dict[str, Any]:
        """Plain data."""
        d = self.difference
        return {
            "policy": self.policy,
            "kpi": self.kpi,
            "before": self.before.mean,
            "after": self.after.mean,
            "difference": d.mean,
            "half_width": d.half_width,
            "p": self.p,
            "verdict": self.verdict,
            "significant": self.significant,
        }


@dataclass(frozen=True)
class Comparison:
    """The outcome of a comparison."""

    paired: bool
    """Paired by replication: both have the same seed, and so common random numbers."""
    replications: int
    """Number of pairs; with different seeds, the smaller number of replications."""
    behaviour: Mapping[str, tuple[int, int]]
    """By policy: the number of identical replications, and of all that can be compared; (0, 0) if that is not known."""
    moves: tuple[KpiChange, ...]
    left: tuple[str, ...] = ()
    """Policies that only the first has."""
    new: tuple[str, ...] = ()
    """Policies that only the second has."""

    def identical(self, policy: str) -> bool:
        """Whether the policy behaved identically in every replication, fact by fact."""
        same, known = self.behaviour[policy]
        return 0 < known == same

    def of(self, policy: str) -> list[KpiChange]:
        """The changes of one policy."""
        return [move for move in self.moves if move.policy == policy]

    def to_plain(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "paired": self.paired,
            "replications": self.replications,
            "identical": {policy: self.identical(policy) for policy in self.behaviour},
            "moves": [move.to_plain() for move in self.moves],
            "only_before": list(self.left),
            "only_after": list(self.new),
        }


def compare(
    before: ComparableResults, after: ComparableResults, kpis: Iterable[str] | None = None, confidence: float = 0.95
) -> Comparison:
    """Compare policies of the same name, KPI by KPI; if each side has a single policy, names need not match.

    With the same seed, differences are paired by replication; with two seeds, Welch's test is used. A change is
    significant if its p-value, adjusted for the number of comparisons, is at most 1 - confidence.

    Raises:
        UserError: they have no policy in common.
    """
    pairs = _pairs(before, after)
    paired = before.seed == after.seed
    n = min(before.replications, after.replications)
    wanted = set(before.kpis if kpis is None else kpis)
    shared = [kpi for kpi in after.kpis if kpi in wanted and kpi in before.kpis]
    behaviour = {new: _behaviour(before.facts(old)[:n], after.facts(new)[:n], paired) for old, new in pairs}
    found = [
        _move(before, after, old, new, kpi, n if paired else None, confidence) for old, new in pairs for kpi in shared
    ]
    alive = [k for k, move in enumerate(found) if move.verdict not in (SAME, GONE, NEW)]
    for k, p in zip(alive, holm([found[k].p for k in alive]), strict=True):
        found[k] = _settled(found[k], p, p <= 1 - confidence)
    left = tuple(p for p in before.policies if p not in {old for old, _ in pairs})
    new = tuple(p for p in after.policies if p not in behaviour)
    return Comparison(paired, n, behaviour, tuple(found), left, new)


def _pairs(before: ComparableResults, after: ComparableResults) -> list[tuple[str, str]]:
    common = [(policy, policy) for policy in after.policies if policy in before.policies]
    if not common and len(before.policies) == len(after.policies) == 1:
        return [(before.policies[0], after.policies[0])]
    if not common:
        raise UserError(
            f"no policy in common: one has {', '.join(before.policies)}, the other {', '.join(after.policies)}"
        )
    return common


def _behaviour(before: Sequence[str | None], after: Sequence[str | None], paired: bool) -> tuple[int, int]:
    known = [(a, b) for a, b in zip(before, after, strict=True) if paired and a is not None and b is not None]
    return sum(a == b for a, b in known), len(known)


def _move(
    before: ComparableResults, after: ComparableResults, old: str, new: str, kpi: str, n: int | None, confidence: float
) -> KpiChange:
    a, b = before.column(old, kpi, 0, n), after.column(new, kpi, 0, n)
    share = unit_of(kpi) == "share"
    ends = estimate(a, confidence, share), estimate(b, confidence, share)
    if n is not None and all(map(_equal, a, b)):
        return KpiChange(new, kpi, *ends, Difference(0.0 if ends[0].mean is not None else None, 0.0, n), 1.0, SAME)
    if (ends[0].mean is None) != (ends[1].mean is None):
        said = GONE if ends[1].mean is None else NEW
        return KpiChange(new, kpi, *ends, Difference(None, None, 0, ends[0].reason or ends[1].reason), 1.0, said)
    d = difference(b, a, confidence) if n is not None else unpaired(b, a, confidence)
    return KpiChange(new, kpi, *ends, d, d.p, UNCLEAR)


def _settled(move: KpiChange, p: float, significant: bool) -> KpiChange:
    d = move.difference
    word = UNCLEAR
    if significant and d.mean is not None:
        word = verdict(Difference(d.mean, 0.0, d.n), move.kpi)  # the p-value has decided: only the sign counts
    return replace(move, p=p, verdict=word if word != SAME else UNCLEAR)


def _equal(a: Value, b: Value) -> bool:
    if isinstance(a, Undefined) or isinstance(b, Undefined):
        return isinstance(a, Undefined) and isinstance(b, Undefined)
    return math.isclose(a, b, rel_tol=NEAR, abs_tol=1e-12)
