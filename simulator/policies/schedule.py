"""A schedule: a policy that changes on dates, while a condition holds, or from round to round of a class game."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field

from simulator.foundation.plugin import Plugin, Spec
from simulator.foundation.rounds import RoundByRound
from simulator.foundation.units import Day, Texts, Whole, wrong
from simulator.foundation.validators import build
from simulator.policies.acceptance import Acceptance
from simulator.policies.allocation.allocation import Allocation
from simulator.policies.communication import Communication
from simulator.policies.decisions import AT, DECIDED, DEFAULT, ITEMS, SEGMENTS, PerItem, PerSegment, reach_of
from simulator.policies.fulfilment import Fulfilment
from simulator.policies.payment import Payment
from simulator.policies.procurement import Procurement
from simulator.policies.promise import Promise
from simulator.policies.promotion import PromotionChoice
from simulator.policies.replenishment.replenishment import Replenishment
from simulator.policies.reservation import Reservation
from simulator.policies.sourcing.sourcing import Sourcing
from simulator.policies.sourcing.transfers import Transfers
from simulator.policies.window import Window

DIFFERING = ("replenishment", *DECIDED)
"""The decisions that a schedule can change for some segments or items alone."""
WHOLE = ("procurement", "promotion", "transfers", "allocation", "reservation")
"""The decisions that it can change for the whole shop."""
CHANGED = (*DIFFERING, *WHOLE)
"""The decisions that a schedule can change."""


class Condition(Spec):
    """States of suppliers; the condition holds while any of the suppliers named is in the state under which it is
    named."""

    late: Texts = []
    """Suppliers that have not delivered a purchase in full within the days that they quote (`quotes`, otherwise the
    order delay and the mean lead time), one or a list."""
    closed: Texts = []
    """Suppliers that are closed or stopped: nothing leaves them."""
    slowed: Texts = []
    """Suppliers whose lead times are changed, or whose capacity is cut, by an event."""

    def model_post_init(self, context: object) -> None:
        if not (self.late or self.closed or self.slowed):
            raise wrong("names no supplier; write for example {late: NAME}")

    @property
    def suppliers(self) -> Iterator[tuple[str, int | None, str]]:
        """Key, place in its list, and name of every supplier."""
        for key in ("late", "closed", "slowed"):
            for place, name in enumerate(getattr(self, key)):
                yield key, place, name


class ScheduleEntry(Spec):
    """Decisions that replace those of the policy from a day to a day, while a condition holds, or both.

    They go before all of the policy's own decisions, for the segments and items for which they are given.
    """

    foreseen: ClassVar[bool] = True
    """Whether planners know it before it comes into force."""

    from_: Day | None = Field(default=None, alias="from")
    """First day on which it is in force: a duration from the start, or a date; from the start unless given."""
    to: Day | None = None
    """First day after it; until the end unless given."""
    while_: Condition | None = Field(default=None, alias="while")
    """What else must hold; nothing unless given."""
    priority: Annotated[Whole, Field(ge=1)] = 1
    """Which entry goes first where several that change the same decision are in force at once: 1 before 2."""
    replenishment: PerItem[Replenishment] = Field(default_factory=dict)
    """When to buy, how much, from whom; fields without `kind` change those of the policy's decision."""
    acceptance: PerSegment[Acceptance] = Field(default_factory=dict)
    """Which backorders are accepted."""
    promise: PerSegment[Promise] = Field(default_factory=dict)
    """Which date is quoted with orders placed meanwhile."""
    communication: PerSegment[Communication] = Field(default_factory=dict)
    """Which messages customers get about orders placed meanwhile."""
    fulfilment: PerSegment[Fulfilment] = Field(default_factory=dict)
    """How orders placed meanwhile ship."""
    window: PerSegment[Window] = Field(default_factory=dict)
    """How long backorders of orders placed meanwhile may stay open."""
    sourcing: PerSegment[Sourcing] = Field(default_factory=dict)
    """Which of several `warehouses` serves orders placed meanwhile."""
    payment: PerSegment[Payment] = Field(default_factory=dict)
    """When orders placed meanwhile are paid."""

    procurement: Procurement | None = None
    """What the buyer does meanwhile about old or large backorders."""
    transfers: Transfers | None = None
    """Whether the `warehouses` send stock to each other meanwhile, at the same `cost` as at other times."""
    promotion: PromotionChoice | None = None
    """Whether promotions pause meanwhile for items on backorder."""
    allocation: Allocation | None = None
    """Whose backorder is filled first meanwhile, whenever it was placed."""
    reservation: Reservation | None = None
    """How long before the wanted day stock is reserved, and goods leave, for orders placed meanwhile; on dates only."""

    def model_post_init(self, context: object) -> None:
        if self.end <= self.start:
            raise wrong("`to` must be after `from`")
        if self.while_ is None and self.from_ is None and self.to is None:
            raise wrong("is always in force: give `from`, `to` or `while`, or change the policy itself")
        if not self.changes:
            raise wrong(f"changes nothing: give at least one of {', '.join(CHANGED)}")

    @property
    def start(self) -> float:
        """First day on which it may be in force."""
        return -math.inf if self.from_ is None else self.from_

    @property
    def end(self) -> float:
        """First day after it."""
        return math.inf if self.to is None else self.to

    @property
    def changes(self) -> list[str]:
        """The decisions that it changes."""
        return [family for family in CHANGED if getattr(self, family)]

    def decisions(self, family: str) -> Mapping[str, Spec]:
        """Its decisions of one family, by their keys."""
        found = getattr(self, family)
        if family in WHOLE:
            return {} if found is None else {DEFAULT: found}
        decisions: Mapping[str, Spec] = found
        return decisions


