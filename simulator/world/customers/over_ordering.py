"""Over-ordering (phantom orders): customers who order more than they need call the surplus off, or return it."""

from __future__ import annotations

from simulator.engine.backlog import Order
from simulator.model.nouns import Adjustment, Cause
from simulator.scenario.schema.shoppers import Inflation
from simulator.world.clock import Phase
from simulator.world.orders.followers import Fills
from simulator.world.state import ReplicationState

RECEIPT = int(Phase.RECEIPT)


def build_over_ordering(state: ReplicationState) -> None:
    """Follows orders where customers order more than they need."""
    if any(spec.inflate for spec in state.scenario.customers.values()):
        OverOrdering(state)


class OverOrdering:
    """Cancels units beyond a customer's need while they wait or are held, and returns those that have left."""

    def __init__(self, state: ReplicationState) -> None:
        self.clock, self.flow, self.engine, self.ledger = state.clock, state.flow, state.engine, state.ledger
        self.inflation = [state.scenario.customers[name].inflate for name in state.numbering.segments]
        self.returned: dict[tuple[int, int], int] = {}
        """(order, line) -> units that will be returned."""

        state.flow.followers.placed.add(self.placed)
        state.flow.followers.filled.add(self.filled)

    def filled(self, fills: Fills, now: float) -> None:
        """Waiting lines were filled."""
        for line, _ in fills:
            if line.order.number >= 0:
                self.placed(line.order, now)

    def placed(self, order: Order, now: float) -> None:
        """Gives up the surplus of each line that has as many units as the customer needs."""
        spec = self.inflation[order.terms.segment]
        if spec is None:
            return
        waiting = {line.number: line.open for line in order.waiting or ()}
        for line, asked in enumerate(order.arrival.quantities):
            key = (order.number, line)
            beyond = asked - spec.need(asked) - self.flow.never_left.get(key, 0) - self.returned.get(key, 0)
            if beyond > 0 and waiting.get(line, 0) <= beyond:
                self._give_up(order, line, beyond, spec, now)

    def _give_up(self, order: Order, line: int, beyond: int, spec: Inflation, now: float) -> None:
        released = self.flow.call_off(order, line, beyond, Cause.INFLATED, now)
        late = beyond - released
        if late:
            self.returned[order.number, line] = late
            self.clock.after(
                spec.back_after, RECEIPT, self._is_returned, (order, line, order.arrival.items[line], late)
            )
        if released:
            self.flow.stock_is_allocated(now)

    def _is_returned(self, what: tuple[Order, int, int, int], now: float) -> None:
        """Surplus units that had left are on the shelf again."""
        order, line, item, units = what
        self.ledger.surplus.write(now, order.number, line, item, units, order.placed)
        self.ledger.adjusted.write(now, item, units, units, Adjustment.RETURNED)
        self.engine.adjust(self.engine.shelves[item], units, units)
        self.flow.stock_is_allocated(now)
