"""The clock of the SimPy lane: SimPy's environment with one-shot calls and a feed of arrivals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from itertools import chain, count
from math import inf
from typing import Any

import simpy
from simpy.core import StopSimulation

from simulator.foundation.errors import EventStorm
from simulator.world.clock import Action, Phase, Row

CHUNK = 1_000_000
"""Queue entries between two checks that time advances."""
LOOKS = 5
"""Checks that must agree before an event storm is reported; an instant may rightly have this many million entries."""
MOST_EVENTS = 1e11
"""Queue entries up to the horizon; more would take weeks."""


class SimpyClock(simpy.Environment):
    """SimPy's environment plus `after`, `at`, `feed` and waits that name their phase; time is in days.

    A queue entry is SimPy's (time, priority, id, event) or, for a bare call, (time, priority, id, None, action,
    argument). Ids are unique, so entries are never compared past them: both kinds share one queue and one order.
    This file alone touches SimPy's private `_queue`, `_eid` and `_now` (simpy >= 4.1, < 5).
    """

    def __init__(self) -> None:
        super().__init__(0.0)
        for name in ("process", "timeout", "event", "all_of", "any_of"):
            setattr(self, name, getattr(self, name))  # SimPy's early binding is lost on a subclass
        self._eid: Iterator[int] = chain.from_iterable(self._ids())  # type: ignore[assignment]
        self._horizon = inf
        self._fed: Iterator[Row] | None = None
        self._take: Action | None = None

    def _ids(self) -> Iterator[range]:
        """The ids of queue entries, a million at a time; the check in between costs the single event nothing.

        Raises:
            EventStorm: at this pace the horizon will not be reached.
        """
        looks = [-inf] * LOOKS
        for begin in count(0, CHUNK):
            if begin:
                earlier, looks = looks[0], [*looks[1:], self._now]
                stands = self._now - earlier <= 1e-9 * min(self._horizon, 1e9)
                if begin >= LOOKS * CHUNK and (stands or begin * self._horizon > MOST_EVENTS * self._now):
                    raise EventStorm(self._now, self._horizon, begin)
            yield range(begin, begin + CHUNK)

    def after(self, delay: float, phase: int, action: Action, argument: object) -> None:
        """See `Clock`; a delay below 0 would break the order of SimPy's queue."""
        if 0.0 <= delay < inf:
            heappush(self._queue, (self._now + delay, phase, next(self._eid), None, action, argument))  # type: ignore[misc]
        elif not delay >= 0:
            raise ValueError(f"a delay of {delay} days")

    def at(self, time: float, phase: int, action: Action, argument: object) -> None:
        """Calls action(argument, now) at an absolute time, not before now."""
        if not time >= self._now:
            raise ValueError(f"time {time} is before now, {self._now}")
        if time != inf:
            heappush(self._queue, (time, phase, next(self._eid), None, action, argument))  # type: ignore[misc]

    def until(self, time: float, phase: Phase) -> simpy.Event:
        """For processes: `yield clock.until(t, phase)`."""
        if not time >= self._now:
            raise ValueError(f"time {time} is before now, {self._now}")
        event = simpy.Event(self)
        event._ok, event._value = True, None
        if time != inf:
            heappush(self._queue, (time, phase, next(self._eid), event))  # type: ignore[misc]
        return event

    def feed(self, rows: Iterable[Row], action: Action) -> None:
        """See `FedClock`; the rows never enter the queue."""
        self._fed, self._take = iter(rows), action

    def run_to(self, horizon: float) -> None:
        """Plays [now, horizon), once; entries at the horizon itself or later are not played.

        Raises:
            EventStorm: time does not advance, or so slowly that the horizon will not be reached.
        """
        self._horizon = horizon
        stop = simpy.Event(self)
        stop._ok, stop._value = True, None
        stop.callbacks.append(StopSimulation.callback)
        heappush(self._queue, (horizon, -1, next(self._eid), stop))  # type: ignore[misc]
        # Merges the feed with the queue instead of pushing every row into it: a row costs one comparison with the head
        # of the queue, not a push and a pop. Bare calls skip SimPy's `step`, which would need an event object. At equal
        # times the phase decides; of phase DEMAND, entries of the queue come before rows.
        queue: list[Any] = self._queue
        pop, step, demand = heappop, super().step, int(Phase.DEMAND)
        rows: Iterator[Row] = iter(())
        take: Action = _no_op
        try:
            while True:
                for row in rows:
                    due = row[0]
                    while True:
                        entry = queue[0]
                        if due < entry[0] or (due == entry[0] and entry[1] > demand):
                            break
                        if entry[3] is None:
                            pop(queue)
                            self._now = entry[0]
                            entry[4](entry[5], entry[0])
                        else:
                            step()
                    self._now = due
                    take(row, due)
                while self._fed is None:
                    entry = queue[0]
                    if entry[3] is None:
                        pop(queue)
                        self._now = entry[0]
                        entry[4](entry[5], entry[0])
                    else:
                        step()
                rows, self._fed = self._fed, None
                take = self._take or _no_op
        except StopSimulation:
            queue.clear()  # later entries will never be played; this frees what they refer to


def _no_op(row: Any, now: float) -> None:
    """No-op, before the first feed."""
