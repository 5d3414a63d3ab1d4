"""Ctrl-C, SIGTERM and time limits: a run stops at once, but never while it writes a file."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)


class Terminated(KeyboardInterrupt):
    """SIGTERM was received (exit status 143); treated like Ctrl-C, whose exit status is 130."""

    exit_code = 143


class TimedOut(Terminated):
    """The time limit is over (exit status 124, as for `timeout`)."""

    exit_code = 124


def _raise_timed_out(_number: int, _frame: FrameType | None) -> None:
    raise TimedOut


@contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """Raise `TimedOut` in the block after this many seconds (None: never); works in the main thread only."""
    if seconds is None or not _handles_signals():
        yield
        return
    before = signal.signal(signal.SIGALRM, _raise_timed_out)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL if before is None else before)


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
