"""Textbook cases of planning and disruption: bullwhip, a disruption's triangle, lots from a supplier that fails."""

from __future__ import annotations

import math
from collections.abc import Iterator

from simulator.experiment.textbook.case import Trial, at, case, level, mean_lead
from simulator.experiment.textbook.measures import days, kpi, poisson_demand
from simulator.record.run import Run
from simulator.scenario.schema.schema import Scenario
from simulator.theory import disruption as theory
from simulator.theory import lots
from simulator.theory.bullwhip import moving_average, smoothing

YEAR = 365.0


@case("bullwhip", "Chen, Drezner, Ryan & Simchi-Levi 2000")
def bullwhip(scenario: Scenario) -> Iterator[Trial]:
    """Orders that vary more than demand."""
    lead = mean_lead(scenario.suppliers["maker"])
    for policy in ("average", "average_20", "smoothed"):
        forecast = at(scenario, f"policies.{policy}.replenishment.default.forecast")
        covered = lead + at(scenario, f"policies.{policy}.replenishment.default.R")
        if policy == "smoothed":
            ratio = smoothing(covered, forecast.alpha)
        else:
            ratio = moving_average(covered, forecast.periods)
        yield Trial(policy, {"bullwhip": ratio}, replications=12)


@case("better-forecast", "Zipkin 6.2; Silver, Pyke & Thomas 6.10")
def better_forecast(scenario: Scenario) -> Iterator[Trial]:
    """The better forecast and the worse backorders."""
    sizes = at(scenario, "customers.all.basket.quantity")
    chances = dict(zip(map(int, sizes.values), sizes.weights, strict=True))
    rate = at(scenario, "customers.all.arrivals.rate")
    lead = mean_lead(scenario.suppliers["maker"])
    for policy in ("fair", "sharp"):
        decision = at(scenario, f"policies.{policy}.replenishment.default")
        method = decision.forecast.of("widget", decision.R)
        forecast = method.ahead(method.start(0.0), 1.0)
        S = math.ceil((lead + decision.R + decision.safety.days) * forecast / decision.R - 1e-9)
        values = {
            "forecast_error": lots.forecast_error(forecast, rate * decision.R, chances),
            **lots.periodic_up_to(S, decision.R, lead, rate, chances),
        }
        controls = poisson_demand(rate, decision.R, chances)
        yield Trial(policy, values, controls=controls, within={"backlog_mean": 0.05})


@case("disruption", "Simchi-Levi et al. 2015")
def disruption(scenario: Scenario) -> Iterator[Trial]:
    """No supply for a while: survived, peak, cleared."""
    demand = 1 / at(scenario, "customers.all.arrivals.interval")
    lasts = float(scenario.events[0].lasts.moments().mean) if scenario.events[0].lasts else 0.0
    capacity = 1 / at(scenario, "policies.paced.replenishment.default.R")
    values = theory.triangle(demand, scenario.warehouse.stock["widget"], lasts, capacity)
    measures = {"peak": lambda run: kpi(run, "backlog_peak"), "units_late": lambda run: float(run.fills["units"].sum())}
    yield Trial("paced", values, measures=measures, grain=dict.fromkeys(values, 1 / 200))


def lost_sales_cost_per_year(run: Run) -> float:
    """Ordering and holding cost and the price of what was lost, money a year."""
    lost = kpi(run, "lost_at_checkout") * float(run.demand.quantities[run.demand.times >= run.world.warm_up].sum())
    costs = kpi(run, "ordering_cost") + kpi(run, "holding_cost") + lost * run.world.items[0].price
    return costs / days(run) * YEAR


@case("eoq-with-disruptions", "Parlar & Berkin 1991; Snyder & Shen 9.2")
def eoq_with_disruptions(scenario: Scenario) -> Iterator[Trial]:
    """Lots from a supplier that is down now and then."""
    event = scenario.events[0]
    assert event.every is not None
    assert event.lasts is not None
    units = at(scenario, "customers.all.basket.quantity").moments().mean
    rate = YEAR / at(scenario, "customers.all.arrivals.interval") * units
    costs = (scenario.costs.order, scenario.costs.holding.money * YEAR, scenario.items["widget"].price)
    fail, repair = YEAR / event.every.moments().mean, YEAR / event.lasts.moments().mean
    Q = level(scenario, "best", "Q")
    cost = {"cost a year": theory.lot_cost(Q, rate, *costs, fail, repair)}
    yield Trial("best", cost, measures={"cost a year": lost_sales_cost_per_year}, within={"cost a year": 0.04})
