"""Events: drawn before anything else of a replication; as SimPy processes they begin and end first at an instant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Sequence
from functools import partial

import simpy

from simulator.events.event import Span, Switch
from simulator.world.clock import Clock, Phase
from simulator.world.occurrence import Occurrence
from simulator.world.state import ReplicationState


def draw_occurrences(state: ReplicationState) -> list[Occurrence]:
    """Draws when every event happens, and records it."""
    found: list[Occurrence] = []
    keys: Counter[str] = Counter()
    for number, (_, trigger, event) in enumerate(state.scenario.event_tree()):
        key = event.key(state.numbering.stream)
        keys[key] += 1
        key = f"{key} #{keys[key]}"
        rng, horizon = state.streams.stream("event", key), state.scenario.clock.horizon
        spans = event.spans(rng, horizon) if trigger is None else event.follows(rng, found[trigger].spans, horizon)
        for span in spans:
            state.ledger.happened.write(span.start, span.end, number)
        found.append(Occurrence(event, key, spans))
    return found


def start_events(state: ReplicationState) -> None:
    """Starts a process for each event."""
    for occurrence in state.occurrences:
        stream = partial(state.streams.stream, "event_effect", occurrence.key)
        state.clock.process(play_event(state.clock, occurrence.spans, occurrence.event.switch(state.board, stream)))


def play_event(clock: Clock, spans: Sequence[Span], switch: Switch) -> Generator[simpy.Event]:
    """A SimPy process: the event begins and ends, first thing at the instant."""
    for span in spans:
        yield clock.until(span.start, Phase.SWITCH)
        switch.begin()
        yield clock.until(span.end, Phase.SWITCH)
        if switch.end_is_last:
            yield clock.until(span.end, Phase.SWITCH)
        switch.end()
