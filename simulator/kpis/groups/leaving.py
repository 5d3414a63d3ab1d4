"""Leaving: units that left at checkout, lines cancelled by cause, what is still open."""

from __future__ import annotations

from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.groups.service import share
from simulator.kpis.kpi import Undefined, Value, kpi
from simulator.model.nouns import Cause, Exit


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
def cancelled_called_off(e: Evidence) -> Value:
    """Lines of which a unit not yet shipped was called off in the recorded order book."""
    return _lines_cancelled(e, Cause.CALLED_OFF)


@kpi("leaving", "share", "lower", "lines demanded")
def cancelled_record(e: Evidence) -> Value:
    """Lines of which a unit was cancelled because the record of the stock was wrong: sold as there, and not there."""
    return _lines_cancelled(e, Cause.RECORD)


@kpi("leaving", "share", "lower", "lines demanded")
def cancelled_no_consent(e: Evidence) -> Value:
    """Lines of which a unit was cancelled because the customer, asked to agree to a delay, did not."""
    return _lines_cancelled(e, Cause.NO_CONSENT)


@kpi("leaving", "share", "lower", "lines demanded")
def cancelled_offer(e: Evidence) -> Value:
    """Lines of which the customer, offered to keep, switch or cancel, gave up a unit."""
    return _lines_cancelled(e, Cause.OFFER)


@kpi("leaving", "share", "lower", "lines demanded")
def cancelled_need_by(e: Evidence) -> Value:
    """Lines of which a unit was cancelled because it could not be there when the customer needs it."""
    return _lines_cancelled(e, Cause.NEED_BY)


@kpi("leaving", "share", "lower", "lines demanded")
def cancelled_seller(e: Evidence) -> Value:
    """Lines of which the seller called a unit off (a season's end, a given-up item, ship once and cancel the rest)."""
    return _lines_cancelled(e, Cause.SELLER)


@kpi("leaving", "share", "lower", "lines demanded")
def cancelled_payment(e: Evidence) -> Value:
    """Lines of which a unit was cancelled because the card could not be charged when the goods were to leave."""
    return _lines_cancelled(e, Cause.PAYMENT)


@kpi("leaving", "share", "neither", "lines demanded")
def cancelled_inflated(e: Evidence) -> Value:
    """Lines of which a unit was called off because more had been ordered than was needed (`inflate`)."""
    return _lines_cancelled(e, Cause.INFLATED)


@kpi("leaving", "units", "lower")
def surplus_returned(e: Evidence) -> Value:
    """Units of counted orders that had been ordered beyond the need (`inflate`), had left and came back; their price is
    no revenue."""
    return float(e.surplus.sum())


@kpi("leaving", "share", "lower", "units demanded")
def lost_at_checkout(e: Evidence) -> Value:
    """Units asked for and not ordered: not orderable, or the shopper walked away, switched to a rival, signed up for
    the wait-list, or took another item instead."""
    return share(e.refused.sum(), e.asked.sum())


@kpi("leaving", "share", "lower", "units demanded")
def walked_away(e: Evidence) -> Value:
    """Units that shoppers left without, because they were not there: refused, or the shopper bought nothing instead."""
    return share(e.left(Exit.REFUSED, Exit.WALKED).sum(), e.asked.sum())


@kpi("leaving", "share", "lower", "units demanded")
def switched(e: Evidence) -> Value:
    """Units that shoppers bought from a rival because they were not there."""
    return share(e.left(Exit.SWITCHED).sum(), e.asked.sum())


@kpi("leaving", "share", "neither", "units demanded")
def substituted(e: Evidence) -> Value:
    """Units for which shoppers took another item at checkout."""
    return share(e.left(Exit.SUBSTITUTED).sum(), e.asked.sum())


@kpi("leaving", "share", "neither", "units demanded")
def waitlisted(e: Evidence) -> Value:
    """Units for which shoppers signed up to be told when they are there."""
    return share(e.left(Exit.WAITLISTED).sum(), e.asked.sum())


@kpi("leaving", "share", "higher", "units wait-listed")
def recovered(e: Evidence) -> Value:
    """Units that wait-listed shoppers came back for and bought, of the units they had signed up for."""
    signed = float(e.left(Exit.WAITLISTED).sum())
    came_back = e.per_line(e.run.recovered, e.run.recovered["exit"] == Exit.WAITLISTED)
    return share(came_back.sum(), signed, Undefined("nobody signed up for a wait-list"))


@kpi("leaving", "share", "neither", "units demanded")
def open_share(e: Evidence) -> Value:
    """Units still on backorder at the horizon: their wait is known only to be at least what it was then."""
    return share(e.waiting.sum(), e.asked.sum())
