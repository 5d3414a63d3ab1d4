"""Planning: how far forecasts and stock records were off, and how much time hurried purchases saved."""

from __future__ import annotations

import numpy as np

from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.groups.service import share
from simulator.kpis.kpi import Undefined, Value, kpi
from simulator.model.nouns import Adjustment
from simulator.record.levels import steps

LOSSES = (Adjustment.LOST, Adjustment.MISPLACED, Adjustment.FOUND)
NO_FORECAST = Undefined("no purchase is planned by a forecast")
NOTHING_ASKED = Undefined("there was no demand in the periods that were forecast")


@kpi("stock and supply", "ratio", "lower", "units demanded in the periods forecast")
def forecast_error(e: Evidence) -> Value:
    """Sum of |forecast - demand| over items and review periods, over their demand (weighted MAPE); demand is all that
    was asked for, whatever the planner sees of it."""
    return _off(e, absolute=True)


@kpi("stock and supply", "ratio", "neither", "units demanded in the periods forecast")
def forecast_bias(e: Evidence) -> Value:
    """Sum of forecast - demand over items and review periods, over the demand of those periods: above 0 if the planner
    expects too much, below 0 if too little."""
    return _off(e, absolute=False)


def _off(e: Evidence, absolute: bool) -> Value:
    if not e.facts.forecasts["time"].size:
        return NO_FORECAST
    facts = e.window(e.facts.forecasts)
    off = facts["forecast"] - facts["actual"]
    return share((np.abs(off) if absolute else off).sum(), facts["actual"].sum(), NOTHING_ASKED)


@kpi("stock and supply", "unit-days", "higher")
def days_saved(e: Evidence) -> float:
    """Units of purchases that were expedited, bought on the spot or moved up, x days by which they arrive earlier than
    they, or the purchases that they replaced, would have."""
    hurried = e.window(e.facts.hurried)
    return float((hurried["units"] * hurried["days"]).sum())


@kpi("stock and supply", "units", "lower")
def oversold_units(e: Evidence) -> Value:
    """Units of counted orders that the storefront showed as available when they were out of stock."""
    return float(e.counted(e.facts.oversold)["units"].sum())


@kpi("stock and supply", "units", "lower", "time")
def phantom_units(e: Evidence) -> Value:
    """Time average of the units on record in excess of the stock on hand, all items together."""
    level = steps(e.facts, "phantom")
    return float((np.maximum(level.units, 0) * level.durations(e.start, e.end)).sum() / e.days)


@kpi("stock and supply", "share", "lower", "items and time")
def records_wrong(e: Evidence) -> Value:
    """Share of items x time during which the record differs from the stock on hand."""
    level = steps(e.facts, "phantom")
    wrong = ((level.units != 0) * level.durations(e.start, e.end)).sum()
    return float(wrong / e.days) / len(e.world.items)


@kpi("stock and supply", "units", "lower")
def lost_units(e: Evidence) -> Value:
    """Units that vanished from the shelf in the window, or were misplaced and not found in it."""
    facts = e.window(e.facts.adjusted)
    return max(-float(facts["units"][np.isin(facts["why"], LOSSES)].sum()), 0.0)
