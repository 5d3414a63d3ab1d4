"""Money over time: revenue and costs in every cell, as the KPIs of money count them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from simulator.kpis.evidence.cash import BALANCES
from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.evidence.freight import postage, transfer_costs
from simulator.kpis.evidence.worth import marks_down
from simulator.kpis.groups.money import contribution, has_fees, holding_rates
from simulator.kpis.series.grid import CELLS, area_per_cell, in_cells, line_cells, per_cell, width_of
from simulator.model.nouns import Adjustment
from simulator.record.ledger import FactColumns, Floats

ROUNDING = 1e-9
"""Differences up to this share of the whole are rounding errors."""
COSTS = (
    "holding_cost",
    "storage_cost",
    "markdown_cost",
    "ordering_cost",
    "purchase_cost",
    "freight_cost",
    "premiums",
    "contact_cost",
    "notice_cost",
    "backorder_cost",
    "lost_sale_cost",
    "handling_cost",
)
"""The costs that are followed over time; the last two only where they arise."""


def money_series(e: Evidence) -> Iterator[tuple[str, Floats]]:
    """Money as the KPIs of the same names count it: orders placed in the window, costs that arise in it."""
    found = dict(_flows(e))
    yield from ((f"money.{name}", values) for name, values in found.items())
    placed = found["revenue"].sum() - found["refunds"].sum() + found["salvage"].sum()
    placed += found["fee_income"].sum() if "fee_income" in found else 0.0
    placed -= sum(found[cost].sum() for cost in COSTS if cost in found)
    rest = placed - contribution(e)
    ends = np.arange(1.0, CELLS + 1) * width_of(e.world)
    for path in BALANCES.values():
        e.trim()
        yield f"cash.{path}", getattr(e.cash, path).before(ends)
    yield "money.not_followed", np.array([rest if abs(rest) > ROUNDING * (1 + abs(placed)) else 0.0])


def _flows(e: Evidence) -> Iterator[tuple[str, Floats]]:
    facts, world, costs = e.facts, e.world, e.world.costs
    owned = e.of_items("owned")
    own = line_cells(e)[e.lines]

    def cells(happened: FactColumns, money: NDArray[np.generic]) -> Floats:
        return per_cell(world, happened["time"], money)

    def at(happened: FactColumns, rates: Floats) -> Floats:
        return cells(happened, happened["units"] * rates[happened.numbers("item")])

    def worth(happened: FactColumns) -> Floats:
        return happened["units"] * facts.prices_of(happened)

    recovered = e.window(facts.recovered)
    left = e.placed_in_window(facts.cancelled)
    gone = cells(left, worth(left))
    sent_back = e.placed_in_window(facts.returned)
    returned = cells(sent_back, worth(sent_back))
    back = gone * world.payment.at_order
    if world.payments:
        money = worth(left) * e.cash.paying.at_order(left.numbers("order"))
        back = cells(left, money)
    ordered = in_cells(own, (e.asked - e.refused) * e.prices) + cells(recovered, worth(recovered))
    yield "revenue", ordered - (gone - back)  # cancelled: deducted if it was never paid, otherwise refunded
    yield "refunds", back + returned
    cleared = e.window(facts.adjusted)
    cleared = cleared.having("why", Adjustment.SEASON)
    yield "salvage", at(cleared, -e.of_items("salvage"))
    yield "holding_cost", area_per_cell(e, "on_hand", holding_rates(e) * owned, e.start)
    yield "storage_cost", area_per_cell(e, "on_hand", e.of_items("volume") * costs.storage, e.start)
    kept = e.asked - e.refused - e.cancelled() - e.returned
    markdown = in_cells(own, kept * (e.prices * e.markdown)) if marks_down(e.world) else np.zeros(CELLS)
    yield "markdown_cost", markdown
    bought = e.window(facts.purchases)
    yield "ordering_cost", cells(bought, np.full(bought["time"].size, costs.order))
    vendors = e.of_items("unit_cost") * ~owned  # a drop-ship vendor is paid for what is sold
    sold = np.zeros(CELLS) if owned.all() else in_cells(own, (kept - e.waiting) * vendors[e.items])
    receipts = e.window(facts.receipts)
    unit_costs = np.array([s.unit_costs for s in world.suppliers] or [(0.0,) * len(world.items)]) * owned
    paid = receipts["units"] * unit_costs[receipts.numbers("supplier"), receipts.numbers("item")]
    yield "purchase_cost", cells(receipts, paid) + sold + at(recovered, vendors)
    sent = e.window(facts.sent).own
    freight = cells(sent, postage(facts, sent))
    if facts.transfers.size:
        inside = e.in_window(facts.transfers["time"])
        freight = freight + cells(facts.transfers.where(inside), transfer_costs(facts)[inside])
    yield "freight_cost", freight
    yield "premiums", cells(e.hastened, e.hastened["cost"])
    contacts, notices = e.window(facts.contacts), e.window(facts.notices)
    yield "contact_cost", cells(contacts, np.where(contacts["page"] == 1, costs.self_service, costs.contact))
    yield "notice_cost", cells(notices, np.full(notices["time"].size, costs.notice))
    yield "backorder_cost", area_per_cell(e, "backlog", np.full(len(world.items), costs.backorder), e.start)
    if costs.lost_sale:
        yield "lost_sale_cost", in_cells(own, e.refused * costs.lost_sale)
    if world.returns:
        tables = [e.window(table) for table in (facts.returned, facts.surplus)]
        yield "handling_cost", np.sum([cells(table, table["units"] * costs.handling) for table in tables], axis=0)
    if has_fees(world):
        _, when, paid_fees = e.fees
        yield "fee_income", per_cell(world, when, paid_fees)
