"""Evaluation of expectations: each holds, fails, or is unclear."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.experiment.results.results import Results
from simulator.experiment.statistics.intervals import Difference, Estimate
from simulator.experiment.statistics.verdicts import direction
from simulator.foundation.errors import UserError, nearest
from simulator.scenario.schema.expect import Expectation

HOLDS, FAILS, UNCLEAR = "holds", "fails", "unclear"


@dataclass(frozen=True)
class ExpectationResult:
    """An expectation, its outcome and the measured values."""

    expectation: Expectation
    outcome: str
    """`holds`: the whole interval is on the right side; `fails`: it is on the wrong side, or there is no value;
    `unclear`: the interval includes the limit, and more replications may decide."""
    estimates: Mapping[str, Estimate]
    """The KPI by policy."""
    difference: Difference | None = None
    """For a comparison: the better policy minus the other, paired by replication."""

    def to_plain(self) -> dict[str, Any]:
        """Plain data."""
        measured = {p: {"mean": e.mean, "low": e.low, "high": e.high} for p, e in self.estimates.items()}
        found: dict[str, Any] = {"expectation": str(self.expectation), "outcome": self.outcome, "measured": measured}
        if (d := self.difference) is not None:
            found["difference"] = {"mean": d.mean, "low": d.low, "high": d.high}
        return found


def check_expectations(results: Results, expectations: Iterable[Expectation]) -> list[ExpectationResult]:
    """Evaluate each expectation at the confidence of the results; the interval decides, not the mean.

    Raises:
        UserError: an expectation names a policy or KPI that these results do not have.
    """
    return [check_expectation(results, expectation) for expectation in expectations]


def check_expectation(results: Results, expectation: Expectation) -> ExpectationResult:
    """Evaluate one expectation, see `check_expectations`."""
    for policy in filter(None, (expectation.policy, expectation.better, expectation.than)):
        if policy not in results.policies:
            near, known = nearest(policy, results.policies), ", ".join(results.policies)
            raise UserError(f"{expectation}: no policy {policy!r} in these results{near}; policies: {known}")
    if expectation.kpi not in results.kpis:
        raise UserError(f"{expectation}: no such KPI in these results{nearest(expectation.kpi, results.kpis)}")
    if expectation.policy is not None:
        found = results.estimate(expectation.policy, expectation.kpi)
        low, high = expectation.bounds.get("at_least"), expectation.bounds.get("at_most")
        return ExpectationResult(expectation, _within(found, low, high), {expectation.policy: found})
    better, than = str(expectation.better), str(expectation.than)
    d = results.difference(better, than, expectation.kpi)
    margin = float(expectation.by or 0.0)
    if direction(expectation.kpi) == "higher":
        outcome = _beyond(d, margin)
    else:
        outcome = _beyond(Estimate(None if d.mean is None else -d.mean, d.half_width, d.n), margin)
    estimates = {policy: results.estimate(policy, expectation.kpi) for policy in (better, than)}
    return ExpectationResult(expectation, outcome, estimates, d)


def _within(found: Estimate, low: float | None, high: float | None) -> str:
    if found.mean is None:
        return FAILS
    if found.low is None or found.high is None:
        return UNCLEAR
    if (low is not None and found.high < low) or (high is not None and found.low > high):
        return FAILS
    safe = (low is None or found.low >= low) and (high is None or found.high <= high)
    return HOLDS if safe else UNCLEAR


def _beyond(gain: Estimate, margin: float) -> str:
    """Whether a gain is above 0 and at least the margin."""
    if gain.mean is None:
        return FAILS
    if gain.low is None or gain.high is None:
        return UNCLEAR
    if gain.high < margin or gain.high <= 0:
        return FAILS
    return HOLDS if gain.low > 0 and gain.low >= margin else UNCLEAR
