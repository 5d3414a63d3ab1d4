"""Which date is quoted with the order, and when it is quoted again: none, fixed, ATP, CTP, quantile."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from simulator.foundation.plugin import Plugin
from simulator.foundation.rounds import SHORTEST_ROUND, RoundByRound
from simulator.foundation.units import Duration, NonNegativeDuration, PositiveDuration, Share, wrong
from simulator.policies.outlook import Outlook

Repromise = Literal["never", "on_infeasible", "on_change", "periodic"]


class Promise(Plugin, family="promise"):
    """The date that is quoted to a customer."""

    from_stock: ClassVar[float | None] = 0.0
    """Days promised in addition to the transit for units in stock; None: no date is given."""
    looks_ahead: ClassVar[bool] = True
    """Whether the date depends on the outlook."""

    repromise: Repromise = "never"
    """When a new date is computed: `never`, `on_infeasible` (when the old one can no longer be met), `on_change`
    (also when a receipt is overdue or moves), `periodic` (also every `every`)."""
    every: PositiveDuration | None = None
    """Days between two checks of every open order; only with `periodic`."""
    tolerance: NonNegativeDuration = 0.5
    """A date that moves by no more than this is not quoted again (grade D: our assumption)."""

    @model_validator(mode="after")
    def _timed(self) -> Self:
        if (self.repromise == "periodic") != (self.every is not None):
            raise wrong("`repromise: periodic` and `every` go together")
        return self

    @property
    def days(self) -> float | None:
        """Days from the order to the promised delivery, if they are the same for every order; else None."""
        return None

    @abstractmethod
    def quote(self, outlook: Outlook) -> float | None:
        """Days from now to the promised delivery; None: no date can be given."""


class NoPromise(Promise, kind="none"):
    """No date is given."""

    example: ClassVar = {"kind": "none"}
    from_stock = None
    looks_ahead = False

    def quote(self, outlook: Outlook) -> float | None:
        return None


class FixedPromise(Promise, kind="fixed"):
    """Every order is promised within the same number of days, whatever the stock."""

    example: ClassVar = {"kind": "fixed", "within": "5 d"}
    looks_ahead = False

    within: NonNegativeDuration
    """Days from the order to the promised delivery."""

    @property
    def days(self) -> float | None:
        return self.within

    def quote(self, outlook: Outlook) -> float | None:
        return self.within


class Dated(Promise):
    """A date that follows from stock and supply."""

    margin: Duration = 0.0
    """Days added to (below 0: subtracted from) the computed date."""
    horizon: PositiveDuration | None = None
    """A later date than this is not quoted; no limit unless given."""

    def _within(self, days: float | None) -> float | None:
        if days is None or math.isinf(days) or (self.horizon is not None and days > self.horizon):
            return None  # at infinity: something in its way never opens again
        return max(days + self.margin, 0.0)


class AvailableToPromise(Dated, kind="atp"):
    """Available to promise: stock and purchases under way, less the units promised to others."""

    example: ClassVar = {"kind": "atp", "margin": "1 d", "repromise": "on_infeasible"}

    look_ahead: bool = True
    """`false`: units in stock are promised at once even if later orders need them (a well-known fault)."""
    no_supply: NonNegativeDuration | None = None
    """Days quoted where no purchase under way covers the order; no date unless given (order systems: 30 d, grade B)."""

    def quote(self, outlook: Outlook) -> float | None:
        days = outlook.scheduled
        if not self.look_ahead and outlook.left_over:
            days = 0.0
        if days is None:
            return self.no_supply
        return self._within(outlook.delivery(days))


class CapableToPromise(Dated, kind="ctp"):
    """Capable to promise: as ATP, or else when a purchase made now would arrive."""

    example: ClassVar = {"kind": "ctp", "repromise": "on_change"}

    def quote(self, outlook: Outlook) -> float | None:
        return None if outlook.possible is None else self._within(outlook.delivery(outlook.possible))


class QuantilePromise(Dated, kind="quantile"):
    """A date that is met with a given probability, from the distributions of lead time and transit."""

    example: ClassVar = {"kind": "quantile", "p": "90 %"}

    p: Annotated[Share, Field(gt=0, lt=1)] = 0.9
    """Probability that the goods are delivered on time."""

    def quote(self, outlook: Outlook) -> float | None:
        return self._within(outlook.by(self.p))


class PlayedPromise(RoundByRound, Promise, kind="played"):
    """The dates that somebody chose to quote, round by round; a decision is for the orders placed in its round."""

    example: ClassVar = {
        "kind": "played",
        "R": "7 d",
        "decisions": [{"kind": "fixed", "within": "5 d"}, {"kind": "none"}],
    }

    R: Annotated[PositiveDuration, Field(ge=SHORTEST_ROUND)]
    """Days of a round."""
    decisions: Annotated[list[Promise], Field(min_length=1)]
    """The decision of each round; the last one stays in force."""

    def quote(self, outlook: Outlook) -> float | None:
        return self.decisions[0].quote(outlook)
