"""Money: revenue and costs; totals over the counted window, in the scenario's currency."""

from __future__ import annotations

import numpy as np

from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.evidence.freight import postage, transfer_costs
from simulator.kpis.evidence.paying import lowers_prices, paid
from simulator.kpis.groups.forecasting import days_saved
from simulator.kpis.groups.service import share
from simulator.kpis.kpi import Undefined, Value, kpi
from simulator.model.nouns import World
from simulator.record.ledger import Floats


@kpi("money", "currency", "higher")
def revenue(e: Evidence) -> float:
    """Price of the units of counted orders that were ordered and neither cancelled nor returned (open ones are
    included), and of units sold in place of what had left: substitutes, and units for wait-listed customers who came
    back."""
    kept = e.asked - e.refused - e.cancelled() - e.surplus - e.returned
    return float((kept * e.prices).sum() + e.recovered_value.sum())


@kpi("money", "currency", "neither")
def salvage(e: Evidence) -> float:
    """Value in the window of units left over at the end of their season."""
    return float((e.cleared * e.of_items("salvage")).sum())


@kpi("money", "currency", "lower")
def refunds(e: Evidence) -> float:
    """Price of the cancelled units of counted orders, as far as it had been paid and is refunded, and of returned
    ones."""
    returned = float((e.returned * e.prices).sum())
    return paid(e.cancelled() * e.prices, e.paid_at_order) + returned


def holding_rates(e: Evidence) -> Floats:
    """Cost of holding a unit of each item for a day, shape (items,)."""
    costs = e.world.costs
    return e.of_items("unit_cost") * costs.holding_share + costs.holding_money


@kpi("money", "currency", "lower")
def holding_cost(e: Evidence) -> float:
    """Stock on hand over the window at the holding rate."""
    return float((e.on_hand_area * holding_rates(e) * e.of_items("owned")).sum())


@kpi("money", "currency", "lower")
def storage_cost(e: Evidence) -> float:
    """Space that stock on hand takes over the window at the storage rate."""
    return float((e.on_hand_area * e.of_items("volume")).sum() * e.world.costs.storage)


@kpi("money", "currency", "lower")
def markdown_cost(e: Evidence) -> float:
    """What was taken off the price of units of counted orders towards the end of their season; revenue is at the full
    price."""
    return e.let_off


@kpi("money", "currency", "lower")
def write_off_cost(e: Evidence) -> float:
    """Unit cost of what was written off in the window (end of shelf life, of season, or of sale; returns that cannot be
    sold again) less its salvage value; paid for when it was received, so it is not part of the total cost."""
    return float((e.written_off * e.of_items("unit_cost")).sum()) - salvage(e)


@kpi("money", "currency", "lower", applies=lambda world: world.costs.lost_sale > 0)
def lost_sale_cost(e: Evidence) -> float:
    """Units demanded in the window and not ordered, at the cost of a lost sale."""
    return float(e.refused.sum() * e.world.costs.lost_sale)


@kpi("money", "currency", "lower", applies=lambda world: world.returns)
def handling_cost(e: Evidence) -> float:
    """Units that customers sent back in the window at the cost of handling one."""
    return float(e.sent_back.sum() * e.world.costs.handling)


@kpi("money", "currency", "lower")
def ordering_cost(e: Evidence) -> float:
    """Purchases made in the window at the cost of one purchase."""
    return float(e.bought[0] * e.world.costs.order)


@kpi("money", "currency", "neither")
def purchase_cost(e: Evidence) -> float:
    """Units received in the window at the supplier's unit cost; of a drop-ship vendor's goods, the units sold."""
    owned = e.of_items("owned")
    paid = float(sum((e.received[k] * s.unit_costs * owned).sum() for k, s in enumerate(e.world.suppliers)))
    if owned.all():
        return paid
    costs = e.of_items("unit_cost") * ~owned
    kept = e.asked - e.refused - e.waiting - e.cancelled() - e.returned
    return paid + float((kept * costs[e.items]).sum() + (e.recovered * costs).sum())


@kpi("money", "currency", "lower")
def freight_cost(e: Evidence) -> float:
    """Parcels handed to carriers in the window, by parcel and by unit, shipments from suppliers with freight costs, and
    stock sent between sites (`transfer_cost`)."""
    return _inbound(e) + _outbound(e) + (sum_of_transfers(e) if any(e.world.transfers) else 0.0)


def sum_of_transfers(e: Evidence) -> float:
    """Cost of stock sent between sites in the window, currency."""
    return float(transfer_costs(e.facts)[e.in_window(e.facts.transfers["time"])].sum())


def _inbound(e: Evidence) -> float:
    cost = 0.0
    for k, supplier in enumerate(e.world.suppliers):
        shipment, unit = supplier.freight
        if shipment or unit:
            shipped = e.window(e.facts.shipped)
            shipped = shipped.where(shipped["supplier"] == k)
            many = (np.unique(shipped["time"]) if supplier.departs else shipped["time"]).size
            cost += many * shipment + float(shipped["units"].sum()) * unit
    return cost


def _outbound(e: Evidence) -> float:
    if any(site.postage for site in e.world.sites):
        return float(postage(e.facts, e.window(e.facts.sent).own).sum())
    if not e.world.carriers:
        return 0.0
    return float((e.parcels * [(c.parcel_cost, c.unit_cost) for c in e.world.carriers]).sum())


@kpi("money", "currency", "lower")
def backorder_cost(e: Evidence) -> float:
    """Units on backorder over the window at the backorder rate."""
    return float(e.backlog_area.sum() * e.world.costs.backorder)


@kpi("money", "currency", "lower", "unit-days saved")
def cost_per_day_saved(e: Evidence) -> Value:
    """What hurried purchases cost above the usual price, over the unit-days by which they arrive earlier."""
    return share(expedite_cost(e), days_saved(e), Undefined("no purchase was hurried in the counted window"))


