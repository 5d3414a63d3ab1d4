"""Terms of sale that differ by order: how it is filled and shipped, and when the seller cancels what waits of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import inf

from simulator.engine.backlog import Order, Shown, Terms
from simulator.policies.fulfilment import Fulfilment
from simulator.world.clock import Phase
from simulator.world.orders.waiting_order import window_left
from simulator.world.state import ReplicationState
from simulator.world.waiting.holding import ships_held

CANCEL = int(Phase.CANCEL)


def build_terms(state: ReplicationState) -> None:
    """Follows orders where fulfilment or window differ; one decision for all is part of the flow itself."""
    if state.decided.fulfilment.only is None:
        FulfilmentByOrder(state)
    if state.decided.window.only is None:
        WindowByOrder(state)


class FulfilmentByOrder:
    """Gives an order that is not available at once the terms of the fulfilment that governs it."""

    def __init__(self, state: ReplicationState) -> None:
        self.fulfilment = state.decided.fulfilment
        self.items = [name for _, name in state.numbering.shelves]
        self.known: dict[tuple[int, int], Terms] = {}
        """By identity of the usual terms and of the fulfilment, both of which live as long as the run."""
        state.flow.followers.chooses.add(self.chooses)

    def chooses(self, order: Order, short: list[int], shown: Mapping[int, Shown] | None, now: float) -> list[int]:
        """Sets the order's terms; the lines that it orders do not change."""
        fulfilment, usual = self.fulfilment.of(order), order.terms
        key = (id(usual), id(fulfilment))
        if key not in self.known:
            self.known[key] = self._terms(usual, fulfilment)
        order.terms = self.known[key]
        return short

    def _terms(self, usual: Terms, fulfilment: Fulfilment) -> Terms:
        return replace(
            usual,
            splits_lines=fulfilment.splits_lines and not usual.together,
            splits_orders=fulfilment.splits_orders and not usual.together,
            least_of_line=fulfilment.least_of_line,
            ships=None if usual.together else ships_held(fulfilment, self.items),
        )


class WindowByOrder:
    """Sets the clock of the seller's window of an order that goes on backorder."""

    def __init__(self, state: ReplicationState) -> None:
        self.clock, self.flow, self.window = state.clock, state.flow, state.decided.window
        state.flow.followers.waits.add(self.waits)

    def waits(self, order: Order, now: float) -> None:
        """The order goes on backorder."""
        length = self.window.of(order).length
        if length < inf:
            self.clock.after(window_left(length, order, now), CANCEL, self.flow.window_closes, order)
