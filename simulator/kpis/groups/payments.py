"""Payments: what customers pay before the goods ship, what they are owed and refunded, and what must be funded."""

from __future__ import annotations

import numpy as np

from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.evidence.paying import paid
from simulator.kpis.groups.money import late_discounts, refund_cost
from simulator.kpis.kpi import Undefined, Value, kpi
from simulator.record.ledger import Floats


@kpi("money", "currency", "higher")
def revenue_recognised(e: Evidence) -> Value:
    """Price of the goods handed to carriers in the window: revenue is recognised when goods ship, whenever they are
    paid."""
    parcels = e.cash.worth.shipped
    return float(parcels.value[e.in_window(parcels.shipped)].sum())


@kpi("money", "currency", "higher")
def cash_received(e: Evidence) -> Value:
    """Paid by customers in the window, whatever they ordered and whenever; refunds are not deducted."""
    moves = e.cash.received
    return float(moves.money[e.in_window(moves.times)].sum())


@kpi("money", "currency", "higher")
def cash_received_early(e: Evidence) -> Value:
    """Paid when ordering, by counted orders, for units that went on backorder."""
    return paid(e.backordered * e.prices, e.paid_at_order)


@kpi("money", "currency", "neither")
def deposits_held(e: Evidence) -> Value:
    """Paid when ordering for units that are on backorder, time average over the window."""
    if e.world.payments:
        return _deposit_days(e, e.facts.line_prices) / e.days
    held = float((e.backlog_area * e.of_items("price")).sum()) * e.world.payment.at_order / e.days
    if e.priced:
        dearer = e.facts.line_prices - e.of_items("price")[e.facts.demand.items]
        held += _deposit_days(e, dearer) / e.days
    return held


def _deposit_days(e: Evidence, prices: Floats) -> float:
    """Deposits held times the days in the window for which they are held, at these prices by line; a backlog from
    before the start is left out, because no line, and no payment of a segment, applies to it."""
    held = 0.0
    for orders, lines, units, placed, ends in e.on_backorder:
        days = np.clip(ends, e.start, e.end) - np.clip(placed, e.start, e.end)
        held += float((units * prices[lines] * days * e.cash.paying.at_order(orders)).sum())
    return held


@kpi("money", "currency", "neither")
def unearned_mean(e: Evidence) -> Value:
    """Paid for goods that have neither been shipped nor cancelled (unearned revenue), time average over the window."""
    return e.unearned[0]


@kpi("money", "currency", "neither")
def unearned_peak(e: Evidence) -> Value:
    """The most that was paid at any time of the window for goods neither shipped nor cancelled."""
    return e.unearned[1]


@kpi("money", "d", "lower", "money refunded")
def refund_days(e: Evidence) -> Value:
    """Days from the cancellation or return to the refund, weighted by money, over refunds to counted orders."""
    whole = weighted = 0.0
    for table, in_advance in ((e.facts.cancelled, True), (e.facts.returned, False)):
        facts = e.placed_in_window(table)
        orders = facts.numbers("order")
        share = e.cash.paying.at_order(orders) if in_advance else 1.0
        money = facts["units"] * e.cash.worth.price_of(facts) * share
        whole += float(money.sum())
        weighted += float(((e.cash.refunded_at(facts["time"], orders) - facts["time"]) * money).sum())
    return weighted / whole if whole else Undefined("nothing was refunded")


kpi("money", "currency", "lower")(refund_cost)


@kpi("money", "currency", "neither")
def refunds_due_mean(e: Evidence) -> Value:
    """Owed to customers for cancelled units and not refunded yet, time average over the window."""
    return e.cash.refunds_due.mean(e.start, e.end)


kpi("money", "currency", "lower")(late_discounts)


@kpi("money", "currency", "lower")
def peak_funding(e: Evidence) -> Value:
    """The most that had to be funded at any time of the run: payments for goods, on receipt, beyond what customers had
    paid by then, less refunds. The opening stock costs nothing here."""
    return e.cash.funding
