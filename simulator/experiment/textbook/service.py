"""Textbook cases of promises: calibrated dates."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.experiment.textbook.case import Trial, at, case
from simulator.scenario.schema.schema import Scenario


@case("promise-quantile", "a quantile is calibrated when it is missed as often as it says")
def promise_quantile(scenario: Scenario) -> Iterator[Trial]:
    """A date that is kept in nine cases of ten."""
    for policy in scenario.policies:
        p = at(scenario, f"policies.{policy}.promise.default.p")
        yield Trial(policy, {"promise_late_share": 1 - p}, within={"promise_late_share": 0.06 if p < 0.8 else 0.2})
