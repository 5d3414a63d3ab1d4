"""Records: how far the record of the stock is from what is there, and what that sold."""

from __future__ import annotations

import numpy as np

from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.kpi import Value, kpi
from simulator.model.nouns import Adjustment
from simulator.record.levels import steps

LOSSES = (Adjustment.LOST, Adjustment.MISPLACED, Adjustment.FOUND)


@kpi("stock and supply", "units", "lower")
def oversold_units(e: Evidence) -> Value:
    """Units of counted orders that the storefront showed as there and that were not."""
    facts = e.run.oversold
    own = facts["order"] >= 0
    counted = e.orders[facts["order"][own].astype(np.int64)]
    return float(facts["units"][own][counted].sum())


def _phantom(e: Evidence) -> tuple[float, float]:
    """Time-averages: units on record that are not there over all items, and items whose record is wrong."""
    item, time, units = steps(e.run, "phantom")
    until = np.append(time[1:], e.end)
    until[np.append(item[1:] != item[:-1], True)] = e.end
    length = np.clip(until, e.start, e.end) - np.clip(time, e.start, e.end)
    return float((np.maximum(units, 0) * length).sum() / e.days), float(((units != 0) * length).sum() / e.days)


@kpi("stock and supply", "units", "lower", "time")
def phantom_units(e: Evidence) -> Value:
    """Time-average of the units that are on record and not there, all items together."""
    return _phantom(e)[0]


@kpi("stock and supply", "share", "lower", "items and time")
def records_wrong(e: Evidence) -> Value:
    """Share of items x time whose record of the stock is not what is there."""
    return _phantom(e)[1] / len(e.world.items)


@kpi("stock and supply", "units", "lower")
def lost_units(e: Evidence) -> Value:
    """Units that vanished from the shelf in the window, or were misplaced and not found in it."""
    facts = e.run.adjusted
    mine = e.in_window(facts["time"]) & np.isin(facts["why"], LOSSES)
    return max(-float(facts["units"][mine].sum()), 0.0)
