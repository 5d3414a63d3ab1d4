"""What a room's log says: phase, round, seats, and every decision; a pure function of the events."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from simulator.game.game import Move, Values
from simulator.game.log import Event

Phase = Literal["lobby", "playing", "paused", "ended"]
By = Literal["player", "timer", "bot"]
"""Who decided: a player, the timer with the default decision, or a bot."""


@dataclass
class Taken:
    """A seat that a player has."""

    name: str
    token: str
    """Digest of the token that the player's device keeps."""


@dataclass
class Decision:
    """What one role of one team decided in one round."""

    values: Values
    by: By
    name: str
    """Of the player, or of the bot."""


@dataclass
class RoomState:
    """The state of a room, folded from its events one by one."""

    phase: Phase = "lobby"
    round: int = 0
    """The round that is being decided, from 1; after the last one the number of rounds; 0 in the lobby."""
    deadline: float | None = None
    """When the round ends, in the teacher's clock; None while it does not run."""
    left: float = 0.0
    """Seconds that are left of the round while the clock is stopped."""
    timer: float = 0.0
    """Seconds of a round; 0: rounds have no timer."""
    last_now: float = 0.0
    """The latest time that any event names."""
    seats: dict[str, Taken] = field(default_factory=dict)
    """Players by the name of their seat, `team/role`."""
    own: dict[str, str] = field(default_factory=dict)
    """The text of the policy that plays a seat, where a student wrote one."""
    waiting: dict[str, Decision] = field(default_factory=dict)
    """Decisions of the current round by seat."""
    closed: list[dict[str, Decision]] = field(default_factory=list)
    """Decisions of finished rounds by seat."""

    def apply(self, event: Event, rounds: int) -> None:
        """Takes one event in."""
        self.last_now = max(self.last_now, float(event.get("now", 0.0)))
        getattr(self, f"_{event['event']}")(event, rounds)

    # ------------------------------------------------------------------------------------------------- the events
    def _join(self, event: Event, rounds: int) -> None:
        self.seats[event["seat"]] = Taken(event["name"], event["token"])
        self.own.pop(event["seat"], None)

    def _free(self, event: Event, rounds: int) -> None:
        self.seats.pop(event["seat"], None)
        self.waiting.pop(event["seat"], None)

    def _policy(self, event: Event, rounds: int) -> None:
        self.own[event["seat"]] = event["text"]

    def _start(self, event: Event, rounds: int) -> None:
        self.phase, self.round = "playing", 1
        self._run(event["now"], self.timer)

    def _run(self, now: float, seconds: float) -> None:
        self.left = seconds
        self.deadline = now + seconds if self.timer else None

    def _pause(self, event: Event, rounds: int) -> None:
        self.left = self.timer if self.deadline is None else max(self.deadline - event["now"], 0.0)
        self.phase, self.deadline = "paused", None

    def _resume(self, event: Event, rounds: int) -> None:
        self.phase = "playing"
        self._run(event["now"], self.left)

    def _extend(self, event: Event, rounds: int) -> None:
        self.left += event["seconds"]
        if self.deadline is not None:
            self.deadline += event["seconds"]

    def _timer(self, event: Event, rounds: int) -> None:
        self.timer = event["seconds"]

    def _decide(self, event: Event, rounds: int) -> None:
        name = self.seats[event["seat"]].name
        self.waiting[event["seat"]] = Decision(event["values"], "player", name)

    def _close(self, event: Event, rounds: int) -> None:
        others = {seat: Decision(values, by, name) for seat, (values, by, name) in event["others"].items()}
        self.closed.append({**self.waiting, **others})
        self.waiting = {}
        if self.round == rounds:
            self.phase, self.deadline = "ended", None
            return
        self.round += 1
        if self.phase == "playing":
            self._run(event["now"], self.timer)
        else:
            self.left = self.timer

    def _rewind(self, event: Event, rounds: int) -> None:
        self.round = event["round"]
        del self.closed[self.round - 1 :]
        self.waiting = {}
        self.phase, self.deadline, self.left = "paused", None, self.timer

    def _end(self, event: Event, rounds: int) -> None:
        self.phase, self.deadline, self.waiting = "ended", None, {}

    # ------------------------------------------------------------------------------------------------- questions
    def moves(self, team: str) -> list[Move]:
        """A team's decisions in the finished rounds."""
        head = f"{team}/"
        return [
            {seat.removeprefix(head): one.values for seat, one in done.items() if seat.startswith(head)}
            for done in self.closed
        ]


def folded(events: list[Event], timer: float, rounds: int) -> RoomState:
    """The state after all of these events."""
    found = RoomState(timer=timer)
    for event in events:
        found.apply(event, rounds)
    return found


def plain(decision: Decision) -> list[Any]:
    """A decision as the log holds it."""
    return [decision.values, decision.by, decision.name]
