"""Worker processes on this machine; none is left afterwards, even if there is no memory left to manage them."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from typing import Any

from loky import ProcessPoolExecutor

from simulator.foundation.collector import is_ours, keep_memory, stay_quiet
from simulator.foundation.errors import is_out_of_memory
from simulator.foundation.extensions import IN_USE
from simulator.foundation.signals import unbroken
from simulator.foundation.streams import standing_streams

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
"""Ends a process whatever it does; on Windows every signal does."""
LOGGER = logging.getLogger("concurrent.futures")
"""Where loky reports what happens in its own threads."""


class LocalPool(ProcessPoolExecutor):  # type: ignore[misc]
    """loky's pool, which knows its processes and whether the thread that manages them is still alive."""

    def __init__(self, workers: int) -> None:
        context = get_context("fork") if _may_fork() else None
        super().__init__(workers, context=context, env=ONE_THREAD, initializer=start_worker, initargs=(os.getpid(),))
        self._started: dict[int, BaseProcess] = {}

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Send a call to any free worker."""
        try:
            future: Future[Any] = super().submit(fn, *args, **kwargs)
            return future
        finally:
            self._started.update(self._processes)

    @property
    def is_lost(self) -> bool:
        """Whether nobody manages the workers any longer, so that calls never end: there was no memory to do it."""
        thread = self._executor_manager_thread
        return thread is not None and not thread.is_alive()

    @property
    def is_broken(self) -> bool:
        """Whether it takes no more calls, because a worker died or nobody manages the workers."""
        return self.is_lost or self._flags.broken is not None

    def end(self) -> None:
        """Kill all workers; what loky's thread says while they disappear is of no interest."""
        with unbroken(), warnings.catch_warnings(), _muted(LOGGER):
            warnings.simplefilter("ignore")  # about missing psutil: workers have no children
            with suppress(RuntimeError):  # the managing thread could not even be started
                self.shutdown(wait=True, kill_workers=True)
            for number, process in self._started.items():
                if process.is_alive():
                    os.kill(number, KILL)
                    process.join()


def _may_fork() -> bool:
    """Whether workers can be copies of this process, which have imported everything already: it takes a second each.

    A copy has no threads, but the locks that they hold. So nothing is copied but a command of ours on Linux without
    threads, plug-ins, and Arrow; the library of linear algebra ends its own before, where the user wants some.
    """
    alone = is_ours() and threading.active_count() == 1 and not IN_USE
    return sys.platform == "linux" and alone and "pyarrow" not in sys.modules


@contextmanager
def local_pool(workers: int) -> Iterator[LocalPool]:
    """A pool of processes on this machine."""
    with standing_streams(), _silent_threads():
        pool = LocalPool(workers)
        try:
            yield pool
            if not pool.is_lost:
                pool.shutdown(wait=True)
        except BaseException:
            pool.end()
            raise
        if pool.is_lost:
            pool.end()


@contextmanager
def _silent_threads() -> Iterator[None]:
    """Inside the block, threads that end without memory print nothing: the command says so in one line."""
    before, unraisable = threading.excepthook, sys.unraisablehook
    threading.excepthook = lambda args: None if is_out_of_memory(args.exc_value) else before(args)
    sys.unraisablehook = lambda args: None if is_out_of_memory(args.exc_value) else unraisable(args)
    LOGGER.addFilter(_is_news)
    try:
        yield
    finally:
        threading.excepthook, sys.unraisablehook = before, unraisable
        LOGGER.removeFilter(_is_news)


@contextmanager
def _muted(logger: logging.Logger) -> Iterator[None]:
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


def _is_news(record: logging.LogRecord) -> bool:
    return not (record.exc_info and is_out_of_memory(record.exc_info[1]))


def start_worker(parent: int) -> None:
    """Ignore Ctrl-C, which reaches the whole process group, in workers; exit when the parent dies."""
    stay_quiet()
    keep_memory()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    try:
        threading.Thread(target=watch, daemon=True).start()
    except RuntimeError:  # no memory for a thread, and so none for a replication
        os._exit(1)
