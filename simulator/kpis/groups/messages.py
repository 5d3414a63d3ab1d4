"""Communication: messages sent, questions asked, and who answered."""

from __future__ import annotations

import numpy as np

from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.groups.service import NO_PROMISE, share
from simulator.kpis.kpi import Undefined, Value, kpi
from simulator.model.nouns import Answer, Message

NONE_ASKED = Undefined("no customer asked where an order is")


@kpi("talk", "messages", "neither", "orders placed")
def notices_per_order(e: Evidence) -> Value:
    """Messages sent about counted orders, read or not, over all orders."""
    return share(e.counted(e.facts.notices)["order"].size, e.order_count)


@kpi("talk", "contacts", "lower", "orders placed")
def contacts_per_order(e: Evidence) -> Value:
    """Times that customers asked where an order is, answered by an agent or the tracking page, over all orders."""
    return share(e.counted(e.facts.contacts)["order"].size, e.order_count)


@kpi("talk", "share", "higher", "contacts")
def self_service_share(e: Evidence) -> Value:
    """Contacts answered by the tracking page instead of an agent."""
    page = e.counted(e.facts.contacts)["page"]
    return share(page.sum(), page.size, NONE_ASKED)


@kpi("talk", "h", "lower", "contacts that an agent answered")
def agent_wait(e: Evidence) -> Value:
    """Mean hours until an agent takes a contact."""
    contacts = e.counted(e.facts.contacts)
    waits = (contacts["started"] - contacts["time"])[contacts["page"] == 0] * 24
    return float(waits.mean()) if waits.size else NONE_ASKED


@kpi("talk", "share", "higher", "orders whose promised date was missed")
def warned_share(e: Evidence) -> Value:
    """Orders whose customer had read, before the date promised first, that it would not be kept."""
    promised = e.dates.first
    if promised is None:
        return NO_PROMISE
    missed = e.orders & (promised < e.end) & e.dates.missed(promised)
    facts = e.facts.promises.own
    order = facts.numbers("order")
    warnings = (facts["told"] == 1) & (facts["date"] > promised[order] + 1e-9) & (facts["time"] < promised[order])
    warned = np.zeros(promised.size, dtype=bool)
    warned[order[warnings]] = True
    return share((missed & warned).sum(), missed.sum(), Undefined("no promised date was missed"))


@kpi("talk", "share", "lower", "orders whose date moved")
def untold_share(e: Evidence) -> Value:
    """Orders whose date the seller moved without the customer ever reading about it."""
    facts = e.counted(e.facts.promises)
    order, told = facts.numbers("order"), facts["told"] == 1
    n = len(e.facts.demand.times)
    moved = np.bincount(order[~told], minlength=n) > 0
    informed = np.bincount(order[told], minlength=n) > 1  # the first date does not tell of a move
    return share((moved & ~informed).sum(), moved.sum(), Undefined("no date was moved"))


@kpi("talk", "share", "lower", "orders of which goods were held")
def silent_holds(e: Evidence) -> Value:
    """Orders of which goods were held for the rest of the order, and whose customer got no message about it."""
    nothing = Undefined("no goods were held for the rest of an order")
    if not e.facts.holds.size:
        return nothing
    held = np.unique(e.counted(e.facts.holds)["order"])
    told = e.facts.notices.having("message", Message.HELD)["order"]
    return share((~np.isin(held, told)).sum(), held.size, nothing)


def _answers(e: Evidence, good: Answer, others: tuple[Answer, ...], reason: str) -> Value:
    if not e.facts.answers.size:
        return Undefined(reason)
    given = e.counted(e.facts.answers)
    return share(given.having("answer", good).size, given.having("answer", good, *others).size, Undefined(reason))


@kpi("talk", "share", "higher", "questions for consent")
def consent_rate(e: Evidence) -> Value:
    """Questions whether the customer still wants the order, or agrees to a delay, that were answered with yes."""
    return _answers(e, Answer.CONSENT, (Answer.SILENCE,), "nobody was asked for consent")


@kpi("talk", "share", "higher", "offers to keep, switch or cancel")
def kept_on_offer(e: Evidence) -> Value:
    """Offers after which the customer kept the order."""
    return _answers(e, Answer.KEEP, (Answer.SWITCH, Answer.CANCEL), "nobody was offered to keep, switch or cancel")
