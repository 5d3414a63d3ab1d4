"""Textbook cases of base stock and reorder points: levels, waits, overtaking, allocation, Little, two items."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.experiment.textbook.case import Trial, at, case, level, mean_lead
from simulator.experiment.textbook.measures import (
    area_over_waits,
    cost_per_day,
    found_all,
    later_than,
    poisson_demand,
)
from simulator.scenario.schema.schema import Scenario
from simulator.theory import base_stock as theory

ANY_LAW = {
    "exponential lead time": {"kind": "exponential", "mean": "5 d"},
    "gamma lead time": {"kind": "gamma", "mean": "5 d", "cv": 0.5},
}
"""Laws of the mean that the scenarios have, 5 d."""


def demand_and_lead(scenario: Scenario) -> tuple[float, float]:
    """Units a day and mean lead time, days, of a scenario of one segment and one supplier."""
    (segment,), supplier = scenario.customers, next(iter(scenario.suppliers.values()))
    return float(at(scenario, f"customers.{segment}.arrivals.rate")), mean_lead(supplier)


@case("base-stock", "Hadley & Whitin 1963, 4-7; Zipkin 6.2")
def base_stock(scenario: Scenario) -> Iterator[Trial]:
    """One for one: levels and the whole law of the wait."""
    rate, lead = demand_and_lead(scenario)
    S = level(scenario, "base", "S")
    days = (0.25, 0.5, 1.0, 1.5, 2.0)
    yield Trial(
        "base",
        theory.base_stock(rate, lead, S)
        | {f"wait_p{round(100 * p)}": theory.wait_quantile(rate, lead, [S], p) for p in (0.95, 0.99)}
        | {f"P(wait > {t:g} d)": theory.later_than(rate, lead, [S], t) for t in days},
        measures={f"P(wait > {t:g} d)": later_than(t) for t in days},
        controls=poisson_demand(rate, lead),
        within={
            "wait_p99": 0.03,
            **{f"P(wait > {t:g} d)": 0.02 if t < 0.5 else 0.1 if t > 1.5 else 0.05 for t in days},
        },
    )


@case("any-lead-time", "Palm 1938; Zipkin 7.2", scenario="base-stock")
def any_lead_time(scenario: Scenario) -> Iterator[Trial]:
    """Only the mean of the lead time matters."""
    rate, lead = demand_and_lead(scenario)
    S = level(scenario, "base", "S")
    for label, law in ANY_LAW.items():
        expected = theory.base_stock(rate, lead, S)
        yield Trial(
            "base",
            {name: expected[name] for name in ("fill_rate", "on_hand_mean", "backlog_mean", "wait_mean")}
            | {"on_order_mean": rate * lead, "lead_time_effective": lead},
            label,
            {"suppliers.maker.lead_time": law, "clock.warm_up": "100 d", "clock.horizon": "15100 d"},
            controls=poisson_demand(rate, lead),
            replications=24,
            within={"backlog_mean": 0.08, "wait_mean": 0.08},
        )


@case("overtaking", "Zipkin 7.4; Hayya et al. 2008")
def overtaking(scenario: Scenario) -> Iterator[Trial]:
    """May a later purchase arrive first?."""
    rate, lead = demand_and_lead(scenario)
    S = level(scenario, "in_order", "S")
    free = theory.base_stock(rate, lead, S)["fill_rate"]
    yield Trial("overtaking", {"fill_rate": free, "lead_time_effective": lead}, replications=20)
    yield Trial(
        "in_order",
        theory.in_strict_order(rate, lead, S),
        controls=poisson_demand(rate, lead),
        within={"fill_rate": 0.05},
    )


@case("reorder-point", "Hadley & Whitin 1963, 4-8; Federgruen & Zheng 1992")
def reorder_point(scenario: Scenario) -> Iterator[Trial]:
    """A lot of Q at the reorder point."""
    rate, lead = demand_and_lead(scenario)
    costs = (scenario.costs.order, 1.0, scenario.costs.backorder)
    for policy in ("r9_Q20", "r9_Q14"):
        r, Q = level(scenario, policy, "s"), level(scenario, policy, "Q")
        cost = {"cost a day": theory.reorder_cost(rate, lead, r, Q, *costs)}
        values = theory.reorder_point(rate, lead, r, Q)
        service = {
            "cycle_service": values.pop("no_backlog"),
            "ready_rate": values["fill_rate"],  # Poisson arrivals see time averages
            "wait_p95": theory.wait_quantile(rate, lead, theory.positions(r, Q), 0.95),
            "purchase_size": float(Q),
        }
        yield Trial(
            policy,
            values | service | cost if policy == "r9_Q20" else cost,
            measures={"cost a day": cost_per_day},
            controls=poisson_demand(rate, lead),
            replications=None if policy == "r9_Q20" else 10,
            within={"wait_p95": 0.03},
        )


@case("allocation", "Little 1961")
def allocation(scenario: Scenario) -> Iterator[Trial]:
    """Who is served first changes who waits, not how much is waited."""
    rate = float(sum(at(scenario, f"customers.{name}.arrivals.rate") for name in scenario.customers))
    lead = mean_lead(scenario.suppliers["maker"])
    shorter = {"clock.horizon": "15000 d"}
    first, *others = scenario.policies
    values = theory.base_stock(rate, lead, level(scenario, first, "S"))
    yield Trial(
        first,
        {name: values[name] for name in ("backlog_mean", "wait_mean")},
        changes=shorter,
        controls=poisson_demand(rate, lead),
        replications=16,
        within={"backlog_mean": 0.04, "wait_mean": 0.04},
    )
    for policy in others:
        yield Trial(policy, {"backlog_mean": 0.0, "wait_mean": 0.0}, changes=shorter, replications=2, against=first)


MESSY = {
    "customers.all.basket": {"kind": "single", "item": "widget", "quantity": {"kind": "geometric", "mean": 1.6}},
    "customers.all.patience": {"kind": "exponential", "mean": "4 d"},
    "suppliers.maker.lead_time": {"kind": "gamma", "mean": "5 d", "cv": 0.8},
    "policies.base.replenishment": {"kind": "s_Q", "s": 11, "Q": 15},
    "clock.warm_up": "0 d",
    "clock.horizon": "3000 d",
}
"""Batches, impatience, variable lead times, lots: nothing of it has a closed form, and Little's law holds."""


