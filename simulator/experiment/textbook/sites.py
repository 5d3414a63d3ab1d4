"""Textbook cases of several sites that share their stock."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.experiment.textbook.case import Trial, at, case, level, mean_lead
from simulator.experiment.textbook.measures import poisson_demand
from simulator.scenario.schema.schema import Scenario
from simulator.theory import base_stock as theory

SUMS = ("backlog_mean", "on_hand_mean")
"""Levels of all sites together."""


@case("pooling", "Eppen 1979; Hadley & Whitin 1963, 4-7")
def pooling(scenario: Scenario) -> Iterator[Trial]:
    """Two sites that share their stock have the fill rate and backlog of one with the sum of the levels."""
    rates = [float(at(scenario, f"customers.{name}.arrivals.rate")) for name in scenario.customers]
    lead = mean_lead(next(iter(scenario.suppliers.values())))
    sites, S = len(rates), level(scenario, "apart", "S")
    together = theory.base_stock(sum(rates), lead, sites * S)
    apart = theory.base_stock(rates[0], lead, S)
    keys = ("fill_rate", "backlog_mean", "on_hand_mean", "wait_mean")
    for policy, expected in (
        ("shared", {key: together[key] for key in keys}),
        ("apart", {key: apart[key] * (sites if key in SUMS else 1) for key in keys}),
    ):
        wide = {"backlog_mean": 0.08, "wait_mean": 0.08, "on_hand_mean": 0.03}  # few units wait, and in long spells
        yield Trial(policy, expected, controls=poisson_demand(sum(rates), lead), within=wide)
