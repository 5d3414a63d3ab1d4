"""Many machines: the workers of a dask scheduler behind the interface of `concurrent.futures`."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Future
from contextlib import contextmanager
from typing import Any

from simulator.experiment.running.runner import Elastic
from simulator.experiment.storage.fingerprint import versions
from simulator.foundation.errors import UserError

ANSWER_WITHIN = 10
"""Seconds for the scheduler to answer, and for a first worker to be there."""


class LostWorkers(BrokenExecutor):
    """A batch took several workers down, or the scheduler gave it up."""


@contextmanager
def cluster(address: str) -> Iterator[Elastic]:
    """The workers of the scheduler at an address such as tcp://10.0.0.5:8786; they run on when it ends.

    Raises:
        UserError: nobody answers there, or no worker is there.
    """
    try:
        import distributed
    except ImportError:
        raise UserError("--cluster needs the extra `pip install 'backorder-simulator[distributed]'`") from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters is told in our own words
    try:
        client: Any = distributed.Client(address, timeout=ANSWER_WITHIN, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(
            f"--cluster {address}: no scheduler answers ({said}); `dask scheduler` starts one and tells its address"
        ) from None
    try:
        try:
            client.wait_for_workers(1, timeout=ANSWER_WITHIN)
        except TimeoutError:
            raise UserError(
                f"--cluster {address}: the scheduler has no worker; `dask worker {address} --nthreads 1` starts one"
            ) from None
        yield _Workers(client, distributed.scheduler.KilledWorker, address)
    finally:
        client.close()


class _Workers(Elastic):
    """Sends work to a dask scheduler; workers may come and go."""

    def __init__(self, client: Any, killed: type[Exception], address: str) -> None:
        self._client, self._killed, self._address = client, killed, address
        self._versions = versions()

    @property
    def workers(self) -> int:
        """Threads that are there now."""
        threads: list[int] = list(self._client.ncores().values())
        return max(1, sum(threads))

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """One batch for whichever worker is free; a batch whose worker dies goes to another, three times."""
        remote = self._client.submit(as_here, self._versions, fn, *args, pure=False, **kwargs)
        return _Sent(remote, self._killed, self._address)


class _Sent(Future[Any]):
    """What became of a batch on the cluster."""

    def __init__(self, remote: Any, killed: type[Exception], address: str) -> None:
        super().__init__()
        self._remote, self._killed, self._address = remote, killed, address
        self.set_running_or_notify_cancel()
        remote.add_done_callback(self._came)

    def cancel(self) -> bool:
        """Take it back; a worker that is at it finishes and is not listened to."""
        remote, self._remote = self._remote, None
        if remote is not None and not self.done():
            remote.cancel()
        return False

    def _came(self, remote: Any) -> None:
        self._remote = None  # lets the scheduler forget the result
        try:
            if remote.cancelled():
                raise LostWorkers(f"the scheduler at {self._address} gave up")
            error = remote.exception()
            if error is None:
                self.set_result(remote.result())
            elif isinstance(error, self._killed):
                self.set_exception(LostWorkers(str(error)))
            else:
                self.set_exception(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
            self.set_exception(error)


def as_here(expected: dict[str, str], fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """In a worker: the call, if this is the same code, interpreter and numpy as where the study was started.

    Raises:
        UserError: it is not, and its numbers might not be the same.
    """
    if other := [
        f"{name} {found}, not {expected[name]}" for name, found in versions().items() if found != expected[name]
    ]:
        raise UserError(f"the worker on {socket.gethostname()} has {'; '.join(other)}: install the same everywhere")
    return fn(*args, **kwargs)
