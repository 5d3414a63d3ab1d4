"""Ctrl-C, SIGTERM and time limits: a run stops at once, but never while it writes a file.

Nothing here needs signals that only some systems have.
"""

from __future__ import annotations

import _thread
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

STOPPING = (signal.SIGINT, signal.SIGTERM)
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGALRM", "SIGUSR1", "SIGUSR2")
RAISING = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))
"""Signals whose handlers are likely to raise an exception."""


class Terminated(KeyboardInterrupt):
    """SIGTERM was received (exit status 143); treated like Ctrl-C, whose exit status is 130."""

    exit_code = 143


class TimedOut(Terminated):
    """The time limit is over (exit status 124, as for `timeout`)."""

    exit_code = 124


@contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """Raise `TimedOut` in the block after this many seconds (None: never); works in the main thread only."""
    if seconds is None or not _handles_signals():
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    lock, over, left = threading.Lock(), threading.Event(), threading.Event()

    def expire() -> None:
        with lock:  # the block may be left at this moment
            if not left.is_set():
                over.set()
                _interrupt_main()

    def interrupted(number: int, frame: FrameType | None) -> None:
        """The time is over, or else Ctrl-C, which does what it did before."""
        if over.is_set():
            if not left.is_set():
                raise TimedOut
        elif callable(before):
            before(number, frame)
        elif before is not signal.SIG_IGN:
            raise KeyboardInterrupt

    timer = threading.Timer(min(seconds, threading.TIMEOUT_MAX), expire)
    timer.daemon = True
    signal.signal(signal.SIGINT, interrupted)
    timer.start()
    try:
        yield
    finally:
        with lock:
            left.set()
        timer.cancel()
        signal.signal(signal.SIGINT, signal.SIG_DFL if before is None else before)


def _interrupt_main() -> None:
    """Deliver SIGINT to the main thread; where threads can be sent signals, that also ends a call that waits."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        _thread.interrupt_main()


def _raise_terminated(_number: int, _frame: FrameType | None) -> None:
    raise Terminated


def _handles_signals() -> bool:
    return threading.current_thread() is threading.main_thread()


@contextmanager
def terminable() -> Iterator[None]:
    """Inside the block, SIGTERM raises `Terminated`, unless the calling program has its own handler."""
    if not _handles_signals() or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, _raise_terminated)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


class Deferred:
    """Signals that came and whose handlers have not run yet."""

    def __init__(self) -> None:
        self.came: list[int] = []
        self._before: dict[int, Any] = {}

    def take(self, number: int) -> None:
        """From now on this signal waits."""
        self._before[number] = signal.signal(number, lambda came, _: self.came.append(came))

    def handle(self) -> None:
        """Run the handlers of the signals that came; they may raise."""
        while self.came:
            number = self.came.pop(0)
            self._before[number](number, None)

    def release(self) -> None:
        """Signals act at once again, beginning with the first of those that came."""
        for number, handler in self._before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        if self.came:
            signal.raise_signal(self.came[0])


@contextmanager
def unbroken() -> Iterator[None]:
    """Inside the block, Ctrl-C and SIGTERM are deferred; the first of them is raised at the end.

    For files, and for libraries that lose an exception which is raised while they work.
    """
    deferred = Deferred()
    try:
        if _handles_signals():
            for number in STOPPING:
                deferred.take(number)
        yield
    finally:
        deferred.release()


@contextmanager
def handled_where_asked() -> Iterator[Deferred]:
    """Inside the block, handlers written in Python run only where the block calls `Deferred.handle`, or at its end.

    For compiled code that calls Python: an exception that a handler raises when such a call begins would be lost.
    """
    deferred = Deferred()
    try:
        if _handles_signals():
            for number in RAISING:
                if callable(signal.getsignal(number)):
                    deferred.take(number)
        yield deferred
    finally:
        deferred.release()
