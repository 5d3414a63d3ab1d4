"""The backorder engine where a rule divides stock among all waiting lines: confirmations first, then goods."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from simulator.engine.backlog import Line, Order, Release, Shelf, Shown
from simulator.engine.line_filling import LineFilling

Divide = Callable[[Sequence[Line], int], tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]]
"""(waiting lines as they came, supply) -> units by line, places in the order of handing out, places of exceptions."""


class Rule(NamedTuple):
    """How the stock of every shelf is divided."""

    divide: Divide
    counts_expected: bool = False
    """Purchases on order are divided too."""
    at_events: bool = True
    """Divides whenever stock or backlog changes; else only when `run` is called."""
    confirms_new: bool = False
    """Between runs, a new line is confirmed the units that are not confirmed to other lines."""
    keeps_record: bool = False
    """Confirmations are reported; else they only matter within the instant."""


class DividingEngine(LineFilling):
    """Fills lines only with units confirmed to them, and confirms no more than the stock (and expected receipts).

    A command leaves the shelves that it touched in `unsettled`; `settle` then divides their stock, or, between runs,
    only hands out confirmed units. Units confirmed to a line that cannot be filled yet, because it is filled as a whole
    or its goods are still expected, are kept for it. Changes are found in `confirmations`, unmet claims in
    `exceptions`; the caller takes and clears them.
    """

    def __init__(self, shelves: Sequence[Shelf], rule: Rule) -> None:
        super().__init__(shelves)
        self.rule = rule
        self.unsettled: list[Shelf] = []
        self.confirmed = [0] * len(shelves)
        """Units confirmed and not filled yet, by item."""
        self.queues: list[list[Line]] = [[] for _ in shelves]
        """Lines with confirmations by item, in the order in which units are handed out."""
        self.confirmations: list[tuple[Line, int]] = []
        """(line, units) more confirmed by a run, or, below 0, fewer by a run or a loss."""
        self.exceptions: list[tuple[Line, int]] = []
        """(line, units short) of lines to which a run did not confirm all that it owes them; a line is reported once,
        not by each run."""
        self.failing: list[set[Line]] = [set() for _ in shelves]
        """Lines to which the last run did not confirm all that it owes them, by item."""

    # ------------------------------------------------------------ commands
    def place(
        self,
        order: Order,
        items: Sequence[int],
        quantities: Sequence[int],
        short: Sequence[int],
        shown: Mapping[int, Shown] | None = None,
    ) -> None:
        super().place(order, items, quantities, short, shown)
        for line in order.waiting or ():
            line.confirmed = 0
            if self.rule.confirms_new:
                self._confirm(line, min(line.open, self._supply(line.shelf) - self.confirmed[line.shelf.item]))
            self.unsettled.append(line.shelf)

    def expect(self, shelf: Shelf, units: int) -> None:
        super().expect(shelf, units)
        if self.rule.counts_expected and shelf.backordered:
            self.unsettled.append(shelf)

    def adjust(self, shelf: Shelf, units: int, record: int) -> None:
        super().adjust(shelf, units, record)
        if shelf.backordered:
            self.unsettled.append(shelf)

    def cancel(self, order: Order) -> list[Release]:
        for line in order.waiting or ():
            self._forget(line, line.confirmed)
        return super().cancel(order)

    def call_off(self, order: Order, number: int, units: int) -> list[Release]:
        waiting = {line.number: line for line in order.waiting or ()}
        found = super().call_off(order, number, units)
        if number in waiting:
            line = waiting[number]
            self._forget(line, max(line.confirmed - line.open, 0))
        return found

    def run(self) -> None:
        """Divides the stock of every item with a backlog again."""
        for shelf in self.shelves:
            if shelf.backordered:
                self._divide(shelf)
                self._hand_out(shelf)

    def settle(self) -> None:
        """Divides the stock of the touched shelves, or, between runs, hands out what is confirmed."""
        # Once per shelf, in the order in which they were touched. Confirmations come first, then goods: `_hand_out`
        # only moves units that are confirmed, and so cannot touch a shelf again within this loop.
        for shelf in dict.fromkeys(self.unsettled):
            if self.rule.at_events:
                self._divide(shelf)
            else:
                self._keep_within_supply(shelf)
            self._hand_out(shelf)
        self.unsettled.clear()

    def clear_confirmations(self) -> None:
        """Clears confirmations and exceptions, which the caller has taken."""
        self.confirmations.clear()
        self.exceptions.clear()

    # ------------------------------------------------------- confirmations
    def _supply(self, shelf: Shelf) -> int:
        return shelf.on_hand + (max(shelf.on_order, 0) if self.rule.counts_expected else 0)

    def _divide(self, shelf: Shelf) -> None:
        supply = self._supply(shelf)
        if not supply and not self.confirmed[shelf.item]:
            return
        lines = list(shelf.backlog)
        units, sequence, exceptions = self.rule.divide(lines, supply)
        if self.rule.keeps_record:
            before, now = self.failing[shelf.item], {lines[k] for k in exceptions}
            self.exceptions += [(lines[k], lines[k].open - units[k]) for k in exceptions if lines[k] not in before]
            self.failing[shelf.item] = now
        for line, given in zip(lines, units, strict=True):
            if given != line.confirmed:
                self._note(line, given - line.confirmed)
                line.confirmed = given
        self.confirmed[shelf.item] = sum(units)
        self.queues[shelf.item] = [lines[k] for k in sequence if units[k]]

    def _confirm(self, line: Line, units: int) -> None:
        """Confirms free units to a line without confirmations."""
        if units > 0:
            line.confirmed = units
            self.confirmed[line.shelf.item] += units
            self.queues[line.shelf.item].append(line)
            self._note(line, units)

    def _note(self, line: Line, units: int) -> None:
        if self.rule.keeps_record:
            self.confirmations.append((line, units))

    def _forget(self, line: Line, units: int) -> None:
        line.confirmed -= units
        self.confirmed[line.shelf.item] -= units

    def _keep_within_supply(self, shelf: Shelf) -> None:
        """Takes confirmations back where supply has fallen below them, from the end of the queue first."""
        over = self.confirmed[shelf.item] - self._supply(shelf)
        for line in reversed(self.queues[shelf.item]):
            if over <= 0:
                return
            less = min(over, line.confirmed)
            if less:
                self._forget(line, less)
                self._note(line, -less)
                over -= less

    def _serve(self, shelf: Shelf) -> None:
        """Leaves free stock to be divided."""
        self.unsettled.append(shelf)

    def release(self, order: Order, released: list[Release]) -> None:
        super().release(order, released)
        self.unsettled += [release.shelf for release in released if release.shelf.backordered]

    # --------------------------------------------------------------- goods
    def _hand_out(self, shelf: Shelf) -> None:
        """Fills the lines of the queue in order, each with the units confirmed to it, as far as the stock goes."""
        left = shelf.on_hand
        queue = self.queues[shelf.item]
        for line in queue:
            units = min(line.confirmed, left)
            left -= units
            if units and (units == line.open or self._may_be_split(line, units)):
                self._forget(line, units)
                self._fill(shelf, line, units)
        self.queues[shelf.item] = [line for line in queue if line.confirmed]
