"""What the engine knows of an open order and of its waiting lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from simulator.engine.shelf import Shelf


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
        "asked",
        "brought",
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

    def __init__(self, number: int, placed: float, terms: Terms, brought: Sequence[Any] = ()) -> None:
        self.number = number
        self.placed = placed
        self.terms = terms
        self.brought = brought
        """What the customer brought besides, for the world; the engine does not look at it."""
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


class Release(NamedTuple):
    """Units that a cancellation set free: `held` ones went back to the shelf, others only left the backlog."""

    line: int
    shelf: Shelf
    units: int
    held: bool
