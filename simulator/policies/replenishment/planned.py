"""Replenishment that follows a forecast: levels are set again at each review from what has been observed."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from simulator.foundation.units import NonNegativeDuration, PositiveDuration, Share, Text, fraction
from simulator.policies.replenishment.forecast import Forecast, Smoothing
from simulator.policies.replenishment.replenishment import Period, PeriodicUpTo, ReorderUpTo, Replenishment
from simulator.policies.replenishment.safety import CycleService, Risk, Safety
from simulator.policies.replenishment.view import Buy, DemandOutlook, Rhythm, StockView

Bias = Annotated[float, BeforeValidator(fraction, json_schema_input_type=float | str), Field(gt=-1)]
"""A share that may be below 0: `-20 %`."""


class Planned(Replenishment):
    """Levels that follow a forecast."""

    only_for_warehouses = True

    R: Period = 1.0
    """Days between two reviews: one period of the forecast."""
    forecast: Forecast = Field(default_factory=lambda: Smoothing())
    """How demand is forecast from what is observed."""
    safety: Safety = Field(default_factory=lambda: CycleService())
    """Stock beyond the forecast."""
    sees: Literal["demand", "orders", "sales"] = "orders"
    """What is taken for demand: units sold (`sales`, censored by every shortage), units ordered (`orders`: including
    backorders, without customers who left or joined a wait-list), or all units asked for (`demand`)."""
    bias: Bias = 0.0
    """Share by which every forecast is too high (below 0: too low); 0: right on average."""
    noise: Share = 0.0
    """Coefficient of variation of a random error on every forecast, beyond that of the method."""
    blind_to: Literal["all"] | list[Text] = "all"
    """Scheduled changes of demand (by the event's name) that the planner does not know beforehand; `[]`: the planner
    knows all of them."""
    lead_time: NonNegativeDuration | None = None
    """Mean days from the decision to buy to the receipt that are planned with; the supplier's order delay and mean lead
    time unless given."""
    retune: PositiveDuration | None = None
    """Days between two computations of the levels, a multiple of R; at every review unless given."""

    def days_at_risk(self, lead: float) -> float:
        """Days of demand that a purchase must cover."""
        return lead

    @abstractmethod
    def tuned(self, outlook: DemandOutlook) -> Replenishment:
        """The plain decision, with levels in units, that the forecast leads to."""

    def rhythm(self, item: str) -> Rhythm:
        """A review in every period; the planner sets the trigger of `tuned` whenever it makes a forecast."""
        return Rhythm(period=self.R, first=self.R)

    def buys(self, view: StockView) -> tuple[Buy, ...]:
        return self.tuned(view.outlook).buys(view)

    def stock_beyond(self, outlook: DemandOutlook, cycle: float) -> float:
        """Safety stock, units; `cycle` units are bought at a time."""
        days = self.days_at_risk(outlook.lead)
        return self.safety.units(
            Risk(outlook.mean, outlook.sd, days, outlook.lead_sd, cycle, outlook.period, outlook.history)
        )


class ForecastUpTo(Planned, kind="forecast"):
    """(R,S) by forecast: at every review, buy up to the forecast over lead time and review, plus safety stock."""

    example: ClassVar = {
        "kind": "forecast",
        "R": "7 d",
        "forecast": {"kind": "moving_average", "periods": 8},
        "safety": {"kind": "cycle_service", "target": "95 %"},
    }

    def days_at_risk(self, lead: float) -> float:
        return lead + self.R

    def tuned(self, outlook: DemandOutlook) -> PeriodicUpTo:
        level = outlook.mean * self.days_at_risk(outlook.lead) + self.stock_beyond(outlook, outlook.mean * self.R)
        return PeriodicUpTo(R=self.R, S=_units(level), supplier=self.supplier, cancel_purchase=self.cancel_purchase)


class ForecastReorder(Planned, kind="forecast_s_S"):
    """(s,S) by forecast, reviewed at every demand: s covers lead time and safety stock, S some days more."""

    example: ClassVar = {
        "kind": "forecast_s_S",
        "R": "7 d",
        "cover": "14 d",
        "retune": "28 d",
        "forecast": {"kind": "smoothing", "alpha": 0.2},
    }

    cover: PositiveDuration
    """Days of forecast demand from s to S, approximately the order quantity."""

    def tuned(self, outlook: DemandOutlook) -> ReorderUpTo:
        cycle = max(outlook.mean * self.cover, 1.0)
        s = _units(outlook.mean * outlook.lead + self.stock_beyond(outlook, cycle))
        return ReorderUpTo(s=s, S=s + _units(cycle), supplier=self.supplier, cancel_purchase=self.cancel_purchase)


def _units(level: float) -> int:
    """Whole units, rounded up, never below 0."""
    return max(math.ceil(level - 1e-9), 0)
