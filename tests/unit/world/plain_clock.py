"""The clock once more, from SimPy's public interface alone: slower, and an oracle for the fast one."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from typing import Any

import simpy

from simulator.world.clock import Action, Phase, Row


class Call(simpy.Event):
    """An event that calls something when its time has come."""

    def __init__(self, env: PlainClock, action: Action, argument: object) -> None:
        super().__init__(env)
        self._ok, self._value = True, None
        self.callbacks.append(lambda _: action(argument, env.now))


class PlainClock(simpy.Environment):
    """`after`, `at`, `until`, `feed` and `run_to` through `schedule` and `run`; a feed is a row of scheduled calls."""

    def after(self, delay: float, phase: int, action: Action, argument: object) -> None:
        if delay != inf:
            self.schedule(Call(self, action, argument), priority=phase, delay=delay)

    def at(self, time: float, phase: int, action: Action, argument: object) -> None:
        self.after(time - self.now, phase, action, argument)

    def until(self, time: float, phase: int) -> simpy.Event:
        event = simpy.Event(self)
        event._ok, event._value = True, None
        if time != inf:
            self.schedule(event, priority=phase, delay=time - self.now)
        return event

    def feed(self, rows: Iterable[Row], action: Action) -> None:
        for row in rows:
            self.at(row[0], Phase.DEMAND, action, row)

    def run_to(self, horizon: float) -> Any:
        return self.run(until=horizon)
