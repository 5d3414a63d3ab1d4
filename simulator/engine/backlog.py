"""Waiting orders: their terms and lines, the backlog of an item in the order of service, and its shelf."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from math import ceil, inf
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

FEW = 64
"""Dead lines that are not worth removing all at once."""


@dataclass(slots=True, eq=False)
class Terms:
    """How the orders of one kind of customer are treated under a policy."""

    rank: Callable[[int], tuple[int, int]]
    """Order number -> sort key in a backlog, lowest first."""
    reserve: int = 0
    """Units on the shelf that these orders must not take."""
    splits_lines: bool = True
    """Units of a line may be filled before the rest."""
    splits_orders: bool = True
    """A filled line may ship before the rest of its order."""
    segment: int = 0
    """Number of the customer segment."""
    owner: str = ""
    """Names the random streams of its orders."""
    priority: int = 1
    """Of the customer; 1 is served first."""
    least_of_line: float = 0.0
    """Share of a line that must be available before part of it is filled."""
    ships: Callable[[Order], bool] | None = None
    """Whether held units of an order may leave although lines still wait; None: never. Only asked where filled lines
    are held for the rest."""
    together: bool = False
    """The customer asked for one parcel, whatever the policy."""


@dataclass(slots=True, eq=False)
class Line:
    """A line that waits for stock."""

    order: Order
    number: int
    shelf: Shelf
    open: int
    """Units still waiting; a line with none is dead and is removed from its backlog later (see `Backlog`)."""
    ordered: int = field(init=False)
    """Units ordered and not called off, waiting or not; set only with `least_of_line`."""
    confirmed: int = field(init=False)
    """Waiting units that are confirmed; set only where stock is divided (see `DividingEngine`)."""

    @property
    def least(self) -> int:
        """Units that must be available before part of the line is filled; only with `least_of_line`."""
        return ceil(self.order.terms.least_of_line * self.ordered - 1e-9)


@dataclass(slots=True, eq=False)
class Hold:
    """What decides whether part of an order that is held together may leave."""

    left: int = 0
    """Units that have left, or are about to."""
    is_over: bool = False
    """The time for which units may be held has passed."""


@dataclass(slots=True, eq=False)
class Order:
    """A customer's order; kept only as long as something of it is open."""

    number: int
    placed: float
    terms: Terms
    arrival: Any = None
    """What arrived, a customer's `Arrival` or a supplier's `PurchaseOrder`; the engine does not look at it."""
    due: float = field(default=-inf, init=False)
    """The day from which its wait counts where the goods are wanted on a later day; -inf: they are wanted at once."""
    leaves: float = field(default=-inf, init=False)
    """The day before which none of its goods leave; -inf: none."""
    waiting: list[Line] | None = field(default=None, init=False)
    """Lines that wait for stock; None if none ever did."""
    packed: int = field(default=0, init=False)
    """Units of the next parcel."""
    parcels: int = field(default=0, init=False)
    """Parcels so far."""
    held: int = field(default=0, init=False)
    """Units filled and held until the order is complete; they are not on hand."""
    asked: tuple[Sequence[int], Sequence[int]] = field(init=False)
    """Items and quantities of its lines; set only while the order is held together."""
    wait: Any = field(init=False)
    """The world's data about its wait; the engine does not look at it."""
    hold: Hold = field(init=False)
    """Set only while the order is held together, and only where `Terms.ships` is."""
    turn: int = field(init=False)
    """Counts orders as they come to the engine, which for those of a later day is not when they are placed; set only
    where some items are kits."""
    gone: dict[int, int] | None = field(init=False)
    """Line -> units refused, called off or shipped; set only while the order is held together."""

    @property
    def since(self) -> float:
        """The moment from which its wait counts."""
        return max(self.placed, self.due)


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
    """Waiting lines.

    A cancelled line is only marked, since it may be anywhere. It is dropped when it becomes the head, or with all other
    dead lines once they are the larger part; so every step is cheap, and memory in proportion to what waits.
    """

    def __init__(self) -> None:
        self.cancelled = 0
        """Lines cancelled since the last sweep."""

    def bury(self) -> None:
        """Counts a cancelled line, and sweeps if cancelled lines are the larger part."""
        self.cancelled += 1
        if self.cancelled > FEW and 2 * self.cancelled > len(self):
            self.sweep()
            self.cancelled = 0

    @abstractmethod
    def __len__(self) -> int:
        """Number of lines, dead ones included."""

    @abstractmethod
    def __iter__(self) -> Iterator[Line]:
        """Waiting lines, in no particular order."""

    @abstractmethod
    def sweep(self) -> None:
        """Drops all dead lines."""

    @abstractmethod
    def add(self, line: Line, /) -> None:
        """Adds a line at its place."""

    @abstractmethod
    def head(self) -> Line | None:
        """The line to be served next."""

    @abstractmethod
    def goes_before(self, order: Order) -> bool:
        """Whether a waiting line must be served before a new order; asked only while units wait."""


class Queue(Backlog):
    """First come, first served."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: deque[Line] = deque()
        self.add = self.lines.append  # type: ignore[method-assign]  # saves one call per waiting line

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
    """By the rank that the allocation gives the order when its line is added; ties first come, first served."""

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


@dataclass(slots=True, eq=False)
class Shelf:
    """The levels of one item, which only the engine changes; `on_order` follows from the others."""

    item: int
    """Number of the item."""
    on_hand: int
    """Units that are free to be taken."""
    backlog: Backlog
    trigger: float = -inf
    """A demand that leaves the position at or below it calls for a review."""
    limit: float = inf
    """Units that may stand on backorder at once."""
    position: int = field(init=False)
    """Inventory position on record: on hand on record + on order - backordered, less what waiting kits need."""
    phantom: int = field(default=0, init=False)
    """Units on record beyond those on hand (below 0: fewer); 0 where the record is right."""
    backordered: int = field(default=0, init=False)
    """Units that wait in the backlog."""
    claimed: int = field(default=0, init=False)
    """Units that waiting kits need of it and that are not put aside for them; they are not in the backlog."""
    aside: int = field(default=0, init=False)
    """Units put aside for waiting kits; they are neither free nor in the position."""

    def __post_init__(self) -> None:
        self.position = self.on_hand

    def mirror(self, on_hand: int, position: int, backordered: int) -> None:
        """Sets the levels to those of the kernel, while it plays and a decision looks at the shelf."""
        self.on_hand, self.position, self.backordered = on_hand, position, backordered

    @property
    def on_order(self) -> int:
        """Units bought and not yet received."""
        return self.position - self.on_hand - self.phantom + self.backordered + self.claimed
