"""A process that plays, so that the server never waits: jobs in turn, newer ones instead of older ones, time limits."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from threading import Thread
from typing import Any

from simulator.foundation.errors import RunError
from simulator.lab.server.answers import Refused
from simulator.lab.server.work import Ended, WorkerJob, work

LIMIT = 60.0
"""Seconds that a job may take unless given."""
MOST_WAITING = 64
"""Jobs that may wait for their turn."""
GRACE = 0.25
"""Seconds in which a cancelled job may reach its next message before it is interrupted."""
DIED = object()
"""What the inbox says when the process has ended."""
PATIENCE = 5.0
"""Seconds after an interruption until the process is replaced."""


class Superseded(Refused):
    """A newer request of the same kind has replaced this one."""

    def __init__(self) -> None:
        super().__init__(409, "A newer request has replaced this one.", superseded=True)


class TookTooLong(Refused):
    """The job reached its time limit."""

    def __init__(self, limit: float) -> None:
        super().__init__(503, f"Stopped after {limit:g} seconds, the limit of one request.")


@dataclass(eq=False)
class _Turn:
    """A job that waits, runs or has ended."""

    job: WorkerJob
    key: str | None
    messages: asyncio.Queue[Any] = field(default_factory=asyncio.Queue)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    why: BaseException | None = None
    """Why it was stopped, if it was."""

    def stop(self, why: BaseException) -> None:
        """Ends it for the reader of its messages."""
        if self.why is None:
            self.why = why
            self.messages.put_nowait(Ended(None))


class Worker:
    """A process that runs jobs one after another, used inside one event loop.

    A job is a function of a module, `job(state, *arguments)`, that yields JSON-able messages; `state` is a dict that
    the process keeps between jobs, for whatever is expensive to make again. What a job raises as `UserError` or
    `Refused` is raised here; any other error becomes a `RunError` without details, which stderr has::

        async for message in worker.run(play, edits, key="page 1"):
            print(message)

    Args:
        name: of the process.
        prepare: called first in the process, with its state.
    """

    def __init__(self, name: str = "player", prepare: Callable[[dict[str, Any]], None] | None = None) -> None:
        self.name, self.prepare = name, prepare
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection | None = None
        self._inbox: asyncio.Queue[Any] = asyncio.Queue()
        """What the process sends; None: something else has happened."""
        self._ready = False
        """Whether the process has started."""
        self._turns: list[_Turn] = []
        """The job that runs, then those that wait."""
        self._wake = asyncio.Event()
        self._numbers = 0
        self._served: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Starts the process; jobs may be given at once."""
        self._launch()
        self._served = asyncio.create_task(self._serve())

    async def stop(self) -> None:
        """Ends the process and everything that waits."""
        for turn in self._turns:
            turn.stop(Refused(503, "The server stops."))
        if self._served is not None:
            self._served.cancel()
            await asyncio.wait([self._served])
        await asyncio.to_thread(self._end)

    async def run(
        self, job: Callable[..., Any], *arguments: Any, key: str | None = None, limit: float = LIMIT
    ) -> AsyncIterator[Any]:
        """The messages of a job; leaving the loop early cancels the job.

        Args:
            job, arguments: what runs in the process.
            key: a newer job with the same key replaces this one, which then raises `Superseded`.
            limit: seconds that the job may take, counted from its turn.

        Raises:
            Superseded: a newer job has the same key.
            TookTooLong: the limit was reached.
            UserError, Refused: what the job raised.
            RunError: the job failed.
        """
        if len(self._turns) >= MOST_WAITING:
            raise Refused(503, "Too many requests are waiting; try again in a moment.")
        self._numbers += 1
        turn = _Turn(WorkerJob(self._numbers, job, arguments, limit), key)
        for older in self._turns:
            if key is not None and older.key == key:
                self._stop(older, Superseded())
        self._turns.append(turn)
        self._wake.set()
        try:
            while not isinstance(message := await turn.messages.get(), Ended):
                yield message
            error = turn.why or message.error
            if error is not None:
                raise error
        finally:
            self._stop(turn, asyncio.CancelledError())

    async def one(self, job: Callable[..., Any], *arguments: Any, key: str | None = None, limit: float = LIMIT) -> Any:
        """The only message of a job, see `run`."""
        found = None
        async for message in self.run(job, *arguments, key=key, limit=limit):
            found = message
        return found

    def _stop(self, turn: _Turn, why: BaseException) -> None:
        turn.stop(why)
        if turn in self._turns[:1]:
            self._inbox.put_nowait(None)  # so that the running job is looked after at once

    # ------------------------------------------------------------------------------------------------------ the process
    def _launch(self) -> None:
        context = multiprocessing.get_context("spawn")  # the server has threads, which a fork would not copy
        ours, theirs = context.Pipe()
        self._process = context.Process(target=work, args=(theirs, self.prepare), name=self.name, daemon=True)
        self._process.start()
        theirs.close()
        self._pipe, self._ready, self._inbox = ours, False, asyncio.Queue()
        Thread(target=_listen, args=(ours, self._inbox, asyncio.get_running_loop()), daemon=True).start()

    def _end(self) -> None:
        """Ends the process at once."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
        if self._pipe is not None:
            self._pipe.close()

    async def _relaunch(self) -> None:
        await asyncio.to_thread(self._end)
        self._launch()

    async def _serve(self) -> None:
        """Gives the process one job after another."""
        while True:
            while not self._turns:
                self._wake.clear()
                await self._wake.wait()
            turn = self._turns[0]
            try:
                if turn.why is None:
                    await self._serve_one(turn)
            finally:
                self._turns.remove(turn)

    async def _serve_one(self, turn: _Turn) -> None:
        """Gives the process a job, hands its messages on, and stops it where it is not wanted or takes too long."""
        loop = asyncio.get_running_loop()
        if self._process is None or not self._process.is_alive():
            await self._relaunch()
        self._tell(turn.job)
        end = patience = float("inf")
        while True:
            message = await self._next(turn, min(end, patience) - loop.time())
            if isinstance(message, Ended):
                turn.messages.put_nowait(message)
                return
            if message is DIED:
                turn.stop(RunError("the process that plays has stopped; perhaps there was not enough memory"))
                await self._relaunch()
                return
            if message is not None and turn.why is None:
                turn.messages.put_nowait(message)
            now = loop.time()
            if self._ready and end == float("inf"):
                end = now + turn.job.limit  # the start of the process does not count
            if turn.why is None and now >= end:
                turn.stop(TookTooLong(turn.job.limit))
            if turn.why is not None and self._ready:
                if patience == float("inf"):
                    self._tell(-turn.job.number)  # seen between two messages
                    end, patience = float("inf"), now + GRACE
                    stopped = now
                elif now >= patience:
                    if not self._interrupt() or now >= stopped + PATIENCE:
                        await self._relaunch()
                        return
                    patience = now + 0.05

    async def _next(self, turn: _Turn, seconds: float) -> Any:
        """The next message of a job; None if nothing came in time, or something else happened."""
        found: Any = None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(None if seconds == float("inf") else max(seconds, 0.001)):
                found = await self._inbox.get()
        if found is DIED or found is None:
            return found
        number, message = found
        self._ready = True
        return message if number == turn.job.number else None

    def _tell(self, what: WorkerJob | int) -> None:
        assert self._pipe is not None
        with contextlib.suppress(OSError):  # it has died, which the inbox tells
            self._pipe.send(what)

    def _interrupt(self) -> bool:
        """Interrupts the running job between two steps of Python; False where a system has no such signal."""
        process = self._process
        if process is None or process.pid is None or not hasattr(signal, "SIGUSR1"):
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGUSR1)
        return True


def _listen(pipe: Connection, inbox: asyncio.Queue[Any], loop: asyncio.AbstractEventLoop) -> None:
    """Hands what the process sends to the event loop, and at last that it has ended."""
    found: Any = None
    while found is not DIED:
        try:
            found = pipe.recv()
        except Exception:  # noqa: BLE001 - closed, or what came cannot be read: the process is replaced
            found = DIED
        with contextlib.suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(inbox.put_nowait, found)
