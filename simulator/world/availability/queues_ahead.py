"""Who is served before an order: units of its items that others get first, alone or in kits."""

from __future__ import annotations

from simulator.engine.backlog import Line, Order, Queue, Release, Shelf
from simulator.policies.allocation.allocation import Dividing, Fifo
from simulator.world.orders.followers import Fills
from simulator.world.state import ReplicationState


def _own(order: Order, shelf: Shelf) -> int:
    """Units of an order that wait for an item."""
    return sum(line.open for line in order.waiting or () if line.shelf is shelf)


def _rank(line: Line) -> tuple[int, int]:
    return line.order.terms.rank(line.order.number)


class QueuesAhead:
    """Counts the units ahead of orders, and remembers them until the backlog changes."""

    def __init__(self, state: ReplicationState) -> None:
        self.engine, self.flow, self.allocation = state.engine, state.flow, state.decided.allocation
        self.known: dict[int, tuple[tuple[int, int, int], dict[int, int]]] = {}
        """Item -> the units ahead of each waiting order, and the state that they were counted in."""
        self.changes = 0
        """Counts what changes the backlog, beside new orders."""
        self.flow.followers.filled.add(self.filled)
        self.flow.followers.released.add(self.released)
        self.flow.followers.opens.add(self.opens)

    def filled(self, fills: Fills, now: float) -> None:
        """The backlog has changed."""
        self.changes += 1

    def released(self, order: Order, release: Release) -> None:
        """The backlog has changed."""
        self.changes += 1

    def before(self, shelf: Shelf, order: Order) -> int:
        """Units of an item that others get before an order, alone or in kits. A kit before it counts with all that it
        needs, although it lets others pass while it lacks another component."""
        engine = self.engine
        found = self._ahead(shelf, order)
        if not engine.kits:
            return found
        for kit in engine.uses.get(shelf.item, ()):
            found += dict(engine.kits[kit])[shelf.item] * self._ahead(engine.shelves[kit], order)
        kept = [kept for kept in engine.aside.values() if kept.units[shelf.item]]
        return found - sum(kept.units[shelf.item] for kept in kept if self._goes_first(kept.line, order))

    @staticmethod
    def _goes_first(line: Line, order: Order) -> bool:
        """Whether a line that waits is served before an order, which may be about to join the backlog."""
        if line.order is order:
            return False
        if isinstance(line.shelf.backlog, Queue):
            return order.waiting is None or line.order.turn < order.turn
        return _rank(line) < order.terms.rank(order.number)

    def _ahead(self, shelf: Shelf, order: Order) -> int:
        """Units that wait for an item, alone or in a kit, and are served before an order."""
        if not shelf.backordered:
            return 0
        own, number, later = _own(order, shelf), order.number, bool(self.flow.followers.postpones)
        if later:  # orders do not join the queue in the order of their numbers
            if own and number not in self._queue(shelf):
                self.changes += 1  # it has joined since the queue was counted
            newest = number not in self._queue(shelf)
        else:
            newest = number >= self.flow.placed - 1
        if newest and self._in_turn(shelf):
            if later and order.waiting and self.engine.kits:  # it waits, but not for this kit or component
                return sum(line.open for line in shelf.backlog if self._goes_first(line, order))
            return shelf.backordered - own  # it is the last in the queue: the usual question
        if not own:
            rank = order.terms.rank(number)
            return sum(line.open for line in shelf.backlog if line.order.terms.rank(line.order.number) < rank)
        return self._queue(shelf)[number]

    def _in_turn(self, shelf: Shelf) -> bool:
        """Whether lines are served in the order in which they came, as far as anybody can tell."""
        if not self.allocation.changes:
            return isinstance(shelf.backlog, Queue)
        return isinstance(self.allocation.now, Fifo | Dividing)

    def opens(self, order: Order, now: float) -> None:
        """An order that is not the newest joins the backlog."""
        self.changes += 1

    def _queue(self, shelf: Shelf) -> dict[int, int]:
        """Order -> units that are served before its first line, remembered until the backlog changes."""
        key = (self.changes, self.flow.placed, id(self.allocation.now))
        known = self.known.get(shelf.item)
        if known is None or known[0] != key:
            lines = shelf.backlog if self._in_turn(shelf) else sorted(shelf.backlog, key=_rank)
            ahead: dict[int, int] = {}
            units = 0
            for line in lines:
                ahead.setdefault(line.order.number, units)
                units += line.open
            known = self.known[shelf.item] = (key, ahead)
        return known[1]
