"""Python's garbage collector, kept from looking while much is made and little thrown away."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet_gc() -> Iterator[None]:
    """Raises the collector's thresholds for a while: a run or a file being read makes no cycles, and looking is dear.

    What a finished run leaves behind (its pending processes) is young and is collected at the start of the next.
    """
    old = gc.get_threshold()
    gc.collect(1)
    gc.set_threshold(200_000, 50, 1000)
    try:
        yield
    finally:
        gc.set_threshold(*old)
