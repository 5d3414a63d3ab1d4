"""Stock records: how far they are from the stock on hand, and what was oversold because of that."""

from __future__ import annotations

import numpy as np

from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.kpi import Value, kpi
from simulator.model.nouns import Adjustment
from simulator.record.levels import steps

LOSSES = (Adjustment.LOST, Adjustment.MISPLACED, Adjustment.FOUND)


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
