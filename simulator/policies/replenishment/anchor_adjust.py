"""How people order: what they expect to be asked for, adjusted by a gap that forgets part of the pipeline."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar, NamedTuple

from pydantic import Field

from simulator.foundation.units import Share, Units, Whole
from simulator.policies.replenishment.replenishment import Periodic


class Memory(NamedTuple):
    """What is remembered from one review to the next."""

    expected: float
    """Units expected to be asked for until the next review."""
    reviews: int
    """Reviews so far."""


class AnchorAdjust(Periodic, kind="anchor_adjust"):
    """At every review: what is expected to be asked for, and part of the gap between a goal and what is there.

    Sterman 1989: O = max(0, D + alpha (goal - net stock - beta x on order)), where D is an exponential average of what
    was asked for. Who looks at the whole pipeline has beta 1; players of the beer game are near alpha 0.26, beta 0.34.
    """

    example: ClassVar = {"kind": "anchor_adjust", "R": "1 w", "goal": 17, "alpha": 0.26, "beta": 0.34, "theta": 0.36}

    goal: Annotated[Whole, Field(ge=0)]
    """Net stock plus beta x on order that is aimed at, units."""
    alpha: Share = 1.0
    """Share of the gap that is closed at one review."""
    beta: Share = 1.0
    """Share of what is on order that is taken into account."""
    theta: Share = 0.0
    """Weight of the last period in what is expected."""
    expected: Units = 0
    """Units expected to be asked for in the first period."""
    opening: Units = 0
    """Units bought at each of the first `opening_reviews` reviews, whatever the stock."""
    opening_reviews: Units = 0
    """Reviews at which `opening` is bought."""

    def quantity(self, position: int) -> int:
        """As if all were in order: the expected units, with net stock for the whole position."""
        return int(max(self.expected + self.goal - position, 0))

    def start(self) -> Memory:
        """What is remembered before the first review."""
        return Memory(float(self.expected), 0)

    def buys(self, memory: Memory, asked: int, net: int, on_order: int) -> tuple[int, Memory]:
        """Units to buy, rounded half up, and what is remembered; `asked`: what was asked for since the last review."""
        expected = self.theta * asked + (1 - self.theta) * memory.expected
        then = Memory(expected, memory.reviews + 1)
        if memory.reviews < self.opening_reviews:
            return self.opening, then
        wanted = expected + self.alpha * (self.goal - net - self.beta * on_order)
        return max(math.floor(wanted + 0.5), 0), then
