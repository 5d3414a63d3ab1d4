"""Abandoned carts: where stock is reserved in the cart, they hold it for a while and buy nothing."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.engine.backlog import Shelf
from simulator.model.nouns import Adjustment
from simulator.scenario.schema.shoppers import CartsSpec
from simulator.world.clock import Phase
from simulator.world.orders.arrival import Visit
from simulator.world.state import ReplicationState

CANCEL = int(Phase.CANCEL)
Held = list[tuple[Shelf, int]]


def build_carts(state: ReplicationState) -> None:
    """Abandons carts where the policy reserves stock in the cart and customers leave carts behind."""
    if state.policy.in_carts and any(c.carts for c in state.scenario.customers.values()):
        AbandonedCarts(state)


class AbandonedCarts:
    """After each order, a random number of abandoned carts with the same lines; they hold stock for a while."""

    def __init__(self, state: ReplicationState) -> None:
        self.state, self.clock, self.flow, self.engine = state, state.clock, state.flow, state.engine
        self.specs: list[CartsSpec | None] = [state.scenario.customers[name].carts for name in state.numbering.segments]
        state.flow.followers.visited.add(self.visited)

    def visited(self, visit: Visit, now: float) -> None:
        """The customers who leave a cart behind come after the one who may have ordered."""
        arrival = visit.arrival
        spec = self.specs[arrival.terms.segment]
        if spec is None:
            return
        rng = self.state.streams.keyed("carts", arrival.terms.owner, str(arrival.serial))
        for _ in range(int(rng.poisson(spec.abandoned / (1 - spec.abandoned)))):
            self._fill(arrival.items, arrival.quantities, spec.hold, now)

    def _fill(self, items: Sequence[int], quantities: Sequence[int], hold: float, now: float) -> None:
        held: Held = []
        for item, units in zip(items, quantities, strict=True):
            shelf = self.engine.shelves[item]
            if not shelf.backordered and shelf.on_hand >= units:
                self._move(shelf, -units, now)
                held.append((shelf, units))
        if held:
            self.clock.after(hold, CANCEL, self._ends, held)

    def _ends(self, held: Held, now: float) -> None:
        """The hold is over: all units return to stock, and to the backlog first."""
        for shelf, units in held:
            self._move(shelf, units, now)
        self.flow.stock_is_allocated(now)

    def _move(self, shelf: Shelf, units: int, now: float) -> None:
        self.engine.adjust(shelf, units, 0)
        self.state.ledger.adjusted.write(now, shelf.item, units, 0, Adjustment.IN_CART)
