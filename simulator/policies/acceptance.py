"""May this item be ordered now: never, always, or up to a limit of backordered units."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import ClassVar

from simulator.foundation.plugin import Plugin
from simulator.foundation.units import Units


class Acceptance(Plugin, family="acceptance"):
    """Which units a customer may order when they are not on the shelf."""

    @property
    @abstractmethod
    def limit(self) -> float:
        """Units that may stand on backorder at once; inf: no limit."""


class Never(Acceptance, kind="never"):
    """Out of stock: what is not on the shelf cannot be ordered."""

    example: ClassVar = {"kind": "never"}

    @property
    def limit(self) -> float:
        return 0.0


class Always(Acceptance, kind="always"):
    """Every order is taken; what is not on the shelf goes on backorder."""

    example: ClassVar = {"kind": "always"}

    @property
    def limit(self) -> float:
        return math.inf


class Limit(Acceptance, kind="limit"):
    """Backorders are taken up to a number of units (on hand 25 and units 50: 75 can be sold, the 76th is refused)."""

    example: ClassVar = {"kind": "limit", "units": 50}

    units: Units
    """Units that may stand on backorder at once."""

    @property
    def limit(self) -> float:
        return float(self.units)
