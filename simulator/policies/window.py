"""How long a backorder may stay open: for ever, or until the seller cancels it."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import ClassVar

from simulator.foundation.plugin import Plugin
from simulator.foundation.units import PositiveDuration


class Window(Plugin, family="window"):
    """When the seller gives up on what has not been shipped."""

    @property
    @abstractmethod
    def length(self) -> float:
        """Days from the order to the seller's cancellation; inf: never."""


class NoWindow(Window, kind="none"):
    """An order stays open until it is shipped or the customer cancels."""

    example: ClassVar = {"kind": "none"}

    @property
    def length(self) -> float:
        return math.inf


class CancelAfter(Window, kind="cancel_after"):
    """What has not been shipped N days after the order is cancelled."""

    example: ClassVar = {"kind": "cancel_after", "days": "30 d"}

    days: PositiveDuration
    """Days from the order; 30 in US and EU rules when no date was given (16 CFR 435, grade A)."""

    @property
    def length(self) -> float:
        return self.days
