"""What a replenishment decision sees of an item, and what it answers: its purchases, and when it is asked."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import count, takewhile
from typing import Any, NamedTuple, Protocol


class Buy(NamedTuple):
    """Units that a decision buys."""

    units: int
    supplier: str | None = None
    """The supplier that is asked; None: the one that the decision's `supplier` names, by its shares."""
    lot: int = 1
    """A purchase that its supplier raises to a minimum stays a multiple of it."""


@lru_cache(4096)  # the same few quantities are bought again and again, in some worlds with every order
def buy(units: int) -> tuple[Buy, ...]:
    """One purchase of `units` units; () for 0 or fewer."""
    return (Buy(units),) if units > 0 else ()


class Rhythm(NamedTuple):
    """When a decision is asked what to buy; never unless given."""

    trigger: float = -math.inf
    """Continuous review: after every change that leaves the position at or below it. A whole number, because whole
    numbers are compared with each other much faster than with a float; -inf: never."""
    period: float = math.inf
    """Periodic review: days between two reviews."""
    first: float = math.inf
    """Day of the first periodic review."""
    days: tuple[float, ...] = ()
    """A plan: the days on which something is bought."""

    @property
    def is_scheduled(self) -> bool:
        """Whether there are reviews at given times."""
        return self.period < math.inf or bool(self.days)

    def time(self, number: int) -> float:
        """Day of the scheduled review with this number, from 0; inf where there is none."""
        if number < len(self.days):
            return self.days[number]
        if self.period == math.inf:
            return math.inf
        k = number - len(self.days)
        # (k + 1) x period rather than period + k x period: the day on which a rounded sum would fall may differ
        return (k + 1) * self.period if self.first == self.period else self.first + k * self.period

    def times(self) -> Iterator[float]:
        """Days of the scheduled reviews, in order; endless under periodic review."""
        yield from takewhile(lambda time: time < math.inf, map(self.time, count()))


@dataclass(frozen=True)
class DemandOutlook:
    """The demand forecast of one item, as its planner sees it."""

    mean: float
    """Units per day over the days at risk, with bias, noise and the campaigns that are known."""
    sd: float
    """Standard deviation of one day's units around the forecast."""
    lead: float
    """Mean lead time that is planned with, days."""
    lead_sd: float
    """Its standard deviation, days."""
    period: float
    """Days between two reviews."""
    history: tuple[float, ...] = ()
    """Units seen in the last periods, the newest last, without the effect of known campaigns."""


class StockView(Protocol):
    """One item at one site, as its buyer sees it."""

    @property
    def item(self) -> str:
        """Name of the item."""

    @property
    def now(self) -> float:
        """Days since the start."""

    @property
    def position(self) -> int:
        """Inventory position, units: on hand on record + on order - backordered."""

    @property
    def net(self) -> int:
        """Net stock, units: on hand on record - backordered."""

    @property
    def on_order(self) -> int:
        """Units bought and not yet received."""

    @property
    def asked(self) -> int:
        """Units by which demand has lowered the position since the last scheduled review.

        This, `reviews` and `memory` are for decisions with `sees_history`."""

    @property
    def reviews(self) -> int:
        """Scheduled reviews before this one."""

    @property
    def memory(self) -> Any:
        """What the decision's `remembers` has returned last; None before the first review."""

    @property
    def pipeline(self) -> tuple[tuple[float, int], ...]:
        """(days until it is expected, units) of every purchase on order; only for decisions with `sees_pipeline`."""

    @property
    def outlook(self) -> DemandOutlook:
        """The forecast of the last planning; only for decisions that follow one (`Planned`)."""

    def lead_time(self, supplier: str) -> float:
        """Mean days from the decision to buy from a supplier to the receipt."""
