"""How long a backorder may stay open: for ever, until the seller cancels, or as long as the customer agrees."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import ClassVar

from simulator.foundation.plugin import Plugin
from simulator.foundation.units import NonNegativeDuration, PositiveDuration, Share


class Window(Plugin, family="window"):
    """When the seller cancels units that have not been shipped."""

    asks: ClassVar[bool] = False
    """Whether customers are asked to agree to a delay."""

    @property
    @abstractmethod
    def length(self) -> float:
        """Days from the order to the seller's cancellation; inf: never."""


class NoWindow(Window, kind="none"):
    """An order stays open until it is shipped or the customer cancels."""

    example: ClassVar = {"kind": "none"}
    length: ClassVar = math.inf


class CancelAfter(Window, kind="cancel_after"):
    """The seller cancels units that have not been shipped N days after the order."""

    example: ClassVar = {"kind": "cancel_after", "days": "30 d"}

    days: PositiveDuration
    """Days from the order; 30 in US and EU rules if no date was given (16 CFR 435, grade A)."""

    @property
    def length(self) -> float:
        return self.days


class Asking(Window):
    """A window that closes unless the customer agrees."""

    length: ClassVar = math.inf
    asks = True


class Reconfirm(Asking, kind="reconfirm"):
    """Every N days the customer must confirm the order again; silence cancels it."""

    example: ClassVar = {"kind": "reconfirm", "after": "30 d"}

    after: PositiveDuration = 30.0
    """Days from the order, and from each confirmation, to the next question (a publisher: 30 d, grade B)."""
    agree: Share = 0.6
    """Share of readers of the question who confirm (grade D: our assumption)."""
    grace: NonNegativeDuration = 7.0
    """Days after the question until silence cancels the order (grade D: our assumption)."""


class FtcConsent(Asking, kind="ftc"):
    """The FTC rule (16 CFR 435): a notice before each missed day; silence, consent, or cancellation with refund."""

    example: ClassVar = {"kind": "ftc", "lead": "2 d"}

    lead: PositiveDuration = 2.0
    """Days before the shipping date at which the customer is asked (grade D: our assumption)."""
    agree: Share = 0.6
    """Share of readers of a notice who agree expressly (grade D: our assumption)."""
    cancels: Share = 0.1
    """Share of readers of a notice who cancel (grade D: our assumption)."""