def contested(one: ScheduleEntry, other: ScheduleEntry) -> str:
    """A decision for which two entries may be in force at once without an order; '' if there is none."""
    if one.priority != other.priority or one.end <= other.start or other.end <= one.start:
        return ""
    for family in one.changes:
        for key in one.decisions(family):
            if any(_meet(key, twin) for twin in other.decisions(family)):
                return family
    return ""


def _meet(key: str, other: str) -> bool:
    """Whether two decisions may be for the same line."""
    ours, theirs = reach_of(key), reach_of(other)
    pairs = ((a, b) for a, b in zip(ours, theirs, strict=True))
    return all(a == b or a in ("", DEFAULT) or b in ("", DEFAULT) for a, b in pairs)


# ------------------------------------------------------------------------------------------------------ reading
def completed(words: Any) -> Any:
    """The keys of a policy, in whose schedule fields without `kind` are completed from the decisions that they change.

    >>> base = {"default": {"kind": "s_S", "s": 5, "S": 9}, "lamp": {"kind": "none"}}
    >>> words = {"replenishment": base, "schedule": [{"from": 3, "replenishment": {"S": 20}}]}
    >>> completed(words)["schedule"][0]["replenishment"]
    {'default': {'kind': 's_S', 's': 5, 'S': 20}, 'lamp': {'kind': 'none'}}
    """
    schedule = words.get("schedule") if isinstance(words, dict) else None
    if not isinstance(schedule, list):
        return words
    entries = [_completed(entry, words) if isinstance(entry, dict) else entry for entry in schedule]
    return {**words, "schedule": entries}


