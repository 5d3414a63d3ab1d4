"""The table of a room: the game, its teams and what its log says; all that can be asked without changing anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.game.bots import bot_policy
from simulator.game.catalogue import game_of
from simulator.game.game import Game, Move, Position, Role, Seen, Settings, Values
from simulator.game.log import Event
from simulator.game.replay import Replays
from simulator.game.state import Decision, RoomState, folded


class GameTable:
    """Args:
    words: the content of `room.json`.
    events: those of the log.
    """

    def __init__(self, words: Mapping[str, Any], events: list[Event]) -> None:
        self.game: Game = game_of(words["game"])
        self.teams: tuple[str, ...] = tuple(words["teams"])
        self.settings = Settings(words["rounds"], words["seed"], words["shown"])
        self.bots: dict[str, str] = words["bots"]
        """The bot of every role that nobody plays."""
        self.state: RoomState = folded(events, words["timer"], self.settings.rounds)
        self.replays = Replays(self.game, self.settings)
        self._bots: dict[str, list[Move]] = {}
        self._ahead: dict[str, tuple[int, int]] = {}
        """The round whose end has been played for a team, and how many of its players had decided then."""

    @property
    def all_decided(self) -> bool:
        """Whether every player has decided in this round (False where there are no players)."""
        return bool(self.state.seats) and self.state.seats.keys() <= self.state.waiting.keys()

    def moves(self, team: str) -> list[Move]:
        """A team's decisions in the finished rounds: role -> values, round by round."""
        return self.state.moves(team)

    def position(self, team: str) -> Position:
        """Where a team stands at the start of this round, or at the end."""
        return self.replays.position(self.moves(team), self.state.phase == "ended")

    def next_moves(self, team: str) -> list[Move] | None:
        """A team's decisions with those of this round; None while one of its players has not decided."""
        seats = [f"{team}/{role.name}" for role in self.game.roles]
        if any(seat in self.state.seats and seat not in self.state.waiting for seat in seats):
            return None
        moves, position = self.moves(team), self.position(team)
        now = {}
        for seat, role in zip(seats, self.game.roles, strict=True):
            decided = self.state.waiting.get(seat)
            now[role.name] = (decided or self._absent(seat, role.name, position)).values
        return [*moves, now]

    def absent(self) -> dict[str, Decision]:
        """By seat, what is decided for the roles whose player is silent, or which nobody plays."""
        seats = {f"{team}/{role.name}": (team, role) for team in self.teams for role in self.game.roles}
        return {seat: self._decided(*of) for seat, of in seats.items() if seat not in self.state.waiting}

    def _decided(self, team: str, role: Role) -> Decision:
        seat = f"{team}/{role.name}"
        return self.state.waiting.get(seat) or self._absent(seat, role.name, self.position(team))

    def _absent(self, seat: str, role: str, position: Position) -> Decision:
        seen = position.roles[role]
        if (taken := self.state.seats.get(seat)) is not None:
            return Decision(self.game.idle(role, seen), "timer", taken.name)
        own = self.state.own.get(seat)
        name = "own" if own else self.bots[role]
        policy = bot_policy(own) if own else None
        return Decision(self._of_bot(name, self.game.role(role), seen, policy), "bot", name)

    def bot_team(self, name: str) -> Position:
        """Where a team of bots of one kind stands after as many rounds of the same world."""
        rounds, finished = len(self.state.closed), self.state.phase == "ended"
        at_once = self.game.bot_team(self.settings, name, rounds, finished)
        if at_once is not None:
            return at_once
        while len(self._bots_moves(name)) < rounds:
            self._let_bots_move(name)
        return self.replays.position(self._bots_moves(name)[:rounds], finished)

    def ahead(self, silent: bool = False) -> list[Move] | None:
        """The moves of a team whose next position has not been played yet, so that the end of a round need not play all
        of them; None: there is no such team. Each call names another one.

        Args:
            silent: teams count, too, of which players have not decided: as if they stayed silent.
        """
        state = self.state
        for team in self.teams:
            players = [seat for seat in state.seats if seat.startswith(f"{team}/")]
            decided = sum(seat in state.waiting for seat in players)
            known = (state.round, decided)
            if (silent or (players and decided == len(players))) and self._ahead.get(team) != known:
                self._ahead[team] = known
                return [*self.moves(team), {role.name: self._decided(team, role).values for role in self.game.roles}]
        return None

    def prepare(self) -> None:
        """Plays ahead one thing that will be asked for: what `ahead` names, or a round of bots that are behind, so that
        a debrief need not play whole games. Call it when there is time."""
        if (moves := self.ahead()) is not None:
            self.replays.position(moves, self.state.round == self.settings.rounds)
            return
        for name in self.game.bots:
            looks = self.game.asks_bots and self.game.fixed(name) is None
            if looks and len(self._bots_moves(name)) < len(self.state.closed):
                self._let_bots_move(name)
                return

    def forget(self) -> None:
        """What was played ahead may be decided otherwise."""
        self._ahead.clear()

    def _bots_moves(self, name: str) -> list[Move]:
        """What a team of bots has decided so far, from the first round on."""
        if (always := self.game.fixed(name)) is not None:
            return [always] * self.settings.rounds
        return self._bots.setdefault(name, [])

    def _let_bots_move(self, name: str) -> None:
        moves = self._bots_moves(name)
        seen = self.replays.position(moves).roles
        moves.append({role.name: self._of_bot(name, role, seen[role.name]) for role in self.game.roles})

    def _of_bot(self, name: str, role: Role, seen: Seen, policy: Any = None) -> Values:
        return role.clipped(self.game.bot(name, role.name, seen, policy))
