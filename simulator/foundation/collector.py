"""Fewer runs of Python's garbage collector while many objects are created and few are freed."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet_gc() -> Iterator[None]:
    """Raise the collector's thresholds inside the block: importing, reading a file and simulating make few cycles.

    What a finished run leaves behind (its pending processes) is collected at the start of the next one.
    """
    old = gc.get_threshold()
    gc.collect(1)
    gc.set_threshold(200_000, 50, 1000)
    try:
        yield
    finally:
        gc.set_threshold(*old)
