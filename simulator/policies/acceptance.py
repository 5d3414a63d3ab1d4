"""Which backorders are accepted: none, all, up to a number of units, by expected date, or a wait-list only."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field

from simulator.foundation.plugin import Plugin
from simulator.foundation.quantities import Units
from simulator.foundation.rounds import SHORTEST_ROUND, RoundByRound
from simulator.foundation.units import Factor, PositiveDuration
from simulator.model.nouns import Refusal
from simulator.policies.outlook import Outlook

SLACK = 1e-9
"""Days that a sum of durations may be off by rounding."""


class Acceptance(Plugin, family="acceptance"):
    """Which units a customer may order when they are not in stock."""

    looks_ahead: ClassVar[bool] = False
    """Whether the answer depends on the outlook."""
    dated: ClassVar[bool] = True
    """Whether a date is given for backordered units."""

    waitlist: bool = False
    """Whether customers who do not order may sign up for a message when the item is back in stock."""
    per_order: Units | None = None
    """Most units of an item that one order may have beyond those on the shelf; any number unless given."""
    per_customer: Units | None = None
    """Most units of an item that one customer may have on backorder at once, over all of the customer's orders; any
    number unless given. Needs recorded orders with a `customer` column."""
    whole_lines: bool = False
    """Whether a line that is above a limit or cap is refused whole, although its order may ship in parts."""
    reject_after: PositiveDuration | None = None
    """Units that cannot be promised within so many days are refused: by the date that `promise` would give, or, where
    it gives none, by the expected date; no bound unless given."""

    @property
    def asks_dates(self) -> bool:
        """Whether the answer depends on dates."""
        return self.looks_ahead or self.reject_after is not None

    @property
    def caps(self) -> bool:
        """Whether it has caps beside its kind."""
        return self.whole_lines or any(
            cap is not None for cap in (self.per_order, self.per_customer, self.reject_after)
        )

    @property
    def refusal(self) -> Refusal:
        """Why units that `accepts` does not accept, or beyond the limit, are refused."""
        return Refusal.NOT_SOLD if self.limit == 0 else Refusal.LIMIT

    @property
    def rules(self) -> Iterator[Refusal]:
        """The rules by which it may refuse units."""
        if self.limit < math.inf or self.looks_ahead:
            yield self.refusal
        caps = (self.per_order, Refusal.PER_ORDER), (self.per_customer, Refusal.PER_CUSTOMER)
        yield from (rule for cap, rule in (*caps, (self.reject_after, Refusal.TOO_LATE)) if cap is not None)

    def soon_enough(self, days: float | None) -> bool:
        """Whether a date so many days ahead (None: no date) is within `reject_after`."""
        return self.reject_after is None or (days is not None and days <= self.reject_after + SLACK)

    @property
    def limit(self) -> float:
        """Units that may be on backorder at once; no limit unless the kind says so."""
        return math.inf

    def accepts(self, outlook: Outlook) -> bool:
        """Whether units with this outlook may be ordered."""
        return True


class Never(Acceptance, kind="never"):
    """No backorders: units that are not in stock cannot be ordered."""

    example: ClassVar = {"kind": "never"}
    limit: ClassVar = 0.0


class Always(Acceptance, kind="always"):
    """Every order is accepted; units that are not in stock go on backorder."""

    example: ClassVar = {"kind": "always"}


class Limit(Acceptance, kind="limit"):
    """Backorders are accepted up to a number of units (25 on hand and 50 units: 75 can be sold, not 76)."""

    example: ClassVar = {"kind": "limit", "units": 50}

    units: Units
    """Units that may be on backorder at once."""

    @property
    def limit(self) -> float:
        return float(self.units)


class EtaLimit(Acceptance, kind="eta_limit"):
    """Backorders are accepted while the expected date is near enough."""

    example: ClassVar = {"kind": "eta_limit", "days": "90 d"}
    looks_ahead = True

    days: PositiveDuration
    """The latest acceptable delivery, days from the order (an appliance retailer: 90 d, grade B)."""

    @property
    def refusal(self) -> Refusal:
        return Refusal.DATE

    def accepts(self, outlook: Outlook) -> bool:
        return outlook.possible is not None and outlook.delivery(outlook.possible) <= self.days + SLACK


class EtaRule(EtaLimit, kind="eta_rule"):
    """Backorders are accepted while the expected date is near and certain enough."""

    example: ClassVar = {"kind": "eta_rule", "days": "21 d", "cv": 0.5}

    cv: Factor = 0.5
    """The largest standard deviation of the receipt, as a share of the expected days (grade D: our assumption)."""

    def accepts(self, outlook: Outlook) -> bool:
        return super().accepts(outlook) and outlook.spread <= self.cv * (outlook.possible or 0.0)


class Committed(Acceptance, kind="committed"):
    """Backorders are accepted up to the units on order, so that a season or a launch is not oversold."""

    example: ClassVar = {"kind": "committed"}
    looks_ahead = True

    @property
    def refusal(self) -> Refusal:
        return Refusal.UNCOVERED

    def accepts(self, outlook: Outlook) -> bool:
        return outlook.committed is not None


class Indefinite(Acceptance, kind="indefinite"):
    """Every order is accepted and no date is given: the customer waits without one until the goods arrive."""

    example: ClassVar = {"kind": "indefinite"}
    dated = False


class WaitlistOnly(Never, kind="waitlist"):
    """No backorders; customers may sign up for a message when the item is back in stock."""

    example: ClassVar = {"kind": "waitlist"}

    waitlist: bool = True
    """Whether customers may sign up; true for this kind."""


class PlayedAcceptance(RoundByRound, Acceptance, kind="played"):
    """Which backorders somebody chose to accept, round by round; a decision is for the orders placed in its round."""

    example: ClassVar = {
        "kind": "played",
        "R": "7 d",
        "decisions": [{"kind": "always"}, {"kind": "limit", "units": 20}, {"kind": "never"}],
    }

    R: Annotated[PositiveDuration, Field(ge=SHORTEST_ROUND)]
    """Days of a round."""
    decisions: Annotated[list[Acceptance], Field(min_length=1)]
    """The decision of each round; the last one stays in force."""

    @property
    def limit(self) -> float:
        return self.decisions[0].limit

    def accepts(self, outlook: Outlook) -> bool:
        return self.decisions[0].accepts(outlook)
