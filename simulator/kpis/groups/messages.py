"""Talk: messages sent, questions asked, and who answered."""

from __future__ import annotations

import numpy as np

from simulator.kpis.evidence.evidence import Bools, Evidence
from simulator.kpis.groups.service import NO_PROMISE, share
from simulator.kpis.kpi import Undefined, Value, kpi
from simulator.model.nouns import Answer, Message
from simulator.record.ledger import Floats

NONE_ASKED = Undefined("no customer asked where an order is")


def _of_counted(e: Evidence, facts: dict[str, Floats]) -> Bools:
    """Which facts are about counted orders."""
    order = facts["order"].astype(np.int64)
    mine: Bools = order >= 0
    mine[mine] = e.orders[order[mine]]
    return mine


@kpi("talk", "messages", "neither", "orders placed")
def notices_per_order(e: Evidence) -> Value:
    """Messages sent about counted orders, read or not, over all orders."""
    return share(_of_counted(e, e.run.notices).sum(), e.order_count)


@kpi("talk", "contacts", "lower", "orders placed")
def contacts_per_order(e: Evidence) -> Value:
    """Times that customers asked where an order is, answered by an agent or a page, over all orders."""
    return share(_of_counted(e, e.run.contacts).sum(), e.order_count)


@kpi("talk", "share", "higher", "contacts")
def self_service_share(e: Evidence) -> Value:
    """Contacts that a tracking page answered in place of an agent."""
    mine = _of_counted(e, e.run.contacts)
    return share(e.run.contacts["page"][mine].sum(), mine.sum(), NONE_ASKED)


@kpi("talk", "h", "lower", "contacts that an agent answered")
def agent_wait(e: Evidence) -> Value:
    """Mean hours until an agent takes a contact."""
    mine = _of_counted(e, e.run.contacts) & (e.run.contacts["page"] == 0)
    waits = (e.run.contacts["started"] - e.run.contacts["time"])[mine] * 24
    return float(waits.mean()) if waits.size else NONE_ASKED


@kpi("talk", "share", "higher", "orders whose promised day was missed")
def warned_share(e: Evidence) -> Value:
    """Orders whose customer had read, before the day promised first, that it would not be kept."""
    promised = e.dates.first
    if promised is None:
        return NO_PROMISE
    missed = e.orders & (promised < e.end) & e.dates.missed(promised)
    facts = e.run.promises
    order = facts["order"].astype(np.int64)
    told = (facts["told"] == 1) & (order >= 0)
    told[told] = (facts["date"][told] > promised[order[told]] + 1e-9) & (facts["time"][told] < promised[order[told]])
    warned = np.zeros(promised.size, dtype=bool)
    warned[order[told]] = True
    return share((missed & warned).sum(), missed.sum(), Undefined("no promised day was missed"))


@kpi("talk", "share", "lower", "orders whose date moved")
def untold_share(e: Evidence) -> Value:
    """Orders whose date the seller moved without the customer ever reading of it."""
    facts = e.run.promises
    mine = _of_counted(e, facts)
    order, told = facts["order"][mine].astype(np.int64), facts["told"][mine] == 1
    n = len(e.run.demand.times)
    moved = np.bincount(order[~told], minlength=n) > 0
    heard = np.bincount(order[told], minlength=n) > 1
    return share((moved & ~heard).sum(), moved.sum(), Undefined("no date was moved"))


@kpi("talk", "share", "lower", "orders of which goods were held for the rest")
def silent_holds(e: Evidence) -> Value:
    """Orders of which goods were held for the rest, and whose customer was not written that they are."""
    held = np.unique(e.run.holds["order"][_of_counted(e, e.run.holds)])
    told = e.run.notices["order"][e.run.notices["message"] == Message.HELD]
    return share((~np.isin(held, told)).sum(), held.size, Undefined("no goods were held for the rest of an order"))


def _answers(e: Evidence, good: Answer, others: tuple[Answer, ...], reason: str) -> Value:
    given = e.run.answers["answer"][_of_counted(e, e.run.answers)]
    return share((given == good).sum(), np.isin(given, (good, *others)).sum(), Undefined(reason))


@kpi("talk", "share", "higher", "questions for consent")
def consent_rate(e: Evidence) -> Value:
    """Questions whether an order stands, or whether a delay is agreed to, that were answered with yes."""
    return _answers(e, Answer.CONSENT, (Answer.SILENCE,), "nobody was asked for consent")


@kpi("talk", "share", "higher", "offers to keep, switch or cancel")
def kept_on_offer(e: Evidence) -> Value:
    """Offers after which the customer kept the order."""
    return _answers(e, Answer.KEEP, (Answer.SWITCH, Answer.CANCEL), "nobody was offered to keep, switch or cancel")
