"""Evidence by item: what an item's orders, stock and purchases come to, all sites together."""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple
from weakref import proxy

import numpy as np
from numpy.typing import NDArray

from simulator.foundation.compiled.sorting import stable_order
from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.evidence.freight import postage, transfer_costs
from simulator.kpis.evidence.paying import lowers_prices
from simulator.kpis.evidence.worth import marks_down
from simulator.record.columns import sums_by
from simulator.record.ledger import FactColumns, Floats, Ints
from simulator.record.levels import joined, path, smallest, steps


class ItemWaits(NamedTuple):
    """Units ordered of every item, by how long they waited."""

    at_once: Floats
    """Units that did not wait, shape (items,)."""
    items: Ints
    """Item of each wait, ascending, shape (waits,)."""
    days: Floats
    """Length of each wait, ascending within the item."""
    units: Floats


class ByItem:
    """The evidence of a run by item, in the order of the scenario; every array has shape (items,).

    Costs that belong to an order, such as its parcels, contacts and refunds, are split over its lines in proportion to
    the units demanded, so that the items add up to the totals.
    """

    def __init__(self, evidence: Evidence) -> None:
        self.evidence, self.facts, self.world = evidence, evidence.facts, evidence.world
        self.names = tuple(dict.fromkeys(item.name for item in self.world.items))
        number = {name: k for k, name in enumerate(self.names)}
        self.item_of = np.array([number[item.name] for item in self.world.items], dtype=np.int64)
        """Item of every shelf (an item at a site)."""

    # ---------------------------------------------------------------- sums
    def shelves(self, values: NDArray[Any]) -> Floats:
        """Sums of a value of each shelf."""
        return self._sum(self.item_of, values)

    def lines(self, values: NDArray[Any]) -> Floats:
        """Sums of a value of each counted line."""
        return self._sum(self._of_lines, values)

    @cached_property
    def _of_lines(self) -> Ints:
        """Item of every counted line."""
        return self.item_of[self.evidence.items]

    def rows(self, facts: FactColumns, values: NDArray[Any]) -> Floats:
        """Sums of a value of each fact."""
        return self._sum(self.item_of[facts.numbers("item")], values)

    def orders(self, numbers: Ints, values: NDArray[Any]) -> Floats:
        """Sums of a value of each of these orders, split over its lines by the units demanded."""
        facts, demand, n = self.facts, self.facts.demand, len(self.facts.demand.times)
        own = numbers >= 0
        all_own = bool(own.all())
        mine = (numbers, values) if all_own else (numbers[own], values[own])
        share = np.bincount(mine[0], weights=mine[1], minlength=n).astype(np.float64, copy=False)
        units = facts.units_by_order
        np.divide(share, units, out=share, where=units > 0)
        by_line = np.repeat(share, demand.counts)
        by_line *= demand.quantities  # in place: a long run has no memory to spare
        found = self._sum(self.item_of[demand.items], by_line)
        if not all_own:  # orders from before the start have no lines in the book, but their backlog is a fact
            short = facts.backordered.where(facts.backordered["order"] < 0)
            order = -short.numbers("order")
            most = int(max(order.max(initial=0), -numbers.min())) + 1
            units = np.bincount(order, weights=short["units"], minlength=most).astype(np.float64)
            each = np.bincount(-numbers[~own], weights=values[~own], minlength=most).astype(np.float64)
            share = np.divide(each, units, out=np.zeros(most), where=units > 0)
            found += self.rows(short, share[order] * short["units"])
        return found

    def _sum(self, items: NDArray[Any], values: NDArray[Any]) -> Floats:
        return sums_by(items, values, len(self.names))

    # -------------------------------------------------------------- service
    @cached_property
    def asked(self) -> Floats:
        """Units demanded in the window."""
        return self.lines(self.evidence.asked)

    @cached_property
    def kept(self) -> Floats:
        """Units that customers keep: shipped or held for them, and neither cancelled nor returned."""
        e = self.evidence
        return self.lines(e.asked - e.refused - e.waiting - e.cancelled() - e.returned) + self.shelves(e.recovered)

    @cached_property
    def forgone(self) -> Floats:
        """Units refused or cancelled and not sold in another way: no substitute, no wait-listed customer came back."""
        return self.lines(self._forgone)

    @property
    def _forgone(self) -> Floats:
        """The same by counted line."""
        e = self.evidence
        return e.refused + e.cancelled() - e.per_line(self.facts.recovered)

    @property
    def lost_margin(self) -> Floats:
        """Price less unit cost of the units forgone, currency."""
        e = self.evidence
        margins = {item.name: item.price - item.unit_cost for item in self.world.items}
        found: Floats = self.forgone * np.array(list(margins.values()))
        return found + self.lines(self._forgone * (e.prices - e.of_items("price")[e.items])) if e.priced else found

    # ----------------------------------------------------------------- kits
    @cached_property
    def used_in_kits(self) -> Floats:
        """Units used in kits in the window."""
        found = np.zeros(len(self.item_of))
        if self.world.parts:
            made = self.evidence.window(self.facts.assembled).sums("item", len(self.item_of))
            for part, kit, each in self.world.parts:
                found[part] += each * made[kit]
        return self.shelves(found)

    @cached_property
    def needed_for_kits(self) -> Floats:
        """Units that the kits demanded in the window need."""
        e, found = self.evidence, np.zeros(len(self.item_of))
        asked = np.bincount(e.items, weights=e.asked, minlength=found.size)
        for part, kit, each in self.world.parts:
            found[part] += each * asked[kit]
        return self.shelves(found)

    @cached_property
    def lacking_for_kits(self) -> Floats:
        """Units of these that were not on hand when the kits were ordered."""
        lacking = self.evidence.counted(self.facts.lacking)
        return self.rows(lacking, lacking["units"])

    @cached_property
    def waits(self) -> ItemWaits:
        """The waits of all units ordered, as counted in `wait_mean`."""
        e = self.evidence
        still = e.waiting > 0
        since = e.since[still]
        items = np.concatenate((*(ended.numbers("item") for ended in e.ended), e.items[still]))
        day = np.concatenate((*(ended["time"] - ended["placed"] for ended in e.ended), e.end - since))
        unit = np.concatenate((*(ended["units"] for ended in e.ended), e.waiting[still]))
        item = self.item_of[items]
        order = stable_order(day)
        order = order[np.argsort(item[order].astype(smallest(len(self.names))), kind="stable")]
        return ItemWaits(self.lines(e.taken), item[order], day[order], unit[order])

    @cached_property
    def backlog_peak(self) -> Floats:
        """Most units on backorder at any time in the window, all sites together."""
        e = self.evidence
        if len(self.names) < len(self.item_of):
            shelves = [np.flatnonzero(self.item_of == k).tolist() for k in range(len(self.names))]
            return np.array([path(e.facts, "backlog", mine).peak(e.start) for mine in shelves])
        level = steps(e.facts, "backlog")
        shown = level.is_last & (level.durations(e.start, e.end) > 0)
        found = np.zeros(len(self.names))
        np.maximum.at(found, level.items[shown].astype(np.int64), level.units[shown])
        return found

    # ---------------------------------------------------------------- money
    @cached_property
    def revenue(self) -> Floats:
        """What each item contributes to `revenue`, currency."""
        e = self.evidence
        kept = e.asked - e.refused - e.cancelled() - e.surplus - e.returned
        return self.lines(kept * e.prices) + self.shelves(e.recovered_value)

    @cached_property
    def contribution(self) -> Floats:
        """What each item contributes to `contribution`, currency."""
        e, order_costs = self.evidence, self._order_costs  # first, because they take the most memory on the way
        earned = self.revenue + self.shelves(e.cleared * e.of_items("salvage"))
        if any(any(segment.fees) for segment in self.world.segments):
            number, _, money = e.fees
            earned = earned + self.orders(number, money)
        return earned - self._own_costs - order_costs

    @cached_property
    def _own_costs(self) -> Floats:
        """Costs of goods, stock and purchases, currency."""
        e, costs = self.evidence, self.world.costs
        rate = e.of_items("unit_cost") * costs.holding_share + costs.holding_money
        owned, volume = e.of_items("owned"), e.of_items("volume")
        stock = e.on_hand_area * (rate * owned + volume * costs.storage) + e.backlog_area * costs.backorder
        stock = stock + e.sent_back * costs.handling
        for k, supplier in enumerate(self.world.suppliers):
            stock = stock + e.received[k] * supplier.unit_costs * owned
        found = self.shelves(stock) + self._inbound
        if not owned.all():
            vendor = e.of_items("unit_cost") * ~owned
            kept = e.asked - e.refused - e.waiting - e.cancelled() - e.returned
            found += self.lines(kept * vendor[e.items]) + self.shelves(e.recovered * vendor)
        bought, hastened = e.window(e.facts.purchases), e.hastened
        found += self.rows(bought, np.full(bought["item"].size, costs.order)) + self.rows(hastened, hastened["cost"])
        found += self.lines(e.refused * costs.lost_sale)
        if marks_down(e.world):
            kept = e.asked - e.refused - e.cancelled() - e.returned
            found += self.lines(kept * e.prices * e.markdown)
        return found

    @property
    def _inbound(self) -> Floats:
        """Freight from suppliers and between sites; what leaves together shares the cost of the shipment by units."""
        found = np.zeros(len(self.names))
        for k, supplier in enumerate(self.world.suppliers):
            shipment, unit = supplier.freight
            if shipment or unit:
                left = self.evidence.window(self.facts.shipped)
                left = left.where(left["supplier"] == k)
                units, each = left["units"], np.full(left["units"].size, shipment)
                if supplier.departs:
                    _, which = np.unique(left["time"], return_inverse=True)
                    each = shipment * units / np.bincount(which, weights=units)[which]
                found += self.rows(left, each + units * unit)
        if self.facts.transfers.size:
            inside = self.evidence.in_window(self.facts.transfers["time"])
            found += self.rows(self.facts.transfers.where(inside), transfer_costs(self.facts)[inside])
        return found

    @property
    def _order_costs(self) -> Floats:
        """Costs of parcels, contacts, messages, refunds and lateness, currency."""
        e, costs = self.evidence, self.world.costs
        sent, contacts, notices = (e.window(facts) for facts in (e.facts.sent.own, e.facts.contacts, e.facts.notices))
        numbers = [sent.numbers("order"), contacts.numbers("order"), notices.numbers("order")]
        money = [
            postage(e.facts, sent),
            np.where(contacts["page"] > 0, costs.self_service, costs.contact),
            np.full(numbers[2].size, costs.notice),
        ]
        if costs.refund or costs.goodwill:
            numbers.append(e.refunds)
            money.append(np.full(numbers[-1].size, costs.refund + costs.goodwill))
        if lowers_prices(self.world):
            parcels = e.cash.worth.shipped
            counted = np.concatenate((np.zeros(e.cash.worth.first, dtype=bool), e.orders))[parcels.order]
            numbers.append(parcels.order[counted] - e.cash.worth.first)
            money.append((parcels.value * e.cash.late_share(parcels))[counted])
        del sent, contacts, notices  # a long run has no memory to spare
        return self.orders(joined(numbers), joined(money))


def by_item(evidence: Evidence) -> ByItem:
    """The evidence by item; worked out once for all KPIs."""
    if ByItem not in evidence.derived:
        # Without the proxy, the circle would keep the facts of every run until the garbage is collected.
        evidence.derived[ByItem] = ByItem(proxy(evidence))
    found: ByItem = evidence.derived[ByItem]
    return found
