"""The backorder engine of one stocking node: commands in (place, cancel, call off, expect, receive), fills out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from simulator.engine.orders import Fill, Held, Line, Order, Release
from simulator.engine.shelf import Shelf


class BackorderEngine:
    """Owns on hand, on order, what is held and the backlog of every item at one node.

    After each command the caller finds in `fills` what was filled from the backlog, in `ready` the orders that have
    units packed, and in `due` the shelves whose position calls for a review; it takes and clears them.
    """

    def __init__(self, shelves: Sequence[Shelf]) -> None:
        self.shelves = shelves
        self.fills: list[Fill] = []
        self.ready: list[Order] = []
        self.due: list[Shelf] = []
        self.short: list[tuple[int, int, int, int]] = []
        """(line, item, units backordered, units refused) of the order placed last."""

    # ------------------------------------------------------------- demand
    def place(self, order: Order, items: Iterable[int], quantities: Iterable[int]) -> None:
        """Takes an order: what is free on the shelf at once, the rest on backorder or, beyond the limit, refused.

        No line takes a unit while an older backorder of equal or better rank waits for it.
        """
        shelves = self.shelves
        reserve = order.terms.reserve
        packed = 0
        line = 0
        for item, quantity in zip(items, quantities):  # noqa: B905 - per line, and of equal length by construction
            shelf = shelves[item]
            if shelf.on_hand - quantity >= reserve and not shelf.backordered:
                shelf.on_hand -= quantity
                shelf.position -= quantity
                packed += quantity
            else:
                packed += self._place_short(order, line, shelf, quantity)
            if shelf.position <= shelf.trigger:
                self.due.append(shelf)
            line += 1
        if order.waiting is None or order.terms.splits_orders:
            order.packed = packed
        else:
            self._hold(order, items, quantities)

    def _place_short(self, order: Order, line: int, shelf: Shelf, quantity: int) -> int:
        """A line that cannot simply be taken off the shelf; returns the units taken at once."""
        terms = order.terms
        free = max(shelf.on_hand - terms.reserve, 0)
        if shelf.backordered and shelf.backlog.goes_before(order):
            free = 0
        room = max(shelf.on_hand - terms.reserve - shelf.backordered + shelf.limit, free, 0)
        if terms.splits_lines:
            accepted = quantity if room >= quantity else int(room)
            taken = min(free, accepted)
        else:
            accepted = quantity if room >= quantity else 0
            taken = accepted if free >= accepted else 0
        waiting = accepted - taken
        shelf.on_hand -= taken
        shelf.position -= accepted
        if waiting:
            shelf.backordered += waiting
            entry = Line(order, line, shelf, waiting)
            shelf.backlog.add(entry)
            if order.waiting is None:
                order.waiting = [entry]
            else:
                order.waiting.append(entry)
        if waiting or quantity > accepted:
            self.short.append((line, shelf.item, waiting, quantity - accepted))
        return taken

    def _hold(self, order: Order, items: Iterable[int], quantities: Iterable[int]) -> None:
        """An incomplete order that ships whole: what it has is held for it."""
        missing = {line: backordered + refused for line, _, backordered, refused in self.short}
        order.held = [
            Held(line, self.shelves[item], quantity - missing.get(line, 0))
            for line, (item, quantity) in enumerate(zip(items, quantities, strict=True))
            if quantity > missing.get(line, 0)
        ]

    # ------------------------------------------------------------- supply
    def expect(self, shelf: Shelf, units: int) -> None:
        """A purchase was made."""
        shelf.position += units

    def receive(self, shelf: Shelf, units: int, lost: int = 0) -> None:
        """Goods of a purchase arrive (`lost` ones never will) and go to the backlog first."""
        shelf.on_hand += units
        shelf.position -= lost
        if shelf.backordered:
            self._serve(shelf)
        if lost and shelf.position <= shelf.trigger:
            self.due.append(shelf)

    def _serve(self, shelf: Shelf) -> None:
        """Free stock to the backlog, in its order; a head that cannot be served blocks those behind it."""
        while shelf.on_hand > 0:
            line = shelf.backlog.head()
            if line is None:
                return
            order = line.order
            free = shelf.on_hand - order.terms.reserve
            if order.terms.splits_lines:
                units = min(free, line.open)
                if units <= 0:
                    return
            elif free < line.open:
                return
            else:
                units = line.open
            shelf.on_hand -= units
            shelf.backordered -= units
            line.open -= units
            self.fills.append(Fill(line, units))
            self._filled(order, line, units)

    def _filled(self, order: Order, line: Line, units: int) -> None:
        waiting = order.waiting
        assert waiting is not None
        if not line.open:
            waiting.remove(line)
        if order.terms.splits_orders:
            if not order.packed:
                self.ready.append(order)
            order.packed += units
            return
        if order.held is None:
            order.held = []
        if units:
            order.held.append(Held(line.number, line.shelf, units))
        if not waiting:
            order.packed = sum(held.units for held in order.held)
            order.held = None
            if order.packed:
                self.ready.append(order)

    # ------------------------------------------------------- cancellation
    def cancel(self, order: Order) -> list[Release]:
        """All that has not been packed; units held go back to the shelf and to the backlog first."""
        found = [Release(line.number, line.shelf, line.open, False) for line in order.waiting or ()]
        for line in order.waiting or ():
            line.open = 0
        found += [Release(held.line, held.shelf, held.units, True) for held in order.held or ()]
        order.waiting, order.held = [], None
        self._release(found)
        return found

    def call_off(self, order: Order, line: int, units: int) -> list[Release]:
        """Part of an order: up to `units` of one line, waiting ones first, then held ones; packed ones are gone."""
        found: list[Release] = []
        emptied: Line | None = None
        for entry in list(order.waiting or ()):
            if entry.number == line and units:
                less = min(units, entry.open)
                entry.open -= less
                units -= less
                found.append(Release(line, entry.shelf, less, False))
                if not entry.open:
                    emptied = entry
        for held in list(order.held or ()):
            if held.line == line and units and order.held is not None:
                less = min(units, held.units)
                units -= less
                found.append(Release(line, held.shelf, less, True))
                order.held.remove(held)
                if held.units > less:
                    order.held.append(held._replace(units=held.units - less))
        if emptied is not None:
            self._filled(order, emptied, 0) if not order.terms.splits_orders else order.waiting.remove(emptied)  # type: ignore[union-attr]
        self._release(found)
        return found

    def _release(self, released: list[Release]) -> None:
        for _, shelf, units, held in released:
            shelf.position += units
            if held:
                shelf.on_hand += units
            else:
                shelf.backordered -= units
        for _, shelf, _, _ in released:
            if shelf.on_hand and shelf.backordered:
                self._serve(shelf)
