"""Quantities of a run that textbook cases measure in addition to KPIs, and facts about demand with known means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from simulator.kpis.evaluate import evaluate
from simulator.record.ledger import Floats, Ints
from simulator.record.run import Run

Measure = Callable[[Run], float]


class Control(NamedTuple):
    """A fact of the drawn demand and its exact mean."""

    measure: Measure
    mean: float


def kpi(run: Run, name: str) -> float:
    """A KPI that must have a value."""
    value = evaluate(run, [name.split("[")[0]])[name]
    if not isinstance(value, float | int):
        raise ValueError(f"{name} has no value: {value.reason}")
    return float(value)


def scaled(name: str, factor: float) -> Measure:
    """A KPI in another unit."""
    return lambda run: kpi(run, name) * factor


def counted_times(run: Run) -> Floats:
    """Times of the counted orders, days since the end of the warm-up."""
    times = run.demand.times
    return times[times >= run.world.warm_up] - run.world.warm_up


def days(run: Run) -> float:
    """Length of the counted window."""
    return run.world.horizon - run.world.warm_up


def cost_per_day(run: Run) -> float:
    """Total cost over the length of the counted window, money a day."""
    return kpi(run, "total_cost") / days(run)


def cost_per_year(run: Run) -> float:
    """The same, money a year of 365 days."""
    return 365 * cost_per_day(run)


def cost_when_ordering(run: Run) -> float:
    """Ordering, holding and shortage cost a day where units are paid when they are ordered, money a day."""
    levels = sum(kpi(run, name) for name in ("ordering_cost", "holding_cost", "backorder_cost"))
    bought = sum(
        float(units) * run.world.suppliers[int(s)].unit_costs[int(i)]
        for units, s, i in zip(run.purchases["units"], run.purchases["supplier"], run.purchases["item"], strict=True)
    )
    return (levels + bought) / days(run)


def later_than(t: float) -> Measure:
    """Counted orders of one unit that waited longer than t days, of all of them."""

    def measure(run: Run) -> float:
        start = run.world.warm_up
        waits = (run.fills["time"] - run.fills["placed"])[run.fills["placed"] >= start]
        return float((waits > t).sum() / (run.demand.times >= start).sum())

    return measure


def found_all(segment: str) -> Measure:
    """Counted orders of a segment that were complete at once, of all of them."""

    def measure(run: Run) -> float:
        which = [facts.name for facts in run.world.segments].index(segment)
        mine = (run.demand.segments == which) & (run.demand.times >= run.world.warm_up)
        orders = run.orders()
        return float((orders["units_at_once"] == orders["units"])[mine].mean())

    return measure


def backlog_area(run: Run) -> float:
    """Area under the backlog from time 0 to the horizon, unit-days."""
    path = run.level("backlog")
    return float(path.values @ np.diff(np.append(path.times, run.world.horizon)))


def hazard(run: Run) -> float:
    """Units cancelled for every unit-day of waiting, 1 / day."""
    return float(run.cancelled["units"].sum()) / backlog_area(run)


def waited(run: Run) -> float:
    """Units times days that every one of them waited, to its fill, its cancellation or the horizon, unit-days."""
    placed, horizon = run.demand.times, run.world.horizon
    still = np.zeros(placed.size)
    np.add.at(still, _orders(run.backordered), run.backordered["units"])
    total = 0.0
    for ended in (run.fills, run.cancelled):
        waiting = ended["held"] == 0 if "held" in ended else np.ones(ended["time"].size, bool)
        number, units = _orders(ended)[waiting], ended["units"][waiting]
        total += float((units * (ended["time"][waiting] - placed[number])).sum())
        np.subtract.at(still, number, units)
    return total + float(still @ (horizon - placed))


def _orders(facts: Mapping[str, Floats]) -> Ints:
    return facts["order"].astype(np.int64)


def area_over_waits(run: Run) -> float:
    """Little's law as a ratio: the area under the backlog over the sum of all waits."""
    return backlog_area(run) / waited(run)


# ------------------------------------------------------------------------------------------- facts of the drawn demand
def poisson_demand(rate: float, block: float, sizes: Mapping[int, float] | None = None) -> tuple[Control, ...]:
    """Units per day, and the mean square of the units in blocks of so many days.

    `sizes` are the chances of each number of units of an order; one unit by default.
    """
    chances = sizes or {1: 1.0}
    first, second = (sum(units**power * chance for units, chance in chances.items()) for power in (1, 2))

    def units(run: Run) -> Floats:
        ordered = run.demand.quantities[run.demand.times >= run.world.warm_up].astype(np.float64)
        blocks = (counted_times(run) / block).astype(np.int64)
        return np.bincount(blocks, ordered, round(days(run) / block)).astype(np.float64)

    mean = rate * block * first
    return (
        Control(lambda run: float(units(run).sum()) / days(run), rate * first),
        Control(lambda run: float(np.mean(units(run) ** 2)), mean**2 + rate * block * second),
    )


def daily_demand(mean: float, variance: float, streams: int = 1) -> tuple[Control, ...]:
    """Mean and mean square of the units demanded on a day by so many segments together, each of the given law."""

    def units(run: Run) -> Floats:
        quantities = run.demand.quantities[run.demand.times >= run.world.warm_up].astype(np.float64)
        return np.asarray(quantities.reshape(-1, streams).sum(axis=1))

    total, spread = streams * mean, streams * variance
    return (
        Control(lambda run: float(units(run).mean()), total),
        Control(lambda run: float((units(run) ** 2).mean()), spread + total**2),
    )