def _completed(entry: dict[str, Any], words: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(entry)
    for family in CHANGED:
        value = entry.get(family)
        if family == "reservation" and isinstance(value, dict):
            usual = words.get(family)
            found[family] = {**(usual if isinstance(usual, dict) else {"at": usual} if usual else {}), **value}
        elif isinstance(value, dict) and value:
            found[family] = _over(words.get(family), value, None)
    return found


def _over(base: Any, value: dict[str, Any], usual: Any) -> Any:
    """A decision of an entry over that of the policy, or over each of them where they differ.

    `usual` is the policy's decision for what it does not name.
    """
    if "kind" in value or not isinstance(base, dict):
        return value
    if _is_fields(base, value):
        return _patched(base, value)
    usual = base if "kind" in base else base.get(DEFAULT, usual)
    found = {}
    for key, inner in value.items():
        below = base if "kind" in base else base.get(key, base if key in (SEGMENTS, ITEMS) else usual)
        found[key] = _over(below, inner, usual) if isinstance(inner, dict) else inner
    return found


def _is_fields(base: Mapping[str, Any], value: Mapping[str, Any]) -> bool:
    """Whether a mapping holds fields of a decision, not decisions."""
    if not any(isinstance(inner, dict) for inner in value.values()):
        return True
    named = {key for leaf in _leaves(base) for key in leaf}
    return all(key in named for key in value)


def _leaves(base: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(base, dict) and "kind" in base:
        yield base
    elif isinstance(base, dict):
        for inner in base.values():
            yield from _leaves(inner)


def _patched(base: dict[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """The policy's decisions with these fields changed, where they have them all; one decision always."""
    if "kind" in base:
        return {**base, **fields}
    whole = any(all(key in leaf for key in fields) for leaf in _leaves(base))

    def changed(value: Any, name: str) -> Any:
        if not isinstance(value, dict):
            return value
        if "kind" in value:
            fits = all(key in value for key in fields) if whole else name == DEFAULT
            return {**value, **fields} if fits else value
        return {key: changed(inner, key) for key, inner in value.items()}

    return {key: changed(inner, key) for key, inner in base.items()}


def keys_below(path: tuple[Any, ...], key: str) -> tuple[Any, ...]:
    """The path in the file of a decision with this key."""
    return (*path, *key.split(AT))


# ------------------------------------------------------------------------------------------------------ played
LAST = 1_000_000
"""Priority of what was played: entries that the user writes go first."""


class PlayedEntry(ScheduleEntry):
    """What was played in some rounds; nobody knows it before."""

    foreseen: ClassVar[bool] = False


def unrolled(decisions: Mapping[str, Any]) -> tuple[dict[str, Any], list[ScheduleEntry]]:
    """The decisions of the first round in place of those that were played, and the entries for the later rounds.

    Each family has a kind `played` that lists its decisions. A policy replaces it by the first of them, and adds an
    entry for every later round in which something changes; so orders, KPIs and stories know nothing of games.

    Args:
        decisions: those of a policy by family.
    """
    first: dict[str, Any] = {}
    entries: list[ScheduleEntry] = []
    for family in (*DIFFERING, *WHOLE):
        found = decisions.get(family)
        if isinstance(found, Mapping):
            if any(_is_played(one) for one in found.values()):
                first[family] = {key: _at(one, 0.0) for key, one in found.items()}
                entries += _entries(family, found)
        elif found is not None and _is_played(found):
            first[family] = _at(found, 0.0)
            entries += _entries(family, {"": found})
    return first, entries


def _is_played(decision: Plugin) -> bool:
    return isinstance(decision, RoundByRound) and bool(decision.rounds)


def _at(decision: Plugin, day: float) -> Plugin:
    if isinstance(decision, RoundByRound) and decision.rounds:
        found: Plugin = decision.at(day)
        return found
    return decision


def _entries(family: str, decisions: Mapping[str, Plugin]) -> list[ScheduleEntry]:
    """One entry for every span of rounds with the same decisions, with all decisions of the family: entries go before
    those of the policy, also where these are more specific."""
    played = [one for one in decisions.values() if isinstance(one, RoundByRound) and one.rounds]
    edges = sorted({day for one in played for day in one.edges})
    spans: list[tuple[float, dict[str, Plugin]]] = [(0.0, {key: _at(one, 0.0) for key, one in decisions.items()})]
    for day in edges:
        now = {key: _at(one, day) for key, one in decisions.items()}
        if now != spans[-1][1]:
            spans.append((day, now))
    ends: Sequence[float | None] = [*(day for day, _ in spans[1:]), None]
    build(PlayedEntry)
    return [
        PlayedEntry.model_validate(
            {"from": day, "to": end, "priority": LAST, family: now[""] if family in WHOLE else now}
        )
        for (day, now), end in zip(spans, ends, strict=True)
        if day > 0 and not math.isinf(day)
    ]
