"""Anchor-and-adjust: how people order in experiments, with part of the pipeline forgotten (Sterman 1989)."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar

from pydantic import Field

from simulator.foundation.quantities import Units
from simulator.foundation.units import Share, Whole
from simulator.policies.replenishment.replenishment import Periodic
from simulator.policies.replenishment.view import Buy, StockView, buy


class AnchorAdjust(Periodic, kind="anchor_adjust"):
    """At every review: the expected demand of a period, and part of the gap between a goal and the stock.

    Sterman 1989: O = max(0, D + alpha (goal - net stock - beta x on order)), where D is an exponential average of
    demand. A buyer who sees the whole pipeline has beta 1; players of the beer game are near alpha 0.26, beta 0.34.
    """

    sees_history = True
    example: ClassVar = {"kind": "anchor_adjust", "R": "1 w", "goal": 17, "alpha": 0.26, "beta": 0.34, "theta": 0.36}

    goal: Units
    """Target for net stock plus beta x on order, units."""
    alpha: Share = 1.0
    """Share of the gap that is closed at one review."""
    beta: Share = 1.0
    """Share of the units on order that is taken into account."""
    theta: Share = 0.0
    """Weight of the last period in the expected demand."""
    expected: Units = 0
    """Expected demand of the first period, units."""
    opening: Units = 0
    """Units bought at each of the first `opening_reviews` reviews, whatever the stock."""
    opening_reviews: Annotated[Whole, Field(ge=0)] = 0
    """Reviews at which `opening` is bought."""

    def remembers(self, view: StockView) -> float:
        """The expected demand of a period, units."""
        before = self.expected if view.memory is None else view.memory
        return self.theta * view.asked + (1 - self.theta) * float(before)

    def buys(self, view: StockView) -> tuple[Buy, ...]:
        if view.reviews < self.opening_reviews:
            return buy(self.opening)
        wanted = view.memory + self.alpha * (self.goal - view.net - self.beta * view.on_order)
        return buy(math.floor(wanted + 0.5))
