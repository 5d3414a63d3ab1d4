"""May this item be ordered now: never, always, up to a number of units, by its date, or only on a wait-list."""

from __future__ import annotations

import math
from typing import ClassVar

from simulator.foundation.plugin import Plugin
from simulator.foundation.units import Factor, PositiveDuration, Units
from simulator.policies.outlook import Outlook


class Acceptance(Plugin, family="acceptance"):
    """Which units a customer may order when they are not on the shelf."""

    waitlist: bool = False
    """Whether customers who do not order may sign up to be told when the item is there."""

    @property
    def limit(self) -> float:
        """Units that may stand on backorder at once; no limit unless the kind says so."""
        return math.inf

    @property
    def looks_ahead(self) -> bool:
        """True when the answer depends on the outlook."""
        return False

    @property
    def dated(self) -> bool:
        """False when no date is given for what is on backorder."""
        return True

    def accepts(self, outlook: Outlook) -> bool:
        """Whether units with this outlook may be ordered."""
        return True


class Never(Acceptance, kind="never"):
    """Out of stock: what is not on the shelf cannot be ordered."""

    example: ClassVar = {"kind": "never"}

    @property
    def limit(self) -> float:
        return 0.0


class Always(Acceptance, kind="always"):
    """Every order is taken; what is not on the shelf goes on backorder."""

    example: ClassVar = {"kind": "always"}


class Limit(Acceptance, kind="limit"):
    """Backorders are taken up to a number of units (on hand 25 and units 50: 75 can be sold, the 76th is refused)."""

    example: ClassVar = {"kind": "limit", "units": 50}

    units: Units
    """Units that may stand on backorder at once."""

    @property
    def limit(self) -> float:
        return float(self.units)


class EtaLimit(Acceptance, kind="eta_limit"):
    """Backorders are taken while the expected date is near enough."""

    example: ClassVar = {"kind": "eta_limit", "days": "90 d"}

    days: PositiveDuration
    """The furthest date that may be ordered for, days from the order (an appliance retailer: 90 d, grade B)."""

    @property
    def looks_ahead(self) -> bool:
        return True

    def accepts(self, outlook: Outlook) -> bool:
        return outlook.possible is not None and outlook.possible + outlook.door <= self.days


class EtaRule(EtaLimit, kind="eta_rule"):
    """Backorders are taken while the date is near and certain enough: short and predictable, else pause."""

    example: ClassVar = {"kind": "eta_rule", "days": "21 d", "cv": 0.5}

    cv: Factor = 0.5
    """The largest standard deviation of the receipt, as a share of the expected days (grade D: our assumption)."""

    def accepts(self, outlook: Outlook) -> bool:
        return super().accepts(outlook) and outlook.spread <= self.cv * (outlook.possible or 0.0)


class Committed(Acceptance, kind="committed"):
    """Backorders are taken up to the supply that is on order, so that a season or a launch is not oversold."""

    example: ClassVar = {"kind": "committed"}

    @property
    def looks_ahead(self) -> bool:
        return True

    def accepts(self, outlook: Outlook) -> bool:
        return outlook.scheduled is not None


class Indefinite(Acceptance, kind="indefinite"):
    """Every order is taken and no date is given: the customer waits in limbo until the goods come."""

    example: ClassVar = {"kind": "indefinite"}

    @property
    def dated(self) -> bool:
        return False


class WaitlistOnly(Never, kind="waitlist"):
    """What is not on the shelf cannot be ordered; customers may sign up to be told when it is there."""

    example: ClassVar = {"kind": "waitlist"}

    waitlist: bool = True
    """Whether customers may sign up; they may, here."""
