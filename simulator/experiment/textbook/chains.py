"""Textbook cases of chains: stages in a row, one hub for several retailers, the beer game."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.experiment.textbook.case import Trial, at, case, mean_lead
from simulator.experiment.textbook.measures import Measure, daily_demand, days, kpi, poisson_demand, scaled
from simulator.record.run import Run
from simulator.scenario.schema.schema import Scenario
from simulator.theory import chains as theory

GRAIN = 100
"""Units of the scenario in one of the book, where the book's are continuous."""


def _level(scenario: Scenario, policy: str, site: str) -> int:
    decisions = scenario.policies[policy].replenishment
    return int(next(d for key, d in decisions.items() if key.startswith(f"{site}\x1f")).S)  # type: ignore[attr-defined]


@case("serial", "Clark & Scarf 1960; Snyder & Shen, example 6.1")
def serial(scenario: Scenario) -> Iterator[Trial]:
    """Three stages in a row."""
    middle = scenario.suppliers["middle"]
    top = middle.suppliers["top"]
    stages = [
        theory.Stage(scenario.costs.holding.money * GRAIN, round(mean_lead(middle))),
        theory.Stage(middle.costs.holding.money * GRAIN, round(mean_lead(top))),
        theory.Stage(top.costs.holding.money * GRAIN, round(mean_lead(top.suppliers["outside"]))),
    ]
    quantity = at(scenario, "customers.all.basket.quantity")
    local = [
        at(scenario, "policies.echelon.replenishment.default.S"),
        _level(scenario, "echelon", "middle"),
        _level(scenario, "echelon", "top"),
    ]
    levels = [sum(local[: k + 1]) / GRAIN for k in range(3)]
    mean, sd, shortage = quantity.mean / GRAIN, quantity.sd / GRAIN, scenario.costs.backorder * GRAIN
    cost = theory.clark_scarf(stages, shortage, mean, sd, levels).cost

    def cost_per_day(run: Run) -> float:
        return kpi(run, "chain_cost") / days(run)

    yield Trial(
        "echelon",
        {"chain cost a day": cost},
        measures={"chain cost a day": cost_per_day},
        controls=tuple(daily_demand(quantity.mean, quantity.sd**2 + 1 / 12)),
        within={"chain cost a day": 0.01},
    )


@case("two-echelon", "Graves 1985; Axsäter 2000, 5.3; Sherbrooke's METRIC says otherwise")
def two_echelon(scenario: Scenario) -> Iterator[Trial]:
    """One hub for three retailers."""
    hub, retailers = scenario.suppliers["hub"], len(scenario.warehouses)
    rate = at(scenario, "customers.northerners.arrivals.rate")
    value = theory.two_echelon(
        retailers,
        rate,
        mean_lead(hub.suppliers["plant"]),
        mean_lead(hub),
        hub.stock["widget"],
        at(scenario, "policies.base.replenishment.default.S"),
    )
    mean: dict[str, Measure] = {
        "backlog of the hub": lambda run: kpi(run, "supplier_backlog[hub]"),
        f"backlog_mean / {retailers}": scaled("backlog_mean", 1 / retailers),
    }
    values = {
        "backlog of the hub": value.hub_backlog,
        f"backlog_mean / {retailers}": value.backlog,
        "fill_rate": value.fill_rate,
    }
    controls = poisson_demand(retailers * rate, mean_lead(hub.suppliers["plant"]))
    yield Trial("base", values, measures=mean, controls=controls)


@case("beer-game", "Sterman 1989; Edali & Yasarcan 2014")
def beer_game(scenario: Scenario) -> Iterator[Trial]:
    """The beer game."""
    costs = {"benchmark": (46.0, 50.0, 54.0, 54.0), "people": (299.0, 695.0, 962.5, 737.5)}
    peaks = {"benchmark": (12.0,) * 4, "people": (11.0, 17.0, 27.0, 33.0)}
    stages = ("warehouse", *scenario_chain(scenario))
    for policy in scenario.policies:
        values = {"chain_cost": sum(costs[policy])}
        measures: dict[str, Measure] = {}
        for k, stage in enumerate(stages):
            values[f"cost of the {stage}"] = costs[policy][k]
            measures[f"cost of the {stage}"] = scaled(f"chain_cost_by_supplier[{stage}]", 1.0)
            values[f"largest order of the {stage}"] = peaks[policy][k]
            measures[f"largest order of the {stage}"] = _largest(stage)
        yield Trial(policy, values, measures=measures)


def scenario_chain(scenario: Scenario) -> list[str]:
    """The suppliers that hold stock, downstream first."""
    return [name for _, name, spec in scenario.all_suppliers() if spec.stock]


def _largest(stage: str) -> Measure:
    return lambda run: float(run.suppliers.get(stage, run).purchases["units"].max())
