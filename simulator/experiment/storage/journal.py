"""The journal of finished replications: one file, one line with a checksum each, sorted at the end of a study."""

from __future__ import annotations

import hashlib
import json
import os
import time
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, cast

from simulator.experiment.storage.files import PART, os_errors_reported, put_whole
from simulator.experiment.storage.replication import Replication
from simulator.foundation.errors import UserError
from simulator.foundation.signals import unbroken

JOURNAL = "replications.jsonl"
FLUSH_EVERY = 1.0
"""Seconds."""
_HEAD = '{"checksum": "'
_BODY = len(_HEAD) + 64 + len('", ')
"""Offset of the part of a line that the checksum covers."""


class Task(NamedTuple):
    """One replication of one point of a study; a run has a single point, whose key is empty."""

    point: str
    number: int

    def __str__(self) -> str:
        return f"{self.number} of point {self.point}" if self.point else str(self.number)


class Journal:
    """The file of finished replications of the experiment with a given fingerprint.

    An incomplete last line, left by a killed process, is dropped when the file is opened for writing. Checksums include
    the fingerprint, so that a line of another experiment is not accepted.
    """

    def __init__(self, path: Path, fingerprint: str) -> None:
        self.path, self.fingerprint = path, fingerprint
        self.end = 0
        """Size of the complete lines, bytes."""
        self.in_order = True
        """Whether the lines are sorted by point and number."""
        self._last = Task("", -1)
        self._flushed = -FLUSH_EVERY
        self._places: dict[str, array[int]] = {}
        """By point: the offset of the line of each replication, -1 if there is none."""

    @classmethod
    def read(cls, path: Path, fingerprint: str) -> Journal:
        """Read a journal and check every line; an incomplete last line is ignored.

        Raises:
            UserError: a line was edited or damaged, or belongs to another experiment; the message names it.
        """
        journal = cls(path, fingerprint)
        with os_errors_reported(path, "read"):
            try:
                file = path.open("rb")
            except FileNotFoundError:
                return journal
            with file:
                for number, line in enumerate(file, 1):
                    if not line.endswith(b"\n"):
                        break
                    plain = journal._unsealed(line, number)
                    journal._place(Task(plain.get("point", ""), plain["replication"]), len(line))
        return journal

    def drop_torn_end(self) -> None:
        """Remove an incomplete last line that a killed process left."""
        with os_errors_reported(self.path, "write"):
            if self.path.exists() and self.path.stat().st_size > self.end:
                os.truncate(self.path, self.end)

    def __contains__(self, task: Task) -> bool:
        places = self._places.get(task.point)
        return places is not None and task.number < len(places) and places[task.number] >= 0

    def load(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Replication]]:
        """Those of the replications that are saved, one at a time."""
        there = [task for task in tasks if task in self]
        if not there:
            return
        with os_errors_reported(self.path, "read"), self.path.open("rb") as file:
            for task in there:
                file.seek(self._places[task.point][task.number])
                plain = self._unsealed(file.readline(), None)
                yield task, Replication.from_plain(plain)

    def append(self, finished: Iterable[tuple[Task, Replication]]) -> None:
        """Write finished replications, each once; a failure leaves the file unchanged.

        Written lines survive the end of this process. To survive a crash of the machine they must be flushed to the
        disk, which can take longer than a replication: this is done once a second, and at the end (`flush`).
        """
        lines = [(task, self._sealed(task, replication)) for task, replication in finished if task not in self]
        with unbroken(), os_errors_reported(self.path, "write"), self.path.open("ab", buffering=0) as file:
            try:
                left = memoryview(b"".join(line for _, line in lines))
                while left:
                    left = left[file.write(left) :]
                if time.monotonic() > self._flushed + FLUSH_EVERY:
                    os.fsync(file.fileno())
                    self._flushed = time.monotonic()
            except BaseException:
                os.truncate(self.path, self.end)
                raise
            for task, line in lines:
                self._place(task, len(line))

    def flush(self) -> None:
        """Flush all lines to the disk."""
        if self.path.exists():
            with os_errors_reported(self.path, "write"), self.path.open("rb") as file:
                os.fsync(file.fileno())

    def put_in_order(self) -> None:
        """Sort the lines by point and number, unless they are sorted already."""
        if self.in_order:
            return
        part = self.path.with_name(f".{self.path.name}{PART}")
        order = [Task(point, k) for point in sorted(self._places) for k in range(len(self._places[point]))]
        with os_errors_reported(self.path, "write"):
            try:
                with self.path.open("rb") as file, part.open("wb") as out:
                    for task in order:
                        if task in self:
                            file.seek(self._places[task.point][task.number])
                            out.write(file.readline())
                    out.flush()
                put_whole(part, self.path)
            except BaseException:
                part.unlink(missing_ok=True)
                raise
        fresh = Journal.read(self.path, self.fingerprint)
        self._places, self._last, self.in_order = fresh._places, fresh._last, True

    def _place(self, task: Task, size: int) -> None:
        places = self._places.setdefault(task.point, array("q"))
        if task.number >= len(places):
            places.extend([-1] * (task.number + 1 - len(places)))
        places[task.number] = self.end
        self.in_order = self.in_order and task > self._last
        self._last = task
        self.end += size

    def _sealed(self, task: Task, replication: Replication) -> bytes:
        point = {"point": task.point} if task.point else {}
        body = json.dumps({**point, **replication.to_plain()}, allow_nan=False)[1:]
        return f'{_HEAD}{self._seal(body.encode())}", {body}\n'.encode()

    def _seal(self, body: bytes) -> str:
        return hashlib.sha256(self.fingerprint.encode() + body).hexdigest()

    def _unsealed(self, line: bytes, number: int | None) -> dict[str, Any]:
        body = line[_BODY:-1]
        if line[:_BODY] != f'{_HEAD}{self._seal(body)}", '.encode():
            place = "" if number is None else f":{number}"
            raise UserError(
                f"{self.path}{place}: was edited or damaged, or belongs to another experiment (checksum mismatch); "
                "remove this line and run the same command again"
            )
        return cast(dict[str, Any], json.loads(b"{" + body))
