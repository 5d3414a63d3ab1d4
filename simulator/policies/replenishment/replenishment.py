"""When to buy and how much: base stock, (s,Q), (s,S), (R,S), (R,s,S), level, none; all on the inventory position.

Every kind of the family keeps one protocol. `rhythm` says when it is asked: after demand that leaves the position at or
below a trigger, at periodic reviews, on planned days, or in several of these ways. `buys` says what it buys then, given
what its buyer sees: any number of purchases, from whom it likes, also fewer units than the trigger calls for. It is
asked once at each such moment, and again at the next one. A kind changes nothing and remembers nothing itself: what it
wants to see at its next review it returns from `remembers`.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from simulator.foundation.plugin import Plugin
from simulator.foundation.quantities import quantity
from simulator.foundation.units import DURATION, Duration, NonNegativeDuration, Share, Text, duration, wrong
from simulator.policies.replenishment.view import Buy, Rhythm, StockView, buy

SHORTEST_REVIEW = 1e-3
"""Days; shorter review periods are probably mistakes, and the bound limits the number of reviews."""


class Cover(float):
    """A level written in days of mean demand; it becomes units with the item's `demand`."""


def level(value: object) -> int | Cover:
    """Units, or days of cover ('45 d')."""
    if isinstance(value, str):
        try:
            return Cover(duration(value))
        except PydanticCustomError:
            means = "a level: write whole units, such as 30, or days of cover, such as 14 d"
            raise wrong(f"{value[:40]!r} is not {means}") from None
    if isinstance(value, Cover):
        return value
    return quantity(value)


Level = Annotated[Any, BeforeValidator(level, json_schema_input_type=float | Annotated[str, Field(pattern=DURATION)])]
"""Whole units, or days of cover such as `45 d` (needs the item's `demand`)."""
Period = Annotated[Duration, Field(ge=SHORTEST_REVIEW)]


class Replenishment(Plugin, family="replenishment"):
    """When to buy, how much, from whom."""

    sees_pipeline: ClassVar[bool] = False
    """Whether it looks at single purchases on order (`StockView.pipeline`)."""
    sees_history: ClassVar[bool] = False
    """Whether it looks at what happened before (`StockView.asked`, `reviews` and `memory`)."""
    only_for_warehouses: ClassVar[bool] = False
    """Whether suppliers that hold stock cannot use it, because it sees more than the position of their own stock."""

    foreseeable: ClassVar[bool] = True
    """Whether planners know today what it will buy, and may promise dates that count on it."""

    supplier: Text | dict[Text, Share] | None = None
    """The supplier that is asked, or shares over several; the item's first supplier unless given."""
    cancel_purchase: bool = False
    """Whether a customer's cancellation withdraws as many units from purchases under way, the last made first."""

    @abstractmethod
    def rhythm(self, item: str) -> Rhythm:
        """When the decision is asked what to buy of an item."""

    @abstractmethod
    def buys(self, view: StockView) -> tuple[Buy, ...]:
        """What it buys; () for nothing."""

    def remembers(self, view: StockView) -> Any:
        """What `view.memory` holds from this scheduled review on; called before `buys`, if it `sees_history`."""
        return None

    def levels(self) -> dict[str, Any]:
        """Field -> value of every level, in units or days of cover."""
        return {name: value for name in ("s", "S", "Q") if (value := vars(self).get(name)) is not None}

    def in_units(self, demand: float | None) -> Self:
        """The same decision with levels in whole units; `demand` is the item's mean units per day.

        Raises:
            ValueError: a level is written in days of cover and `demand` is not known.
        """
        levels, found = self.levels(), {}
        for name, value in levels.items():
            if isinstance(value, Cover):
                if demand is None:
                    raise ValueError(f"{name} is written in days of cover, which needs the item's `demand`")
                found[name] = max(math.ceil(value * demand - 1e-9), int(name == "Q"))
        levels.update(found)
        if found and {"s", "S"} <= levels.keys():  # one in units, one in days: rounded, they may cross
            found["S"] = max(levels["s"], levels["S"])
        return self.model_copy(update=found) if found else self


