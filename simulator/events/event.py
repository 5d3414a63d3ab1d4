"""What every event shares: a name, and when it happens, scheduled or random."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Iterable
from functools import cache
from typing import Annotated, ClassVar, Literal, NamedTuple, Self, get_args

import numpy as np
from pydantic import BeforeValidator, model_validator
from pydantic.fields import FieldInfo

from simulator.events.effect import EventEffect, EventStreams, Target
from simulator.foundation.plugin import Plugin
from simulator.foundation.units import Moment, Share, Text, wrong
from simulator.randomness.distribution import Waits

MOST_SPANS = 1_000_000


class Span(NamedTuple):
    """One occurrence of an event, [start, end) in days."""

    start: float
    end: float


def merged(spans: Iterable[tuple[float, float]]) -> list[Span]:
    """The spans in order of time, overlapping ones merged."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, end))
        else:
            found.append(Span(start, end))
    return found


def _one_or_several(value: object) -> object:
    return [value] if isinstance(value, dict) else value


class Targets(NamedTuple):
    """Marks a field of an event that names what it acts on."""

    family: str


Names = Annotated[Text | list[Text], "one name or several"]
SupplierNames = Annotated[Names, Targets("suppliers")]
CarrierNames = Annotated[Names, Targets("carriers")]
WarehouseNames = Annotated[Literal[True] | Names, Targets("warehouse")]
"""`true`: all of them."""
SegmentNames = Annotated[Names, Targets("customers")]
ItemNames = Annotated[Names, Targets("items")]


def listed(names: str | list[str] | Literal[True] | None) -> list[str]:
    """One name or several, as a list; `True` is ''."""
    return [] if names is None else [""] if names is True else [names] if isinstance(names, str) else list(names)


class Event(Plugin, family="event"):
    """Something that happens to the world at `at` for `lasts`, or again and again `every` so often."""

    cause: ClassVar[str] = ""
    """What `backorder stress` counts its damage under; by the family of its targets unless a kind says otherwise."""

    name: Text | None = None
    """Name in reports; also names the event's random numbers."""
    at: Moment | None = None
    """When it starts: a duration from the start, or a date."""
    until: Moment | None = None
    """When it ends, in place of `lasts`."""
    lasts: Waits | None = None
    """How long it lasts; from `at` to the end of the run unless given."""
    every: Waits | None = None
    """Time from the end of one occurrence to the start of the next, in place of `at`."""
    chance: Share = 1.0
    """Chance that an occurrence takes place."""
    then: Annotated[list[Event], BeforeValidator(_one_or_several)] = []
    """What it triggers: events whose `at` counts from the start of this one, each with a `chance` of its own."""

    @model_validator(mode="after")
    def _timed(self) -> Self:
        if (self.at is None) == (self.every is None):
            raise wrong("give `at` (scheduled) or `every` (random)")
        if self.every is not None and self.lasts is None:
            raise wrong("`every` needs `lasts`")
        if self.until is not None and (self.lasts is not None or self.every is not None):
            raise wrong("`until` needs `at`, and cannot be combined with `lasts`")
        if self.at is not None and self.until is not None and self.until < self.at:
            raise wrong("`until` is before `at`")
        if self.every is not None and self.every.moments().mean < 1e-3:
            raise wrong("`every` must be at least 1e-3 d on average")
        if not self.targets():
            *others, last = (f"`{field}`" for field in self.target_fields())
            raise wrong(f"name what it affects: {', '.join(others)} or {last}")
        for event in self.then:
            if event.every is not None or event.until is not None:
                raise wrong(
                    "events under `then:` take `at` (from the start of the trigger) and `lasts`, not `every` or `until`"
                )
        return self

    def follows(self, rng: np.random.Generator, triggers: list[Span], horizon: float) -> list[Span]:
        """When it happens in [0, horizon) if each of these occurrences may trigger it; overlapping ones are merged."""
        found: list[Span] = []
        for trigger in triggers:
            happens = rng.random() < self.chance
            lasts = math.inf if self.lasts is None else float(self.lasts.block(rng, 1)[0])
            start = trigger.start + (self.at or 0.0)
            if happens and start < horizon and lasts > 0:
                found.append(Span(start, start + lasts))
        return merged(found)

    def key(self, stream: Callable[[str, str], str]) -> str:
        """Names the event's random numbers: its name, else its kind and its targets.

        `stream` maps (family, name) of a target to the name of the target's own random numbers, so that a renamed
        target that keeps its numbers keeps those of its events, too.
        """
        return self.name or " ".join(
            (getattr(self, "kind", ""), *(f"{family}:{stream(family, name)}" for family, name in self.targets()))
        )

    @abstractmethod
    def effects(self, streams: EventStreams) -> tuple[EventEffect, ...]:
        """What it does while it lasts, in one replication; the simulation refuses an effect that nothing answers to.

        Events that change demand (`Surge`) have none: order streams ask them how many orders they add.
        """

    @classmethod
    def target_fields(cls) -> dict[str, str]:
        """Field -> family of what it names, by the fields' annotations."""
        return dict(_target_fields(cls))

    def targets(self) -> tuple[Target, ...]:
        """Everything that the event acts on."""
        fields = _target_fields(type(self))
        return tuple(Target(family, name) for field, family in fields for name in listed(getattr(self, field)))

    def spans(self, rng: np.random.Generator, horizon: float) -> list[Span]:
        """When it happens in [0, horizon); drawn before the simulation starts, so no policy can change it."""
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
        while (start := now + gap()) < horizon and len(found) < MOST_SPANS:
            end = start + length()
            if end > start and (self.chance >= 1 or rng.random() < self.chance):
                found.append(Span(start, end))
            now = end
        return found


@cache
def _target_fields(kind: type[Event]) -> tuple[tuple[str, str], ...]:
    return tuple((name, family) for name, field in kind.model_fields.items() if (family := _family(field)))


def _family(field: FieldInfo) -> str:
    """The family that a field's annotation, or a part of it, is marked with; '' without a mark."""
    parts = (field, *get_args(field.annotation))
    marks = [mark for part in parts for mark in getattr(part, "metadata", getattr(part, "__metadata__", ()))]
    return next((mark.family for mark in marks if isinstance(mark, Targets)), "")
