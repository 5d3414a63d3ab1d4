"""Waiting orders: their terms and lines, the backlog of an item in the order of service, and its shelf."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from heapq import heapify, heappop, heappush
from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

FEW = 64
"""Dead lines that are not worth a sweep."""


class Terms:
    """How the orders of one kind of customer are treated under a policy."""

    __slots__ = (
        "least_of_line",
        "owner",
        "priority",
        "rank",
        "reserve",
        "segment",
        "ships",
        "splits_lines",
        "splits_orders",
    )

    def __init__(
        self,
        rank: Callable[[int], tuple[int, int]],
        reserve: int = 0,
        splits_lines: bool = True,
        splits_orders: bool = True,
        segment: int = 0,
        owner: str = "",
        priority: int = 1,
        least_of_line: float = 0.0,
        ships: Callable[[Order], bool] | None = None,
    ) -> None:
        self.rank = rank
        """Order number -> sort key in a backlog, lowest first."""
        self.reserve = reserve
        """Units on the shelf that these orders must leave untouched."""
        self.splits_lines = splits_lines
        """Units of a line may be filled before the rest."""
        self.splits_orders = splits_orders
        """A filled line may ship before the rest of its order."""
        self.segment = segment
        """Number of the customer segment."""
        self.owner = owner
        """Whose random numbers its orders use."""
        self.priority = priority
        """Of the customer, 1 first."""
        self.least_of_line = least_of_line
        """Share of a line that must be there before part of it is filled."""
        self.ships = ships
        """Whether what is held of an order may leave although lines still wait; None: never. Only asked where filled
        lines are held for the rest."""


class Line:
    """A line that waits for stock."""

    __slots__ = ("confirmed", "least", "number", "open", "order", "shelf")

    def __init__(self, order: Order, number: int, shelf: Shelf, units: int) -> None:
        self.order = order
        self.number = number
        self.shelf = shelf
        self.open = units
        """Units still waiting; a line with none is dead and leaves its backlog later (see `Backlog`)."""

    least: int
    """Units that must be there before part of the line is filled; set only where the terms say `least_of_line`."""
    confirmed: int
    """Units that wait and are confirmed; set only where stock is divided (see `DividingEngine`)."""


class Hold:
    """What decides whether a part of an order that is held together may leave."""

    __slots__ = ("is_over", "left")

    def __init__(self) -> None:
        self.left = 0
        """Units that have left, or are about to."""
        self.is_over = False
        """The time to hold what is there has passed."""


class Order:
    """A customer's order; kept only as long as something of it is open."""

    __slots__ = (
        "arrival",
        "asked",
        "gone",
        "held",
        "hold",
        "number",
        "packed",
        "parcels",
        "placed",
        "terms",
        "wait",
        "waiting",
    )

    def __init__(self, number: int, placed: float, terms: Terms, arrival: Any = None) -> None:
        self.number = number
        self.placed = placed
        self.terms = terms
        self.arrival = arrival
        """What arrived, a customer's `Arrival` or a supplier's `PurchaseOrder`; the engine does not look at it."""
        self.waiting: list[Line] | None = None
        """Lines that wait for stock; None while it never had one."""
        self.packed = 0
        """Units that go into the next parcel."""
        self.parcels = 0
        """Parcels so far."""
        self.held = 0
        """Units filled and held until the order is complete; they are not on hand."""

    asked: tuple[Sequence[int], Sequence[int]]
    """Items and quantities of its lines; set only while the order is held together."""
    wait: Any
    """What the world keeps of it while it waits; set by the world, the engine does not look at it."""
    hold: Hold
    """Set only while the order is held together, and only where the terms say when a part of it `ships`."""
    gone: dict[int, int] | None
    """Units of a line that were refused or called off, or have left; set only while the order is held together."""


class Shown(NamedTuple):
    """What a storefront shows of a shelf whose record is wrong, while one order is placed."""

    hidden: int
    """Units that are free but not shown."""
    oversold: int
    """Units that are shown but not free."""
    limit: float
    """Units that may stand on backorder, oversold ones included."""


class Release(NamedTuple):
    """Units that a cancellation set free: `held` ones went back to the shelf, others only left the backlog."""

    line: int
    shelf: Shelf
    units: int
    held: bool


