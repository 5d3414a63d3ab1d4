"""Ship now or hold: as available, line complete, order complete."""

from __future__ import annotations

from typing import ClassVar

from simulator.foundation.plugin import Plugin


class Fulfilment(Plugin, family="fulfilment"):
    """What may leave in a parcel of its own."""

    splits_lines: ClassVar[bool]
    """True when some units of a line may be filled before the rest."""
    splits_orders: ClassVar[bool]
    """True when a filled line may ship before the rest of its order."""


class AsAvailable(Fulfilment, kind="as_available"):
    """Every unit ships as soon as it is there."""

    example: ClassVar = {"kind": "as_available"}
    splits_lines = True
    splits_orders = True


class LineComplete(Fulfilment, kind="line_complete"):
    """A line is filled whole, and ships without waiting for the other lines."""

    example: ClassVar = {"kind": "line_complete"}
    splits_lines = False
    splits_orders = True


class OrderComplete(Fulfilment, kind="order_complete"):
    """The order ships once, complete; filled lines are held for it and are not on hand."""

    example: ClassVar = {"kind": "order_complete"}
    splits_lines = False
    splits_orders = False
