"""The decision log: one JSON object a line, appended and synced before it counts; it is the game."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from simulator.game.errors import GameError

Event = dict[str, Any]


class DecisionLog:
    """A file to which events are appended, and which survives a kill at any byte.

    A line counts once it ends with a line break. What follows the last line break is a torn line: it was never
    acknowledged, and is cut off when the file is opened. Events are numbered, so that none can count twice.

    Args:
        path: the file, which is made if it is not there.

    Raises:
        GameError: a line before the last is damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.events: list[Event] = []
        """All events so far."""
        self._file = path.open("a+b", buffering=0)
        self._file.seek(0)
        content = self._file.read()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            self._file.truncate(whole)
            os.fsync(self._file.fileno())
        try:
            for number, line in enumerate(content[:whole].splitlines(), 1):
                self.events.append(self._event(number, line))
        except GameError:
            self.close()
            raise
        self._end = whole

    def _event(self, number: int, line: bytes) -> Event:
        try:
            event = json.loads(line)
        except ValueError:
            event = None
        if not isinstance(event, dict) or event.get("n") != number:
            raise GameError("damaged", file=self.path.name, line=number)
        return event

    def append(self, kind: str, **values: Any) -> Event:
        """Writes one event and waits until it is on disk.

        Raises:
            GameError: the disk is full or gone; the event does not count.
        """
        event = {"n": len(self.events) + 1, "event": kind, **values}
        line = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        try:
            written = self._file.write(line)
            if written != len(line):
                raise OSError("short write")
            os.fsync(self._file.fileno())
        except OSError as error:
            self._file.truncate(self._end)
            raise GameError("disk", reason=str(error.strerror or error)) from error
        self._end += len(line)
        self.events.append(event)
        return event

    def close(self) -> None:
        """Closes the file."""
        self._file.close()
