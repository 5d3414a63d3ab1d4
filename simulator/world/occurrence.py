"""Occurrences: the events of the scenario as one replication meets them."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.events.effect import EventEffect
from simulator.events.event import Event, Span


@dataclass
class Occurrence:
    """One event with its drawn times."""

    event: Event
    key: str
    """Names its random numbers."""
    spans: list[Span]
    effects: tuple[EventEffect, ...]
    """What it does during each of them."""
    triggered: bool = False
    """Another event triggers it."""
