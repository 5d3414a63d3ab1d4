"""When items may be ordered and shipped: releases, seasons with their opening and their hard end."""

from __future__ import annotations

from simulator.engine.shelf import Shelf
from simulator.model.nouns import Adjustment, Cause
from simulator.scenario.schema.items import Item
from simulator.world.clock import Phase
from simulator.world.state import Stage

SWITCH = int(Phase.SWITCH)


def build_assortment(stage: Stage) -> None:
    """Sets the alarms of every item that is not sold all the time."""
    Assortment(stage)


class Assortment:
    """Opens and closes the order book of shelves; what comes too early lies ready (`Flow.embargo`)."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.clock, self.flow = stage, stage.clock, stage.flow
        self.flow.purchasing.clear = self._clear
        stage.board.give_up = self._give_up
        for shelf, (_, name) in zip(stage.engine.shelves, stage.cast.shelves, strict=True):
            spec = stage.scenario.items[name]
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
        for shelf, (_, item) in zip(self.stage.engine.shelves, self.stage.cast.shelves, strict=True):
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
            self.stage.engine.adjust(shelf, -units, -units)
            self.stage.ledger.adjusted.write(now, shelf.item, -units, -units, Adjustment.SEASON)
