"""Many machines: the workers of a dask scheduler as a `concurrent.futures.Executor`."""

from __future__ import annotations

import logging
import platform
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future
from contextlib import contextmanager
from typing import Any

from simulator.experiment.plugins import use_plugins
from simulator.experiment.running.crew import Elastic
from simulator.experiment.storage.fingerprint import versions
from simulator.foundation.errors import UserError
from simulator.foundation.extensions import IN_USE

ADDRESS = re.compile(r"((tcp|tls|ws|wss)://)?(\[[0-9A-Fa-f:.]+\]|[^\s/:\[\]]+):[0-9]{1,5}/?")
TLS_FILES = tuple(f"DASK_DISTRIBUTED__COMM__TLS__{name}" for name in ("CA_FILE", "CLIENT__CERT", "CLIENT__KEY"))
ANSWER_WITHIN = 10
"""Seconds to wait for the scheduler, and for a first worker."""


class LostWorkers(BrokenExecutor):
    """A batch killed several workers, or the scheduler gave up on it."""


@contextmanager
def cluster(address: str) -> Iterator[Elastic]:
    """Connect to the scheduler at an address such as tcp://10.0.0.5:8786; its workers keep running afterwards.

    Raises:
        UserError: this is not an address, the scheduler does not answer or has no worker, or TLS is not set up.
    """
    if not ADDRESS.fullmatch(address):
        raise UserError(
            f"--cluster {address!r}: is not the address of a scheduler; write it as `dask scheduler` prints it, "
            "such as tcp://10.0.0.5:8786 or tls://10.0.0.5:8786"
        )
    try:
        import distributed
    except ImportError:
        raise UserError("--cluster needs the extra `pip install 'backorder-simulator[distributed]'`") from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # errors are reported in our own words
    if address.startswith("tls:"):
        _check_tls(address, distributed.Security)
    try:
        client: Any = distributed.Client(address, timeout=ANSWER_WITHIN, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(
            f"--cluster {address}: no scheduler answers ({said}); `dask scheduler` starts one and prints its address"
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


def _check_tls(address: str, security: Callable[[], Any]) -> None:
    """Raise UserError unless dask has a key and certificates with which it can connect by TLS."""
    try:
        found = security().get_connection_args("client")["ssl_context"]
    except (OSError, ValueError) as error:  # errors of SSL are both
        raise UserError(f"--cluster {address}: the TLS files of dask cannot be read ({error})") from None
    if found is None:
        raise UserError(
            f"--cluster {address}: TLS is not set up; name the files of dask's distributed.comm.tls, for example with "
            f"the variables {', '.join(TLS_FILES)}"
        )


class _Workers(Elastic):
    """Sends work to a dask scheduler, whose number of workers may change."""

    def __init__(self, client: Any, killed: type[Exception], address: str) -> None:
        self._client, self._killed, self._address = client, killed, address
        self._versions, self._plugins = versions(), tuple(IN_USE)

    @property
    def workers(self) -> int:
        """Current number of worker threads."""
        threads: list[int] = list(self._client.ncores().values())
        return max(1, sum(threads))

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Send one batch to any free worker; if its worker dies, dask retries it on another, three times."""
        remote = self._client.submit(as_here, self._plugins, self._versions, fn, *args, pure=False, **kwargs)
        return _Sent(remote, self._killed, self._address)


class _Sent(Future[Any]):
    """The result of a batch on the cluster.

    A dask future is not a `concurrent.futures.Future`, and `wait` needs one; so this one mirrors it by a callback.
    """

    def __init__(self, remote: Any, killed: type[Exception], address: str) -> None:
        super().__init__()
        self._remote, self._killed, self._address = remote, killed, address
        self.set_running_or_notify_cancel()
        remote.add_done_callback(self._came)

    def cancel(self) -> bool:
        """Cancel the batch; a running task finishes and its result is dropped."""
        remote, self._remote = self._remote, None
        if remote is not None and not self.done():
            remote.cancel()
        return False

    def _came(self, remote: Any) -> None:
        self._remote = None  # releases the result on the scheduler
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
        except Exception as error:  # noqa: BLE001 - any error is the result of the batch
            self.set_exception(error)


def as_here(plugins: Sequence[str], expected: dict[str, str], fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call `fn` in a worker if code, plug-ins, interpreter and numpy are the same as where the study was started.

    Raises:
        UserError: they differ, so that the results might differ, too; or the worker lacks a plug-in.
    """
    try:
        use_plugins(plugins)
    except UserError as error:
        raise UserError(f"the worker on {platform.node()}: {error}") from None
    here = versions()
    if other := [
        f"{name} {here.get(name, 'missing')}, not {expected.get(name, 'in use')}"
        for name in dict.fromkeys([*expected, *here])
        if here.get(name) != expected.get(name)
    ]:
        raise UserError(f"the worker on {platform.node()} has {'; '.join(other)}: install the same versions everywhere")
    return fn(*args, **kwargs)
