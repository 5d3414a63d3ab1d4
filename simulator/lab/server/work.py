"""The other side of a `Worker`: the loop of the process that plays."""

from __future__ import annotations

import contextlib
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from types import FrameType
from typing import Any

from simulator.foundation.errors import RunError, UserError, is_out_of_memory
from simulator.lab.server.answers import Refused


@dataclass(frozen=True)
class WorkerJob:
    """A function to be called with the state of the process and these arguments; it yields messages."""

    number: int
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    limit: float
    """Seconds."""


@dataclass(frozen=True)
class Ended:
    """The last message of a job."""

    error: Exception | None


class Interrupted(BaseException):
    """The running job is not wanted any more."""


class _Running:
    """Which job can be interrupted now; outside of jobs the signal does nothing."""

    def __init__(self) -> None:
        self.open = False

    def signalled(self, _number: int, _frame: FrameType | None) -> None:
        if self.open:
            self.open = False
            raise Interrupted


def work(pipe: Connection, prepare: Callable[[dict[str, Any]], None] | None) -> None:
    """Run the jobs that come through the pipe until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the server ends this process
    running = _Running()
    if hasattr(signal, "SIGUSR1"):
        signal.signal(signal.SIGUSR1, running.signalled)
    state: dict[str, Any] = {}
    if prepare is not None:
        prepare(state)
    with contextlib.suppress(EOFError, OSError):
        pipe.send((0, None))  # ready: from now on a signal does no harm
        while True:
            job = pipe.recv()
            if isinstance(job, WorkerJob):
                pipe.send((job.number, Ended(_do(job, state, pipe, running))))


def _do(job: WorkerJob, state: dict[str, Any], pipe: Connection, running: _Running) -> Exception | None:
    """Runs a job and sends its messages; the error that ended it, or None."""
    try:
        running.open = True
        for message in _messages(job, state):
            running.open = False  # a message is sent whole
            if pipe.poll() and pipe.recv() == -job.number:
                return None
            pipe.send((job.number, message))
            running.open = True
        running.open = False
    except Interrupted:
        state.pop("kept", None)  # may have been left half done
        return None
    except (UserError, Refused) as error:
        return error
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001 - the process goes on with the next job
        if is_out_of_memory(error):
            return RunError("out of memory")
        traceback.print_exc(file=sys.stderr)
        return RunError("the job failed; the terminal says why")
    finally:
        running.open = False
    return None


def _messages(job: WorkerJob, state: dict[str, Any]) -> Iterator[Any]:
    found = job.function(state, *job.arguments)
    yield from found if isinstance(found, Iterator) else [found]
