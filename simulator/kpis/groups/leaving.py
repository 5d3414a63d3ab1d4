"""Leaving: units that left at checkout, lines cancelled by cause, and what is still open."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.groups.service import NO_DEMAND, share
from simulator.kpis.kpi import Undefined, Value, kpi
from simulator.model.nouns import Cause, Exit, World

CAUSES = {
    Cause.PATIENCE: "Lines of which the customer cancelled a unit because patience had run out.",
    Cause.WINDOW: "Lines of which the seller cancelled a unit because its window had passed.",
    Cause.CALLED_OFF: "Lines of which a unit not yet shipped was called off in the recorded order book.",
    Cause.RECORD: "Lines of which a unit was cancelled because the stock record showed stock that did not exist.",
    Cause.NO_CONSENT: "Lines of which a unit was cancelled because the customer, asked to agree to a delay, did not.",
    Cause.OFFER: "Lines of which the customer, offered to keep, switch or cancel, gave up a unit.",
    Cause.NEED_BY: "Lines of which a unit was cancelled because it could not arrive when the customer needs it.",
    Cause.SELLER: "Lines of which the seller called a unit off (a season's end, a delisted item, ship once and cancel"
    " the rest, or an order that was not released from its hold).",
    Cause.PAYMENT: "Lines of which a unit was cancelled because the card could not be charged when the goods were to"
    " leave.",
    Cause.INFLATED: "Lines of which a unit was called off because more had been ordered than was needed (`inflate`).",
}
"""What `cancelled_CAUSE` counts, in the order of the reports."""
NO_HOLD = Undefined("no hold of an order ended in the run")
NOTHING_RETURNED = Undefined("nothing was sent back")


@kpi("leaving", "share", "lower", "lines demanded")
def cancellation_rate(e: Evidence, cause: Cause | None = None) -> Value:
    """Lines of which at least one unit was cancelled, for any cause."""
    return share((e.cancelled(cause) > 0).sum(), e.line_count)


for _cause, _definition in CAUSES.items():
    kpi(
        "leaving",
        "share",
        "neither" if _cause is Cause.INFLATED else "lower",
        "lines demanded",
        name=f"cancelled_{_cause.name.lower()}",
        definition=_definition,
    )(lambda e, cause=_cause: cancellation_rate(e, cause))


def _holds(world: World) -> bool:
    return world.holds


@kpi("leaving", "share", "neither", "orders placed", applies=_holds)
def held_back_share(e: Evidence) -> Value:
    """Orders that were held until they are cleared (`hold`), whether they were released or not."""
    until = e.facts.demand.held_until
    held = np.zeros(e.orders.size, dtype=bool) if until is None else ~np.isnan(until)
    return share((e.orders & held).sum(), e.orders.sum())


@kpi("leaving", "share", "lower", "orders whose hold has ended", applies=_holds)
def not_released_share(e: Evidence) -> Value:
    """Held orders that were not released when their hold ended in the run; the seller cancelled what was left of
    them."""
    until, cleared = e.facts.demand.held_until, e.facts.demand.cleared
    if until is None or cleared is None:
        return NO_HOLD
    ended = e.orders & (until < e.end)
    return share((ended & ~cleared).sum(), ended.sum(), NO_HOLD)


def _changes(world: World) -> bool:
    return world.changes


@kpi("leaving", "share", "neither", "orders placed, without those that add to another", applies=_changes)
def changed_orders(e: Evidence) -> Value:
    """Orders of which the customer asked for another quantity of a line before the end of the run."""
    changed = e.facts.demand.changed
    asked = np.zeros(e.asked.size) if changed is None else (changed < e.end).astype(np.float64)
    own = e.orders & (e.facts.adds_to < 0)
    return share((own & (e.facts.by_order(asked) > 0)).sum(), own.sum(), NO_DEMAND)


@kpi("leaving", "share", "neither", "units demanded", applies=_changes)
def added_share(e: Evidence) -> Value:
    """Units that customers added to their orders later; they queue behind all orders of before."""
    added = np.repeat(e.facts.adds_to >= 0, e.facts.demand.counts)
    return share(e.asked[added].sum(), e.asked.sum(), NO_DEMAND)


def _returns(world: World) -> bool:
    return world.returns


@kpi("leaving", "share", "lower", "units shipped", applies=_returns)
def return_rate(e: Evidence) -> Value:
    """Units of counted orders that customers sent back after delivery, of their units shipped."""
    return share(e.returned.sum(), e.counted(e.facts.parcels)["units"].sum(), Undefined("nothing was shipped"))


@kpi("leaving", "share", "higher", "units sent back", applies=_returns)
def resold_share(e: Evidence) -> Value:
    """Units sent back in the window that can be sold again, of all units sent back."""
    back = e.sent_back.sum()
    return share(back - e.unsellable.sum(), back, NOTHING_RETURNED)


@kpi("leaving", "share", "neither", "units sent back", applies=_returns)
def exchanged_share(e: Evidence) -> Value:
    """Units of counted orders that were sent back and in whose place the customer got the same item once more, of all
    units of theirs that were sent back."""
    again = e.facts.recovered.having("exit", Exit.EXCHANGED)
    return share(e.per_line(again).sum(), e.returned.sum(), NOTHING_RETURNED)


@kpi("leaving", "units", "lower")
def surplus_returned(e: Evidence) -> Value:
    """Units of counted orders that had been ordered beyond the need (`inflate`), had been shipped and came back; they
    are not revenue."""
    return float(e.surplus.sum())


@kpi("leaving", "share", "lower", "units demanded")
def lost_at_checkout(e: Evidence) -> Value:
    """Units demanded but not ordered: the item could not be ordered, or the shopper walked away, switched to a rival,
    signed up for the wait-list, or took another item instead."""
    return share(e.refused.sum(), e.asked.sum())


def _rules(world: World) -> tuple[str, ...]:
    return tuple(rule.name.lower() for rule in world.refusals)


@kpi("leaving", "share", "lower", "units demanded", parts=_rules)
def refused_by_rule(e: Evidence) -> Mapping[str, Value]:
    """Units that the acceptance policy refused, by its rule: not sold on backorder, limit, per order, per customer, too
    late (`reject_after`), date, uncovered by purchases, closed. Known where decisions differ by order or have caps;
    otherwise there is one rule for all that is refused."""
    facts = e.facts.blocked
    units = [e.per_line(facts.having("why", rule)).sum() for rule in e.world.refusals]
    return {name: share(part, e.asked.sum()) for name, part in zip(_rules(e.world), units, strict=True)}


@kpi("leaving", "share", "lower", "units demanded")
def walked_away(e: Evidence) -> Value:
    """Units that were out of stock and left unsold: refused, or the shopper bought nothing instead."""
    return _left(e, Exit.REFUSED, Exit.WALKED)


@kpi("leaving", "share", "lower", "units demanded")
def switched(e: Evidence) -> Value:
    """Units that were out of stock and that shoppers bought from a rival."""
    return _left(e, Exit.SWITCHED)


@kpi("leaving", "share", "neither", "units demanded")
def substituted(e: Evidence) -> Value:
    """Units for which shoppers took another item at checkout."""
    return _left(e, Exit.SUBSTITUTED)


@kpi("leaving", "share", "neither", "units demanded")
def waitlisted(e: Evidence) -> Value:
    """Units for which shoppers signed up to be notified when they are back in stock."""
    return _left(e, Exit.WAITLISTED)


def _left(e: Evidence, *exits: Exit) -> Value:
    return share(e.left(*exits).sum(), e.asked.sum())


@kpi("leaving", "share", "higher", "units wait-listed")
def recovered(e: Evidence) -> Value:
    """Units that wait-listed shoppers came back for and bought, of the units they had signed up for."""
    signed = float(e.left(Exit.WAITLISTED).sum())
    back = e.per_line(e.facts.recovered.having("exit", Exit.WAITLISTED))
    return share(back.sum(), signed, Undefined("nobody signed up for a wait-list"))


@kpi("leaving", "share", "neither", "units demanded")
def open_share(e: Evidence) -> Value:
    """Units still on backorder at the horizon: their wait is only known to be at least as long as it was then."""
    return share(e.waiting.sum(), e.asked.sum())
