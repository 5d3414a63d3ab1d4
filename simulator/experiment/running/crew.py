"""Tasks in many processes: batches, and workers that die. Loaded only where there are workers."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from functools import lru_cache
from itertools import chain
from typing import Any, cast

from simulator.experiment.plugins import use_plugins
from simulator.experiment.running.progress import Bar, advance
from simulator.foundation.collector import settle
from simulator.foundation.errors import RunError
from simulator.foundation.extensions import IN_USE

BATCH_SECONDS = 1.0
"""Target duration of a batch: long compared with the 0.2 to 9 ms overhead of each, short enough to lose."""
BATCH_SECONDS_EACH = 0.02
"""Target duration of a cluster's batch per worker: the scheduler needs some milliseconds for each batch."""
LOOK = 1.0
"""Seconds between two looks at a local pool whose workers are busy."""


class WorkerDied(RunError):
    """A worker process died twice over the same task."""


class Elastic(Executor):
    """An executor whose number of workers changes."""

    @property
    def workers(self) -> int:
        """Current number of workers, at least 1."""
        raise NotImplementedError


class Crew:
    """Sends the tasks of one `run_all` through a pool."""

    def __init__(
        self,
        work: Callable[[Any], Any],
        wanted: Callable[[], Sequence[Any]],
        on_done: Callable[[list[tuple[Any, Any]]], None],
        workers: int,
        executor: Executor | None,
        bar: Bar | None,
        lend: Callable[[int], Executor],
    ) -> None:
        """Without an `executor`, `lend(n)` returns a pool of at least n workers."""
        self.work, self.plugins = _packed(work), tuple(IN_USE)
        self.wanted, self.on_done, self.bar = wanted, on_done, bar
        self.asked, self.executor, self.lend = workers, executor, lend
        self.position = 0
        """Tasks sent so far."""
        self.done, self.seconds = 0, 0.0
        """Tasks done and the time they took, to size the next batches."""

    @property
    def workers(self) -> int:
        """Number of workers to keep busy."""
        return self.executor.workers if isinstance(self.executor, Elastic) else self.asked

    def run(self) -> None:
        """Run all tasks, also those that are added meanwhile."""
        suspects: list[Any] = []
        while left := len(suspects) + len(self.wanted()) - self.position:
            pool = self.lend(min(self.workers, left)) if self.executor is None else self.executor
            for key in suspects:
                self._alone(pool, key)
            suspects = self._together(pool)

    def _together(self, pool: Executor) -> list[Any]:
        """Send batches until all tasks are done; returns the tasks under way if the pool breaks."""
        flying: dict[Future[Any], list[Any]] = {}
        lost: list[Any] = []
        batch: list[Any] = []
        try:
            while not lost:
                while len(flying) < 2 * self.workers and (batch := self._next_batch()):
                    flying[pool.submit(_play, self.plugins, self.work, batch)] = batch
                    batch = []
                if not flying or not (done := _done(pool, flying)):
                    break
                for future in done:
                    lost += self._landed(future, flying.pop(future))
        except BrokenExecutor:  # while a batch was being sent
            lost += batch
        finally:
            for future in flying:
                future.cancel()
        left = {future: batch for future, batch in flying.items() if not future.cancelled()}
        lost += chain.from_iterable(batch for future, batch in flying.items() if future.cancelled())
        while left and (done := _done(pool, left)):
            for future in done:
                lost += self._landed(future, left.pop(future))
        return [*lost, *chain.from_iterable(left.values())]

    def _next_batch(self) -> list[Any]:
        keys = self.wanted()
        left = len(keys) - self.position
        pace = self.done / self.seconds if self.seconds else 0.0
        workers = self.workers
        seconds = max(BATCH_SECONDS, BATCH_SECONDS_EACH * workers) if self.executor is not None else BATCH_SECONDS
        size = max(1, min(int(seconds * pace), -(-left // (2 * workers))))
        batch = list(keys[self.position : self.position + size])
        self.position += len(batch)
        return batch

    def _landed(self, future: Future[Any], batch: list[Any]) -> list[Any]:
        """Pass on the results of a batch; returns its tasks if its worker died or ran out of memory."""
        try:
            results, seconds = future.result()
        except (BrokenExecutor, MemoryError):
            return batch
        self.done, self.seconds = self.done + len(batch), self.seconds + seconds
        self.on_done(list(zip(batch, results, strict=True)))
        advance(self.bar, len(self.wanted()), len(batch))
        return []

    def _alone(self, pool: Executor, key: Any) -> None:
        """The second and last attempt at a task, alone in the pool: if its worker dies again, the task is the cause."""
        cause = "the worker process died twice (killed, out of memory, or crashed)"
        try:
            future = pool.submit(_play, self.plugins, self.work, [key])
            lost = self._landed(future, [key]) if (done := _done(pool, [future])) else [key]
            if done and isinstance(future.exception(), MemoryError):
                cause = "out of memory, although no other replication was running"
        except BrokenExecutor:
            lost = [key]
        if lost:
            raise WorkerDied(
                f"replication {key}: {cause}; finished replications are kept, run the same command again to go on"
            )


def _done(pool: Executor, futures: Iterable[Future[Any]]) -> set[Future[Any]]:
    """Wait until some of them are done, and return those; none if the pool is lost, so that they never will be."""
    while not (done := wait(futures, LOOK, FIRST_COMPLETED).done):
        if getattr(pool, "is_lost", False):
            break
    return done


def _play(plugins: Sequence[str], work: bytes, batch: Sequence[Any]) -> tuple[list[Any], float]:
    """In a worker: the results of a batch, and the seconds it took."""
    use_plugins(plugins)
    function, started = _unpacked(work), time.perf_counter()
    return [function(key) for key in batch], time.perf_counter() - started


def _packed(work: Callable[[Any], Any]) -> bytes:
    """Pickle the work, including the scenario, once; objects defined in a script are pickled by value."""
    from loky.backend.reduction import dumps

    return bytes(dumps(work))


@lru_cache(maxsize=2)
def _unpacked(work: bytes) -> Callable[[Any], Any]:
    found = cast(Callable[[Any], Any], pickle.loads(work))
    settle()
    return found
