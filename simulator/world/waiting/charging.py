"""Charging cards at shipment: an authorisation that has lapsed is asked for anew, and some cards refuse."""

from __future__ import annotations

from simulator.engine.backlog import Order, Release, Shelf
from simulator.policies.payment import Card
from simulator.world.customers.checkout import UniformDraws
from simulator.world.orders.flow import EXTRAS
from simulator.world.state import ReplicationState


class Charging:
    """Knows what is packed for whom, and decides whether it may leave."""

    def __init__(self, state: ReplicationState, card: Card) -> None:
        self.card, self.engine, self.flow = card, state.engine, state.flow
        self.packed: dict[int, dict[int, tuple[Shelf, int]]] = {}
        """Order -> line -> shelf and units that were filled after a wait, or are held, and have not left."""

    @classmethod
    def where_needed(cls, state: ReplicationState) -> Charging | None:
        """None where no card can fail at shipment."""
        card = state.policy.payment.card
        return None if card is None or card.fails == 0 else cls(state, card)

    # ------------------------------------------------------------ what is packed
    def waits(self, order: Order) -> None:
        """An order goes on backorder: what is held for it until it is complete is noted."""
        for line, (item, units) in self.engine.held(order).items():
            self.filled(order, line, self.engine.shelves[item], units)

    def filled(self, order: Order, line: int, shelf: Shelf, units: int) -> None:
        """Units come off the shelf for a waiting order."""
        lines = self.packed.setdefault(order.number, {})
        lines[line] = (shelf, lines[line][1] + units if line in lines else units)

    def released(self, order: Order, line: int, shelf: Shelf, units: int) -> None:
        """Held units go back to the shelf."""
        lines = self.packed.get(order.number, {})
        if line in lines:
            lines[line] = (shelf, lines[line][1] - units)

    # ------------------------------------------------------------------ charging
    def refuses(self, order: Order, now: float) -> bool:
        """Whether the card refuses when the goods are to leave; one coin an order: a card that passes once passes."""
        if order.number not in self.packed:
            return False
        if not order.parcels and now - order.placed <= self.card.reauth_days:
            return False
        return order.number >= 0 and UniformDraws(*order.brought[EXTRAS].draws).card < self.card.fails

    def take_back(self, order: Order) -> list[Release]:
        """What was about to leave goes back to the shelf, and all else of the order is cancelled."""
        lines = self.packed.pop(order.number)
        packed = [Release(line, shelf, units, True) for line, (shelf, units) in lines.items() if units]
        return self.engine.unpack(order, packed)

    def left(self, order: Order) -> None:
        """What was packed has left, and was charged."""
        self.packed.pop(order.number, None)
