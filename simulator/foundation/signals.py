"""Ctrl-C, SIGTERM and a time limit: a run stops at once, but never in the middle of a file."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)


class Terminated(KeyboardInterrupt):
    """SIGTERM came (exit status 143); treated like Ctrl-C, which has 130."""

    exit_code = 143


class TimedOut(Terminated):
    """The time that was given is over (exit status 124, as of `timeout`)."""

    exit_code = 124


def _raise_timed_out(_number: int, _frame: FrameType | None) -> None:
    raise TimedOut


@contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """While it lasts, `TimedOut` is raised after so many seconds; None: never. Only in the main thread of a program."""
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
    """While it lasts, SIGTERM raises `Terminated`, unless the program around us handles it in its own way."""
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
    """While it lasts, Ctrl-C and SIGTERM wait; the first of them strikes at the end."""
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
