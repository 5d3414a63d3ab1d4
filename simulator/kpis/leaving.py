"""Leaving: orders refused, cancelled, or still open."""

from __future__ import annotations

from simulator.kpis.evidence import Evidence
from simulator.kpis.kpi import Value, kpi
from simulator.kpis.service import share
from simulator.model.nouns import Cause


def _lines_cancelled(e: Evidence, cause: Cause | None = None) -> Value:
    return share((e.cancelled(cause) > 0).sum(), e.line_count)


@kpi("leaving", "share", "lower", "lines demanded")
def cancellation_rate(e: Evidence) -> Value:
    """Lines of which at least one unit was cancelled, for any cause."""
    return _lines_cancelled(e)


@kpi("leaving", "share", "lower", "lines demanded")
def cancelled_patience(e: Evidence) -> Value:
    """Lines of which the customer cancelled a unit because patience had run out."""
    return _lines_cancelled(e, Cause.PATIENCE)


@kpi("leaving", "share", "lower", "lines demanded")
def cancelled_window(e: Evidence) -> Value:
    """Lines of which the seller cancelled a unit because its window had passed."""
    return _lines_cancelled(e, Cause.WINDOW)


@kpi("leaving", "share", "lower", "lines demanded")
def cancelled_record(e: Evidence) -> Value:
    """Lines of which a unit not yet shipped was called off in the recorded order book."""
    return _lines_cancelled(e, Cause.RECORD)


@kpi("leaving", "share", "lower", "units demanded")
def lost_at_checkout(e: Evidence) -> Value:
    """Units that could not be ordered because they were not there and backorders were not (or no longer) taken."""
    return share(e.refused.sum(), e.asked.sum())


@kpi("leaving", "share", "neither", "units demanded")
def open_share(e: Evidence) -> Value:
    """Units still on backorder at the horizon: their wait is known only to be at least what it was then."""
    return share(e.waiting.sum(), e.asked.sum())
