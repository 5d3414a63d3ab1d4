"""Orders that are held until they are cleared (credit, fraud, payment pending): nothing of them leaves before."""

from __future__ import annotations

from collections import Counter

from simulator.engine.backlog import Order, Release
from simulator.model.nouns import Cause, Exit
from simulator.world.clock import Phase
from simulator.world.state import ReplicationState

DELIVERY = int(Phase.DELIVERY)


def build_clearance(state: ReplicationState) -> None:
    """Holds orders where some segment has a `hold`."""
    if any(spec.hold is not None for spec in state.scenario.customers.values()):
        Clearance(state)


class Clearance:
    """Keeps the goods of held orders until their hold ends, and cancels the orders that are not released then.

    A held order takes stock and queues like any other. Orders from before the start are never held.
    """

    def __init__(self, state: ReplicationState) -> None:
        self.clock, self.engine, self.flow = state.clock, state.engine, state.flow
        self.gone: dict[int, Counter[int]] = {}
        """Order that is held -> line -> units refused or cancelled."""
        self.cancelled: set[int] = set()
        """Orders that were not released."""
        followers = state.flow.followers
        followers.postpones.add(self.postpones)
        followers.refused.add(self.refused)
        followers.released.add(self.released)
        followers.may_leave.add(self.may_leave)

    def postpones(self, order: Order, now: float) -> bool:
        """Begins the hold of an order, which opens all the same."""
        if order.arrival.extras.hold > 0:
            self.gone[order.number] = Counter()
            self.clock.at(now + order.arrival.extras.hold, DELIVERY, self._ends, order)
        return False

    def blocks(self, order: Order) -> bool:
        """Whether the order is held, or was cancelled when its hold ended."""
        return order.number in self.gone or order.number in self.cancelled

    def holds(self, order: Order) -> bool:
        """Whether the order is held now."""
        return order.number in self.gone

    def refused(self, order: Order, line: int, item: int, units: int, exit_: Exit, now: float) -> None:
        """Units of a held order were not ordered."""
        if order.number in self.gone:
            self.gone[order.number][line] += units

    def released(self, order: Order, release: Release) -> None:
        """Units of a held order were cancelled for another reason."""
        if order.number in self.gone:
            self.gone[order.number][release.line] += release.units

    def may_leave(self, order: Order, now: float) -> bool:
        """Keeps the goods of held orders."""
        return order.number not in self.gone

    def _ends(self, order: Order, now: float) -> None:
        """The order is released, and what is filled of it leaves; or it is cancelled."""
        gone = self.gone.pop(order.number)
        if not order.arrival.extras.released:
            self.cancelled.add(order.number)
            self._cancel(order, gone, now)
        elif order.packed:
            self.flow.goods_leave(order, now)
            if not order.packed:
                for left in self.flow.followers.left:
                    left(order, now)

    def _cancel(self, order: Order, gone: Counter[int], now: float) -> None:
        """Cancels the whole order, of which nothing has left: what is packed goes back to the shelf."""
        packed = []
        if order.packed:
            waiting = {line.number: line.open for line in order.waiting or ()}
            held = self.engine.held(order)
            for line, (item, units) in enumerate(zip(order.arrival.items, order.arrival.quantities, strict=True)):
                units -= gone[line] + waiting.get(line, 0) + (held[line][1] if line in held else 0)
                if units:
                    packed.append(Release(line, self.engine.shelves[item], units, True))
            order.packed = 0
        found = packed + self.engine.cancel(order)
        self.engine.release(order, packed)
        self.flow.units_are_released(order, found, Cause.SELLER, now)
        self.flow.stock_is_allocated(now)
