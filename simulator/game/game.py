"""What a game is: its roles and their decisions, how a team's decisions become a scenario, and what the roles see."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal

from simulator.game.errors import GameError
from simulator.record.run import Run
from simulator.scenario.schema.schema import Scenario

Values = dict[str, Any]
"""Field -> value: what one role decides in one round."""
Move = dict[str, Values]
"""Role -> what it decides: one round of one team."""
Seen = dict[str, Any]
"""What one role may see: `now` (name -> number), `history` (name -> one value a period), `messages`."""

GAMES: dict[str, Game] = {}
"""Every game by its name."""


@dataclass(frozen=True)
class Field:
    """One number or choice that a role decides in every round."""

    name: str
    label: str
    """Key of its text; `<label>.help` explains it."""
    kind: Literal["int", "choice"] = "int"
    unit: str = ""
    """Key of the unit's text; '' for none."""
    low: int = 0
    high: int = 999
    default: Any = 0
    choices: tuple[str, ...] = ()
    """Values of a choice; their texts are `<label>.<value>`."""

    def described(self) -> dict[str, Any]:
        """The field for a page, as JSON."""
        return {**asdict(self), "choices": list(self.choices)}

    def read(self, value: Any) -> Any:
        """The value as the game uses it.

        Raises:
            GameError: it is not a whole number within the bounds, or not one of the choices.
        """
        if self.kind == "choice":
            if value not in self.choices:
                raise GameError("choice", field=self.name, choices=", ".join(self.choices))
            return value
        if isinstance(value, str) and value.strip().isdecimal():
            value = int(value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not self.low <= value <= self.high:
            raise GameError("number", field=self.name, low=self.low, high=self.high)
        return value


@dataclass(frozen=True)
class Role:
    """A seat at a team's table."""

    name: str
    title: str
    """Key of its text; `<title>.help` says what it does."""
    fields: tuple[Field, ...]

    def read(self, values: Any) -> Values:
        """A decision with every field read.

        Raises:
            GameError: a field is missing, unknown or wrong.
        """
        known = {field.name for field in self.fields}
        if not isinstance(values, Mapping) or set(values) != known:
            raise GameError("fields", fields=", ".join(sorted(known)))
        return {field.name: field.read(values[field.name]) for field in self.fields}

    def clipped(self, values: Values) -> Values:
        """A bot's decision within the bounds of the fields."""
        found = dict(values)
        for field in self.fields:
            if field.kind == "int":
                found[field.name] = min(max(int(found[field.name]), field.low), field.high)
        return self.read(found)


@dataclass(frozen=True)
class Settings:
    """What the teacher chose for a room, as far as it changes the game."""

    rounds: int
    seed: int = 1
    shown: str = "own"


@dataclass
class Position:
    """Where a team stands at the start of a round, or at the end of the game; all of it is JSON."""

    roles: dict[str, Seen]
    score: dict[str, Any]
    """Name -> number of the team: `rank` decides (higher is better), the rest is shown."""
    series: dict[str, list[Any]]
    """Name -> one value a period, for the board and the debrief."""


class Game(ABC):
    """The rules of one game.

    A team's moves so far are played on the game's scenario with the room's seed, from the start: every team has the
    same customers, lead times and trouble, and the numbers are those of `backorder run`.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    """Key of its text; `<title>.help` says in a few sentences what it is about."""
    roles: ClassVar[tuple[Role, ...]]
    rounds: ClassVar[int]
    """Rounds unless the teacher says otherwise."""
    most_rounds: ClassVar[int]
    timer: ClassVar[float] = 60.0
    """Seconds of a round unless the teacher says otherwise."""
    bots: ClassVar[tuple[str, ...]]
    """Names of the bots, the usual one for absent roles first; their texts are `bot.<name>`."""
    asks_bots: ClassVar[bool] = True
    """Whether a team of bots is asked round by round; False: `bot_team` tells from one run."""
    shown: ClassVar[tuple[str, ...]] = ("own",)
    """What roles may see of each other, the usual choice first; their texts are `shown.<name>`."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "name" in vars(cls):
            GAMES[cls.name] = cls()

    # ------------------------------------------------------------------------------------------------- the rules
    @abstractmethod
    def scenario(self, settings: Settings, moves: Sequence[Move], finished: bool = False) -> Scenario:
        """The world up to what a team knows after these moves; its policy is `team`. `finished`: up to the end."""

    @abstractmethod
    def text(self, settings: Settings, moves: Sequence[Move], title: str) -> str:
        """The same as a scenario file (YAML), which `backorder run` repeats to the digit."""

    @abstractmethod
    def read(self, settings: Settings, moves: Sequence[Move], run: Run) -> Position:
        """Where the team stands, from the facts of a run of `scenario`."""

    @abstractmethod
    def bot(self, name: str, role: str, seen: Seen, policy: Any = None) -> Values:
        """What a bot decides, given what its role sees; `policy` is that of the bot `own` (see `bot_policy`)."""

    def takes_policy(self, role: str) -> bool:
        """Whether a student's own policy can play a role."""
        return True

    def check_policy(self, role: str, policy: Any) -> None:
        """Whether a student's own policy can play a role, for the kinds that `bot_policy` reads.

        Raises:
            GameError: it cannot, and why.
        """
        if not self.takes_policy(role):
            known = [one for one in self.roles if self.takes_policy(one.name)]
            raise GameError("policy_role", roles=", ".join(one.name for one in known))

    def bot_team(self, settings: Settings, name: str, rounds: int, finished: bool) -> Position | None:
        """Where a team of such bots stands after some rounds, where one run tells; None: they are asked round by
        round."""
        return None

    def fixed(self, name: str) -> Move | None:
        """What a team of such bots decides in every round, where it is always the same; None: it looks."""
        return None

    @abstractmethod
    def idle(self, role: str, seen: Seen) -> Values:
        """The decision of a player who has not decided when time is up."""

    @abstractmethod
    def theory(self, settings: Settings) -> dict[str, Any]:
        """Known values to set beside what the teams did: JSON, with `notes` as messages."""

    @abstractmethod
    def moments(self, settings: Settings, moves: Sequence[Move], position: Position) -> list[dict[str, Any]]:
        """The moments that decided a team's game, as messages with `round`, the most important first."""

    @abstractmethod
    def questions(self) -> list[str]:
        """Keys of questions to discuss."""

    # --------------------------------------------------------------------------------------------------- look-ups
    def role(self, name: str) -> Role:
        """The role of this name.

        Raises:
            GameError: there is no role of this name.
        """
        for role in self.roles:
            if role.name == name:
                return role
        raise GameError("role", role=name, roles=", ".join(role.name for role in self.roles))

    def described(self) -> dict[str, Any]:
        """The game for a page: everything above that is data, as JSON."""
        return {
            "name": self.name,
            "title": self.title,
            "roles": [
                {"name": role.name, "title": role.title, "fields": [field.described() for field in role.fields]}
                for role in self.roles
            ],
            "rounds": self.rounds,
            "most_rounds": self.most_rounds,
            "timer": self.timer,
            "bots": list(self.bots),
            "shown": list(self.shown),
        }