class BaseStock(Replenishment, kind="base_stock"):
    """Buy one for one: every demand is ordered again at once, the position stays at S."""

    example: ClassVar = {"kind": "base_stock", "S": 14}

    S: Level
    """Base-stock level: the inventory position that is maintained."""

    def rhythm(self, item: str) -> Rhythm:
        return Rhythm(int(self.S) - 1)

    def buys(self, view: StockView) -> tuple[Buy, ...]:
        return buy(self.S - view.position)


class ReorderQuantity(Replenishment, kind="s_Q"):
    """(s,Q): at or below s, buy the multiple of Q that lifts the position above s."""

    example: ClassVar = {"kind": "s_Q", "s": 9, "Q": 20}

    s: Level
    """Reorder point."""
    Q: Level
    """Order quantity, at least 1; every purchase is a multiple of it, also where the supplier has a `minimum`."""

    def model_post_init(self, context: object) -> None:
        _positive(self.Q)

    def rhythm(self, item: str) -> Rhythm:
        return Rhythm(int(self.s))

    def buys(self, view: StockView) -> tuple[Buy, ...]:
        units = ((self.s - view.position) // self.Q + 1) * self.Q
        return (Buy(int(units), lot=int(self.Q)),) if units > 0 else ()


class UpTo(Replenishment):
    """At or below s, buy up to S."""

    s: Level
    """Reorder point."""
    S: Level
    """Order-up-to level."""

    def model_post_init(self, context: object) -> None:
        low, high = self.s, self.S
        if isinstance(low, Cover) == isinstance(high, Cover) and low > high:
            unit = " d" * isinstance(low, Cover)
            raise wrong(f"s = {low:g}{unit} is above S = {high:g}{unit}; s must be at most S")

    def buys(self, view: StockView) -> tuple[Buy, ...]:
        return buy(self.S - view.position) if view.position <= self.s else ()


class ReorderUpTo(UpTo, kind="s_S"):
    """(s,S): at or below s, buy up to S."""

    example: ClassVar = {"kind": "s_S", "s": 20, "S": 60}

    def rhythm(self, item: str) -> Rhythm:
        return Rhythm(int(self.s))


class Periodic(Replenishment):
    """Reviews at k x R."""

    R: Period
    """Days between two reviews."""
    first: NonNegativeDuration | None = None
    """Time of the first review; R after the start unless given."""

    def rhythm(self, item: str) -> Rhythm:
        return Rhythm(period=self.R, first=self.R if self.first is None else self.first)


class PeriodicUpTo(Periodic, kind="R_S"):
    """(R,S): at every review, buy up to S."""

    example: ClassVar = {"kind": "R_S", "R": "7 d", "S": 60}

    S: Level
    """Order-up-to level."""

    def buys(self, view: StockView) -> tuple[Buy, ...]:
        return buy(self.S - view.position)


class PeriodicReorderUpTo(UpTo, Periodic, kind="R_s_S"):
    """(R,s,S): at a review with the position at or below s, buy up to S."""

    example: ClassVar = {"kind": "R_s_S", "R": "7 d", "s": 20, "S": 60}


class LevelQuantity(Periodic, kind="level"):
    """A steady pace: Q at every review, whatever was sold, as long as the position stays at or below S."""

    example: ClassVar = {"kind": "level", "R": "1 d", "Q": 20, "S": 60}

    Q: Level
    """Order quantity at every review: the pace of production, at least 1."""
    S: Level
    """The position is never lifted above S; 0: make to order, only the backlog is worked off."""

    def model_post_init(self, context: object) -> None:
        _positive(self.Q)

    def buys(self, view: StockView) -> tuple[Buy, ...]:
        return buy(min(self.Q, self.S - view.position))


class NoReplenishment(Replenishment, kind="none"):
    """Never buy: nothing comes after the opening stock."""

    example: ClassVar = {"kind": "none"}

    def rhythm(self, item: str) -> Rhythm:
        return Rhythm()

    def buys(self, view: StockView) -> tuple[Buy, ...]:
        return ()


def _positive(quantity: float) -> None:
    if quantity <= 0:
        raise wrong(f"Q = {quantity:g}; must be at least 1")
