"""Sums by item in place of rows, for replications too long for memory to hold every fact."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.foundation.errors import AuditError
from simulator.model.nouns import Adjustment, Hurry, World
from simulator.record.ledger import Demand, Floats, Ledger
from simulator.record.levels import LEVELS, at_once, changes
from simulator.record.run import Levels, Run

BINS_PER_DAY = 1024
"""Waits are kept to 1/1024 day."""


class Totals:
    """What is left of the facts of orders placed in [warm_up, horizon), and of what happens in that window.

    Units are by item, shape (items,); areas are unit-days.
    """

    def __init__(self, world: World, initial: tuple[int, ...]) -> None:
        n = len(world.items)
        self.world = world
        self.orders = self.lines = 0
        self.asked, self.at_once, self.refused = np.zeros(n), np.zeros(n), np.zeros(n)
        self.cancelled, self.waiting, self.recovered = np.zeros(n), np.zeros(n), np.zeros(n)
        self.surplus = np.zeros(n)
        self.backordered = np.zeros(n)
        """Units that went on backorder at the order."""
        self.refunds = 0
        """Times that an order lost something that had been ordered."""
        self.waits: Floats = np.zeros(1)
        """Units by wait in bins of 1/BINS_PER_DAY day; the first bin is a wait of 0 exactly."""
        self.open_waits = (np.zeros(0), np.zeros(0))
        """Days that what is open at the horizon has waited, and its units."""
        on_hand = np.maximum(np.array(initial, dtype=np.float64), 0)
        self.levels = {level: on_hand.copy() if level == "on_hand" else np.zeros(n) for level in LEVELS}
        self.areas = {name: level * (world.horizon - world.warm_up) for name, level in self.levels.items()}
        self.purchases = np.zeros(2)
        """Purchases, and their units."""
        self.received = np.zeros((max(len(world.suppliers), 1), n))
        """Units by supplier and item."""
        self.lead_times = np.zeros(2)
        """Receipts, and the days that they took."""
        self.cleared = np.zeros(n)
        """Units cleared at the end of their season."""
        self.expired = np.zeros(n)
        """Units written off at the end of their shelf life."""
        self.talk = np.zeros(3)
        """Contacts that agents answered, contacts that a page answered, messages."""
        self.premiums = 0.0
        """Currency paid to bring purchases forward or move them up, beyond the price of the goods."""
        self.parcels = np.zeros(2)
        """Parcels, and their units."""

    def add(self, chunk: Run) -> None:
        """Folds in the facts of one window of the order book; its orders are numbered from 0."""
        start, end = self.world.warm_up, self.world.horizon
        for level in LEVELS:
            for when, which, units in changes(chunk, level):
                _add(self.levels[level], which, units)
                _add(self.areas[level], which, units * (end - np.clip(when, start, end)))
        counted = (chunk.demand.times >= start) & chunk.came
        lines = np.repeat(counted, chunk.demand.counts)
        items = chunk.demand.items[lines]
        self.orders += int(counted.sum())
        self.lines += int(lines.sum())
        _add(self.asked, items, chunk.demand.quantities[lines])
        taken = at_once(chunk)[lines].astype(np.float64)
        _add(self.at_once, items, taken)
        self._wait(np.zeros(1), np.array([taken.sum()]))
        for facts, into in (
            (chunk.refused, self.refused),
            (chunk.backordered, self.waiting),
            (chunk.backordered, self.backordered),
        ):
            number = facts["order"].astype(np.int64)
            mine = number >= 0
            mine[mine] = counted[number[mine]]
            _add(into, facts["item"][mine], facts["units"][mine])
        mine = chunk.recovered["time"] >= start
        _add(self.recovered, chunk.recovered["item"][mine], chunk.recovered["units"][mine])
        self._ends(chunk, start)
        self._supply(chunk, start)

    def _ends(self, chunk: Run, start: float) -> None:
        """Waits that ended in this window, by fill or by cancellation."""
        fills = _where(chunk.fills, (chunk.fills["placed"] >= start) & (chunk.fills["order"] >= 0))
        instant = fills["time"] == fills["placed"]
        _add(self.at_once, fills["item"][instant], fills["units"][instant])
        back = _where(chunk.surplus, chunk.surplus["placed"] >= start)
        _add(self.surplus, back["item"], back["units"])
        mine = (chunk.cancelled["placed"] >= start) & (chunk.cancelled["order"] >= 0)
        _add(self.cancelled, chunk.cancelled["item"][mine], chunk.cancelled["units"][mine])
        pairs = np.column_stack((chunk.cancelled["order"][mine], chunk.cancelled["time"][mine]))
        self.refunds += len(np.unique(pairs, axis=0))
        left = _where(chunk.cancelled, mine & (chunk.cancelled["held"] == 0))
        for ended in (fills, left):
            _add(self.waiting, ended["item"], -ended["units"])
            self._wait(ended["time"] - ended["placed"], ended["units"])

    def _wait(self, days: Floats, units: Floats) -> None:
        bins = np.where(days > 0, np.floor(days * BINS_PER_DAY).astype(np.int64) + 1, 0)
        if bins.size and bins.max() >= self.waits.size:
            self.waits = np.append(self.waits, np.zeros(int(bins.max()) + 1 - self.waits.size))
        _add(self.waits, bins, units)

    def cut(self, placed: Floats, units: Floats) -> None:
        """What is still open at the horizon, by the time of its order (below the warm-up: not counted)."""
        counted = placed >= self.world.warm_up
        self.open_waits = (self.world.horizon - placed[counted], units[counted])

    def _supply(self, chunk: Run, start: float) -> None:
        hurried = (chunk.hurried["time"] >= start) & (chunk.hurried["kind"] != Hurry.SPOT)
        self.premiums += float(chunk.hurried["cost"][hurried].sum())
        mine = chunk.purchases["time"] >= start
        self.purchases += (mine.sum(), chunk.purchases["units"][mine].sum())
        receipts = _where(chunk.receipts, chunk.receipts["time"] >= start)
        place = receipts["supplier"].astype(np.int64), receipts["item"].astype(np.int64)
        np.add.at(self.received, place, receipts["units"])
        self.lead_times += (receipts["time"].size, (receipts["time"] - receipts["bought"]).sum())
        mine = (chunk.adjusted["time"] >= start) & (chunk.adjusted["why"] == Adjustment.SEASON)
        _add(self.cleared, chunk.adjusted["item"][mine], -chunk.adjusted["units"][mine])
        mine = (chunk.adjusted["time"] >= start) & (chunk.adjusted["why"] == Adjustment.EXPIRED)
        _add(self.expired, chunk.adjusted["item"][mine], -chunk.adjusted["units"][mine])
        page = chunk.contacts["page"][chunk.contacts["time"] >= start]
        self.talk += (page.size - page.sum(), page.sum(), (chunk.notices["time"] >= start).sum())
        mine = (chunk.parcels["shipped"] >= start) & (chunk.parcels["order"] >= 0)
        self.parcels += (mine.sum(), chunk.parcels["units"][mine].sum())

    def audit(self, final: tuple[Levels, ...]) -> None:
        """The sums lead to the levels that the engine holds.

        Raises:
            AuditError: they do not.
        """
        held = {
            "on_hand": [levels.on_hand for levels in final],
            "backlog": [levels.backordered for levels in final],
            "on_order": [levels.on_order for levels in final],
            "phantom": [levels.phantom for levels in final],
        }
        for name, level in self.levels.items():
            if not np.array_equal(np.round(level), np.array(held[name])):
                raise AuditError(f"levels agree: {name} by the sums is not what the engine holds")


class FoldingLedger(Ledger):
    """Folds the facts of each window of the order book into totals and forgets them: memory does not grow."""

    def __init__(self, world: World, initial: tuple[int, ...]) -> None:
        super().__init__()
        self.totals = Totals(world, initial)
        self.first = 0
        """Number of the first order of the window."""

    def order_book(self, book: Demand) -> None:
        self.fold()
        super().order_book(book)

    def close(self) -> Totals:
        self.fold()
        return self.totals

    def fold(self) -> None:
        """The facts so far go into the totals."""
        chunk = Run(self.totals.world, "", 0, 0, self.harvest(self.first), (), ())
        self.first += len(chunk.demand.times)
        self.totals.add(chunk)


def _add(into: Floats, places: NDArray[np.generic], units: NDArray[np.generic]) -> None:
    into += np.bincount(places.astype(np.int64), weights=units, minlength=into.size)


def _where(facts: dict[str, Floats], chosen: NDArray[np.bool_]) -> dict[str, Floats]:
    return {name: column[chosen] for name, column in facts.items()}
