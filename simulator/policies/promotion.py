"""Whether a promotion pauses while its item is on backorder, or continues with the date shown or hidden."""

from __future__ import annotations

from typing import ClassVar

from simulator.foundation.plugin import Plugin


class PromotionChoice(Plugin, family="promotion"):
    """Whether an item that is on backorder is still promoted."""

    pauses: ClassVar[bool] = False
    """True when the promotion pauses while the item is on backorder."""
    hides: ClassVar[bool] = False
    """True when no date is shown for a promoted item that is on backorder."""


class Pause(PromotionChoice, kind="pause"):
    """The promotion pauses while the item is on backorder: the customers it would have brought do not come."""

    example: ClassVar = {"kind": "pause"}
    pauses = True


class EtaShown(PromotionChoice, kind="eta_shown"):
    """The promotion continues, and shoppers see the date as usual."""

    example: ClassVar = {"kind": "eta_shown"}


class EtaHidden(PromotionChoice, kind="eta_hidden"):
    """The promotion continues, and no date is shown for its items while they are on backorder."""

    example: ClassVar = {"kind": "eta_hidden"}
    hides = True
