"""The rooms of a class: codes, folders, what is announced in them, and who is told when something changes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simulator.experiment.storage.files import make_folder, write_whole
from simulator.foundation.errors import UserError
from simulator.game.errors import GameError
from simulator.game.room import Room
from simulator.game.views import clock_of

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Of a code; I and O look like 1 and 0."""
CODE = re.compile(f"[{LETTERS}]{{4}}")
MOST_ROOMS = 20
"""Open at the same time."""
MOST_NEWS = 20
"""Messages of the teacher that are kept."""
LONGEST_NEWS = 280
NEWS = "news.json"


class Bell:
    """Wakes everybody who waits for a change; used inside one event loop."""

    def __init__(self) -> None:
        self.version = 0
        self._next = asyncio.Event()

    def ring(self) -> None:
        """Something has changed."""
        self.version += 1
        self._next.set()
        self._next = asyncio.Event()

    async def after(self, version: int, seconds: float) -> None:
        """Returns when there is a newer version, or after so many seconds."""
        if self.version == version:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._next.wait(), seconds)


class OpenRoom:
    """A room that students can join by its code."""

    def __init__(self, code: str, room: Room) -> None:
        self.code, self.room, self.bell = code, room, Bell()
        self.streams = 0
        """Browsers that listen."""
        self.closed = False
        """Whether it is off the list."""
        self.news: list[str] = []
        """What the teacher wrote, the newest last."""
        with contextlib.suppress(OSError, ValueError):
            found = json.loads((room.folder / NEWS).read_text(encoding="utf-8"))
            self.news = [text for text in found if isinstance(text, str)]

    def announce(self, text: str) -> None:
        """A message of the teacher to everybody; an empty one takes all of them away.

        Raises:
            UserError: it is too long.
        """
        found = " ".join(text.split())
        if len(found) > LONGEST_NEWS:
            raise UserError(f"A message has at most {LONGEST_NEWS} characters.")
        self.news = [*self.news, found][-MOST_NEWS:] if found else []
        write_whole({self.room.folder / NEWS: json.dumps(self.news, ensure_ascii=False).encode()})

    def state(self) -> dict[str, Any]:
        """What is the same for everybody, and cheap to ask for: the clock, who is done, what the teacher said last."""
        ledger = self.room.state
        return {
            **clock_of(self.room.table, now()),
            "version": self.bell.version,
            "players": len(ledger.seats),
            "done": len(ledger.waiting),
            "announced": self.news[-1] if self.news else "",
        }


def now() -> float:
    """Seconds by the clock of the rooms."""
    return time.time()


class Rooms:
    """All rooms of a folder, each in a folder of its own named by its code.

    Rooms that are in the folder are opened where they were; a round that was running is paused.

    Args:
        home: the folder, which is made.

    Raises:
        UserError: the folder cannot be written.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        make_folder(home)
        self.open: dict[str, OpenRoom] = {}
        """By code, the newest last."""
        self.shut: dict[str, str] = {}
        """By code, why a room could not be opened: it is damaged, or another server has it."""
        found = [place for place in home.iterdir() if CODE.fullmatch(place.name) and (place / "room.json").is_file()]
        for place in sorted(found, key=lambda place: (place / "room.json").stat().st_mtime)[-MOST_ROOMS:]:
            try:
                self.open[place.name] = OpenRoom(place.name, Room.open(place))
            except GameError as error:
                self.shut[place.name] = str(error)

    def create(self, game: str, choices: Mapping[str, Any]) -> OpenRoom:
        """A new room under a new code; see `Room.create` for the choices.

        Raises:
            UserError: there are too many rooms.
            GameError: a choice is not one of the game's.
        """
        if len(self.open) >= MOST_ROOMS:
            raise UserError(f"There are {MOST_ROOMS} rooms; close one first.")
        code = self._new_code()
        found = OpenRoom(code, Room.create(self.home / code, game, **choices))
        self.open[code] = found
        return found

    def _new_code(self) -> str:
        while True:
            code = "".join(secrets.choice(LETTERS) for _ in range(4))
            if not (self.home / code).exists():
                return code

    def put_away(self, code: str) -> None:
        """Takes a room off the list; its folder keeps the game under a name that nobody can join."""
        found = self.open.pop(code)
        found.closed = True
        found.room.close()
        done = self.home / f"{code}-{int(now())}"
        found.room.folder.rename(done)
        found.bell.ring()

    def close(self) -> None:
        """Lets all folders go; the rooms go on when they are opened again."""
        for found in self.open.values():
            found.room.close()

    def due(self, within: float = 0.0) -> list[OpenRoom]:
        """The rooms whose round has to end now, or within so many seconds; cheap to ask all the time."""
        at = now() + within
        return [found for found in self.open.values() if (end := found.room.state.deadline) is not None and at >= end]
