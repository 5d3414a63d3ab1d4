"""Followers: the callbacks of each moment in the life of an order, in one order that is written down once.

Features that only some scenarios use (card charging, loyalty, record errors, wait-lists ...) do not appear in `Flow`.
Each registers its methods for the moments that concern it. Who goes first at a moment is not left to the order of
registration: `simulate.FOLLOWERS` lists the classes of every moment in their order, with the reasons, and a class that
is missing there cannot register.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Mapping, Sequence
from types import MethodType
from typing import Any, TypeVar, cast

from simulator.engine.backlog import Line, Order, Release, Shelf, Shown
from simulator.model.nouns import Exit
from simulator.world.orders.arrival import Arrival, Visit
from simulator.world.orders.waiting_order import WaitingOrder
from simulator.world.suppliers.purchase import Purchase

Callback = TypeVar("Callback", bound=Callable[..., Any])
Part = TypeVar("Part")
Fills = Sequence[tuple[Line, int]]
"""Waiting lines and how many of their units were filled."""
SUPPLY = {"arrives", "purchase_made", "purchase_released", "received", "ran_out", "policy_changes"}
"""Moments of purchases, shelves and the policy; all others are moments of orders."""


class Moment(list[Callback]):
    """The callbacks of one moment; an empty list is falsy, so worlds without followers test it and go on."""

    def __init__(self, name: str, order: Sequence[type], followers: Followers) -> None:
        super().__init__()
        self.name, self.order, self.followers = name, order, followers

    def add(self, callback: Callback) -> None:
        """Registers a bound method at the place of its class.

        Raises:
            LookupError: the class has no place in the table.
        """
        owner = type(_owner(callback))
        if owner not in self.order:
            raise LookupError(f"{owner.__name__} has no place at {self.name!r}; add it to FOLLOWERS in simulate.py")
        insort(self, callback, key=lambda other: self.order.index(type(_owner(other))))
        if self.name not in SUPPLY:
            self.followers.of_orders = True


class Followers:
    """One list of callbacks per moment."""

    def __init__(self, order: Mapping[str, Sequence[type]]) -> None:
        """`order` lists, for every moment, the classes that may register, first to last.

        Raises:
            LookupError: the table names a moment that does not exist.
        """
        table = dict(order)

        def moment(name: str) -> Moment[Any]:
            return Moment(name, table.pop(name, ()), self)

        self.of_orders = False
        """True once anything follows single orders: one flag to test in place of many empty lists."""

        # ---------------------------------------------------------------------------------------------- admission
        self.admits: Moment[Callable[[Visit, float], bool]] = moment("admits")
        """A customer arrives; False: the customer stays away and later callbacks are not asked."""
        self.postpones: Moment[Callable[[Order, float], bool]] = moment("postpones")
        """A customer has placed an order; True: it will open later, and the callback sees to that."""
        self.visited: Moment[Callable[[Visit, float], None]] = moment("visited")
        """The visit is over, with or without an order."""
        # ------------------------------------------------------------------------------------------------ an order
        self.sources: Moment[Callable[[Order, float], Arrival]] = moment("sources")
        """The order is about to take units; returns what arrived with its lines as the sites serve them, where a line
        may have become several."""
        self.opens: Moment[Callable[[Order, float], None]] = moment("opens")
        """An order that was placed earlier is about to take units or go on backorder."""
        self.chooses: Moment[Callable[[Order, list[int], Mapping[int, Shown] | None, float], list[int]]] = moment(
            "chooses"
        )
        """Some lines are not available; returns those that the customer orders all the same."""
        self.exits: Moment[Callable[[Order, int, int, int, float], Exit]] = moment("exits")
        """(order, line, item, units, now): units are not ordered; returns how the customer leaves."""
        self.refused: Moment[Callable[[Order, int, int, int, Exit, float], None]] = moment("refused")
        """(order, line, item, units, exit, now): the same, after the exit was recorded."""
        self.ordered: Moment[Callable[[Order, float], None]] = moment("ordered")
        """The order has taken or reserved its units; nothing has left yet."""
        self.waits: Moment[Callable[[Order, float], None]] = moment("waits")
        """The order goes on backorder."""
        self.wait_begins: Moment[Callable[[Order, float, float], None]] = moment("wait_begins")
        """(order, patience, now): sets the order's clocks; with no callback, only patience and window end a wait."""
        self.placed: Moment[Callable[[Order, float], None]] = moment("placed")
        """The order is placed, after available units have left."""
        self.filled: Moment[Callable[[Fills, float], None]] = moment("filled")
        """Units were filled from the backlog."""
        self.held: Moment[Callable[[Order, float], None]] = moment("held")
        """Filled units are held for the rest of their order."""
        self.may_leave: Moment[Callable[[Order, float], bool]] = moment("may_leave")
        """Packed units are about to leave; False: they stay, and the callback has dealt with them."""
        self.leaves: Moment[Callable[[Order, float], None]] = moment("leaves")
        """Packed units leave."""
        self.left: Moment[Callable[[Order, float], None]] = moment("left")
        """Units filled from the backlog have left."""
        self.on_its_way: Moment[Callable[[Order, float, float], None]] = moment("on_its_way")
        """(order, delivery, now): a parcel is with its carrier."""
        self.released: Moment[Callable[[Order, Release], None]] = moment("released")
        """Units of an order were cancelled."""
        self.gave_up: Moment[Callable[[Order, float], None]] = moment("gave_up")
        """All that waited of an order was cancelled."""
        # ---------------------------------------------------------------------------------------- a waiting order
        self.date_moved: Moment[Callable[[WaitingOrder, float], None]] = moment("date_moved")
        """The seller has worked out another date."""
        self.impatience_changed: Moment[Callable[[WaitingOrder, float], None]] = moment("impatience_changed")
        """Something happened that may change how soon the customer asks."""
        self.switches: Moment[Callable[[Order, float], bool]] = moment("switches")
        """The customer would take substitutes; True: they are available and have left."""
        # ------------------------------------------------------------------------------------------------- supply
        self.purchase_made: Moment[Callable[[Purchase, float], None]] = moment("purchase_made")
        """A purchase was decided."""
        self.purchase_released: Moment[Callable[[Purchase, float], None]] = moment("purchase_released")
        """The lead time of a purchase has started."""
        self.arrives: Moment[Callable[[Purchase, float], None]] = moment("arrives")
        """Goods are about to be received."""
        self.received: Moment[Callable[[Purchase, float], None]] = moment("received")
        """Goods were received and given to the backlog."""
        self.ran_out: Moment[Callable[[Shelf, float], None]] = moment("ran_out")
        """(shelf, lag): a drop-ship vendor has run out; the seller learns of it after `lag` days."""
        # ------------------------------------------------------------------------------------------------- policy
        self.policy_changes: Moment[Callable[[float], None]] = moment("policy_changes")
        """An entry of the policy's schedule comes into force, or ends."""
        if table:
            raise LookupError(f"no such moments: {', '.join(table)}")

    @property
    def at_entrance(self) -> bool:
        """Whether anything takes part in an order before it takes units."""
        return bool(self.admits or self.visited or self.postpones or self.sources)

    def part(self, kind: type[Part]) -> Part | None:
        """The registered object of a class; None where the scenario does not use it."""
        for moment in vars(self).values():
            for callback in moment if isinstance(moment, Moment) else ():
                if isinstance(owner := _owner(callback), kind):
                    return owner
        return None


def _owner(callback: Callable[..., Any]) -> object:
    return cast(MethodType, callback).__self__
