"""Textbook cases of production: one line that makes to stock."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.experiment.textbook.case import Trial, at, case, level
from simulator.experiment.textbook.measures import poisson_demand, scaled
from simulator.scenario.schema.schema import Scenario
from simulator.theory import production as theory


@case("make-to-stock", "Buzacott & Shanthikumar 1993, 4.3; Zipkin 7.3")
def make_to_stock(scenario: Scenario) -> Iterator[Trial]:
    """One line makes to stock."""
    rate = at(scenario, "customers.all.arrivals.rate")
    capacity = scenario.suppliers["maker"].capacity
    assert capacity is not None
    speed = 1 / capacity.unit_time.moments().mean
    for policy in scenario.policies:
        values = theory.make_to_stock(rate, speed, level(scenario, policy, "S"))
        if not level(scenario, policy, "S"):
            values = {name: values[name] for name in ("backlog_mean", "wait_mean", "wait_p95")}
        values["utilisation of the line"] = rate / speed
        controls = tuple(poisson_demand(rate, block=10.0))
        within = dict.fromkeys(values, 0.25)
        measures = {"utilisation of the line": scaled("line_utilisation[maker]", 1.0)}
        yield Trial(policy, values, measures=measures, controls=controls, within=within)
