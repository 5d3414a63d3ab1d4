"""When items may be ordered and shipped: releases, seasons with their opening and their hard end."""

from __future__ import annotations

from simulator.engine.backlog import Shelf
from simulator.model.nouns import Adjustment, Cause
from simulator.scenario.schema.items import Item
from simulator.world.clock import Phase
from simulator.world.state import ReplicationState

SWITCH = int(Phase.SWITCH)


def build_assortment(state: ReplicationState) -> None:
    """Sets the alarms of every item that is not sold all the time."""
    Assortment(state)


class Assortment:
    """Opens and closes the order book of shelves; what comes too early lies ready (`Flow.embargo`)."""

    def __init__(self, state: ReplicationState) -> None:
        self.state, self.clock, self.flow = state, state.clock, state.flow
        self.flow.purchasing.clear = self._clear
        state.board.give_up = self._give_up
        for shelf, (_, name) in zip(state.engine.shelves, state.numbering.shelves, strict=True):
            spec = state.scenario.items[name]
            if spec.ships_from > 0:
                self.flow.embargo[shelf.item] = spec.ships_from
            if spec.release is not None and spec.reserve == "at_ship":
                self._counts_from(shelf, spec.release)
            if spec.season is not None:
                self._season(shelf, spec)

    def _counts_from(self, shelf: Shelf, release: float) -> None:
        """Pre-orders are not counted against the limit."""
        limit, shelf.limit = shelf.limit, float("inf")
        self.clock.at(release, SWITCH, self._limit, (shelf, limit))

    def _limit(self, due: tuple[Shelf, float], now: float) -> None:
        shelf, shelf.limit = due[0], due[1]

    def _season(self, shelf: Shelf, spec: Item) -> None:
        assert spec.season is not None
        if spec.season.opening > 0:
            limit, shelf.limit = shelf.limit, 0.0
            self.clock.at(spec.season.opening, SWITCH, self._limit, (shelf, limit))
        self.clock.at(spec.season.to, SWITCH, self._ends, shelf)

    def _give_up(self, name: str) -> None:
        for shelf, (_, item) in zip(self.state.engine.shelves, self.state.numbering.shelves, strict=True):
            if item == name and shelf.item not in self.flow.purchasing.closed:
                self._ends(shelf, self.clock.now)

    def _ends(self, shelf: Shelf, now: float) -> None:
        """The season is over: nothing is bought or ordered any more, what waits is called off, what lies is cleared."""
        shelf.limit = 0.0
        self.flow.purchasing.closed.add(shelf.item)
        for line in list(shelf.backlog):
            self.flow.line_is_given_up(line, Cause.SELLER, now)
        self._clear(shelf, now)

    def _clear(self, shelf: Shelf, now: float) -> None:
        """What lies on the shelf leaves it unsold."""
        units = shelf.on_hand
        if units > 0:
            self.state.engine.adjust(shelf, -units, -units)
            self.state.ledger.adjusted.write(now, shelf.item, -units, -units, Adjustment.SEASON)