class Backlog(ABC):
    """Waiting lines; dead ones are dropped when they come to the head, or all at once when they are the larger part,
    which keeps every step cheap and memory in proportion to what waits."""

    def __init__(self) -> None:
        self.cancelled = 0
        """Lines that died by cancellation since the last sweep."""

    def bury(self) -> None:
        """A line was cancelled, and may stand anywhere."""
        self.cancelled += 1
        if self.cancelled > FEW and 2 * self.cancelled > len(self):
            self.sweep()
            self.cancelled = 0

    @abstractmethod
    def __len__(self) -> int:
        """Lines kept, dead ones included."""

    @abstractmethod
    def __iter__(self) -> Iterator[Line]:
        """Lines that wait, in no particular order."""

    @abstractmethod
    def sweep(self) -> None:
        """Drops all dead lines."""

    @abstractmethod
    def add(self, line: Line, /) -> None:
        """Puts a line in its place."""

    @abstractmethod
    def head(self) -> Line | None:
        """The line to be served next."""

    @abstractmethod
    def goes_before(self, order: Order) -> bool:
        """True when a waiting line must be served before this new order; asked only while units wait."""


class Queue(Backlog):
    """First come, first served."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: deque[Line] = deque()
        self.add = self.lines.append  # type: ignore[method-assign]  # one call less for every line that waits

    def __len__(self) -> int:
        return len(self.lines)

    def __iter__(self) -> Iterator[Line]:
        return (line for line in self.lines if line.open)

    def sweep(self) -> None:
        waiting = list(self)
        self.lines.clear()
        self.lines.extend(waiting)

    def add(self, line: Line, /) -> None:
        self.lines.append(line)

    def head(self) -> Line | None:
        lines = self.lines
        while lines:
            first = lines[0]
            if first.open:
                return first
            lines.popleft()
        return None

    def goes_before(self, order: Order) -> bool:
        return True


def by_terms(order: Order) -> tuple[float, ...]:
    """The rank that the terms of an order give to its number."""
    return order.terms.rank(order.number)


class Ranked(Backlog):
    """By the rank that the allocation gives an order when its line comes, then in the order in which they came."""

    def __init__(self, rank: Callable[[Order], tuple[float, ...]] = by_terms) -> None:
        super().__init__()
        self.rank = rank
        self.lines: list[tuple[tuple[float, ...], int, Line]] = []
        self.added = 0

    def __len__(self) -> int:
        return len(self.lines)

    def __iter__(self) -> Iterator[Line]:
        return (line for _, _, line in self.lines if line.open)

    def sweep(self) -> None:
        self.lines = [entry for entry in self.lines if entry[2].open]
        heapify(self.lines)

    def add(self, line: Line, /) -> None:
        self.added += 1
        heappush(self.lines, (self.rank(line.order), self.added, line))

    def head(self) -> Line | None:
        lines = self.lines
        while lines:
            if lines[0][2].open:
                return lines[0][2]
            heappop(lines)
        return None

    def goes_before(self, order: Order) -> bool:
        return self.head() is not None and self.lines[0][0] <= self.rank(order)


class Shelf:
    """The levels of one item. `position`, `on_hand`, `phantom` and `backordered` are kept; `on_order` follows."""

    __slots__ = ("backlog", "backordered", "item", "limit", "on_hand", "phantom", "position", "trigger")

    def __init__(self, item: int, on_hand: int, backlog: Backlog, trigger: float = -inf, limit: float = inf) -> None:
        self.item = item
        """Number of the item."""
        self.on_hand = on_hand
        """Units that are free to be taken."""
        self.position = on_hand
        """Inventory position as the books have it: on hand on record + on order - backordered."""
        self.phantom = 0
        """Units that the record has more than there are on hand (below 0: fewer); 0 where the record is right."""
        self.backordered = 0
        """Units that wait in the backlog."""
        self.backlog = backlog
        self.trigger = trigger
        """A demand that leaves the position at or below it calls for a review."""
        self.limit = limit
        """Units that may stand on backorder at once (acceptance)."""

    @property
    def on_order(self) -> int:
        """Units bought and not yet received."""
        return self.position - self.on_hand - self.phantom + self.backordered
