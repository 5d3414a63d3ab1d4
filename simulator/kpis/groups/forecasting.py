"""Planning: how far forecasts were off, and what hurried purchases cost and saved."""

from __future__ import annotations

import numpy as np

from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.groups.service import share
from simulator.kpis.kpi import Undefined, Value, kpi

NO_FORECAST = Undefined("no purchase is planned by a forecast")
NOTHING_ASKED = Undefined("nothing was asked for in the periods that were forecast")


@kpi("stock and supply", "ratio", "lower", "units asked for in the periods forecast")
def forecast_error(e: Evidence) -> Value:
    """Sum of |forecast - demand| over items and review periods, over their demand (weighted MAPE); demand
    is all that was asked for, whatever the planner sees."""
    facts = e.run.forecasts
    mine = e.in_window(facts["time"])
    if not facts["time"].size:
        return NO_FORECAST
    return share(np.abs(facts["forecast"] - facts["actual"])[mine].sum(), facts["actual"][mine].sum(), NOTHING_ASKED)


@kpi("stock and supply", "ratio", "neither", "units asked for in the periods forecast")
def forecast_bias(e: Evidence) -> Value:
    """Sum of forecast - demand over items and review periods, over the demand of those periods: above 0 the planner
    expects too much, below 0 too little."""
    facts = e.run.forecasts
    mine = e.in_window(facts["time"])
    if not facts["time"].size:
        return NO_FORECAST
    return share((facts["forecast"] - facts["actual"])[mine].sum(), facts["actual"][mine].sum(), NOTHING_ASKED)


@kpi("stock and supply", "unit-days", "higher")
def days_saved(e: Evidence) -> Value:
    """Units of purchases that were expedited, bought on the spot or moved up, x days by which they come earlier than
    they, or the purchases in whose place they came, would have."""
    return hurried(e)[1]


def hurried(e: Evidence) -> tuple[float, float]:
    """Money spent on hurried purchases beyond their usual price, and unit-days by which they come earlier."""
    facts = e.run.hurried
    mine = e.in_window(facts["time"])
    return float(facts["cost"][mine].sum()), float((facts["units"] * facts["days"])[mine].sum())
