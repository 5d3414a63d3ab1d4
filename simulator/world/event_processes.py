"""Events as SimPy processes: drawn ahead of everything, they begin and end first thing at an instant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Sequence
from functools import partial

import simpy

from simulator.events.event import Span, Switch
from simulator.world.clock import Clock, Phase
from simulator.world.state import Happening, Stage


def start_events(stage: Stage) -> list[Happening]:
    """Draws when everything happens, and starts a process for each event."""
    found: list[Happening] = []
    keys: Counter[str] = Counter()
    for number, (_, trigger, event) in enumerate(stage.scenario.event_tree()):
        key = event.key(stage.cast.stream)
        keys[key] += 1
        key = f"{key} #{keys[key]}"
        rng, horizon = stage.streams.stream("event", key), stage.scenario.clock.horizon
        spans = event.spans(rng, horizon) if trigger is None else event.follows(rng, found[trigger].spans, horizon)
        switch = event.switch(stage.board, partial(stage.streams.stream, "event_effect", key))
        for span in spans:
            stage.ledger.happened.write(span.start, span.end, number)
        stage.clock.process(happening(stage.clock, spans, switch))
        found.append(Happening(event, key, spans))
    return found


def happening(clock: Clock, spans: Sequence[Span], switch: Switch) -> Generator[simpy.Event]:
    """A SimPy process: the event begins and ends, first thing at the instant."""
    for span in spans:
        yield clock.until(span.start, Phase.SWITCH)
        switch.begin()
        yield clock.until(span.end, Phase.SWITCH)
        if switch.end_is_last:
            yield clock.until(span.end, Phase.SWITCH)
        switch.end()
