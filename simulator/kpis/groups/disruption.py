"""Disruption: how long stock lasted after the first event of a run, the backlog it left, and when that was over."""

from __future__ import annotations

import numpy as np

from simulator.kpis.evidence.aftermath import Aftermath, above, aftermath, reach_of, recovery, shortages
from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.kpi import Undefined, Value, kpi

NO_EVENT = Undefined("no event begins in the counted window")
NOT_CLEARED = Undefined("the backlog was not cleared before the horizon")
NOT_BACK = Undefined("service was not back before the horizon")


def first_event(e: Evidence) -> tuple[float, float] | None:
    """Start and end of the first event that begins in the window; an end beyond the horizon is the horizon."""
    facts = e.window(e.facts.happened, "start")
    if not facts["start"].size:
        return None
    first = np.argmin(facts["start"])
    return float(facts["start"][first]), min(float(facts["end"][first]), e.end)


def _after(e: Evidence) -> Aftermath | None:
    event = first_event(e)
    return None if event is None else aftermath(above(e.backlog, event[0]), *event, e.end, reach_of(e.facts, event[1]))


@kpi("disruption", "d", "higher", "the first event of the window")
def time_to_survive(e: Evidence) -> Value:
    """Days from the start of the first event to the first unit that is short (on backorder, or lost at checkout)."""
    event = first_event(e)
    if event is None:
        return NO_EVENT
    times, _ = shortages(e.facts)
    after = times[times >= event[0]]
    return float(after[0] - event[0]) if after.size else Undefined("nothing was short after the first event")


@kpi("disruption", "d", "lower", "the first event of the window")
def time_to_recover(e: Evidence) -> Value:
    """Days from the end of the first event until the unit fill rate of the following week is back at 95 % of what it
    was before the event. Every drop counts that begins before the first purchase after the event has had the longest
    lead time to arrive."""
    event = first_event(e)
    if event is None:
        return NO_EVENT
    days = recovery(e.facts, *event)
    return NOT_BACK if days is None else days


@kpi("disruption", "d", "lower", "the first event of the window")
def time_to_clear(e: Evidence) -> Value:
    """Days from the end of the first event until the backlog is back, for the last time, at what it was before the
    event. Every excess counts that begins before the first purchase after the event has had the longest lead time to
    arrive."""
    found = _after(e)
    if found is None:
        return NO_EVENT
    return NOT_CLEARED if found.clear is None else found.clear


@kpi("disruption", "unit-days", "lower")
def backlog_area(e: Evidence) -> Value:
    """Units on backorder above those before the first event x days, from its start until that backlog is cleared (see
    `time_to_clear`)."""
    found = _after(e)
    return NO_EVENT if found is None else found.area
