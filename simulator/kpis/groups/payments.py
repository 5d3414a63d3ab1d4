"""Payments: what customers pay before the goods leave, what is owed to them, what is paid back, what must be funded."""

from __future__ import annotations

import numpy as np

from simulator.kpis.evidence.cash import mean, peak
from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.groups.money import cost_of_refunds, late_discount
from simulator.kpis.kpi import Undefined, Value, kpi


@kpi("money", "currency", "higher")
def revenue_recognised(e: Evidence) -> Value:
    """Price of what was handed to carriers in the window: revenue is recognised when goods are shipped, whenever they
    are paid."""
    parcels = e.cash.shipped
    return float(parcels.value[e.in_window(parcels.shipped)].sum())


@kpi("money", "currency", "higher")
def cash_received(e: Evidence) -> Value:
    """Paid by customers in the window, for whatever and whenever it was ordered; refunds are not taken off."""
    moves = e.cash.received
    return float(moves.money[e.in_window(moves.times)].sum())


@kpi("money", "currency", "higher")
def cash_received_early(e: Evidence) -> Value:
    """Paid at the order, by counted orders, for units that went on backorder then."""
    return float((e.backordered * e.prices).sum()) * e.world.payment.at_order


@kpi("money", "currency", "neither")
def deposits_held(e: Evidence) -> Value:
    """Paid at the order for units that are on backorder, time average over the window."""
    prices = np.array([item.price for item in e.world.items])
    return float((e.backlog_area * prices).sum()) * e.world.payment.at_order / e.days


@kpi("money", "currency", "neither")
def unearned_mean(e: Evidence) -> Value:
    """Paid for goods that have neither been shipped nor cancelled (unearned revenue), time average over the window."""
    return mean(e.cash.unearned, e.start, e.end)


@kpi("money", "currency", "neither")
def unearned_peak(e: Evidence) -> Value:
    """The most that was paid at any time of the window for goods neither shipped nor cancelled."""
    return peak(e.cash.unearned, e.start)


@kpi("money", "d", "lower", "money paid back")
def refund_days(e: Evidence) -> Value:
    """Days from the cancellation to the refund, of what counted orders are paid back."""
    facts = e.run.cancelled
    mine = (facts["placed"] >= e.start) & (facts["order"] >= 0)
    money = e.cash.cancelled.money[mine] * e.world.payment.at_order
    if not money.sum():
        return Undefined("nothing was paid back")
    days = e.cash.refunded_at(facts["time"][mine]) - facts["time"][mine]
    return float((days * money).sum() / money.sum())


@kpi("money", "currency", "lower")
def refund_cost(e: Evidence) -> Value:
    """Refunds to counted orders at the cost of one, and the goodwill that goes with it."""
    return cost_of_refunds(e)


@kpi("money", "currency", "neither")
def refunds_due_mean(e: Evidence) -> Value:
    """Owed to customers for what was cancelled and is not paid back yet, time average over the window."""
    return mean(e.cash.refunds_due, e.start, e.end)


@kpi("money", "currency", "lower")
def late_discounts(e: Evidence) -> Value:
    """Knocked off the price of what came late to counted orders (policies with `late_price`)."""
    return late_discount(e)


@kpi("money", "currency", "lower")
def peak_funding(e: Evidence) -> Value:
    """The most that had to be funded at any time of the run: paid for goods, at their receipt, beyond what customers
    had paid until then and were not paid back. The opening stock is there already and costs nothing here."""
    return e.cash.funding
