"""Whose backorder is filled first: FIFO, LIFO, priority, margin, critical level; the base of rules that divide."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from typing import Annotated, ClassVar, NamedTuple

from pydantic import Field

from simulator.foundation.plugin import Plugin
from simulator.foundation.quantities import Units
from simulator.foundation.units import Whole

Rank = tuple[int, int]


class Claim(NamedTuple):
    """A waiting line, or an order, as an allocation rule sees it."""

    number: int
    """Number of its order: counts orders as they are placed."""
    priority: int = 1
    """Priority of the customer, 1 first."""
    margin: float = 0.0
    """Price less unit cost over all units of its order, currency."""
    segment: str = ""
    item: str = ""
    units: int = 0
    """Units that wait."""
    confirmed: int = 0
    """Confirmed units of these."""
    whole: bool = False
    """The line is filled as a whole or not at all."""
    promised: float = math.inf
    """Last day that was quoted to the customer; inf: none."""


class Division(NamedTuple):
    """How supply is divided among claims."""

    units: tuple[int, ...]
    """Units for each claim, in the order of the claims."""
    sequence: tuple[int, ...]
    """Indices of the claims in the order in which goods are handed out."""
    exceptions: tuple[int, ...] = ()
    """Indices of the claims that did not get what their strategy guarantees."""


class Allocation(Plugin, family="allocation"):
    """The order in which free stock goes to backordered lines."""

    ranks_orders: ClassVar[bool] = False
    """True if the rank depends on more than the priority and number of an order."""

    def rank_order(self, order: Claim) -> tuple[float, ...]:
        """Sort key of an order's lines; the lowest is served first."""
        return self.rank(order.priority, order.number)

    @abstractmethod
    def rank(self, priority: int, number: int) -> Rank:
        """Sort key of a line; the lowest is served first. `number` counts orders as they are placed."""

    def reserve(self, priority: int) -> int:
        """Units on hand that are reserved for orders of a higher priority."""
        return 0


class Fifo(Allocation, kind="fifo"):
    """First come, first served."""

    example: ClassVar = {"kind": "fifo"}

    def rank(self, priority: int, number: int) -> Rank:
        return (0, number)


class Lifo(Allocation, kind="lifo"):
    """Last come, first served, like an unmanaged pile of order slips."""

    example: ClassVar = {"kind": "lifo"}

    def rank(self, priority: int, number: int) -> Rank:
        return (0, -number)


class Priority(Allocation, kind="priority"):
    """By the customers' priority (1 first), first come first served within one."""

    example: ClassVar = {"kind": "priority"}

    def rank(self, priority: int, number: int) -> Rank:
        return (priority, number)


class Margin(Allocation, kind="margin"):
    """The most profitable order first: price less unit cost over all of its units; ties go to the older order."""

    example: ClassVar = {"kind": "margin"}
    ranks_orders = True

    def rank(self, priority: int, number: int) -> Rank:
        return (0, number)

    def rank_order(self, order: Claim) -> tuple[float, ...]:
        return (-order.margin, order.number)


class Dividing(Allocation):
    """A rule that divides stock among all waiting lines instead of serving them one after the other."""

    keeps_record: ClassVar[bool] = False
    """Whether confirmations may outlast the instant and are recorded."""

    def rank(self, priority: int, number: int) -> Rank:
        return (0, number)

    @property
    def counts_expected(self) -> bool:
        """Whether purchases under way are divided, too, or only stock on hand."""
        return False

    @property
    def hour(self) -> float | None:
        """Hour of the day at which it runs; None: whenever stock or the backlog changes."""
        return None

    @property
    def confirms_new(self) -> bool:
        """Whether a new line is confirmed at once, before the next run, from unconfirmed units."""
        return False

    @abstractmethod
    def divide(self, claims: Sequence[Claim], supply: int) -> Division:
        """What each claim gets of `supply` units; `claims` are in the order of arrival."""


class EarliestPromise(Dividing, kind="earliest_promise"):
    """The line with the earliest promised day first; lines without a date come last, the older ones first.

    The date that was quoted last counts.
    """

    example: ClassVar = {"kind": "earliest_promise"}

    def divide(self, claims: Sequence[Claim], supply: int) -> Division:
        sequence = sorted(range(len(claims)), key=lambda k: (claims[k].promised, claims[k].number, k))
        units = [0] * len(claims)
        for k in sequence:
            units[k] = min(claims[k].units, supply)
            supply -= units[k]
        return Division(tuple(units), tuple(sequence))


class CriticalLevel(Allocation, kind="critical_level"):
    """By priority, and the last units on hand are reserved for the top customers."""

    example: ClassVar = {"kind": "critical_level", "units": 5, "top": 1}

    units: Units
    """Units on hand that only top customers may take."""
    top: Annotated[Whole, Field(ge=1)] = 1
    """Customers of this priority or a lower number are top."""

    def rank(self, priority: int, number: int) -> Rank:
        return (priority, number)

    def reserve(self, priority: int) -> int:
        return 0 if priority <= self.top else self.units
