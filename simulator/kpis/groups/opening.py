"""Orders that were open at the start: how many, how old, and what became of them; no other KPI counts them."""

from __future__ import annotations

import numpy as np

from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.evidence.sample import WeightedSample
from simulator.kpis.groups.service import share
from simulator.kpis.groups.waiting import longest, mean, quantile
from simulator.kpis.kpi import Group, Undefined, Value, kpi
from simulator.record.ledger import Bools, FactColumns, Floats

GROUP: Group = "open at the start"
NONE_OPEN = Undefined("no order was open at the start (`opening.orders`)")
NONE_DATED = Undefined("no open order was promised a day that lies in the run")


class OpenAtStart:
    """The open orders of a run."""

    def __init__(self, e: Evidence) -> None:
        self.facts, self.end, self.orders = e.facts, e.end, e.facts.opening.count
        self.lines = slice(0, int(e.facts.line_starts[self.orders]))
        self.units = e.facts.demand.quantities[self.lines].astype(np.float64)
        self.ages = -e.facts.line_times[self.lines]

    def of(self, facts: FactColumns) -> FactColumns:
        """The facts about open orders."""
        return facts.where((facts["order"] >= 0) & (facts["order"] < self.orders))

    def per_line(self, facts: FactColumns) -> Floats:
        """Units of these facts by line of an open order."""
        return self.facts.per_line(facts)[self.lines]

    @property
    def cancelled(self) -> Floats:
        """Units cancelled while they waited, or were held, by line."""
        return self.per_line(self.facts.cancelled)

    @property
    def waiting(self) -> Floats:
        """Units still on backorder at the horizon by line."""
        left = self.facts.cancelled.where(self.facts.cancelled["held"] == 0)
        return self.units - self.per_line(self.facts.fills) - self.per_line(left)

    @property
    def waits(self) -> WeightedSample:
        """Days from the order to the end of the wait by unit; an open unit has waited to the horizon."""
        left = self.facts.cancelled.where(self.facts.cancelled["held"] == 0)
        ended = [self.of(self.facts.fills), self.of(left)]
        days = [facts["time"] - facts["placed"] for facts in ended]
        units = [facts["units"] for facts in ended]
        return WeightedSample(np.concatenate([*days, self.ages + self.end]), np.concatenate([*units, self.waiting]))

    @property
    def promised(self) -> Floats:
        """The day by which all of an order was promised before the start (nan: none was), shape (orders,)."""
        dates = np.array(self.facts.opening.promised)
        found = np.full(self.orders, -np.inf)
        known = ~np.isnan(dates)
        np.maximum.at(found, self.facts.line_orders[self.lines][known], dates[known])
        return np.where(np.isneginf(found), np.nan, found)

    def due(self) -> tuple[Floats, Bools]:
        """The promised day of all orders of the run, and those of which it counts: it lies in the run, and something is
        still ordered then."""
        n = len(self.facts.demand.times)
        dates = np.full(n, np.nan)
        dates[: self.orders] = self.promised
        with np.errstate(invalid="ignore"):
            counts: Bools = dates < self.end
        return dates, counts


def _open(e: Evidence) -> OpenAtStart | None:
    return OpenAtStart(e) if e.facts.opening.count else None


@kpi(GROUP, "orders", "neither")
def opening_orders(e: Evidence) -> Value:
    """Orders that were open at the start."""
    return float(e.facts.opening.count) if e.facts.opening.count else NONE_OPEN


@kpi(GROUP, "units", "neither")
def opening_units(e: Evidence) -> Value:
    """Units of orders that were open at the start."""
    found = _open(e)
    return NONE_OPEN if found is None else float(found.units.sum())


@kpi(GROUP, "d", "neither", "units open at the start")
def opening_age(e: Evidence) -> Value:
    """Mean days that units had been on order when the run started."""
    found = _open(e)
    return NONE_OPEN if found is None else mean(WeightedSample(found.ages, found.units), NONE_OPEN)


@kpi(GROUP, "d", "lower", "units open at the start")
def opening_wait_mean(e: Evidence) -> Value:
    """Mean days from the order to the end of the wait (filled, or cancelled), those before the start included; a unit
    that is still open counts with the days it has waited so far."""
    found = _open(e)
    return NONE_OPEN if found is None else mean(found.waits, NONE_OPEN)


@kpi(GROUP, "d", "lower", "units open at the start")
def opening_wait_p90(e: Evidence) -> Value:
    """90 of 100 units waited no longer than this, the days before the start included."""
    found = _open(e)
    return NONE_OPEN if found is None else quantile(found.waits, 0.9, NONE_OPEN)


@kpi(GROUP, "d", "lower", "units open at the start")
def opening_wait_max(e: Evidence) -> Value:
    """The longest wait of any unit that was open at the start, the days before the start included."""
    found = _open(e)
    return NONE_OPEN if found is None else longest(found.waits, NONE_OPEN)


@kpi(GROUP, "share", "higher", "units open at the start")
def opening_filled(e: Evidence) -> Value:
    """Units that were filled before the horizon, and not cancelled while they were held."""
    found = _open(e)
    if found is None:
        return NONE_OPEN
    return share(float((found.units - found.waiting - found.cancelled).sum()), float(found.units.sum()), NONE_OPEN)


@kpi(GROUP, "share", "lower", "units open at the start")
def opening_cancelled(e: Evidence) -> Value:
    """Units that were cancelled, by the customer or the seller."""
    found = _open(e)
    return NONE_OPEN if found is None else share(float(found.cancelled.sum()), float(found.units.sum()), NONE_OPEN)


@kpi(GROUP, "share", "lower", "orders open at the start with a promised day that lies before the horizon")
def opening_late(e: Evidence) -> Value:
    """Orders of which something that was still ordered had not been delivered by the day promised before the start;
    those of which nothing is ordered any more on that day are left out."""
    found = _open(e)
    if found is None:
        return NONE_OPEN
    dates, counts = found.due()
    counts &= e.dates.ordered(dates)
    return share(float((counts & e.dates.missed(dates)).sum()), float(counts.sum()), NONE_DATED)


@kpi(GROUP, "d", "lower", "the last unit open at the start")
def opening_clear(e: Evidence) -> Value:
    """Days from the start until no unit of the open orders waits any more."""
    found = _open(e)
    if found is None:
        return NONE_OPEN
    if found.waiting.sum():
        return Undefined("some open orders still wait at the horizon")
    left = found.facts.cancelled.where(found.facts.cancelled["held"] == 0)
    return max(float(found.of(facts)["time"].max(initial=0.0)) for facts in (found.facts.fills, left))
