"""One order as its customer sees it: its parts, parcels, promised dates, and payments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from simulator.kpis.evidence.paying import Paying
from simulator.model.amounts import amount, of_item
from simulator.model.calendar import working_days_later
from simulator.record.parts import NEVER, OrderPart, origins_of_parcels, parts_of, place_of
from simulator.record.run import Run
from simulator.record.story import date_of
from simulator.report.text.sentences import joined


class Tracked:
    """One order as its customer sees it."""

    def __init__(self, run: Run, order: int, offered: Sequence[str] = ()) -> None:
        self.run, self.number, self.offered = run, order, offered
        self.parts = parts_of(run, order)
        self.placed = self.parts[0].placed
        self.opens = float(run.opens[order]) if order >= 0 else self.placed
        """When its units were taken, or it went on backorder."""
        wanted = run.demand.wanted
        self.wanted = None if wanted is None or order < 0 or np.isnan(wanted[order]) else float(wanted[order])
        """The later day on which the customer wants the goods; None: at once."""
        until = run.demand.held_until
        self.held_until = None if until is None or order < 0 or np.isnan(until[order]) else float(until[order])
        """The day on which its hold ends; None: it is not held."""
        self.payment = Paying(run).of_order(order)
        self.promises = promises(run, order)
        """(day of the promise, promised date), in order."""
        rows = sorted({p.parcel for p in self.parts if p.parcel >= 0}, key=lambda row: run.parcels["shipped"][row])
        self.parcels = [[p for p in self.parts if p.parcel == row] for row in rows]

    def day(self, time: float) -> str:
        """'14 March', or 'day 72'."""
        date = date_of(self.run, time)
        return f"day {time:.0f}" if date is None else f"{date.day} {date:%B}"

    def name(self, part: OrderPart) -> str:
        """The name of its item."""
        return self.run.world.items[part.item].name

    def listed(self, some: Sequence[OrderPart]) -> str:
        """'2 mug and 1 plate': units by item."""
        units: dict[int, float] = defaultdict(float)
        for part in some:
            units[part.item] += part.units
        found = [(self.amount(count, item), self.run.world.items[item].name) for item, count in units.items()]
        return joined([f"{count} {item}" for count, item in found]) if found else "nothing"

    def amount(self, units: float, item: float) -> str:
        """'2.5 kg', '2': units of an item as the facts count them."""
        return amount(self.run.world, units, self.run.world.items[int(item)].unit)

    def goods(self, fact: Mapping[str, float]) -> str:
        """'2.5 kg beans': the units and the item of a fact."""
        return of_item(self.run.world, fact["units"], fact["item"])

    def sent_from(self, parcel: Sequence[OrderPart]) -> str:
        """' from north': the site that sends a parcel, where sites serve each other's customers; else ''."""
        origin = origins_of_parcels(self.run).get(parcel[0].parcel, -1)
        place = place_of(self.run, origin)
        return f" from {place}" if place else ""

    def rows(self, table: str) -> list[dict[str, float]]:
        """The facts of a table that are about this order."""
        facts = getattr(self.run, table)
        mine = np.flatnonzero(facts["order"] == self.number).tolist()
        return [{name: float(column[row]) for name, column in facts.items()} for row in mine]

    def price(self, part: OrderPart) -> float:
        """Price of a unit: of the line in the order book, or the item's; that of a substitute is its own."""
        run, items = self.run, self.run.world.items
        if self.number >= 0 and run.demand.prices is not None:
            line = int(run.line_starts[self.number]) + part.line
            own = float(run.demand.prices[line])
            if own == own and items[int(run.demand.items[line])].name == items[part.item].name:
                return own
        return items[part.item].price

    def money(self, time: float) -> dict[str, float]:
        """Paid, refunded, and still to be refunded at a time, in currency; without discounts for lateness."""
        when, price = self.payment, [self.price(p) * p.units for p in self.parts]
        at_door = 1 - when.at_order - when.at_shipment
        paid = back = due = 0.0
        for part, money in zip(self.parts, price, strict=True):
            if part.cause < 0 and part.gone < NEVER:
                continue
            paid += money * when.at_order * (part.placed <= time)
            paid += money * (when.at_shipment * (part.shipped <= time) + at_door * (part.delivered <= time))
            if part.gone <= time:
                returned = self.refunded(part.gone) <= time
                back += money * when.at_order * returned
                due += money * when.at_order * (not returned)
        return {"paid": paid, "back": back, "due": due}

    def refunded(self, cancelled: float) -> float:
        """Day on which goods that were cancelled on a day are refunded."""
        when = self.payment
        if when.working_days:
            return float(working_days_later(np.array([cancelled]), when.refund_days, self.run.world.start)[0])
        return cancelled + when.refund_days

    def in_currency(self, money: float) -> str:
        """'42.00 EUR'."""
        return f"{money:,.2f} {self.run.world.currency}"


def promises(run: Run, order: int) -> list[tuple[float, float]]:
    """(day of the promise, promised date) of an order, as quoted to the customer; inf: no date any more."""
    facts = run.promises
    mine = (facts["order"] == order) & (facts["told"] > 0)
    found = list(zip(facts["time"][mine].tolist(), facts["date"][mine].tolist(), strict=True))
    if found and 0 <= order < run.opening.count and run.opening.was_promised(order, run.line_starts):
        found[0] = (float(run.demand.times[order]), found[0][1])  # when before the start is not on record
    rule = run.dates_by_rule
    if rule is not None and order >= 0 and not found:
        said, (dates, waiting) = float(run.opens[order]), rule
        waits = bool((run.backordered["order"] == order).any())
        if (waiting[order] or not waits) and not np.isnan(dates[order]):
            found = [(said, float(dates[order]))]
    return found
