"""Money: what comes in, what it costs; totals over the counted window, in the scenario's currency."""

from __future__ import annotations

import numpy as np

from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.groups.forecasting import hurried
from simulator.kpis.groups.service import share
from simulator.kpis.kpi import Undefined, Value, kpi


def _kept(e: Evidence) -> float:
    prices = np.array([item.price for item in e.world.items])
    kept = e.asked - e.refused - e.cancelled() - e.surplus
    return float((kept * e.prices).sum() + (e.recovered * prices).sum())


def _holding(e: Evidence) -> float:
    costs = e.world.costs
    rate = np.array([item.unit_cost for item in e.world.items]) * costs.holding_share + costs.holding_money
    owned = np.array([item.owned for item in e.world.items])
    return float((e.on_hand_area * rate * owned).sum())


def _ordering(e: Evidence) -> float:
    return float(e.bought[0] * e.world.costs.order)


def _purchase(e: Evidence) -> float:
    """What is received is paid for; of a drop-ship vendor's goods, what is sold."""
    owned = np.array([item.owned for item in e.world.items])
    paid = float(sum((e.received[k] * s.unit_costs * owned).sum() for k, s in enumerate(e.world.suppliers)))
    if owned.all():
        return paid
    costs = np.array([item.unit_cost for item in e.world.items]) * ~owned
    kept = e.asked - e.refused - e.waiting - e.cancelled()
    return paid + float((kept * costs[e.items]).sum() + (e.recovered * costs).sum())


def _salvage(e: Evidence) -> float:
    return float((e.cleared * [item.salvage for item in e.world.items]).sum())


def _inbound(e: Evidence) -> float:
    """Freight of goods that left suppliers in the window."""
    cost = 0.0
    for k, supplier in enumerate(e.world.suppliers):
        shipment, unit = supplier.freight
        if shipment or unit:
            mine = (e.run.shipped["supplier"] == k) & e.in_window(e.run.shipped["time"])
            times = e.run.shipped["time"][mine]
            many = np.unique(times).size if supplier.departs else times.size
            cost += many * shipment + float(e.run.shipped["units"][mine].sum()) * unit
    return cost


def _freight(e: Evidence) -> float:
    return _inbound(e) + _outbound(e)


def _outbound(e: Evidence) -> float:
    if not e.world.carriers:
        return 0.0
    return float((e.parcels * [(c.parcel_cost, c.unit_cost) for c in e.world.carriers]).sum())


def _backorder(e: Evidence) -> float:
    return float(e.backlog_area.sum() * e.world.costs.backorder)


def _contact(e: Evidence) -> float:
    by_agents, by_pages, _ = e.talk
    return float(by_agents * e.world.costs.contact + by_pages * e.world.costs.self_service)


def _notice(e: Evidence) -> float:
    return float(e.talk[2] * e.world.costs.notice)


def _storage(e: Evidence) -> float:
    volumes = np.array([item.volume for item in e.world.items])
    return float((e.on_hand_area * volumes).sum() * e.world.costs.storage)


def _total(e: Evidence) -> float:
    goods = _holding(e) + _storage(e) + _ordering(e) + _purchase(e) + _freight(e) + e.premiums + e.let_off
    return goods + _backorder(e) + _contact(e) + _notice(e) + cost_of_refunds(e) + late_discount(e)


def cost_of_refunds(e: Evidence) -> float:
    """What refunds cost besides what is paid back, currency."""
    costs = e.world.costs
    return e.refund_count * (costs.refund + costs.goodwill) if costs.refund or costs.goodwill else 0.0


def late_discount(e: Evidence) -> float:
    """What is knocked off the price of what came late to counted orders, currency."""
    if np.isinf(e.world.payment.quoted):
        return 0.0
    parcels = e.cash.shipped
    number = parcels.order - e.cash.first
    mine = number >= 0
    mine[mine] = e.orders[number[mine]]
    return float((parcels.value * e.cash.late_share(parcels))[mine].sum())


@kpi("money", "currency", "higher")
def revenue(e: Evidence) -> Value:
    """Price of the units of counted orders that were ordered and not cancelled (open ones too), and of what was sold in
    place of units that had left: substitutes, and wait-listed customers who came back."""
    return _kept(e)


@kpi("money", "currency", "neither")
def salvage(e: Evidence) -> Value:
    """What units brought in the window that were left over at the end of their season."""
    return _salvage(e)


