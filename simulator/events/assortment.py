"""What changes in the assortment: an item is discontinued."""

from __future__ import annotations

from typing import ClassVar

from simulator.events.effect import Delisting, EventEffect, EventStreams
from simulator.events.event import Event, ItemNames


class Delist(Event, kind="delist"):
    """Items are discontinued: no orders, no purchases; open backorders are cancelled, remaining stock is cleared."""

    cause = "rule"
    example: ClassVar = {"kind": "delist", "items": "mug", "at": "200 d", "lasts": "1 d"}

    items: ItemNames
    """The items that are discontinued at the start; the duration does not matter."""

    def effects(self, streams: EventStreams) -> tuple[EventEffect, ...]:
        return tuple(Delisting(item) for item in self.targets())
