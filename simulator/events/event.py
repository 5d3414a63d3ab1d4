"""What every event shares: a name, and when it happens, scheduled or random."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Annotated, NamedTuple, Protocol, Self

import numpy as np
from pydantic import BeforeValidator, model_validator

from simulator.foundation.plugin import Plugin
from simulator.foundation.units import Moment, Share, Text, wrong
from simulator.randomness.distribution import Waits

MOST_WINDOWS = 1_000_000


class Span(NamedTuple):
    """One happening, [start, end) in days."""

    start: float
    end: float


Whose = tuple[str, str]
"""Supplier and item of a purchase, by the names of their random numbers."""
LeadTimeRule = Callable[[float, Whose], float]
"""Lead time of a purchase as drawn -> lead time under the event, days."""
Streams = Callable[..., np.random.Generator]
"""Name -> the event's own random stream of that name."""


class Switchboard(Protocol):
    """What an event can do to the world while it lasts."""

    def shut(self, family: str, name: str) -> None:
        """Shuts the gate of a supplier, a carrier or the warehouse."""

    def open(self, family: str, name: str) -> None:
        """Takes that back."""

    def slow(self, supplier: str, rule: LeadTimeRule) -> None:
        """Changes the lead time of the purchases that a supplier releases."""

    def restore(self, supplier: str, rule: LeadTimeRule) -> None:
        """Takes that back."""

    def block(self, family: str, name: str) -> None:
        """Closes the way of a supplier's goods or of a carrier's parcels."""

    def unblock(self, family: str, name: str) -> None:
        """Takes that back."""

    def weaken(self, family: str, name: str, share: float) -> None:
        """Leaves a share of a supplier's capacity."""

    def strengthen(self, family: str, name: str, share: float) -> None:
        """Takes that back."""

    def misjudge(self, item: str, factor: float) -> None:
        """Multiplies every forecast of an item's demand."""

    def judge_right(self, item: str, factor: float) -> None:
        """Takes that back."""

    def delist(self, item: str) -> None:
        """Gives an item up for good."""

    def misbook(self, item: str, units: int) -> None:
        """Changes the record of an item's stock by so many units, and not the stock."""


def _one_or_several(value: object) -> object:
    return [value] if isinstance(value, dict) else value


class Event(Plugin, family="event"):
    """Something that happens to the world at `at` for `lasts`, or again and again `every` so often."""

    name: Text | None = None
    """Name in reports; also names the event's random numbers."""
    at: Moment | None = None
    """When it starts: a duration from the start, or a date."""
    until: Moment | None = None
    """When it ends, in place of `lasts`."""
    lasts: Waits | None = None
    """How long it lasts; from `at` to the end of the run unless given."""
    every: Waits | None = None
    """Time from the end of one happening to the start of the next, in place of `at`."""
    chance: Share = 1.0
    """Chance that a happening takes place."""
    then: Annotated[list[Event], BeforeValidator(_one_or_several)] = []
    """What it triggers: events whose `at` counts from the start of this one, each with a `chance` of its own."""

    @model_validator(mode="after")
    def _timed(self) -> Self:
        if (self.at is None) == (self.every is None):
            raise wrong("give `at` (scheduled) or `every` (random)")
        if self.every is not None and self.lasts is None:
            raise wrong("`every` needs `lasts`")
        if self.until is not None and (self.lasts is not None or self.every is not None):
            raise wrong("`until` goes with `at`, and without `lasts`")
        if self.at is not None and self.until is not None and self.until < self.at:
            raise wrong("`until` lies before `at`")
        if self.every is not None and self.every.moments().mean < 1e-3:
            raise wrong("`every` is below 1e-3 d")
        return self

    @model_validator(mode="after")
    def _triggered(self) -> Self:
        for event in self.then:
            if event.every is not None or event.until is not None:
                raise wrong("what stands under `then:` has `at` (from the start of its trigger) and `lasts` only")
        return self

    def follows(self, rng: np.random.Generator, triggers: list[Span], horizon: float) -> list[Span]:
        """When it happens in [0, horizon) where each of these happenings may trigger it; overlapping ones are one."""
        found: list[Span] = []
        for trigger in triggers:
            happens = rng.random() < self.chance
            lasts = math.inf if self.lasts is None else float(self.lasts.block(rng, 1)[0])
            start = trigger.start + (self.at or 0.0)
            if not happens or start >= horizon or lasts <= 0:
                continue
            if found and start <= found[-1].end:
                found[-1] = Span(found[-1].start, max(found[-1].end, start + lasts))
            else:
                found.append(Span(start, start + lasts))
        return found

    def key(self, stream: Callable[[str, str], str]) -> str:
        """Names the event's random numbers: its name, else its kind and what it strikes.

        `stream` gives (family of object, name) the name of the object's own random numbers: a renamed object that keeps
        them keeps those of the events that strike it.
        """
        return self.name or " ".join(
            (getattr(self, "kind", ""), *(f"{family}:{stream(family, name)}" for family, name in self.targets()))
        )

    def switch(self, board: Switchboard, streams: Streams) -> Switch:
        """What happens at the start and at the end of each span; nothing unless the kind says otherwise."""
        return Switch(_nothing, _nothing)

    def targets(self) -> tuple[tuple[str, str], ...]:
        """(family of object, name) that the event strikes."""
        return ()

    def spans(self, rng: np.random.Generator, horizon: float) -> list[Span]:
        """When it happens in [0, horizon), drawn ahead of everything so that no policy can move it."""
        found: list[Span] = []
        if self.at is not None:
            happens = self.chance >= 1 or rng.random() < self.chance
            end = math.inf if self.until is None else self.until
            if self.lasts is not None:
                end = self.at + float(self.lasts.block(rng, 1)[0])
            if happens and self.at < horizon and end > self.at:
                found.append(Span(self.at, end))
            return found
        assert self.every is not None
        assert self.lasts is not None
        gap, length = self.every.sampler(rng), self.lasts.sampler(rng)
        now = 0.0
        while (start := now + gap()) < horizon and len(found) < MOST_WINDOWS:
            end = start + length()
            if end > start and (self.chance >= 1 or rng.random() < self.chance):
                found.append(Span(start, end))
            now = end
        return found


def _nothing(*_: str) -> None:
    """Changes nothing."""


class Switch(NamedTuple):
    """The two ends of a happening."""

    begin: Callable[[], None]
    end: Callable[[], None]
    end_is_last: bool = False
    """The end comes after all else that begins or ends at the instant."""

    @classmethod
    def of_each(
        cls, names: Sequence[str], begin: Callable[[str], None], end: Callable[[str], None] = _nothing
    ) -> Switch:
        """Does the same to each of these names at the start; the end takes it back, unless it is for good."""

        def all_begin() -> None:
            for name in names:
                begin(name)

        def all_end() -> None:
            for name in names:
                end(name)

        return cls(all_begin, all_end)


Names = Annotated[Text | list[Text], "one name or several"]


def listed(names: str | list[str] | None) -> list[str]:
    """One name or several, as a list."""
    return [] if names is None else [names] if isinstance(names, str) else list(names)
