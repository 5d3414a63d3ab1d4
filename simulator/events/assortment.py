"""What changes in the assortment: an item is given up."""

from __future__ import annotations

from typing import ClassVar

from simulator.events.event import Event, Names, Streams, Switch, Switchboard, listed


class Delist(Event, kind="delist"):
    """Items are given up for good: none is ordered or bought, what waits is called off, what lies is cleared."""

    example: ClassVar = {"kind": "delist", "items": "mug", "at": "200 d", "lasts": "1 d"}

    items: Names
    """The items that are given up when it begins; how long it lasts says nothing."""

    def targets(self) -> tuple[tuple[str, str], ...]:
        return tuple(("items", name) for name in listed(self.items))

    def switch(self, board: Switchboard, streams: Streams) -> Switch:
        return Switch.of_each(listed(self.items), board.delist)
