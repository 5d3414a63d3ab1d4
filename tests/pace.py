"""Limits of seconds that hold on a machine of any speed: a slow one is given as much longer as it is slower."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LOOPS = 1_000_000
QUIET = 0.05
"""CPU seconds that the reference loop takes on a machine with nothing else to do."""


def pace() -> float:
    """How many times longer than a quiet machine this one takes for the same loop now; at least 1."""
    begun, total = time.process_time(), 0
    for number in range(LOOPS):
        total += number
    return max(1.0, (time.process_time() - begun) / QUIET)


def is_within(spent: float, seconds: float) -> bool:
    """Whether the seconds spent are fewer than a quiet machine's limit; only who is over it is asked for the pace."""
    return spent < seconds or spent < seconds * max(pace() for _ in range(3))


@contextmanager
def within(seconds: float, clock: Callable[[], float] = time.process_time) -> Iterator[None]:
    """Fails when the block takes as long as the limit, by CPU time or the clock given."""
    begun = clock()
    yield
    spent = clock() - begun
    assert is_within(spent, seconds), f"{spent:.2f} s, and {seconds} s are the limit on a quiet machine"
