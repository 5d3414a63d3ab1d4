"""Events: drawn before anything else of a replication; as SimPy processes they begin and end first at an instant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from simulator.events.effect import EventEffect, EventStreams
from simulator.events.event import Span
from simulator.world.clock import Clock, Phase, Process
from simulator.world.occurrence import Occurrence
from simulator.world.state import ReplicationState
from simulator.world.switchboard import Switchboard


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
        effects = event.effects(EventStreams(state.streams, key))
        found.append(Occurrence(event, key, spans, effects, trigger is not None))
    return found


def start_events(state: ReplicationState) -> None:
    """Starts a process for each event.

    Raises:
        UserError: nothing in this world answers to what an event does.
    """
    for occurrence in state.occurrences:
        for effect in occurrence.effects:
            state.board.controls_of(effect)
        state.clock.process(play_event(state.clock, state.board, occurrence.spans, occurrence.effects))


def play_event(clock: Clock, board: Switchboard, spans: Sequence[Span], effects: Sequence[EventEffect]) -> Process:
    """A SimPy process: the effects begin and end before anything else at the instant."""
    for span in spans:
        yield clock.until(span.start, Phase.SWITCH)
        for effect in effects:
            board.begin(effect)
        yield clock.until(span.end, Phase.SWITCH)
        if any(effect.ends_last for effect in effects):
            yield clock.until(span.end, Phase.SWITCH)
        for effect in effects:
            board.end(effect)
