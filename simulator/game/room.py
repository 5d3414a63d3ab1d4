"""A room: one game of several teams, its seats, its clock, and the decision log on disk that is the game.

The calls of the class are `Room`'s own; everything that they return is JSON, and whatever players read is a message
`{"text": key, "values": {…}}` with a key of `simulator.game.texts.texts()`. Time is what callers say (`now`, seconds of
any clock that does not run backwards).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import RLock
from typing import Any

from filelock import FileLock, Timeout

from simulator.game.bots import bot_policy
from simulator.game.debrief import board_of, csv_of, debrief_of
from simulator.game.errors import GameError
from simulator.game.game import Values
from simulator.game.log import DecisionLog
from simulator.game.seats import Seat, digest
from simulator.game.settings import chosen, named
from simulator.game.state import plain
from simulator.game.table import GameTable
from simulator.game.views import clock_of, view_of


class Room:
    """See the module; make one with `Room.create` or `Room.open`, and `close` it in the end.

    >>> import tempfile
    >>> room = Room.create(tempfile.mkdtemp(), "beer-game", teams=1, rounds=2)
    >>> seat = room.join("Ana")
    >>> room.start(now=0.0)
    >>> room.decide(seat, 1, {"order": 8})
    >>> room.tick(now=1.0), room.round
    (True, 2)
    >>> room.close()
    """

    # ------------------------------------------------------------------------------------------------ life of a room
    def __init__(self, folder: Path, words: Mapping[str, Any], log: DecisionLog, lock: FileLock) -> None:
        self.folder, self.log, self._file_lock = folder, log, lock
        self.table = GameTable(words, log.events)
        self.game, self.teams, self.state = self.table.game, self.table.teams, self.table.state
        self._lock = RLock()

    @classmethod
    def create(
        cls,
        folder: str | Path,
        game: str,
        teams: int | Sequence[str] = 4,
        rounds: int | None = None,
        seed: int = 1,
        bots: Mapping[str, str] | None = None,
        **choices: Any,
    ) -> Room:
        """A new room in a folder, which is made and must not hold one.

        Args:
            folder: for `room.json` (what the teacher chose) and `decisions.jsonl` (the game).
            game: a name of `games()`.
            teams: how many, or their names.
            rounds: the game's own number unless given.
            seed: of the customers, lead times and trouble that all teams share.
            bots: role -> the bot that plays it where no player does; the game's first bot unless given.
            choices: `shown` (one of the game's), `timer` (seconds of a round; 0: none).

        Raises:
            GameError: a choice is not one of the game's, or there is a room already.
        """
        home = Path(folder)
        words = chosen(game, teams, rounds, seed, bots, **choices)
        if (home / "room.json").exists():
            raise GameError("exists", folder=home.name)
        home.mkdir(parents=True, exist_ok=True)
        part = home / "room.json.part"
        part.write_text(json.dumps(words, indent=1, ensure_ascii=False), encoding="utf-8")
        part.replace(home / "room.json")
        return cls.open(home)

    @classmethod
    def open(cls, folder: str | Path, now: float | None = None) -> Room:
        """The room in a folder, as it was when its last event was written.

        A round that was running goes on: with as many seconds left as at the last event before if `now` is given,
        otherwise it is paused.

        Raises:
            GameError: the folder has no room, its files are damaged, or another process has opened it.
        """
        home = Path(folder)
        lock = FileLock(home / "lock", thread_local=False)  # rooms are opened and closed by any thread
        try:
            words = json.loads((home / "room.json").read_text(encoding="utf-8"))
            lock.acquire(timeout=0)
        except Timeout:
            raise GameError("in_use", folder=home.name) from None
        except (OSError, ValueError) as error:
            raise GameError("no_room", folder=home.name) from error
        try:
            room = cls(home, words, DecisionLog(home / "decisions.jsonl"), lock)
        except GameError:
            lock.release()
            raise
        if room.state.phase == "playing":
            room._write("pause", now=room.state.last_now)
            if now is not None:
                room._write("resume", now=now)
        return room

    def close(self) -> None:
        """Lets the folder go; the room goes on where it is when it is opened again."""
        self.log.close()
        self._file_lock.release()

    def _write(self, kind: str, **values: Any) -> None:
        self.state.apply(self.log.append(kind, **values), self.table.settings.rounds)

    # ------------------------------------------------------------------------------------------------------- seats
    def join(self, name: str, team: str | None = None, role: str | None = None, token: str | None = None) -> Seat:
        """A seat for a player: the returning one's own if `token` is known, otherwise a free one.

        Free seats are taken team by team, so that teams are complete; a late joiner takes over a bot's.

        Raises:
            GameError: the name is empty, too long or taken; there is no such team or role; the seat or room is full.
        """
        with self._lock:
            if token and (seat := self.seat(token)) is not None:
                return seat
            name = named(name)
            if name.casefold() in {taken.name.casefold() for taken in self.state.seats.values()}:
                raise GameError("name_taken", name=name)
            if team is not None and team not in self.teams:
                raise GameError("team", team=str(team)[:40])
            roles = [self.game.role(role).name] if role else [one.name for one in self.game.roles]
            free = [
                (one, two)
                for one in ([team] if team is not None else self.teams)
                for two in roles
                if f"{one}/{two}" not in self.state.seats
            ]
            if not free:
                raise GameError("full")
            at, part = free[0]
            token = secrets.token_urlsafe(18)
            self._write("join", seat=f"{at}/{part}", name=name, token=digest(token))
            return Seat(f"{at}/{part}", at, part, token, name)

    def seat(self, token: str) -> Seat | None:
        """The seat of a token; None: nobody has it."""
        mine = digest(token)
        for seat, taken in list(self.state.seats.items()):
            if secrets.compare_digest(taken.token, mine):
                team, _, role = seat.rpartition("/")
                return Seat(seat, team, role, token, taken.name)
        return None

    def free(self, seat: str) -> None:
        """Takes a seat (`team/role`) from its player; a bot goes on."""
        with self._lock:
            if seat in self.state.seats:
                self._write("free", seat=seat)

    def set_policy(self, seat: str, text: str) -> None:
        """Lets a student's own policy (YAML) play a seat that no player has.

        Raises:
            GameError: the seat is taken or unknown, or the policy is not one that this seat can play.
        """
        with self._lock:
            team, _, role = seat.rpartition("/")
            if team not in self.teams or seat in self.state.seats:
                raise GameError("seat", seat=seat[:80])
            self.game.check_policy(self.game.role(role).name, bot_policy(text))
            self._write("policy", seat=seat, text=text)

    # ------------------------------------------------------------------------------------------------------- clock
    @property
    def phase(self) -> str:
        """`lobby`, `playing`, `paused` or `ended`."""
        return self.state.phase

    @property
    def round(self) -> int:
        """The round that is being decided, from 1; 0 in the lobby."""
        return self.state.round

    def start(self, now: float) -> None:
        """The first round begins."""
        with self._lock:
            if self.phase != "lobby":
                raise GameError("started")
            self._write("start", now=now)

    def pause(self, now: float) -> None:
        """Stops the clock; players may still decide."""
        with self._lock:
            if self.phase == "playing":
                self._write("pause", now=now)

    def resume(self, now: float) -> None:
        """The clock runs on."""
        with self._lock:
            if self.phase == "paused":
                self._write("resume", now=now)

    def extend(self, seconds: float) -> None:
        """The round lasts longer (below 0: shorter)."""
        with self._lock:
            if self.phase in ("playing", "paused"):
                self._write("extend", seconds=float(seconds))

    def set_timer(self, seconds: float) -> None:
        """Seconds of every round from the next one on; 0: no timer."""
        with self._lock:
            self._write("timer", seconds=max(float(seconds), 0.0))

    def tick(self, now: float) -> bool:
        """Ends the round if all players have decided or time is up; whether it did. Call it after every decision, and
        about once a second."""
        with self._lock:
            if self.phase != "playing":
                return False
            late = self.state.deadline is not None and now >= self.state.deadline
            if late or self.table.all_decided:
                self._close(now)
                return True
            return False

    def prepare(self) -> None:
        """Plays one thing ahead that will be asked for, see `GameTable.prepare`; call it when there is time."""
        with self._lock:
            if self.phase == "playing":
                self.table.prepare()

    def next_round(self, now: float) -> None:
        """Ends the round at once; who has not decided gets the default decision."""
        with self._lock:
            if self.phase in ("playing", "paused"):
                self._close(now)

    def _close(self, now: float) -> None:
        others = {seat: plain(decision) for seat, decision in self.table.absent().items()}
        self._write("close", now=now, round=self.round, others=others)

    def rewind(self, to: int) -> None:
        """Goes back to the start of a round, paused; decisions from it on are played again (the log keeps them).

        Raises:
            GameError: there was no such round.
        """
        with self._lock:
            if self.phase == "lobby" or not 1 <= to <= self.round:
                raise GameError("rewind", round=to)
            self._write("rewind", round=to)
            self.table.forget()

    def end(self) -> None:
        """Ends the game after the last finished round."""
        with self._lock:
            if self.phase != "ended":
                self._write("end")

    # --------------------------------------------------------------------------------------------------- decisions
    def decide(self, seat: Seat | str, number: int, values: Values) -> None:
        """Takes a player's decision; on disk when it returns. The same decision again changes nothing.

        Raises:
            GameError: the round is not being decided, the seat has decided otherwise, or the values are wrong.
        """
        with self._lock:
            at = seat if isinstance(seat, str) else seat.id
            if at not in self.state.seats:
                raise GameError("seat", seat=at[:80])
            found = self.game.role(at.rpartition("/")[2]).read(values)
            done = self.state.closed
            if 1 <= number <= len(done):
                before = done[number - 1].get(at)
                if before is not None and before.by == "player" and before.values == found:
                    return
                raise GameError("late", round=number)
            if self.phase not in ("playing", "paused") or number != self.round:
                raise GameError("not_now", round=number)
            if (old := self.state.waiting.get(at)) is not None:
                if old.values == found:
                    return
                raise GameError("decided", round=number)
            self._write("decide", seat=at, round=number, values=found)

    def foresee(self, seat: Seat | str | None = None) -> bool:
        """Plays the next round of a team ahead, so that nobody waits when it ends; whether there was one to play.

        With the seat of a player who has decided: the team is played once all its players have. Without one, in the
        last seconds of a round: one more team each time, as if its players stayed silent.
        """
        team = (seat.id if isinstance(seat, Seat) else seat or "").rpartition("/")[0]
        with self._lock:
            known = self.phase in ("playing", "paused") and (seat is None or team in self.teams)
            moves = None if not known else self.table.next_moves(team) if seat else self.table.ahead(silent=True)
            last = self.round == self.table.settings.rounds
        if moves is not None:
            self.table.replays.position(moves, last)
        return moves is not None

    # ------------------------------------------------------------------------------------------------------- looking
    def view(self, seat: Seat | str, now: float | None = None) -> dict[str, Any]:
        """What the player of a seat may see: see `views.view_of`."""
        at = seat if isinstance(seat, str) else seat.id
        if at.rpartition("/")[0] not in self.teams:
            raise GameError("seat", seat=at[:80])
        with self._lock:
            return view_of(self.table, at, now)

    def board(self, now: float | None = None) -> dict[str, Any]:
        """The teacher's board: see `debrief.board_of`."""
        with self._lock:
            return {**clock_of(self.table, now), **board_of(self.table)}

    def debrief(self) -> dict[str, Any]:
        """What the class talks about afterwards: see `debrief.debrief_of`."""
        with self._lock:
            return {**clock_of(self.table), **debrief_of(self.table)}

    def decisions_csv(self) -> str:
        """Every decision of every finished round: round, team, role, by, name, field, value."""
        with self._lock:
            return csv_of(self.table)

    def scenario(self, team: str) -> str:
        """A team's game as a scenario file (YAML): `backorder run` repeats it to the digit."""
        with self._lock:
            if team not in self.teams:
                raise GameError("team", team=str(team)[:40])
            return self.game.text(self.table.settings, self.table.moves(team), f"{self.game.name}, team {team}")
