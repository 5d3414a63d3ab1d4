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

STOPPING = (signal.SIGINT, signal.SIGTERM)


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


@contextmanager
def unbroken() -> Iterator[None]:
    """Inside the block, Ctrl-C and SIGTERM are deferred; the first of them is raised at the end."""
    if not _handles_signals():
        yield
        return
    came: list[int] = []
    before = {}
    try:
        for number in STOPPING:
            before[number] = signal.signal(number, lambda n, _: came.append(n))
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        if came:
            signal.raise_signal(came[0])