@kpi("money", "currency", "lower")
def expedite_cost(e: Evidence) -> float:
    """What purchases that were expedited, bought on the spot or moved up cost above the usual price; the higher price
    of goods bought on the spot is also in the purchase cost."""
    return float(e.window(e.facts.hurried)["cost"].sum())


@kpi("money", "currency", "lower")
def contact_cost(e: Evidence) -> float:
    """Contacts in the window: those answered by agents, and those answered by the tracking page."""
    by_agents, by_pages, _ = e.talk
    return float(by_agents * e.world.costs.contact + by_pages * e.world.costs.self_service)


@kpi("money", "currency", "lower")
def notice_cost(e: Evidence) -> float:
    """Messages sent in the window."""
    return float(e.talk[2] * e.world.costs.notice)


@kpi("money", "currency", "lower")
def expedite_premium(e: Evidence) -> float:
    """What purchases that were expedited or moved up in the window cost above the price of the goods; the part of
    `expedite_cost` that is not in the purchase cost."""
    return e.premiums


@kpi("money", "currency", "lower")
def refund_cost(e: Evidence) -> float:
    """Refunds to counted orders at the cost of one refund, with the goodwill given; the price that is paid back is in
    `refunds`."""
    costs = e.world.costs
    return e.refund_count * (costs.refund + costs.goodwill) if costs.refund or costs.goodwill else 0.0


@kpi("money", "currency", "lower")
def late_discounts(e: Evidence) -> float:
    """Discounts on the price of what came late to counted orders (policies with `late_price`)."""
    if not lowers_prices(e.world):
        return 0.0
    parcels = e.cash.worth.shipped
    counted = np.concatenate((np.zeros(e.cash.worth.first, dtype=bool), e.orders))[parcels.order]
    return float((parcels.value * e.cash.late_share(parcels))[counted].sum())


def _dearer_goods(e: Evidence) -> float:
    """What was paid for goods received in the window above the unit cost of the cheapest supplier, currency."""
    costs = np.array([supplier.unit_costs for supplier in e.world.suppliers] or [(0.0,) * len(e.world.items)])
    return float((e.received * (costs - costs.min(axis=0))[: len(e.received)] * e.of_items("owned")).sum())


def _operations(e: Evidence) -> float:
    """All costs but those of goods, currency."""
    stock = holding_cost(e) + storage_cost(e) + ordering_cost(e) + freight_cost(e) + expedite_premium(e)
    talk = backorder_cost(e) + contact_cost(e) + notice_cost(e)
    return stock + talk + markdown_cost(e) + refund_cost(e) + late_discounts(e) + handling_cost(e) + lost_sale_cost(e)


@kpi("money", "currency", "lower")
def operating_cost(e: Evidence) -> float:
    """Cost without the goods sold: holding, storage, ordering, freight, expediting, backorder, contact and notice cost
    of the window, the cost of refunds and of handling returns, discounts for lateness, markdowns and write-offs. Of
    purchases, it includes only what was paid above the cheapest supplier's unit cost, so selling less does not look
    cheap."""
    return _operations(e) + write_off_cost(e) + _dearer_goods(e)


@kpi("money", "currency", "lower")
def total_cost(e: Evidence) -> float:
    """All that is spent: holding, storage, ordering, purchase, freight, expediting, backorder, contact and notice cost
    of the window, the cost of refunds and of handling returns, discounts for lateness and markdowns; the higher price
    of goods bought on the spot is in the purchase cost. It falls if less is bought because less is sold: use
    `operating_cost` or `contribution` to compare policies that sell different amounts."""
    goods = holding_cost(e) + storage_cost(e) + ordering_cost(e) + purchase_cost(e) + freight_cost(e)
    goods = goods + e.premiums + e.let_off
    goods = goods + backorder_cost(e) + contact_cost(e) + notice_cost(e) + refund_cost(e) + late_discounts(e)
    return goods + handling_cost(e) + lost_sale_cost(e)


def has_fees(world: World) -> bool:
    """Whether customers pay for parcels."""
    return any(any(segment.fees) for segment in world.segments)


@kpi("money", "currency", "higher", applies=has_fees)
def fee_income(e: Evidence) -> float:
    """Fees that counted orders pay: for shipping, when their first parcel leaves, and for each further parcel."""
    return float(e.fees[2].sum()) if has_fees(e.world) else 0.0


@kpi("money", "currency", "higher")
def contribution(e: Evidence) -> float:
    """Revenue, salvage and fees less total cost; stock left at the horizon has no value."""
    return revenue(e) + salvage(e) - total_cost(e) + fee_income(e)


def _pipeline(e: Evidence) -> float:
    rate = e.world.pipeline
    if rate is None:
        return 0.0
    sent = e.facts.parcels
    item = e.facts.demand.items[sent.numbers("order")]
    days = np.clip(sent["delivered"], e.start, e.end) - np.clip(sent["shipped"], e.start, e.end)
    worth = e.of_items("price") * rate.share + rate.money
    return float((sent["units"] * days * worth[item]).sum())


def own_cost(e: Evidence) -> float:
    """Holding, pipeline, backorder and ordering cost of one stage of the supply chain, currency."""
    return holding_cost(e) + _pipeline(e) + backorder_cost(e) + ordering_cost(e)


@kpi("money", "currency", "lower")
def chain_cost(e: Evidence) -> float:
    """Holding, backorder and ordering cost of the warehouse and of every supplier with stock, and the cost of goods in
    transit from these suppliers at their `pipeline` rate."""
    return own_cost(e) + sum(own_cost(supplier) for supplier in e.chain.values())