@case("little", "Little 1961", scenario="base-stock")
def little(_: Scenario) -> Iterator[Trial]:
    """The area under the backlog is the sum of all waits."""
    for fulfilment in ("as_available", "line_complete", "order_complete"):
        for rule in ("fifo", "lifo", "priority"):
            choice = {"policies.base.fulfilment": {"kind": fulfilment}, "policies.base.allocation": {"kind": rule}}
            yield Trial(
                "base",
                {"area / waits": 1.0},
                f"{fulfilment}, {rule}",
                {**MESSY, **choice},
                measures={"area / waits": area_over_waits},
                replications=1,
            )


@case("complete-orders", "Song 1998")
def complete_orders(scenario: Scenario) -> Iterator[Trial]:
    """Both or none: an order is filled less often than its lines."""
    lead = mean_lead(scenario.suppliers["maker"])
    S, rate = level(scenario, "complete", "S"), 2.0
    for common, horizon in ((0.1, 10010), (1.0, 4010), (2.0, 4010)):
        yield Trial(
            "complete",
            {"found both": theory.both_there(rate, common, lead, S)},
            f"{common / rate:.0%} of the demand of each item in orders for both",
            {
                "customers.both.arrivals.rate": common,
                "customers.cup_only.arrivals.rate": rate - common,
                "customers.saucer_only.arrivals.rate": rate - common,
                "clock.horizon": f"{horizon} d",
            },
            measures={"found both": found_all("both")},
        )


@case("fill-rates", "three lines of 10 at 1, 5 and 10; 10, 5 and 0 are there")
def fill_rates(_: Scenario) -> Iterator[Trial]:
    """One order has four fill rates."""
    rates = {"fill_rate_orders": 0.0, "fill_rate_lines": 1 / 3, "fill_rate": 0.5, "fill_rate_revenue": 35 / 160}
    yield Trial("never_buy", rates)


@case("salable-limit", "Magento's out-of-stock threshold of -50")
def salable_limit(_: Scenario) -> Iterator[Trial]:
    """25 on hand and 50 to backorder: 75 can be sold."""
    yield Trial("limit", {"fill_rate": 0.25, "lost_at_checkout": 0.25, "backlog_peak": 50.0})
