"""Textbook cases of lots, single periods, safety stock and pooling."""

from __future__ import annotations

import math
from collections.abc import Iterator

from simulator.experiment.textbook.case import Trial, at, case, level
from simulator.experiment.textbook.measures import (
    cost_per_day,
    cost_per_year,
    cost_when_ordering,
    daily_demand,
    scaled,
)
from simulator.scenario.schema.schema import Scenario
from simulator.theory import lots as theory
from simulator.theory.laws import normal_short

GRAIN = 100
"""Units of the scenario in one of the book, where the book's are continuous."""
YEAR = 365.0


@case("eoq-planned-backorders", "Snyder & Shen 3.5; Harris 1913")
def eoq_planned_backorders(scenario: Scenario) -> Iterator[Trial]:
    """Ordering late on purpose."""
    rate = YEAR / at(scenario, "customers.all.arrivals.interval") / GRAIN
    costs = scenario.costs
    order, hold, short = costs.order, costs.holding.money * YEAR * GRAIN, costs.backorder * YEAR * GRAIN
    Q, share = theory.eoq(rate, order, hold, short)
    waiting = share * Q
    in_books = {"cost a year": cost_per_year} | {
        f"{k} / {GRAIN}": scaled(k, 1 / GRAIN) for k in ("backlog_mean", "backlog_peak")
    }
    values = {
        "cost a year": theory.lot_cost(Q, waiting, rate, order, hold, short),
        "backlog_mean / 100": waiting**2 / (2 * Q),
        "backlog_peak / 100": waiting,
        "wait_max": waiting / rate * YEAR,
        "fill_rate": 1 - share,
    }
    yield Trial(
        "planned_backorders",
        values,
        measures=in_books,
        grain=dict.fromkeys(values, 0.002),
    )
    plain, _ = theory.eoq(rate, order, hold)
    steps = round(plain * GRAIN)
    lot = steps / GRAIN / rate
    yield Trial(
        "no_backorders",
        {"cost a year": theory.lot_cost(plain, 0.0, rate, order, hold, short), "backlog_peak / 100": 0.0},
        changes={
            "warehouse.stock.widget": steps,
            "clock.warm_up": f"{lot + 0.5 / GRAIN / rate} y",
            "clock.horizon": f"{3 * lot + 0.5 / GRAIN / rate} y",
        },
        measures=in_books,
        grain={"cost a year": 2e-4},
    )


@case("newsvendor", "Snyder & Shen 4.3")
def newsvendor(scenario: Scenario) -> Iterator[Trial]:
    """One number of papers a day."""
    mean, sd = (at(scenario, f"customers.all.basket.quantity.{key}") / GRAIN for key in ("mean", "sd"))
    hold, short = scenario.costs.holding.money * GRAIN, scenario.costs.backorder * GRAIN
    for policy in scenario.policies:
        values = theory.newsvendor(level(scenario, policy, "S") / GRAIN, mean, sd, hold, short)
        yield Trial(
            policy,
            {
                "cost a day": values["cost"],
                "fill_rate": values["fill_rate"],
                "backlog_mean / 100": values["backlog_mean"],
            },
            measures={"cost a day": cost_per_day, "backlog_mean / 100": scaled("backlog_mean", 1 / GRAIN)},
            controls=daily_demand(GRAIN * mean, (GRAIN * sd) ** 2 + 1 / 12),
            replications=None if policy == "best" else 10,
            within={"backlog_mean / 100": 0.02 if policy == "best" else 0.1},
        )


@case("periodic-s-S", "Zheng & Federgruen 1991")
def periodic(scenario: Scenario) -> Iterator[Trial]:
    """Order up to S when s is reached."""
    costs = scenario.costs
    mean = at(scenario, "customers.all.basket.quantity.mean")
    for policy in scenario.policies:
        s, S = level(scenario, policy, "s"), level(scenario, policy, "S")
        cost = theory.renewal_cost(s, S, mean, costs.order, costs.holding.money, costs.backorder)
        yield Trial(policy, {"cost a day": cost}, measures={"cost a day": cost_per_day}, within={"cost a day": 0.01})


@case("safety-stock", "Silver, Pyke & Thomas 6.7; Snyder & Shen 5.3")
def safety_stock(scenario: Scenario) -> Iterator[Trial]:
    """The variance that was forgotten."""
    demand = at(scenario, "customers.all.basket.quantity")
    lead = at(scenario, "suppliers.maker.lead_time")
    for policy in scenario.policies:
        s = level(scenario, policy, "s")
        value = theory.no_backlog_in_a_cycle(s, demand.mean, demand.sd, lead.mean, lead.sd)
        yield Trial(policy, {"cycle_service": value})


@case("pooling-four-sites", "Eppen 1979")
def pooling_four_sites(scenario: Scenario) -> Iterator[Trial]:
    """Four sites on their own."""
    mean, sd, sites = _daily(scenario)
    S = level(scenario, "base", "S") / GRAIN
    short = sites * normal_short(S, mean, sd)
    yield _pooled(mean, sd, sites, {"backlog_mean / 100": short, "fill_rate": 1 - short / (sites * mean)}, 0.03)


@case("pooling-one-hub", "Eppen 1979")
def pooling_one_hub(scenario: Scenario) -> Iterator[Trial]:
    """One hub for all: half the safety stock, half the backlog."""
    mean, sd, sites = _daily(scenario)
    S = level(scenario, "base", "S") / GRAIN
    short = normal_short(S, sites * mean, theory.pooled_sd(sd, sites))
    yield _pooled(mean, sd, sites, {"backlog_mean / 100": short}, 0.05)


def _pooled(mean: float, sd: float, sites: int, values: dict[str, float], within: float) -> Trial:
    return Trial(
        "base",
        values,
        measures={"backlog_mean / 100": scaled("backlog_mean", 1 / GRAIN)},
        controls=daily_demand(GRAIN * mean, (GRAIN * sd) ** 2 + 1 / 12, streams=sites),
        within={"backlog_mean / 100": within},
    )


def _daily(scenario: Scenario) -> tuple[float, float, int]:
    """Mean and standard deviation of a site's daily demand, units of the book; number of sites."""
    law = at(scenario, "customers.northerners.basket.quantity")
    return law.mean / GRAIN, law.sd / GRAIN, len(scenario.customers)


@case("law-kelton", "Law & Kelton, Simulation Modeling and Analysis, 1.5")
def law_kelton(scenario: Scenario) -> Iterator[Trial]:
    """Nine (s,S) policies."""
    sizes = at(scenario, "customers.all.basket.quantity")
    chances = dict(zip(map(int, sizes.values), (w / math.fsum(sizes.weights) for w in sizes.weights), strict=True))
    rate, start = at(scenario, "customers.all.arrivals.rate"), at(scenario, "warehouse.stock.widget")
    costs = scenario.costs
    money = (costs.order, scenario.items["widget"].unit_cost, costs.holding.money, costs.backorder)
    for policy in scenario.policies:
        s, S = level(scenario, policy, "s") + 1, level(scenario, policy, "S")  # they order below s, we at or below
        value = theory.law_kelton(s, S, round(scenario.clock.horizon), start, rate, chances, money)
        yield Trial(policy, {"cost a month": value}, measures={"cost a month": cost_when_ordering})
