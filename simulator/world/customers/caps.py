"""Caps on backorders beside a limit: by order, by customer, by whole line; and which rule refused units."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from simulator.engine.backlog import Order, Release, Shelf, Shown
from simulator.model.nouns import Exit, Refusal
from simulator.policies.acceptance import Acceptance
from simulator.world.orders.followers import Fills
from simulator.world.state import ReplicationState


def build_caps(state: ReplicationState) -> None:
    """Follows orders where decisions on acceptance differ by order, or have caps."""
    acceptance = state.decided.acceptance
    if acceptance.by_order or any(one.caps for one in acceptance.all):
        refusals = Refusals(state)
        if any(one.per_order is not None or one.per_customer is not None for one in acceptance.all):
            Caps(state, refusals)


class Refusals:
    """Records which rule refused units."""

    def __init__(self, state: ReplicationState) -> None:
        self.ledger, self.acceptance, self.engine = state.ledger, state.decided.acceptance, state.engine
        self.explained: Counter[int] = Counter()
        """Units of each line of the order at hand that need no more explanation."""
        state.flow.followers.chooses.add(self.chooses)
        state.flow.followers.refused.add(self.refused)

    def chooses(self, order: Order, short: list[int], shown: Mapping[int, Shown] | None, now: float) -> list[int]:
        """A new order; nothing of it has been refused."""
        self.explained.clear()
        return short

    def explain(self, order: Order, line: int, item: int, units: int, why: Refusal | None, now: float) -> None:
        """Units of a line are going to be refused; `why` is None where the customer did not want them."""
        self.explained[line] += units
        if why is not None:
            self.ledger.blocked.write(now, order.number, line, item, units, why)

    def refused(self, order: Order, line: int, item: int, units: int, exit_: Exit, now: float) -> None:
        """Units were refused: those that nobody has explained are beyond the limit of the policy or the calendar."""
        known = min(self.explained[line], units)
        self.explained[line] -= known
        if units > known:
            acceptance, shelf = self.acceptance.of_line(order, item), self.engine.shelves[item]
            limit = shelf.limit if self.engine.limits is None else self.engine.limits(order, shelf)[0]
            why = Refusal.CLOSED if limit < acceptance.limit else acceptance.refusal
            self.ledger.blocked.write(now, order.number, line, item, units - known, why)


class Caps:
    """Refuses the units of an order that are beyond what one order, or one customer, may have on backorder."""

    def __init__(self, state: ReplicationState, refusals: Refusals) -> None:
        self.engine, self.acceptance, self.refusals = state.engine, state.decided.acceptance, refusals
        self.names = [name for _, name in state.numbering.shelves]
        """Names of the items by number of the shelf: a cap counts an item at all sites together."""
        self.waiting: Counter[tuple[str, int, str]] = Counter()
        """Units on backorder by customer (stream of orders, number) and item."""
        followers = state.flow.followers
        followers.chooses.add(self.chooses)
        if any(one.per_customer is not None for one in self.acceptance.all):
            followers.waits.add(self.waits)
            followers.filled.add(self.filled)
            followers.released.add(self.released)

    # ---------------------------------------------------------------- an order
    def chooses(self, order: Order, short: list[int], shown: Mapping[int, Shown] | None, now: float) -> list[int]:
        """The lines of which at least a part may be ordered; the rest of them is refused."""
        items, quantities = order.arrival.items, order.arrival.quantities
        kept: list[int] = []
        used: Counter[int] = Counter()
        """Units that earlier lines of the order take, by shelf."""
        owed: Counter[str] = Counter()
        """Units beyond those that earlier lines of the order have, by item."""
        for line in short:
            item, units = items[line], quantities[line]
            acceptance, shelf = self.acceptance.of_line(order, item), self.engine.shelves[item]
            free = min(max(self._free(shelf, order, shown) - used[item], 0), units)
            room, why = self._room(acceptance, order, item, owed[self.names[item]])
            if room is None or units - free <= room:
                accepted = units
            elif order.terms.splits_lines and not acceptance.whole_lines:
                accepted = free + room
            else:
                accepted = 0
            used[item] += min(free, accepted)
            owed[self.names[item]] += max(accepted - free, 0)
            if accepted < units:
                self.refusals.explain(order, line, item, units - accepted, why, now)
                self.engine.refused.append((order.number, line, item, units - accepted))
            if accepted:
                kept.append(line)
        return kept

    def _free(self, shelf: Shelf, order: Order, shown: Mapping[int, Shown] | None) -> int:
        """Units on the shelf that the order would get now, or that the storefront shows."""
        if shown is not None and (view := shown.get(shelf.item)) is not None:
            return shelf.on_hand - order.terms.reserve - view.hidden + view.oversold
        if shelf.backordered and shelf.backlog.goes_before(order):
            return 0
        return self.engine.available(shelf, order.terms.reserve)

    def _room(self, acceptance: Acceptance, order: Order, item: int, owed: int) -> tuple[int | None, Refusal]:
        """Units that the order may still have on backorder (None: any number), and the rule that says so."""
        room, why = None, Refusal.PER_ORDER
        if acceptance.per_order is not None:
            room = max(acceptance.per_order - owed, 0)
        if acceptance.per_customer is not None and (key := self._key(order, item)) is not None:
            left = max(acceptance.per_customer - self.waiting[key] - owed, 0)
            if room is None or left < room:
                room, why = left, Refusal.PER_CUSTOMER
        return room, why

    # --------------------------------------------------------------- a customer
    def _key(self, order: Order, item: int) -> tuple[str, int, str] | None:
        customer = order.arrival.extras.customer
        return None if customer < 0 else (order.terms.owner, customer, self.names[item])

    def _count(self, order: Order, item: int, units: int) -> None:
        if (key := self._key(order, item)) is not None:
            self.waiting[key] += units
            if not self.waiting[key]:
                del self.waiting[key]

    def waits(self, order: Order, now: float) -> None:
        """Lines of the order are on backorder."""
        for line in order.waiting or ():
            self._count(order, line.shelf.item, line.open)

    def filled(self, fills: Fills, now: float) -> None:
        """Units were filled from the backlog."""
        for line, units in fills:
            self._count(line.order, line.shelf.item, -units)

    def released(self, order: Order, release: Release) -> None:
        """Units were cancelled."""
        if not release.held:
            self._count(order, release.shelf.item, -release.units)
