"""What becomes of a promotion when its item is on backorder: paused, or gone on with, the date shown or hidden."""

from __future__ import annotations

from typing import ClassVar

from simulator.foundation.plugin import Plugin


class PromotionChoice(Plugin, family="promotion"):
    """Whether an item that is on backorder is still promoted."""

    pauses: ClassVar[bool] = False
    """True when the promotion rests while the item is on backorder."""
    hides: ClassVar[bool] = False
    """True when no date is shown for a promoted item that is on backorder."""


class Pause(PromotionChoice, kind="pause"):
    """The promotion rests while the item is on backorder: whoever it would have brought does not come."""

    example: ClassVar = {"kind": "pause"}
    pauses = True


class EtaShown(PromotionChoice, kind="eta_shown"):
    """The promotion goes on, and shoppers see the date as ever."""

    example: ClassVar = {"kind": "eta_shown"}


class EtaHidden(PromotionChoice, kind="eta_hidden"):
    """The promotion goes on, and no date is shown for its items while they are on backorder."""

    example: ClassVar = {"kind": "eta_hidden"}
    hides = True
