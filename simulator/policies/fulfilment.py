"""Ship now or hold: what may leave in its own parcel, and what waits for the rest of its order."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import Field

from simulator.foundation.plugin import Plugin
from simulator.foundation.rounds import SHORTEST_ROUND, RoundByRound
from simulator.foundation.units import PositiveDuration, Share, Texts, Whole


class PartialOrder(NamedTuple):
    """An order with waiting lines, as a fulfilment rule sees it."""

    held: int
    """Units that are filled and have not left."""
    left: int
    """Units that have left, or are about to."""
    waiting: int
    """Units that still wait."""
    parcels: int
    """Parcels that have left."""
    missing: frozenset[str]
    """Items that still wait."""
    hold_is_over: bool
    """The holding time has passed."""

    @property
    def share_filled(self) -> float:
        """Share of the order that is filled or has left."""
        return (self.held + self.left) / (self.held + self.left + self.waiting)


class Fulfilment(Plugin, family="fulfilment"):
    """What may leave in its own parcel."""

    must_arrive: bool = False
    """Overrides the rest if the customer names a date (`need_by`): at the last moment from which a usual parcel arrives
    in time, the filled units ship and the rest is cancelled."""

    splits_lines: ClassVar[bool] = True
    """Whether some units of a line may be filled before the rest."""
    once: ClassVar[bool] = False
    """Whether an order ships once, and units that are not in its parcel are cancelled."""
    whole_at_suppliers: ClassVar[bool] = False
    """True if a supplier that holds stock may use it, too."""

    @property
    def splits_orders(self) -> bool:
        """True when a filled line may always ship before the rest of its order."""
        return False

    @property
    def least_of_line(self) -> float:
        """Share of a line that must be available before part of it is filled."""
        return 0.0

    @property
    def hold(self) -> float:
        """Days from the order after which the filled units ship; inf: never."""
        return math.inf

    @property
    def ships_parts(self) -> bool:
        """Whether held units of an order may ever leave before the rest (see `ships`)."""
        return type(self).ships is not Fulfilment.ships

    def critical(self) -> tuple[str, ...]:
        """Items that an order waits for."""
        return ()

    def ships(self, part: PartialOrder) -> bool:
        """Whether the held units of an order may leave although lines still wait."""
        return False


class AsAvailable(Fulfilment, kind="as_available"):
    """Every unit ships as soon as it is available."""

    example: ClassVar = {"kind": "as_available"}
    splits_orders: ClassVar = True
    whole_at_suppliers = True


class LineComplete(Fulfilment, kind="line_complete"):
    """A line is filled as a whole, and ships without waiting for the other lines."""

    example: ClassVar = {"kind": "line_complete"}
    splits_lines = False
    splits_orders: ClassVar = True
    whole_at_suppliers = True


class OrderComplete(Fulfilment, kind="order_complete"):
    """The order ships once, complete; filled lines are held for it and no longer count as on hand."""

    example: ClassVar = {"kind": "order_complete"}
    splits_lines = False
    whole_at_suppliers = True


class HoldUntil(Fulfilment, kind="hold_until"):
    """Filled units are held for the rest up to a number of days, then ship; the rest follows as it arrives."""

    example: ClassVar = {"kind": "hold_until", "days": "7 d"}

    days: PositiveDuration
    """Days from the order."""

    @property
    def hold(self) -> float:
        return self.days

    def ships(self, part: PartialOrder) -> bool:
        return part.hold_is_over


class MinimumSplit(Fulfilment, kind="minimum_split"):
    """No part smaller than a share of its order (or line) ships, except the last."""

    example: ClassVar = {"kind": "minimum_split", "share": "50 %"}

    share: Annotated[Share, Field(gt=0)]
    """Share of the units that must ship together."""
    of: Literal["order", "line"] = "order"
    """Whether the share is of the whole order, over all of its lines, or of each line."""

    @property
    def splits_orders(self) -> bool:
        return self.of == "line"

    @property
    def least_of_line(self) -> float:
        return self.share if self.of == "line" else 0.0

    def ships(self, part: PartialOrder) -> bool:
        return part.held >= self.share * (part.held + part.left + part.waiting) - 1e-9


class MinimumAllocated(Fulfilment, kind="minimum_allocated"):
    """Nothing ships before a share of the order is filled; from then on everything ships as it arrives."""

    example: ClassVar = {"kind": "minimum_allocated", "share": "60 %"}

    share: Annotated[Share, Field(gt=0)]
    """Share of the order's units."""

    def ships(self, part: PartialOrder) -> bool:
        return part.share_filled >= self.share - 1e-9


class MaximumShipments(Fulfilment, kind="maximum_shipments"):
    """An order ships in a limited number of parcels; the last one waits for all missing units."""

    example: ClassVar = {"kind": "maximum_shipments", "parcels": 2}

    parcels: Annotated[Whole, Field(ge=1)]
    """Most parcels of one order."""

    def ships(self, part: PartialOrder) -> bool:
        return part.parcels < self.parcels - 1


class ShipOnce(Fulfilment, kind="ship_once"):
    """The units that are available first ship, and the seller cancels the rest of the order."""

    example: ClassVar = {"kind": "ship_once"}
    once = True

    def ships(self, part: PartialOrder) -> bool:
        return True


class CriticalItem(Fulfilment, kind="critical_item"):
    """Nothing of an order ships before its critical items are filled; the other lines then ship as they arrive."""

    example: ClassVar = {"kind": "critical_item", "items": ["mug"]}

    items: Annotated[Texts, Field(min_length=1)]
    """Items without which the rest is useless (one, or a list)."""

    def critical(self) -> tuple[str, ...]:
        return tuple(self.items)

    def ships(self, part: PartialOrder) -> bool:
        return part.missing.isdisjoint(self.items)


class PlayedFulfilment(RoundByRound, Fulfilment, kind="played"):
    """Whether somebody chose to ship or to hold, round by round; a decision is for the orders placed in its round."""

    example: ClassVar = {
        "kind": "played",
        "R": "7 d",
        "decisions": [{"kind": "as_available"}, {"kind": "order_complete"}],
    }

    R: Annotated[PositiveDuration, Field(ge=SHORTEST_ROUND)]
    """Days of a round."""
    decisions: Annotated[list[Fulfilment], Field(min_length=1)]
    """The decision of each round; the last one stays in force."""
