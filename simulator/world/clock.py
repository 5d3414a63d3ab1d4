"""The clock as the parts of the world meet it: phases within an instant, one-shot calls and a feed of arrivals."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from enum import IntEnum
from typing import Any, Protocol, runtime_checkable


class Phase(IntEnum):
    """The order of business within one instant, as SimPy's event priority (0 is SimPy's own)."""

    SWITCH = 1
    """Events begin and end; the order book of the next window is opened."""
    RECEIPT = 2
    """Goods arrive from suppliers."""
    CANCEL = 3
    """Customers and sellers cancel."""
    DELIVERY = 4
    """Parcels leave picking and are delivered."""
    DEMAND = 5
    """Orders are placed."""
    REVIEW = 6
    """Periodic reviews of stock."""
    CLOSE = 7
    """Whatever needs to see the end of the instant."""


Row = tuple[Any, ...]
Action = Callable[[Any, float], None]
Process = Generator[Any]
"""What yields the moments for which it waits, each from `Clock.until`."""


class Clock(Protocol):
    """SimPy's queue (`SimpyClock`) or the kernel's (`KernelClock`); time is in days."""

    @property
    def now(self) -> float:
        """The time."""

    def after(self, delay: float, phase: int, action: Action, argument: object) -> None:
        """Calls action(argument, now) after `delay` days; never if the delay is infinite.

        Raises:
            ValueError: the delay is negative or not a number.
        """

    def at(self, time: float, phase: int, action: Action, argument: object) -> None:
        """Calls action(argument, now) at an absolute time, not before now."""

    def until(self, time: float, phase: Phase) -> Any:
        """For processes: `yield clock.until(t, phase)`."""

    def process(self, generator: Process) -> Any:
        """Starts a process, in the same instant."""


@runtime_checkable
class FedClock(Clock, Protocol):
    """A clock that also plays the orders, which it is fed."""

    def feed(self, rows: Iterable[Row], action: Action) -> None:
        """Calls action(row, row[0]) at the time row[0] of each row, in phase DEMAND.

        Rows must be in order of time. A process feeds one window at a time, after all rows of the window before were
        taken.
        """

    def run_to(self, horizon: float) -> None:
        """Plays [now, horizon), once; entries at the horizon itself or later are not played.

        Raises:
            EventStorm: time does not advance, or so slowly that the horizon will not be reached.
        """
