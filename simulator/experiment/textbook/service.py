"""Textbook cases of capacity and of promises: one worker, calibrated dates."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.experiment.textbook.case import Trial, at, case
from simulator.scenario.schema import Scenario
from simulator.theory import queue as theory


@case("one-worker", "Erlang 1917; Buzacott & Shanthikumar 1993, 4.3")
def one_worker(scenario: Scenario) -> Iterator[Trial]:
    """One worker makes to order: waits grow without bound as capacity is used up."""
    service = 1 / scenario.sites[next(iter(scenario.sites))].picking.time.moments().mean
    for share in (0.5, 0.8):
        values = theory.one_server(share * service, service)
        waits = {"delivery_mean": values["wait_mean"], "delivery_p95": values["wait_p95"]}
        changes = {"customers.all.arrivals.rate": share * service}
        within = {"delivery_mean": 0.1, "delivery_p95": 0.15}
        yield Trial("to_order", waits, f"{share:.0%} used", changes, replications=20, within=within)


@case("promise-quantile", "a quantile is calibrated when it is missed as often as it says")
def promise_quantile(scenario: Scenario) -> Iterator[Trial]:
    """A date that is kept in nine cases of ten."""
    for policy in scenario.policies:
        p = at(scenario, f"policies.{policy}.promise.p")
        yield Trial(policy, {"promise_late_share": 1 - p}, within={"promise_late_share": 0.06 if p < 0.8 else 0.2})
