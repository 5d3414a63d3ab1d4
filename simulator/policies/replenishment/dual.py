"""Two suppliers at once: a slow, cheap one for the base and a fast, dear one for the surge."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Self

from pydantic import model_validator

from simulator.foundation.units import Text, Units, wrong
from simulator.policies.replenishment.replenishment import Periodic


class Buy(NamedTuple):
    """Units to be bought from a supplier."""

    supplier: str
    units: int


@dataclass(frozen=True)
class Pipeline:
    """What a dual policy looks at."""

    now: float
    """Days."""
    net: int
    """On hand on record less backordered, units."""
    due: tuple[tuple[float, int], ...]
    """What is on order: (days until it is expected, units)."""
    fast_lead: float
    """Mean lead time of the fast supplier, days."""

    @property
    def position(self) -> int:
        """Net stock and all that is on order."""
        return self.net + sum(units for _, units in self.due)

    @property
    def fast_position(self) -> int:
        """Net stock and what arrives no later than a purchase from the fast supplier, made now, would."""
        return self.net + sum(units for days, units in self.due if days <= self.fast_lead)


class DualSourcing(Periodic):
    """At every review, two suppliers are asked."""

    regular: Text
    """The slow and cheap supplier."""
    fast: Text
    """The fast and dear supplier."""

    @model_validator(mode="after")
    def _two(self) -> Self:
        if self.regular == self.fast:
            raise wrong(f"`regular` and `fast` are both {self.fast!r}; two suppliers are due")
        if self.supplier is not None:
            raise wrong("`supplier` does nothing here: `regular` and `fast` are asked")
        return self

    @property
    def period(self) -> float | None:
        """None: the world asks for `buys`, not for a quantity."""
        return None

    @abstractmethod
    def buys(self, pipeline: Pipeline) -> tuple[Buy, ...]:
        """What is bought at a review."""

    def quantity(self, position: int) -> int:
        """0: see `buys`."""
        return 0


class DualIndex(DualSourcing, kind="dual_index"):
    """The fast supplier keeps up what will be there by its lead time, the slow one the whole position (two indices)."""

    example: ClassVar = {
        "kind": "dual_index",
        "R": "7 d",
        "regular": "pottery",
        "fast": "importer",
        "S_fast": 60,
        "S": 200,
    }

    S_fast: Units
    """Order-up-to level of the stock that is there by the fast supplier's lead time (Veeraraghavan & Scheller-Wolf
    2008)."""
    S: Units
    """Order-up-to level of the whole position."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.S_fast > self.S:
            raise wrong(f"S_fast = {self.S_fast} is above S = {self.S}")
        return self

    def buys(self, pipeline: Pipeline) -> tuple[Buy, ...]:
        surge = max(self.S_fast - pipeline.fast_position, 0)
        base = max(self.S - pipeline.position - surge, 0)
        return tuple(buy for buy in (Buy(self.fast, surge), Buy(self.regular, base)) if buy.units)


class BaseSurge(DualSourcing, kind="base_surge"):
    """The same quantity from the slow supplier at every review, and from the fast one what lifts the rest up to S."""

    example: ClassVar = {
        "kind": "base_surge",
        "R": "7 d",
        "regular": "pottery",
        "fast": "importer",
        "Q": 40,
        "S_fast": 60,
    }

    Q: Units
    """Units from the slow supplier at every review, whatever the stock (Allon & Van Mieghem 2010)."""
    S_fast: Units
    """Order-up-to level of the stock that is there by the fast supplier's lead time."""

    def buys(self, pipeline: Pipeline) -> tuple[Buy, ...]:
        surge = max(self.S_fast - pipeline.fast_position, 0)
        return tuple(buy for buy in (Buy(self.fast, surge), Buy(self.regular, self.Q)) if buy.units)
