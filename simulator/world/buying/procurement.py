"""Procurement measures: checks the backlog at intervals and expedites, buys on the spot or prioritises."""

from __future__ import annotations

import math

from simulator.engine.backlog import Shelf
from simulator.model.nouns import HurryKind
from simulator.policies.procurement import (
    Action,
    Expedite,
    OpenPurchase,
    Procurement,
    Shortage,
    SpotBuy,
    measures_of,
)
from simulator.world.availability.known import KnownEvents
from simulator.world.availability.shelf_forecast import ShelfForecasts
from simulator.world.clock import Phase, Process
from simulator.world.state import ReplicationState
from simulator.world.suppliers.purchase import Purchase, Seller


def start_procurement(state: ReplicationState) -> None:
    """Starts a process for every interval at which the policy checks the backlog."""
    for procurement in state.decided.procurement.all:
        for rhythm, measures in _by_rhythm(procurement).items():
            state.clock.process(ProcurementDesk(state, procurement, measures).look(rhythm))


def _by_rhythm(procurement: Procurement) -> dict[float, list[Procurement]]:
    found: dict[float, list[Procurement]] = {}
    for measure in measures_of(procurement):
        found.setdefault(measure.every, []).append(measure)
    return found


class ProcurementDesk:
    """The buyer's desk, where items on backorder are worked through."""

    def __init__(self, state: ReplicationState, procurement: Procurement, measures: list[Procurement]) -> None:
        self.state, self.procurement, self.measures = state, procurement, measures
        self.purchasing, self.ledger = state.flow.purchasing, state.ledger
        self.hurried: set[int] = set()
        """Numbers of expedited purchases; none is expedited twice."""
        self.forecasts = ShelfForecasts(KnownEvents(state))
        self.moved: set[int] = set()
        """Numbers of purchases that were prioritised."""
        self.purchasing.watch()

    def look(self, rhythm: float) -> Process:
        """A SimPy process: at k x rhythm, after everything else of the instant, every item on backorder is checked."""
        looks = 0
        while True:
            looks += 1
            yield self.state.clock.until(looks * rhythm, Phase.REVIEW)
            now = self.state.clock.now
            if self.state.decided.procurement.now is not self.procurement:
                continue
            for shelf in self.state.engine.shelves:
                for measure in self.measures:
                    if self.state.engine.missing(shelf) and shelf.item not in self.state.engine.kits:
                        for action in measure.act(self.shortage(shelf, now)):
                            self.take(action, shelf, now)

    # ----------------------------------------------------------------------------------------------- view
    def shortage(self, shelf: Shelf, now: float) -> Shortage:
        """The item as the buyer sees it."""
        name = self.state.numbering.shelves[shelf.item][1]
        item = self.state.scenario.items[name]
        waiting = self.state.engine.waiting_for(shelf)
        oldest = min((min(line.order.since, now) for line in waiting), default=now)
        purchases = tuple(self.seen(purchase, now) for purchase in self.purchasing.under_way[shelf.item])
        vendors = self.purchasing.vendors.items()
        leads = {key: vendor.mean_days(shelf.item) for key, vendor in vendors if shelf.item in vendor.keys}
        return Shortage(
            name, item.price, item.unit_cost, self.state.engine.missing(shelf), now - oldest, purchases, leads
        )

    def seen(self, purchase: Purchase, now: float) -> OpenPurchase:
        """A purchase as the buyer knows it: expected on the announced day, else after the mean lead time that remains,
        given the days that it has travelled so far."""
        vendor = purchase.supplier
        left = max(self.forecasts.expected(purchase, now) - now, 0.0)
        terms = vendor.expedite
        possible = purchase.number not in self.hurried if terms is not None else False
        saves = left * (1 - terms.factor) if terms is not None else 0.0
        return OpenPurchase(purchase.number, vendor.name, purchase.units, left, possible, saves)

    # ----------------------------------------------------------------------------------------------- actions
    def take(self, action: Action, shelf: Shelf, now: float) -> None:
        """Carries out one action."""
        if isinstance(action, SpotBuy):
            self.buy(action, shelf, now)
            return
        for purchase in [p for p in self.purchasing.under_way[shelf.item] if p.number == action.purchase]:
            if isinstance(action, Expedite):
                self.expedite(purchase, now)
            elif purchase.number not in self.moved:
                self.move_up(purchase, action.cost, now)

    def expedite(self, purchase: Purchase, now: float) -> None:
        """Shortens the remaining lead time by the supplier's factor; the whole of it before the release."""
        vendor = purchase.supplier
        terms = vendor.expedite
        if terms is None:
            return
        self.hurried.add(purchase.number)
        if purchase.released is None:
            days = purchase.lead_time * (1 - terms.factor)
            purchase.lead_time *= terms.factor
        else:
            days = vendor.days_left(purchase, now) * (1 - terms.factor)
            if vendor.fifo:
                days = min(days, purchase.arrives - self.before(purchase))
            if days > 0:
                vendor.speed_up(purchase, days)
        cost = terms.premium * self.unit_cost(vendor, purchase.shelf) * purchase.units
        self.note(HurryKind.EXPEDITED, purchase, purchase.units, cost, days, now)

    def before(self, purchase: Purchase) -> float:
        """Day of receipt, by the clock of its route, of the last of its supplier's purchases that it must not
        overtake."""
        others = self.purchasing.under_way[purchase.shelf.item]
        mine = [p.arrives for p in others if p.supplier is purchase.supplier and p.number < purchase.number]
        return max((day for day in mine if day < purchase.arrives), default=0.0)

    def buy(self, action: SpotBuy, shelf: Shelf, now: float) -> None:
        """Buys from another supplier, at its price and at least its minimum quantity."""
        first, under_way = self.purchasing.first(shelf.item), self.purchasing.under_way
        due = [self.seen(purchase, now).due for purchase in under_way[shelf.item]]
        otherwise = max(due, default=first.mean_days(shelf.item) if first else 0.0)
        purchase = self.purchasing.buy(shelf, action.units, now, action.supplier)
        if purchase is None:
            return
        units = purchase.supplier.least(action.units)  # parts of it may have left
        parts = [self.seen(part, now).due for part in under_way[shelf.item] if part.number == purchase.number]
        more = 0.0
        if first is not None:
            more = (self.unit_cost(purchase.supplier, shelf) - self.unit_cost(first, shelf)) * units
        days = max(self.until(otherwise, now) - self.until(max(parts, default=0.0), now), 0.0)
        self.note(HurryKind.SPOT, purchase, units, more, days, now)

    def until(self, days: float, now: float) -> float:
        """Days until a receipt; to the end of the run where none is expected."""
        return days if days < math.inf else self.state.scenario.clock.horizon - now

    def move_up(self, purchase: Purchase, cost: float, now: float) -> None:
        """Moves a purchase to the front of its supplier's production queue, if there is one."""
        self.moved.add(purchase.number)
        days = purchase.supplier.hasten(purchase, now)
        if days is not None:
            self.note(HurryKind.PRIORITY, purchase, purchase.units, cost, days, now)

    def unit_cost(self, vendor: Seller, shelf: Shelf) -> float:
        """Usual cost of a unit at a supplier, currency."""
        name = self.state.numbering.shelves[shelf.item][1]
        spec = self.state.scenario.suppliers[vendor.name]
        return spec.unit_cost.get(name, self.state.scenario.items[name].unit_cost)

    def note(self, kind: HurryKind, purchase: Purchase, units: int, cost: float, days: float, now: float) -> None:
        item, supplier = purchase.shelf.item, purchase.supplier.number
        self.ledger.hurried.write(now, item, supplier, units, cost, days, kind, purchase.number)
