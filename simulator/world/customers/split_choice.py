"""Customers who are asked at the checkout whether what is there leaves at once, or waits for the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from math import inf

from simulator.engine.backlog import Order, Shown, Terms
from simulator.randomness.split import Split
from simulator.record.ledger import NEVER_SHOWN
from simulator.world.availability.availability import Availability, Request
from simulator.world.orders.waiting_order import wanted_day
from simulator.world.state import ReplicationState


def is_needed(state: ReplicationState) -> bool:
    """Whether any customer is asked."""
    return any(spec.split is not None for spec in state.scenario.customers.values())


class SplitChoice:
    """Asks the customer of an order of which some units are there and others are not, where the policy would send them
    in parts; an order that shall leave whole is treated like that of a customer who asked for one parcel."""

    def __init__(self, state: ReplicationState, availability: Availability) -> None:
        self.availability, self.engine, self.ledger = availability, state.engine, state.ledger
        self.promise, self.acceptance = state.decided.promise, state.decided.acceptance
        self.promotions = state.promotions
        customers = [state.scenario.customers[name] for name in state.numbering.segments]
        self.splits: list[Split | None] = [spec.split for spec in customers]
        self.fees = [0.0 if spec.fees is None else spec.fees.extra_parcel for spec in customers]
        self.whole: dict[int, Terms] = {}
        """By identity of the usual terms, which live as long as the run."""
        state.flow.followers.chooses.add(self.chooses)

    def chooses(self, order: Order, short: list[int], shown: Mapping[int, Shown] | None, now: float) -> list[int]:
        """Sets the terms of the order; the lines that it orders do not change."""
        split, terms = self.splits[order.terms.segment], order.terms
        if split is None or not short or not terms.splits_orders or not self._some_is_there(order, short):
            return short
        days, later = self._days(order, short, now), max(wanted_day(order) - now, 0.0) if order.due > -inf else 0.0
        if later and days == 0.0:
            return short  # all of it is there in time, and comes on the day that is wanted
        parts = order.arrival.draws.split < split.chance(days, self.fees[terms.segment])
        self.ledger.split_choices.write(now, order.number, parts, NEVER_SHOWN if days is None else later + days)
        if not parts:
            if id(terms) not in self.whole:
                self.whole[id(terms)] = replace(
                    terms, splits_lines=False, splits_orders=False, ships=None, together=True
                )
            order.terms = self.whole[id(terms)]
        return short

    def _some_is_there(self, order: Order, short: list[int]) -> bool:
        """Whether units would leave at once if the order was sent in parts."""
        if self.engine.taken:
            return True
        shelves = [self.engine.shelves[order.arrival.items[line]] for line in short]
        least = order.terms.reserve
        return order.terms.splits_lines and any(
            not shelf.backordered and self.engine.available(shelf, least) > 0 for shelf in shelves
        )

    def _days(self, order: Order, short: list[int], now: float) -> float | None:
        """Days to the date on which the rest is shown to come, from the wanted day on; None: no date is shown."""
        fixed = self.promise.of(order).days
        mine: Counter[int] = Counter()
        rest: dict[str | None, list[Request]] = {}
        refused = Counter({line: units for _, line, _, units in self.engine.refused})
        for line in short:
            item, units = order.arrival.items[line], order.arrival.quantities[line] - refused[line]
            if not self.acceptance.of_line(order, item).dated or self.promotions.hide(item, now):
                return None
            shelf = self.engine.shelves[item]
            what = self.availability.requests(shelf, units, order, now, mine)
            rest.setdefault(self.availability.site(shelf), []).extend(what)
            self.availability.adds(mine, shelf, units)
        if fixed is not None and order.due > -inf:
            return max(order.placed + fixed - wanted_day(order), 0.0)
        days = [
            self.promise.of(order).quote(self.availability.together(what, order, now, site))
            for site, what in rest.items()
        ]
        return None if None in days else max(day for day in days if day is not None)
