"""The backorder engine of one stocking node: commands in (place, cancel, call off, expect, receive), fills out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from math import inf

from simulator.engine.backlog import Hold, Line, Order, Release, Shelf, Shown
from simulator.engine.plain_stock import PlainStock


class BackorderEngine(PlainStock):
    """Owns stock, position, held units and the backlog of every item at one node; nobody else changes them.

    Each command leaves its consequences for the caller, who takes and clears them: `refused` has the units that could
    not be ordered, `fills` the units filled from the backlog, `ready` the orders with packed units, and `due` the
    shelves whose position calls for a review.
    """

    def __init__(self, shelves: Sequence[Shelf]) -> None:
        self.shelves = shelves
        self.refused: list[tuple[int, int, int, int]] = []
        """(order, line, item, units) that could not be ordered."""
        self.fills: list[tuple[Line, int]] = []
        """(line, units filled from stock)."""
        self.taken = 0
        """Units that the last `take` took off the shelves."""
        self.ready: list[Order] = []
        self.spoils: Callable[[Order, Sequence[Release]], Sequence[tuple[Shelf, int]]] | None = None
        """Asked before filled units go back to their shelves; returns those that are written off instead."""
        self.due: list[Shelf] = []
        self.limits: Callable[[Order, Shelf], tuple[float, bool]] | None = None
        """Units that may stand on backorder, and whether a line above is refused whole; None: the shelf's `limit`."""

    # ------------------------------------------------------------- demand
    def take(self, items: Sequence[int], quantities: Sequence[int], reserve: int) -> list[int] | None:
        """Takes every line that is available as a whole; returns the places of the others (None: none, the usual
        case), which go to `place`. No line takes a unit while anything waits for the item, and `reserve` units are left
        on the shelf."""
        shelves = self.shelves
        short = None
        taken = 0
        line = 0
        for item, quantity in zip(items, quantities):  # noqa: B905 - of one length; zip is faster without the check
            shelf = shelves[item]
            left = shelf.on_hand - quantity
            if left >= reserve and not shelf.backordered:
                shelf.on_hand = left
                taken += quantity
                shelf.position = position = shelf.position - quantity
                if position <= shelf.trigger:
                    self.due.append(shelf)
            elif short is None:
                short = [line]
            else:
                short.append(line)
            line += 1  # noqa: SIM113 - per line of every order: quicker than enumerate
        self.taken = taken
        return short

    def take_shown(
        self, items: Sequence[int], quantities: Sequence[int], reserve: int, shown: Mapping[int, Shown]
    ) -> list[int] | None:
        """As `take`, for a storefront that does not show all units that are free: hidden ones cannot be ordered."""
        self.taken, short = 0, []
        for line, (item, units) in enumerate(zip(items, quantities, strict=True)):
            hidden = shown[item].hidden if item in shown else 0
            if self.take_one(self.shelves[item], units, reserve, hidden):
                self.taken += units
            else:
                short.append(line)
        return short or None

    def take_one(self, shelf: Shelf, units: int, reserve: int, hidden: int = 0) -> bool:
        """Takes units of one item off its shelf if all of them are free and shown; False: nothing was taken."""
        if shelf.backordered or shelf.on_hand - units < reserve + hidden:
            return False
        shelf.on_hand -= units
        shelf.position -= units
        if shelf.position <= shelf.trigger:
            self.due.append(shelf)
        return True

    def place(
        self,
        order: Order,
        items: Sequence[int],
        quantities: Sequence[int],
        short: Sequence[int],
        shown: Mapping[int, Shown] | None = None,
    ) -> None:
        """Places the lines that `take` left over: takes what is free, backorders the rest or refuses it at the limit.

        No line takes a unit while an older backorder of equal or better rank waits for it.

        Args:
            order: gets the waiting lines and the packed or held units.
            items, quantities: of all lines of the order.
            short: the places of the lines to be placed; units of them that the caller has put in `refused` are not.
            shown: item -> what a storefront with a wrong record shows, in place of the free stock and the limit.
        """
        packed, ordered = self.taken, quantities
        if self.refused:
            less = self._units_refused()
            ordered = [units - less[line] for line, units in enumerate(quantities)]
        terms = order.terms
        usual = shown is None and ordered is quantities and self.limits is None
        usual = usual and not (self.kits or terms.least_of_line)
        for line in short:
            shelf, units = self.shelves[items[line]], ordered[line]
            free = shelf.on_hand - terms.reserve
            if usual and free < units and (free <= 0 or not terms.splits_lines) and shelf.limit == inf:
                # The usual case, spared a call: all of the line waits, wherever it stands in the backlog.
                shelf.backordered += units
                shelf.position -= units
                entry = Line(order, line, shelf, units)
                shelf.backlog.add(entry)
                order.waiting = [entry] if order.waiting is None else [*order.waiting, entry]
            else:
                view = None if shown is None else shown.get(shelf.item)
                packed += self._place_short(order, line, shelf, units, view)
            if shelf.position <= shelf.trigger:
                self.due.append(shelf)
        if order.waiting is None or terms.splits_orders:
            order.packed = packed
        else:
            order.held = packed
            order.asked = (items, quantities)
            order.gone = self._units_refused() if self.refused else None
            if order.terms.ships is not None:
                order.hold = Hold()
                if packed and order.terms.ships(order):
                    self._let_go(order)

    def _units_refused(self) -> Counter[int]:
        """Line -> units refused."""
        return sum((Counter({line: units}) for _, line, _, units in self.refused), Counter[int]())

    def _place_short(self, order: Order, line: int, shelf: Shelf, quantity: int, shown: Shown | None) -> int:
        """Places a line that is not available as a whole; returns the units taken at once."""
        terms = order.terms
        free = stock = shelf.on_hand - (0 if shelf.item in self.kits else terms.reserve)
        limit, whole = shelf.limit, False
        if self.limits is not None:
            limit, whole = self.limits(order, shelf)
        if shown is not None:
            free, limit = free - shown.hidden, shown.limit
            stock = free
        if free <= 0 or (shelf.backordered and shelf.backlog.goes_before(order)):
            free = 0
        accepted = quantity
        if limit != inf:
            accepted = self._acceptable(shelf, limit, terms.splits_lines and not whole, quantity, stock)
            if accepted < quantity:
                self.refused.append((order.number, line, shelf.item, quantity - accepted))
        if free >= accepted:
            taken = accepted
        else:
            taken = free if terms.splits_lines else 0
            entry = Line(order, line, shelf, accepted - taken)
            if terms.least_of_line:
                entry.ordered = accepted
                if taken < entry.least:
                    taken, entry.open = 0, accepted
            shelf.backordered += entry.open
            shelf.backlog.add(entry)
            order.waiting = [entry] if order.waiting is None else [*order.waiting, entry]
        shelf.on_hand -= taken
        shelf.position -= accepted
        return taken

    @staticmethod
    def _acceptable(shelf: Shelf, limit: float, splits: bool, quantity: int, stock: int) -> int:
        """Units that may be ordered where backorders are limited: stock and limit, less what waits already.

        Units on the shelf that are meant for lines that wait whole count against what waits, so that stock 25 and limit
        50 sell 75 units under every fulfilment. A line that is filled whole is accepted whole or not at all.
        """
        salable = max(max(stock, 0) + int(limit) - shelf.backordered, 0)
        if splits:
            return min(quantity, salable)
        return quantity if quantity <= salable else 0

    # ------------------------------------------------------------- levels
    def set_limit(self, shelf: Shelf, limit: float) -> None:
        """Units that may stand on backorder from now on; units that wait already keep waiting."""
        shelf.limit = limit

    def set_trigger(self, shelf: Shelf, trigger: float) -> None:
        """A demand that leaves the position at or below the trigger calls for a review."""
        shelf.trigger = trigger

    # ------------------------------------------------------------- supply
    def expect(self, shelf: Shelf, units: int) -> None:
        """A purchase was made."""
        shelf.position += units

    def receive(self, shelf: Shelf, units: int, lost: int = 0) -> None:
        """Receives units of a purchase, which go to the backlog first; `lost` ones will never arrive."""
        shelf.on_hand += units
        shelf.position -= lost
        if shelf.backordered:
            self._serve(shelf)
        if lost and shelf.position <= shelf.trigger:
            self.due.append(shelf)

    def adjust(self, shelf: Shelf, units: int, record: int) -> None:
        """Changes stock outside of purchases and orders (lost, found, spoiled, counted): the shelf by `units`, its
        record, and with it the position, by `record`. New units go to the backlog first."""
        shelf.on_hand += units
        shelf.phantom += record - units
        shelf.position += record
        if units > 0 and shelf.backordered:
            self._serve(shelf)
        if record < 0 and shelf.position <= shelf.trigger:
            self.due.append(shelf)

    def _serve(self, shelf: Shelf) -> None:
        """Fills waiting lines in the order of the backlog; a head that cannot be served blocks the lines behind it."""
        # Hot path, so it repeats what `LineFilling._fill` does. A partial fill ends the loop: at the next turn (the
        # shelf is empty), or by the first `return` (only the reserve is left).
        backlog = shelf.backlog
        while shelf.on_hand > 0:
            line = backlog.head()
            if line is None:
                return
            order = line.order
            terms = order.terms
            units = line.open
            free = shelf.on_hand - terms.reserve
            if free < units:
                if free <= 0 or not terms.splits_lines or (terms.least_of_line and free < line.least):
                    return
                units = free
            shelf.on_hand -= units
            shelf.backordered -= units
            line.open -= units
            self.fills.append((line, units))
            if not line.open:
                order.waiting.remove(line)  # type: ignore[union-attr]
            if terms.splits_orders:
                if not order.packed:
                    self.ready.append(order)
                order.packed += units
            else:
                order.held += units
                self._complete(order)

    def _complete(self, order: Order) -> None:
        """Packs the held units of an order if none of its lines waits, or if its terms let a part leave."""
        if not order.held:
            return
        if not order.waiting:  # nothing of it will be held again, so that `gone` is not needed any more
            if not order.packed:
                self.ready.append(order)
            order.packed += order.held
            order.held = 0
        elif order.terms.ships is not None and order.terms.ships(order):
            if not order.packed:
                self.ready.append(order)
            self._let_go(order)

    @staticmethod
    def _let_go(order: Order) -> None:
        """Packs the held units; whatever does not wait now is gone: shipped, refused or called off."""
        still = {line.number: line.open for line in order.waiting or ()}
        order.gone = {line: units - still.get(line, 0) for line, units in enumerate(order.asked[1])}
        order.packed += order.held
        if order.terms.ships is not None:
            order.hold.left += order.held
        order.held = 0

    def end_hold(self, order: Order) -> None:
        """The time for holding has passed: packs the held units, whatever the terms say."""
        if order.terms.ships is not None:
            order.hold.is_over = True
        if order.held:
            if not order.packed:
                self.ready.append(order)
            self._let_go(order)

    # ------------------------------------------------------- cancellation
    def cancel(self, order: Order) -> list[Release]:
        """Cancels all units that are not packed; held ones return to the shelf, and to the backlog first."""
        held = self.held(order)
        found = [Release(line.number, line.shelf, line.open, False) for line in order.waiting or ()]
        for line in order.waiting or ():
            line.open = 0
            line.shelf.backlog.bury()
        found += [Release(line, self.shelves[item], units, True) for line, (item, units) in held.items()]
        order.waiting, order.held = [], 0
        self.release(order, found)
        return found

    def call_off(self, order: Order, number: int, units: int) -> list[Release]:
        """Cancels up to `units` of one line, waiting ones first, then held ones; packed ones cannot be cancelled."""
        found: list[Release] = []
        held = self.held(order).get(number)
        line = next((line for line in order.waiting or () if line.number == number), None)
        if line is not None:
            less = min(units, line.open)
            line.open -= less
            units -= less
            if order.terms.least_of_line:
                line.ordered -= less
            found.append(Release(number, line.shelf, less, False))
        if held is not None and units:
            item, kept = held
            less = min(units, kept)
            order.held -= less
            found.append(Release(number, self.shelves[item], less, True))
        if not order.terms.splits_orders and found:
            order.gone = order.gone or {}
            order.gone[number] = order.gone.get(number, 0) + sum(release.units for release in found)
        if line is not None:
            if not line.open:
                line.shelf.backlog.bury()
                order.waiting.remove(line)  # type: ignore[union-attr]
            self._complete(order)
        self.release(order, found)
        return found

    def held(self, order: Order) -> dict[int, tuple[int, int]]:
        """Line -> (item, units) filled and held for an incomplete order."""
        if not order.held:
            return {}
        still = {line.number: line.open for line in order.waiting or ()}
        gone = order.gone or {}
        return {
            line: (item, units)
            for line, (item, quantity) in enumerate(zip(*order.asked, strict=True))
            if (units := quantity - still.get(line, 0) - gone.get(line, 0))
        }

    def release(self, order: Order, released: list[Release]) -> None:
        """Takes units out of the backlog, or puts filled ones that have not left back on the shelf."""
        spoilt = () if self.spoils is None else self.spoils(order, released)
        for _, shelf, units, held in released:
            shelf.position += units
            if held:
                shelf.on_hand += units
            else:
                shelf.backordered -= units
        for shelf, units in spoilt:
            self.adjust(shelf, -units, -units)
        for _, shelf, _, _ in released:
            if shelf.on_hand and shelf.backordered:
                self._serve(shelf)
