"""Planning: how far forecasts were off, and how much time hurried purchases saved."""

from __future__ import annotations

import numpy as np

from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.groups.service import share
from simulator.kpis.kpi import Undefined, Value, kpi

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
