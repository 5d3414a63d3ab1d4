"""Held orders: until when, what leaves at the end of the hold, and what is cancelled once the rest has left."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from simulator.engine.backlog import Order
from simulator.model.nouns import Cause
from simulator.policies.fulfilment import Fulfilment, PartialOrder
from simulator.world.clock import Phase
from simulator.world.numbering import delivery_time
from simulator.world.orders.followers import Fills
from simulator.world.state import ReplicationState

DELIVERY = int(Phase.DELIVERY)


def ships_held(fulfilment: Fulfilment, items: list[str]) -> Callable[[Order], bool] | None:
    """Whether held units of an order may leave, as a function for the engine; None where the policy never splits."""
    if not fulfilment.ships_parts:
        return None

    def ships(order: Order) -> bool:
        waiting = order.waiting or ()
        missing = frozenset(items[line.shelf.item] for line in waiting)
        units = sum(line.open for line in waiting)
        return fulfilment.ships(
            PartialOrder(order.held, order.hold.left, units, order.parcels, missing, order.hold.is_over)
        )

    return ships


def delivery_times(state: ReplicationState) -> list[float]:
    """Mean days from the shelf at the own site to the customer, by segment."""
    scenario = state.scenario
    return [delivery_time(scenario, name, scenario.site_of(name)) for name in state.numbering.segments]


def build_holding(state: ReplicationState) -> None:
    """Follows orders where they are held, or must arrive by a date."""
    if any(not fulfilment.splits_orders or fulfilment.must_arrive for fulfilment in state.decided.fulfilment.all):
        Holding(state)


class Holding:
    """Sets the clocks of waiting orders, and records which goods are held, and until when."""

    def __init__(self, state: ReplicationState) -> None:
        self.clock, self.flow, self.engine, self.ledger = state.clock, state.flow, state.engine, state.ledger
        self.fulfilment = state.decided.fulfilment
        self.delivery_times = delivery_times(state)
        """Mean days from the shelf to the customer, by segment."""
        self.recorded: dict[int, float] = {}
        """Order with held units -> parcels that had left when that was recorded."""
        self.followers = state.flow.followers
        self.followers.placed.add(self.placed)
        self.followers.filled.add(self.filled)
        self.followers.left.add(self.left)

    def placed(self, order: Order, now: float) -> None:
        """Sets the clocks of an order that waits for some of its lines."""
        if not order.waiting:
            return
        fulfilment = self.fulfilment.of(order)
        if fulfilment.once and order.parcels:
            self.flow.order_is_given_up(order, Cause.SELLER, now)
            return
        if fulfilment.must_arrive and order.arrival.extras.need_by < inf:
            last = order.placed + order.arrival.extras.need_by - self.delivery_times[order.terms.segment]
            self.clock.at(max(last, now), DELIVERY, self._last_moment, order)
        if not order.terms.splits_orders:
            if fulfilment.hold < inf and order.terms.ships is not None:
                self.clock.at(max(order.since + fulfilment.hold, now), DELIVERY, self._hold_ends, order)
            self._note(order, now)

    def filled(self, fills: Fills, now: float) -> None:
        """Units were filled from the backlog; those of incomplete orders are held from now on."""
        for line, _ in fills:
            if line.order.placed < now:  # else the order is still being placed
                self._note(line.order, now)

    def _note(self, order: Order, now: float) -> None:
        policy_holds = not self.fulfilment.of(order).splits_orders  # else the customer asked for one parcel
        if policy_holds and order.held and order.waiting and self.recorded.get(order.number) != order.parcels:
            self.recorded[order.number] = order.parcels
            self.ledger.holds.write(now, order.number, self._until(order), order.held)
            for held in self.followers.held:
                held(order, now)

    def _until(self, order: Order) -> float:
        """The last day on which the held units will leave, as far as that is known."""
        until, fulfilment = inf, self.fulfilment.of(order)
        if order.terms.ships is not None:
            until = order.since + fulfilment.hold
        if fulfilment.must_arrive:
            until = min(until, order.placed + order.arrival.extras.need_by - self.delivery_times[order.terms.segment])
        return until

    def _hold_ends(self, order: Order, now: float) -> None:
        """The held units leave; later ones follow as they are filled."""
        if order.waiting:
            self.engine.end_hold(order)
            self.flow.stock_is_allocated(now)

    def _last_moment(self, order: Order, now: float) -> None:
        """Units that leave later would be late: the held ones leave now, the rest is cancelled."""
        if order.waiting:
            if order.held:
                self.engine.end_hold(order)
            self.flow.order_is_given_up(order, Cause.NEED_BY, now)

    def left(self, order: Order, now: float) -> None:
        """A parcel of the order has left."""
        if order.waiting:
            if self.fulfilment.of(order).once:
                self.flow.order_is_given_up(order, Cause.SELLER, now)
        else:
            self.recorded.pop(order.number, None)
