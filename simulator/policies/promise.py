"""Which date is quoted at the order: none, or a fixed number of days."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from simulator.foundation.plugin import Plugin
from simulator.foundation.units import NonNegativeDuration


class Promise(Plugin, family="promise"):
    """The date that a customer is told."""

    @property
    @abstractmethod
    def days(self) -> float | None:
        """Days from the order to the promised delivery of all of it; None: no date is given."""


class NoPromise(Promise, kind="none"):
    """No date is given."""

    example: ClassVar = {"kind": "none"}

    @property
    def days(self) -> float | None:
        return None


class FixedPromise(Promise, kind="fixed"):
    """Every order is promised within the same number of days, whatever the stock."""

    example: ClassVar = {"kind": "fixed", "within": "5 d"}

    within: NonNegativeDuration
    """Days from the order to the promised delivery."""

    @property
    def days(self) -> float | None:
        return self.within
