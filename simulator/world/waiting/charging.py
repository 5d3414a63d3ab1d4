"""Charging cards at shipment: an authorisation that has lapsed is asked for again, and some cards refuse."""

from __future__ import annotations

from collections import Counter

from simulator.engine.backlog import Order, Release, Shelf
from simulator.model.nouns import Cause, Exit
from simulator.world.orders.followers import Fills
from simulator.world.state import ReplicationState


def build_charging(state: ReplicationState) -> None:
    """Charges cards at shipment where one can fail."""
    cards = [payment.card for payment in state.decided.payment.all]
    if any(card is not None and card.fails > 0 for card in cards):
        Charging(state)


class Charging:
    """Knows what is packed for each order, and decides whether it may leave."""

    def __init__(self, state: ReplicationState) -> None:
        self.payment, self.engine, self.flow = state.decided.payment, state.engine, state.flow
        self.packed: dict[int, dict[int, tuple[Shelf, int]]] = {}
        """Order -> line -> shelf and units that were filled after a wait, or are held, and have not left."""
        self.unplaced: Counter[tuple[int, int]] = Counter()
        """(order, line) -> units refused, while the order is being placed."""
        followers = state.flow.followers
        followers.refused.add(self.refused)
        followers.waits.add(self.waits)
        followers.filled.add(self.filled)
        followers.released.add(self.released)
        followers.may_leave.add(self.may_leave)

    # ------------------------------------------------------------ what is packed
    def waits(self, order: Order, now: float) -> None:
        """Notes what is held for an order that goes on backorder, or is packed and kept for a later day."""
        for line, (item, units) in self.engine.held(order).items():
            self._add(order, line, self.engine.shelves[item], units)
        if order.packed:
            waiting = {line.number: line.open for line in order.waiting or ()}
            for line, (item, asked) in enumerate(zip(order.arrival.items, order.arrival.quantities, strict=True)):
                units = asked - waiting.get(line, 0) - self.unplaced.get((order.number, line), 0)
                if units:
                    self._add(order, line, self.engine.shelves[item], units)
        self.unplaced.clear()

    def refused(self, order: Order, line: int, item: int, units: int, exit_: Exit, now: float) -> None:
        """Units of a line were not ordered."""
        self.unplaced[order.number, line] += units

    def filled(self, fills: Fills, now: float) -> None:
        """Notes units that come off the shelf for waiting orders."""
        for line, units in fills:
            self._add(line.order, line.number, line.shelf, units)

    def _add(self, order: Order, line: int, shelf: Shelf, units: int) -> None:
        lines = self.packed.setdefault(order.number, {})
        lines[line] = (shelf, lines[line][1] + units if line in lines else units)

    def released(self, order: Order, release: Release) -> None:
        """Held units return to the shelf."""
        lines = self.packed.get(order.number, {})
        if release.held and release.line in lines:
            lines[release.line] = (release.shelf, lines[release.line][1] - release.units)

    # ------------------------------------------------------------------ charging
    def may_leave(self, order: Order, now: float) -> bool:
        """Charges the card; if it refuses, the goods stay and the seller cancels the order."""
        refused, lines = self._refuses(order, now), self.packed.pop(order.number, {})
        held = self.engine.held(order) if lines else {}
        kept = {line: held[line][1] for line in lines if line in held}
        stays = self.flow.contents.stays(order, now) if lines and not refused and self.flow.contents else ()
        kept |= {line: lines[line][1] for line in stays if line in lines}
        if refused:
            leaving = [(line, shelf, units - kept.get(line, 0)) for line, (shelf, units) in lines.items()]
            packed = [Release(line, shelf, units, True) for line, shelf, units in leaving if units]
            order.packed = 0
            found = packed + self.engine.cancel(order)
            self.engine.release(order, packed)
            self.flow.units_are_released(order, found, Cause.PAYMENT, now)
            self.flow.stock_is_allocated(now)
            return False
        if kept:
            self.packed[order.number] = {line: (lines[line][0], units) for line, units in kept.items()}
        return True

    def _refuses(self, order: Order, now: float) -> bool:
        """Whether a new authorisation is needed and fails; one draw per order, so a card that passes once passes."""
        if order.number < 0 or order.number not in self.packed:
            return False
        card = self.payment.of(order).card
        if card is None:
            return False
        lapsed = order.parcels > 0 or now - order.placed > card.reauth_days
        return lapsed and order.arrival.draws.card < card.fails