@kpi("money", "currency", "lower")
def refunds(e: Evidence) -> Value:
    """Price of the cancelled units of counted orders as far as it had been paid: it is paid back."""
    return float((e.cancelled() * e.prices).sum()) * e.world.payment.at_order


@kpi("money", "currency", "lower")
def holding_cost(e: Evidence) -> Value:
    """Stock on hand over the window at the holding rate."""
    return _holding(e)


@kpi("money", "currency", "lower")
def storage_cost(e: Evidence) -> Value:
    """Space that stock on hand takes over the window at the storage rate."""
    return _storage(e)


@kpi("money", "currency", "lower")
def markdown_cost(e: Evidence) -> Value:
    """What was let off the price of units of counted orders towards the end of their season; revenue is at the full
    price."""
    return e.let_off


@kpi("money", "currency", "lower")
def write_off_cost(e: Evidence) -> Value:
    """Unit cost of what was written off in the window (end of shelf life, of season, or of sale) less its salvage; paid
    for when it was received, so no part of the total cost."""
    costs = np.array([item.unit_cost for item in e.world.items])
    return float(((e.expired + e.cleared) * costs).sum()) - _salvage(e)


@kpi("money", "currency", "lower")
def ordering_cost(e: Evidence) -> Value:
    """Purchases made in the window at the cost of one."""
    return _ordering(e)


@kpi("money", "currency", "neither")
def purchase_cost(e: Evidence) -> Value:
    """Units received in the window at the supplier's unit cost; of a drop-ship vendor's goods, those sold."""
    return _purchase(e)


@kpi("money", "currency", "lower")
def freight_cost(e: Evidence) -> Value:
    """Parcels handed to carriers in the window, by parcel and by unit, and what left suppliers whose lane costs."""
    return _freight(e)


@kpi("money", "currency", "lower")
def backorder_cost(e: Evidence) -> Value:
    """Units on backorder over the window at the backorder rate."""
    return _backorder(e)


@kpi("money", "currency", "lower", "unit-days saved")
def cost_per_day_saved(e: Evidence) -> Value:
    """What hurried purchases cost beyond the usual price, over the unit-days by which they come earlier."""
    cost, days = hurried(e)
    return share(cost, days, Undefined("no purchase was hurried in the counted window"))


@kpi("money", "currency", "lower")
def expedite_cost(e: Evidence) -> Value:
    """What purchases that were expedited, bought on the spot or moved up cost beyond the usual price; what is paid more
    for goods on the spot is in the purchase cost, too."""
    return hurried(e)[0]


@kpi("money", "currency", "lower")
def contact_cost(e: Evidence) -> Value:
    """Contacts of the window: those that agents answered, and those that a tracking page did."""
    return _contact(e)


@kpi("money", "currency", "lower")
def notice_cost(e: Evidence) -> Value:
    """Messages sent in the window."""
    return _notice(e)


@kpi("money", "currency", "lower")
def total_cost(e: Evidence) -> Value:
    """Holding, storage, ordering, purchase, freight, expediting, backorder, contact and notice cost of the window, the
    cost of refunds, discounts for lateness and markdowns; what is paid more for goods on the spot is in the purchase
    cost."""
    return _total(e)


def kept_less_costs(e: Evidence) -> float:
    """Revenue and salvage less total cost, currency."""
    return _kept(e) + _salvage(e) - _total(e)


@kpi("money", "currency", "higher")
def contribution(e: Evidence) -> Value:
    """Revenue and salvage less total cost; stock left at the horizon is not valued."""
    return kept_less_costs(e)


def _pipeline(e: Evidence) -> float:
    rate = e.world.pipeline
    if rate is None:
        return 0.0
    sent, orders = e.run.parcels, e.run.demand.items
    item = orders[sent["order"].astype(np.int64)].astype(np.int64)
    days = np.clip(sent["delivered"], e.start, e.end) - np.clip(sent["shipped"], e.start, e.end)
    worth = np.array([facts.price for facts in e.world.items]) * rate.share + rate.money
    return float((sent["units"] * days * worth[item]).sum())


def own_cost(e: Evidence) -> float:
    """Holding, pipeline, backorder and ordering cost of one stage of the chain."""
    return _holding(e) + _pipeline(e) + _backorder(e) + _ordering(e)


@kpi("money", "currency", "lower")
def chain_cost(e: Evidence) -> Value:
    """Holding, backorder and ordering cost of the warehouse and of every supplier with stock, and what goods on their
    way from these suppliers cost at their `pipeline` rate."""
    return own_cost(e) + sum(own_cost(supplier) for supplier in e.chain.values())
