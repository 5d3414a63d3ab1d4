"""Carts that are filled and left: where stock is reserved in the cart, they hold it for a while and buy nothing."""

from __future__ import annotations

from simulator.engine.backlog import Shelf
from simulator.model.nouns import Adjustment
from simulator.scenario.schema.shoppers import CartsSpec
from simulator.world.clock import Phase, Row
from simulator.world.orders.flow import ITEMS, QUANTITIES, SERIAL, TERMS
from simulator.world.state import ReplicationState

CANCEL = int(Phase.CANCEL)
Held = list[tuple[Shelf, int]]


def build_carts(state: ReplicationState) -> None:
    """Where a policy reserves in the cart and shoppers leave carts behind, somebody counts them."""
    if state.policy.reservation == "at_cart" and any(c.carts for c in state.scenario.customers.values()):
        AbandonedCarts(state)


class AbandonedCarts:
    """Beside every order as many abandoned carts as its own number says, with the same things in them."""

    def __init__(self, state: ReplicationState) -> None:
        self.state, self.clock, self.flow, self.engine = state, state.clock, state.flow, state.engine
        self.words: list[CartsSpec | None] = [state.scenario.customers[name].carts for name in state.numbering.segments]
        self.then = state.flow.takes_orders
        state.flow.takes_orders = self.order_arrives

    def order_arrives(self, row: Row, now: float) -> None:
        """The order itself, then the carts of those who leave."""
        self.then(row, now)
        terms = row[TERMS]
        words = self.words[terms.segment]
        if words is None:
            return
        rng = self.state.streams.keyed("carts", terms.owner, str(row[SERIAL]))
        for _ in range(int(rng.poisson(words.abandoned / (1 - words.abandoned)))):
            self._fill(row[ITEMS], row[QUANTITIES], words.hold, now)

    def _fill(self, items: list[int], quantities: list[int], hold: float, now: float) -> None:
        held: Held = []
        for item, units in zip(items, quantities, strict=True):
            shelf = self.engine.shelves[item]
            if not shelf.backordered and shelf.on_hand >= units:
                self._move(shelf, -units, now)
                held.append((shelf, units))
        if held:
            self.clock.after(hold, CANCEL, self._left, held)

    def _left(self, held: Held, now: float) -> None:
        """The hold is over: everything goes back, to the backlog first."""
        for shelf, units in held:
            self._move(shelf, units, now)
        self.flow.stock_is_allocated(now)

    def _move(self, shelf: Shelf, units: int, now: float) -> None:
        self.engine.adjust(shelf, units, 0)
        self.state.ledger.adjusted.write(now, shelf.item, units, 0, Adjustment.IN_CART)
