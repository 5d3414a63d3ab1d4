"""Whether a shopper orders an item that is out of stock: the chance of joining the backlog, by the date shown."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Annotated, ClassVar

from pydantic import Field

from simulator.foundation.plugin import Plugin
from simulator.foundation.units import Number, Share

OpenShare = Annotated[Share, Field(gt=0, lt=1)]
WEEK = 7.0


class Join(Plugin, family="join"):
    """The chance that a shopper orders an item that is on backorder."""

    @abstractmethod
    def chance(self, days: float | None, reputation: float = 0.0, label: float = 0.0) -> float:
        """The chance of ordering when the date shown is `days` away (None: no date is shown).

        `reputation` is in shares of late orders that the public has seen: 0 is usual, below 0 is worse; `label` is the
        effect of the storefront's label, in logits.
        """


class AlwaysJoin(Join, kind="always"):
    """Every shopper orders."""

    example: ClassVar = {"kind": "always"}

    def chance(self, days: float | None, reputation: float = 0.0, label: float = 0.0) -> float:
        return 1.0


class SteadyJoin(Join, kind="share"):
    """A constant share of shoppers orders, whatever the date."""

    example: ClassVar = {"kind": "share", "share": "60 %"}

    share: Share
    """Share of shoppers who order."""

    def chance(self, days: float | None, reputation: float = 0.0, label: float = 0.0) -> float:
        return self.share


class LogitJoin(Join, kind="logit"):
    """The log-odds of ordering decrease linearly with the days shown."""

    example: ClassVar = {"kind": "logit", "at_7d": "55 %", "no_date": "15 %"}

    at_7d: OpenShare = 0.55
    """Chance when the date is a week away (E15, grade D: our assumption)."""
    at_28d: OpenShare = 0.25
    """Chance when the date is four weeks away (E15, grade D: our assumption)."""
    no_date: OpenShare = 0.15
    """Chance when no date is shown (E15, grade D; the low end is anchored on E01 and E02: 13 to 15 % wait)."""
    reputation: Number = 5.0
    """Log-odds lost when the public has seen only late orders, and proportionally less otherwise (grade D: our
    assumption)."""

    def chance(self, days: float | None, reputation: float = 0.0, label: float = 0.0) -> float:
        if days is None:
            odds = logit(self.no_date)
        else:
            slope = (logit(self.at_28d) - logit(self.at_7d)) / (3 * WEEK)
            odds = logit(self.at_7d) + slope * (days - WEEK)
        return 1 / (1 + math.exp(-max(min(odds + self.reputation * reputation + label, 700.0), -700.0)))


def logit(p: float) -> float:
    """Log-odds of a chance in (0, 1)."""
    return math.log(p / (1 - p))
