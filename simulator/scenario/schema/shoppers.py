"""The words for how customers choose and wait: what they do instead of ordering, wait-lists, impatience."""

from __future__ import annotations

import math
from typing import Annotated, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from simulator.foundation.plugin import Spec
from simulator.foundation.units import (
    Multiple,
    NonNegative,
    NonNegativeDuration,
    PositiveDuration,
    Share,
    Whole,
    wrong,
)
from simulator.randomness.distribution import Durations
from simulator.randomness.distributions.continuous import Constant


class Otherwise(Spec):
    """What shoppers do who do not order and take no substitute; weights."""

    switch: NonNegative = 31.0
    """Buy from a rival (E01, 31 % of 71 000 shoppers in 29 countries, grocery, grade A)."""
    waitlist: NonNegative = 15.0
    """Come back later: they sign up where the policy offers a wait-list, and are lost where not (E01, grade A)."""
    walk: NonNegative = 54.0
    """Buy nothing, or something that is not modelled: another brand (26 %), another size (19 %), nothing (9 %; E01,
    grade A)."""
    return_: Annotated[Share, Field(alias="return")] = 1.0
    """Share of those who buy from a rival who order here again as before; the others never do (grade D: our
    assumption)."""

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.switch + self.waitlist + self.walk > 0:
            raise wrong("all weights are 0; one of switch, waitlist, walk is to be above 0")
        return self


class Inflation(Spec):
    """Buyers who order more than they need because they expect to be rationed."""

    factor: Annotated[Multiple, Field(ge=1, le=100)] = 2.0
    """Units ordered for each one needed, rounded to whole units (grade D: our assumption)."""
    back_after: NonNegativeDuration = 7.0
    """Days after which what was handed out beyond the need lies on the shelf again (grade D: our assumption)."""

    def asked(self, need: NDArray[np.int64]) -> NDArray[np.int64]:
        """Units ordered for units needed."""
        asked: NDArray[np.int64] = np.floor(need * self.factor + 0.5).astype(np.int64)
        return asked

    def need(self, asked: int) -> int:
        """Units needed where so many were ordered: `asked` turned round."""
        return math.ceil((asked - 0.5) / self.factor - 1e-9)


class WaitlistSpec(Spec):
    """Whether wait-listed shoppers come back."""

    convert: Share = 0.06
    """Share who buy when told at once (E22, 5 to 7 %, best 22 %; vendors' figures, grade C)."""
    fade: PositiveDuration = 30.0
    """Days in which that share falls to 37 % of itself (grade D: our assumption)."""


class Contact(Spec):
    """How often customers whose order waits ask where it is."""

    per_day_waiting: Share = 0.01
    """Chance per day of waiting (grade D: our assumption; vendors count 5 to 25 contacts in 100 orders, E20, C)."""
    after_promise: Multiple = 3.0
    """Once the promised day has passed, and while there is none (grade D: our assumption)."""
    split: Multiple = 1.5
    """While a part of the order has come and the rest has not (grade D: our assumption)."""
    informed: Multiple = 0.7
    """While the last message was read and its date has not passed (E21: 30 % fewer, grade D; vendors claim 60 to 80 %,
    grade C, without a control group)."""


class CartsSpec(Spec):
    """Carts that shoppers fill and leave; they matter where stock is reserved in the cart."""

    abandoned: Annotated[Share, Field(lt=1)] = 0.7
    """Share of carts that are left (about 70 % in vendors' surveys, grade C)."""
    hold: PositiveDuration = 30 / 1440
    """How long a cart holds what is in it (30 min; grade D: our assumption)."""


class Offer(Spec):
    """What customers choose who are offered to keep, switch or cancel a delayed order; weights (grade D: our
    assumption)."""

    keep: NonNegative = 70.0
    """Wait on (grade D: our assumption)."""
    switch: NonNegative = 10.0
    """Take a substitute that lies on the shelf; where none does they keep the order (grade D: our assumption)."""
    cancel: NonNegative = 20.0
    """Cancel what waits (grade D: our assumption)."""


class Support(Spec):
    """The desk that customers ask."""

    agents: Annotated[Whole, Field(ge=1)] | None = None
    """Agents who answer at the same time, first come first served; any number unless given."""
    time: Durations = Field(default_factory=lambda: Constant(value=6 / 1440))
    """Time that an agent needs for a contact (6 min; grade D: our assumption)."""
    tolerance: NonNegativeDuration = 2.0
    """Days that a customer waits for an answer before patience wears faster (grade D: our assumption)."""
    upset: Multiple = 1.5
    """How much faster it wears then (grade D: our assumption)."""


class Impatience(Spec):
    """What makes waiting customers use up their patience faster; the hazard of a cancellation is multiplied."""

    no_date: Multiple = 2.0
    """While no date is known (E14: a mean of 15 d in place of 30 d, grade D: our assumption)."""
    after_promise: Multiple = 1.5
    """When the date that they know has passed (E12: the shape from a call centre, grade A; days, grade D)."""
    per_slip: Multiple = 1.0
    """For every later date that they were told (grade D: our assumption; no figure was found)."""

    @classmethod
    def none(cls) -> Impatience:
        """Nothing does."""
        return cls(no_date=1.0, after_promise=1.0, per_slip=1.0)
