"""Textbook cases of customers who do not wait, or not for ever."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.experiment.textbook.case import Trial, at, case, level
from simulator.experiment.textbook.measures import hazard, poisson_demand
from simulator.experiment.textbook.stock import ANY_LAW, demand_and_lead
from simulator.scenario.schema.schema import Scenario
from simulator.theory import leaving as theory


@case("lost-sales", "Karush 1957; Zipkin 7.2.3")
def lost_sales(scenario: Scenario) -> Iterator[Trial]:
    """Nobody waits: Erlang's loss system, for any lead time."""
    rate, lead = demand_and_lead(scenario)
    S, short = level(scenario, "lost", "S"), level(scenario, "limited", "S")
    for label, law in ({"": f"{lead:g} d"} | ANY_LAW).items():
        yield Trial(
            "lost",
            theory.lost_sales(rate, lead, S),
            label,
            {"suppliers.maker.lead_time": law, "clock.warm_up": "60 d", "clock.horizon": "12560 d"},
            controls=poisson_demand(rate, lead),
            within={} if not label else {"lost_at_checkout": 0.04},
        )
    most = int(at(scenario, "policies.limited.acceptance.default.units"))
    yield Trial("limited", theory.limited(rate, lead, short, most), controls=poisson_demand(rate, lead))


@case("impatient", "Garnett, Mandelbaum & Reiman 2002, with and without the purchase")
def impatient(scenario: Scenario) -> Iterator[Trial]:
    """Customers who give up."""
    rate, lead = demand_and_lead(scenario)
    patience = float(at(scenario, "customers.all.patience").moments().mean)
    for policy, closed_form in (("base", theory.impatient), ("withdrawn", theory.erlang_a)):
        yield Trial(
            policy,
            closed_form(rate, lead, patience, level(scenario, policy, "S")) | {"cancelled a unit-day": 1 / patience},
            measures={"cancelled a unit-day": hazard},
            controls=poisson_demand(rate, lead),
        )
