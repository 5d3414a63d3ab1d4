"""Whether a customer wants what is there at once, or all in one parcel later: the chance, by the date and the fee."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Annotated, ClassVar

from pydantic import Field

from simulator.foundation.plugin import Plugin
from simulator.foundation.units import Money, Share
from simulator.randomness.join import WEEK, OpenShare, logit


class Split(Plugin, family="split"):
    """The chance that a customer has an order sent in parts, where some of it is there and the rest comes later."""

    @abstractmethod
    def chance(self, days: float | None, fee: float) -> float:
        """The chance of parts when the rest is shown to come in `days` (None: no date is shown), for a fee in
        currency."""


class SteadySplit(Split, kind="share"):
    """A constant share of customers wants parts, whatever the date and the fee."""

    example: ClassVar = {"kind": "share", "share": "60 %"}

    share: Share
    """Share of customers who have what is there sent at once."""

    def chance(self, days: float | None, fee: float) -> float:
        return self.share


class LogitSplit(Split, kind="logit"):
    """The log-odds of parts increase linearly with the days until the rest comes, and decrease with the fee."""

    example: ClassVar = {"kind": "logit", "at_7d": "60 %", "fee_scale": 2}

    at_7d: OpenShare = 0.6
    """Chance when the rest comes in a week, without a fee (grade D: our assumption; no figure was found)."""
    at_28d: OpenShare = 0.9
    """Chance when it comes in four weeks, without a fee (grade D: our assumption)."""
    no_date: OpenShare = 0.75
    """Chance when no date is shown, without a fee (grade D: our assumption)."""
    fee_scale: Annotated[Money, Field(gt=0)] = 2.0
    """Fee for a further parcel that divides the odds of parts by 2.7 (grade D: our assumption)."""

    def chance(self, days: float | None, fee: float) -> float:
        if days is None:
            odds = logit(self.no_date)
        else:
            odds = logit(self.at_7d) + (logit(self.at_28d) - logit(self.at_7d)) / (3 * WEEK) * (days - WEEK)
        return 1 / (1 + math.exp(-max(min(odds - fee / self.fee_scale, 700.0), -700.0)))
