"""When to buy and how much: base stock, (s,Q), (s,S), (R,S), (R,s,S), level, none; all on the inventory position."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from simulator.foundation.plugin import Plugin
from simulator.foundation.units import DURATION, Duration, NonNegativeDuration, Share, Text, duration, whole, wrong

SHORTEST_REVIEW = 1e-3
"""Days; a shorter review period is hardly meant, and 1e-3 d keeps the number of reviews bounded."""


class Cover(float):
    """A level written in days of mean demand; it becomes units with the item's `demand`."""


def level(value: object) -> int | Cover:
    """Whole units, or days of cover ('45 d')."""
    if isinstance(value, str):
        try:
            return Cover(duration(value))
        except PydanticCustomError:
            means = "a level: write whole units, such as 30, or days of cover, such as 14 d"
            raise wrong(f"{value[:40]!r} is not {means}") from None
    if isinstance(value, Cover):
        return value
    return whole(value)


Level = Annotated[Any, BeforeValidator(level, json_schema_input_type=int | Annotated[str, Field(pattern=DURATION)])]
"""Whole units, or days of cover such as `45 d` (needs the item's `demand`)."""
Period = Annotated[Duration, Field(ge=SHORTEST_REVIEW)]


class Replenishment(Plugin, family="replenishment"):
    """When to buy, how much, from whom."""

    supplier: Text | dict[Text, Share] | None = None
    """Who is asked: a supplier, or shares over several; the item's first supplier unless given."""
    cancel_purchase: bool = False
    """Whether a customer's cancellation withdraws as many units from purchases under way, the last made first."""

    @property
    def trigger(self) -> float:
        """The policy is asked after every demand that leaves the position at or below it, a whole number (whole numbers
        are compared much faster with each other than with a float); -inf: never."""
        return -math.inf

    @property
    def period(self) -> float | None:
        """Days between reviews at k x period; None under continuous review."""
        return None

    @property
    def first_review(self) -> float:
        """Time of the first review, days; only with a period."""
        return self.period or 0.0

    @abstractmethod
    def quantity(self, position: int) -> int:
        """Units to buy at this inventory position (on hand + on order - backordered); 0 for none."""

    def levels(self) -> tuple[str, ...]:
        """The fields that are levels."""
        return tuple(name for name in ("s", "S", "Q") if name in type(self).model_fields)

    def in_units(self, demand: float | None) -> Self:
        """The same policy with levels in whole units; `demand` is the item's mean units per day.

        Raises:
            ValueError: a level is written in days of cover and `demand` is not known.
        """
        found = {}
        for name in self.levels():
            value = getattr(self, name)
            if isinstance(value, Cover):
                if demand is None:
                    raise ValueError(f"{name} is written in days of cover, which needs the item's `demand`")
                found[name] = max(math.ceil(value * demand - 1e-9), 1 if name == "Q" else 0)
        if not found:
            return self
        if "S" in self.levels() and "s" in self.levels():
            s, S = found.get("s", getattr(self, "s")), found.get("S", getattr(self, "S"))  # noqa: B009
            found["S"] = max(s, S)
        return self.model_copy(update=found)


def _ordered(low: object, high: object) -> None:
    if isinstance(low, Cover) == isinstance(high, Cover) and low > high:  # type: ignore[operator]
        unit = " d" * isinstance(low, Cover)
        raise wrong(f"s = {low:g}{unit} is above S = {high:g}{unit}; s <= S is due")


class BaseStock(Replenishment, kind="base_stock"):
    """Buy one for one: every demand is ordered again at once, the position stays at S."""

    example: ClassVar = {"kind": "base_stock", "S": 14}

    S: Level
    """Base-stock level: the inventory position that is kept up."""

    @property
    def trigger(self) -> float:
        return int(self.S) - 1

    def quantity(self, position: int) -> int:
        return int(self.S - position)


class ReorderQuantity(Replenishment, kind="s_Q"):
    """(s,Q): at or below s, buy as many times Q as lifts the position above s."""

    example: ClassVar = {"kind": "s_Q", "s": 9, "Q": 20}

    s: Level
    """Reorder point."""
    Q: Level
    """Order quantity, at least 1."""

    @model_validator(mode="after")
    def _positive(self) -> Self:
        if self.Q <= 0:
            raise wrong(f"Q = {self.Q:g}; at least 1 is due")
        return self

    @property
    def trigger(self) -> float:
        return int(self.s)

    def quantity(self, position: int) -> int:
        return int(((self.s - position) // self.Q + 1) * self.Q) if position <= self.s else 0


class ReorderUpTo(Replenishment, kind="s_S"):
    """(s,S): at or below s, buy up to S."""

    example: ClassVar = {"kind": "s_S", "s": 20, "S": 60}

    s: Level
    """Reorder point."""
    S: Level
    """Order-up-to level."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        _ordered(self.s, self.S)
        return self

    @property
    def trigger(self) -> float:
        return int(self.s)

    def quantity(self, position: int) -> int:
        return int(self.S - position) if position <= self.s else 0


class Periodic(Replenishment):
    """Reviews at k x R."""

    R: Period
    """Days between two reviews."""
    first: NonNegativeDuration | None = None
    """Time of the first review; R after the start unless given."""

    @property
    def period(self) -> float | None:
        return self.R

    @property
    def first_review(self) -> float:
        return self.R if self.first is None else self.first


class PeriodicUpTo(Periodic, kind="R_S"):
    """(R,S): at every review, buy up to S."""

    example: ClassVar = {"kind": "R_S", "R": "7 d", "S": 60}

    S: Level
    """Order-up-to level."""

    def quantity(self, position: int) -> int:
        return int(max(self.S - position, 0))


class PeriodicReorderUpTo(Periodic, kind="R_s_S"):
    """(R,s,S): at a review with the position at or below s, buy up to S."""

    example: ClassVar = {"kind": "R_s_S", "R": "7 d", "s": 20, "S": 60}

    s: Level
    """Reorder point."""
    S: Level
    """Order-up-to level."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        _ordered(self.s, self.S)
        return self

    def quantity(self, position: int) -> int:
        return int(self.S - position) if position <= self.s else 0


class LevelQuantity(Periodic, kind="level"):
    """A steady pace: at every review Q, whatever was sold, as long as the position stays at or below S."""

    example: ClassVar = {"kind": "level", "R": "1 d", "Q": 20, "S": 60}

    Q: Level
    """Order quantity at every review: the pace of production, at least 1."""
    S: Level
    """Never more than lifts the position up to S; 0 makes to order: only the backlog is worked off."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.Q <= 0:
            raise wrong(f"Q = {self.Q:g}; at least 1 is due")
        return self

    def quantity(self, position: int) -> int:
        return int(max(min(self.Q, self.S - position), 0))


class NoReplenishment(Replenishment, kind="none"):
    """Never buy: what is there is all there will be."""

    example: ClassVar = {"kind": "none"}

    def quantity(self, position: int) -> int:
        return 0
