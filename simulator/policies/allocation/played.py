"""Played allocation: whom somebody chose to serve first, round by round."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, ClassVar, Self

from pydantic import Field, PrivateAttr

from simulator.foundation.rounds import SHORTEST_ROUND, SLACK
from simulator.foundation.units import PositiveDuration, wrong
from simulator.policies.allocation.allocation import (
    Allocation,
    Claim,
    Dividing,
    Division,
    EarliestPromise,
    Fifo,
    Lifo,
    Margin,
    Priority,
    Rank,
)


class PlayedAllocation(Dividing, kind="played"):
    """Whom somebody chose to serve first, round by round: a decision is for all that waits in its round."""

    example: ClassVar = {"kind": "played", "R": "7 d", "decisions": [{"kind": "fifo"}, {"kind": "priority"}]}

    R: Annotated[PositiveDuration, Field(ge=SHORTEST_ROUND)]
    """Days of a round."""
    decisions: Annotated[list[Allocation], Field(min_length=1)]
    """The decision of each round, one of `fifo`, `lifo`, `priority`, `margin` and `earliest_promise`; the last one
    stays in force."""

    def model_post_init(self, context: object) -> None:
        for k, one in enumerate(self.decisions):
            if not isinstance(one, Fifo | Lifo | Priority | Margin | EarliestPromise):
                kind = getattr(one, "kind", "")
                known = "fifo, lifo, priority, margin, earliest_promise"
                raise wrong(f"decisions[{k}]: `{kind}` cannot change from round to round; must be one of {known}")

    def at(self, day: float) -> Allocation:
        """The decision of the round in which a day is."""
        return self.decisions[min(int(max(day, 0.0) / self.R + SLACK), len(self.decisions) - 1)]

    def divide(self, claims: Sequence[Claim], supply: int) -> Division:
        return divided(self.decisions[0], claims, supply)


class ScheduledAllocation(Dividing):
    """The allocation that is in force whenever it is asked: see `schedule` of a policy."""

    _in_force: Callable[[], Allocation] = PrivateAttr()

    @classmethod
    def by(cls, in_force: Callable[[], Allocation]) -> Self:
        """One that asks which it is."""
        found = cls()
        found._in_force = in_force
        return found

    def rank(self, priority: int, number: int) -> Rank:
        return self._in_force().rank(priority, number)

    def divide(self, claims: Sequence[Claim], supply: int) -> Division:
        return divided(self._in_force(), claims, supply)


def divided(rule: Allocation, claims: Sequence[Claim], supply: int) -> Division:
    """What each claim gets of `supply` units where the rule serves one after the other."""
    if isinstance(rule, Dividing):
        return rule.divide(claims, supply)
    sequence = sorted(range(len(claims)), key=lambda k: (rule.rank_order(claims[k]), k))
    units = [0] * len(claims)
    for k in sequence:
        asked = claims[k].units
        if claims[k].whole and asked > supply:
            break  # as in a queue: what is first in line is not overtaken
        units[k] = min(asked, supply)
        supply -= units[k]
    return Division(tuple(units), tuple(sequence))
