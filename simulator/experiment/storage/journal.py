"""The journal of finished replications: one file, one line with a checksum each, sorted at the end of a study."""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import os
import time
from array import array
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from simulator.experiment.storage.files import PART, SAFELY, json_object, os_errors_reported, put_whole
from simulator.experiment.storage.replication import MOST_REPLICATIONS, Replication
from simulator.foundation.errors import ResultsLost, UserError
from simulator.foundation.signals import unbroken

JOURNAL = "replications.jsonl"
FLUSH_EVERY = 1.0
"""Seconds."""
LONGEST_LINE = 256 << 20
"""Bytes."""
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
        self.count = 0
        """Number of replications."""
        self._slots = 0
        """Number of these offsets."""
        self._inode: int | None = None
        """Identity of the file; None as long as there is none."""

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
                journal._inode = os.fstat(file.fileno()).st_ino
                for number in itertools.count(1):
                    line = file.readline(LONGEST_LINE)
                    if not line.endswith(b"\n"):
                        break
                    journal._place(journal._task(journal._unsealed(line, number), number, len(line)), len(line))
        return journal

    def _task(self, plain: Mapping[str, Any], line: int, size: int) -> Task:
        """The replication of a line; UserError if it cannot be one."""
        point, number = plain.get("point", ""), plain.get("replication")
        if not isinstance(point, str) or type(number) is not int or not 0 <= number < MOST_REPLICATIONS:
            raise UserError(f"{self.path}:{line}: has no valid replication number; remove this line")
        if number - len(self._places.get(point, ())) + self._slots > 2 * line + MOST_REPLICATIONS:
            raise UserError(f"{self.path}:{line}: far more replications are missing than there are; remove this file")
        return Task(point, number)

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
                try:
                    found = Replication.from_plain(plain)
                except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
                    raise UserError(f"{self.path}: replication {task} is not valid; remove its line") from None
                yield task, found

    def append(self, finished: Iterable[tuple[Task, Replication]]) -> None:
        """Write finished replications, each once; a failure leaves the file unchanged.

        Written lines survive the end of this process. To survive a crash of the machine they must be flushed to the
        disk, which can take longer than a replication: this is done once a second, and at the end (`flush`).
        """
        lines = [(task, self._sealed(task, replication)) for task, replication in finished if task not in self]
        with unbroken(), os_errors_reported(self.path, "write"), self._opened() as file:
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

    def _opened(self) -> io.FileIO:
        """The file to append to: the one that was read or begun, never a new one in its place."""
        fresh = self._inode is None
        flags = os.O_WRONLY | os.O_APPEND | SAFELY | os.O_CREAT * fresh
        try:
            handle = os.open(self.path, flags, 0o666)
        except FileNotFoundError:
            raise self._lost() from None
        file = io.FileIO(handle, "ab")
        found = os.fstat(handle)
        if fresh:
            self._inode = found.st_ino
        elif (found.st_ino, found.st_size) != (self._inode, self.end):
            file.close()
            raise self._lost()
        return file

    def _lost(self) -> ResultsLost:
        return ResultsLost(
            f"{self.path.parent}: files were removed or changed while this command was writing to them; "
            f"{self.count} finished replications are lost: run the same command again"
        )

    def flush(self) -> None:
        """Flush all lines to the disk."""
        if self.path.exists():
            with os_errors_reported(self.path, "write"), self.path.open("rb+") as file:
                os.fsync(file.fileno())

    def put_in_order(self) -> None:
        """Sort the lines by point and number, unless they are sorted already."""
        if self.end:
            self._opened().close()  # to notice that it is gone
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
        self._places, self._last, self.in_order, self._inode = fresh._places, fresh._last, True, fresh._inode

    def _place(self, task: Task, size: int) -> None:
        places = self._places.setdefault(task.point, array("q"))
        if task.number >= len(places):
            self._slots += task.number + 1 - len(places)
            places.extend([-1] * (task.number + 1 - len(places)))
        self.count += places[task.number] < 0
        places[task.number] = self.end
        self.in_order = self.in_order and task > self._last
        self._last = task
        self.end += size

    def _sealed(self, task: Task, replication: Replication) -> bytes:
        point = f'"point": {json.dumps(task.point)}, ' if task.point else ""
        body = point + replication.text[1:]
        return f'{_HEAD}{self._seal(body.encode())}", {body}\n'.encode()

    def _seal(self, body: bytes) -> str:
        return hashlib.sha256(self.fingerprint.encode() + body).hexdigest()

    def _unsealed(self, line: bytes, number: int | None) -> dict[str, Any]:
        body, place = line[_BODY:-1], str(self.path) if number is None else f"{self.path}:{number}"
        if line[:_BODY] != f'{_HEAD}{self._seal(body)}", '.encode():
            raise UserError(
                f"{place}: was edited or damaged, or belongs to another experiment (checksum mismatch); "
                "remove this line and run the same command again"
            )
        return json_object(b"{" + body, place)
