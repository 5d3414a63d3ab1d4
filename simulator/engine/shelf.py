"""One item at one stocking node: on hand, position, backordered, and the backlog."""

from __future__ import annotations

import math

from simulator.engine.backlog import Backlog


class Shelf:
    """The levels of one item. `position`, `on_hand`, `phantom` and `backordered` are kept; `on_order` follows."""

    __slots__ = ("backlog", "backordered", "item", "limit", "on_hand", "phantom", "position", "trigger")

    def __init__(
        self, item: int, on_hand: int, backlog: Backlog, trigger: float = -math.inf, limit: float = math.inf
    ) -> None:
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
