"""What a planner knows of closures: scheduled ones from the start, stops of other kinds once they have begun."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

from simulator.events.event import Span, merged

Days = Any
"""One day (float), or an array with a day for each joint sample, shape (samples,)."""


class KnownClosure(NamedTuple):
    """A span in which nothing passes, as a planner knows it."""

    start: float
    """Day on which it begins."""
    end: Callable[[float], float]
    """Today -> day on which it is expected to end; inf: it never does."""
    known_from: float
    """Day from which the planner knows of it."""


class ClosureCalendar:
    """When something lets goods through, as far as a planner knows."""

    def __init__(self, closures: Iterable[KnownClosure] = ()) -> None:
        self.closures = sorted(closures, key=lambda closure: closure.start)
        self.known: tuple[float, list[Span]] = (-math.inf, [])
        """The last answer of `spans`, and the day for which it was given."""

    def spans(self, now: float) -> list[Span]:
        """(start, end) of the closures that are known now and not over, without overlaps, by start."""
        if self.known[0] != now:
            known = ((closure.start, closure.end(now)) for closure in self.closures if closure.known_from <= now)
            self.known = (now, merged((start, end) for start, end in known if end > now))
        return self.known[1]

    def is_closed(self, day: float, now: float) -> bool:
        """Whether nothing passes on a day, as far as is known now."""
        return any(start <= day < end for start, end in self.spans(now))

    def opens(self, entered: Days, now: float) -> Days:
        """The day on which what comes at `entered` passes: at once, or when the last closure in its way ends."""
        if not self.closures:
            return entered
        for start, end in self.spans(now):
            if isinstance(entered, np.ndarray):
                entered = np.where((start <= entered) & (entered < end), end, entered)
            elif start <= entered < end:
                entered = end
        return entered

    def stands_still(self, begun: Days, days: Days, now: float) -> Days:
        """The day on which a journey of `days` that begins at `begun` ends, if it stands still during closures."""
        done = begun + days
        if not self.closures:
            return done
        for start, end in self.spans(now):
            if isinstance(done, np.ndarray):
                done = np.where((end > begun) & (start < done), done + end - np.maximum(start, begun), done)
            elif end > begun and start < done:
                done += end - max(start, begun)
        return done
