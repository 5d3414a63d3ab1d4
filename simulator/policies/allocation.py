"""Whose backorder is served first: FIFO, LIFO, priority, critical level."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, ClassVar

from pydantic import Field

from simulator.foundation.plugin import Plugin
from simulator.foundation.units import Units, Whole

Rank = tuple[int, int]


class Allocation(Plugin, family="allocation"):
    """The order in which free stock goes to backordered lines."""

    @abstractmethod
    def rank(self, priority: int, number: int) -> Rank:
        """Sort key of a line; the lowest is served first. `number` counts orders as they are placed."""

    def reserve(self, priority: int) -> int:
        """Units on the shelf that an order of this priority must leave untouched."""
        return 0


class Fifo(Allocation, kind="fifo"):
    """First come, first served."""

    example: ClassVar = {"kind": "fifo"}

    def rank(self, priority: int, number: int) -> Rank:
        return (0, number)


class Lifo(Allocation, kind="lifo"):
    """Last come, first served: what an unmanaged pile of order slips does."""

    example: ClassVar = {"kind": "lifo"}

    def rank(self, priority: int, number: int) -> Rank:
        return (0, -number)


class Priority(Allocation, kind="priority"):
    """By the customers' priority (1 first), first come first served within one."""

    example: ClassVar = {"kind": "priority"}

    def rank(self, priority: int, number: int) -> Rank:
        return (priority, number)


class CriticalLevel(Allocation, kind="critical_level"):
    """By priority, and the last units on the shelf are kept for the top customers."""

    example: ClassVar = {"kind": "critical_level", "units": 5, "top": 1}

    units: Units
    """Units on the shelf that only top customers may take."""
    top: Annotated[Whole, Field(ge=1)] = 1
    """Customers of this priority or a lower number are top."""

    def rank(self, priority: int, number: int) -> Rank:
        return (priority, number)

    def reserve(self, priority: int) -> int:
        return 0 if priority <= self.top else self.units
