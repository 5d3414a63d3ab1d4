"""The words for how customers choose and wait: what they do instead of ordering, wait-lists, impatience."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from simulator.foundation.plugin import Spec
from simulator.foundation.units import Multiple, NonNegative, PositiveDuration, Share, wrong


class Otherwise(Spec):
    """What shoppers do who do not order and take no substitute; weights."""

    switch: NonNegative = 31.0
    """Buy from a rival (E01, 31 % of 71 000 shoppers in 29 countries, grocery, grade A)."""
    waitlist: NonNegative = 15.0
    """Come back later: they sign up where the policy offers a wait-list, and are lost where not (E01, grade A)."""
    walk: NonNegative = 54.0
    """Buy nothing, or something that is not modelled: another brand (26 %), another size (19 %), nothing (9 %; E01,
    grade A)."""

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.switch + self.waitlist + self.walk > 0:
            raise wrong("all weights are 0; one of switch, waitlist, walk is to be above 0")
        return self


class WaitlistWords(Spec):
    """Whether wait-listed shoppers come back."""

    convert: Share = 0.06
    """Share who buy when told at once (E22, 5 to 7 %, best 22 %; vendors' figures, grade C)."""
    fade: PositiveDuration = 30.0
    """Days in which that share falls to 37 % of itself (grade D: our assumption)."""


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
