"""Fewer runs of Python's garbage collector while many objects are created and few are freed, and memory that a process
of our own keeps or gives back."""

from __future__ import annotations

import atexit
import ctypes
import gc
import mmap
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from importlib import import_module
from types import ModuleType

QUIET = (200_000, 50, 1000)
"""Thresholds of the collector while it is quiet."""
MMAP_THRESHOLD, TRIM_THRESHOLD = -3, -1
"""Parameters of `mallopt` in glibc's malloc.h."""
LARGE, MOST = 1 << 23, 1 << 30
"""Bytes of a block that goes back to the system when it is freed, and of free memory that stays with the process."""

_ours = False


@contextmanager
def quiet_gc() -> Iterator[None]:
    """Raise the collector's thresholds inside the block: importing, reading a file and simulating make few cycles.

    A block within another changes nothing, and costs nothing.
    """
    old = gc.get_threshold()
    if old == QUIET:
        yield
        return
    gc.collect(1)
    gc.set_threshold(*QUIET)
    try:
        yield
    finally:
        gc.set_threshold(*old)


def collect_runs() -> None:
    """Free what finished runs have left behind in cycles, such as their pending processes."""
    gc.collect(1)


@contextmanager
def settled_gc() -> Iterator[None]:
    """The same around what makes objects that stay, such as imports: at its end they count as old, so that the next
    collections of young objects do not look at them."""
    with quiet_gc():
        yield
        if not gc.get_freeze_count():  # otherwise the program keeps objects from the collector on purpose
            gc.freeze()
            gc.unfreeze()  # into the oldest generation


def settled_import(module: str) -> ModuleType:
    """A module by its full name; the objects that its first import makes count as old."""
    with nullcontext() if module in sys.modules else settled_gc():
        return import_module(module)


def stay_quiet() -> None:
    """For a process of our own, a command or a worker: keep the collector quiet to the end, and do not let it look at
    all objects once more at exit, which takes a quarter of the time that importing everything takes."""
    global _ours
    _ours = True
    gc.set_threshold(*QUIET)
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)


def is_ours() -> bool:
    """Whether the process is our own, a command or a worker, in which nobody else has started anything."""
    return _ours


def settle() -> None:
    """In a process of our own: what is loaded by now stays, and no collection looks at it again.

    The pool of workers collects everything about once a second, which takes 40 ms of it.
    """
    if _ours:
        gc.freeze()


def keep_memory() -> None:
    """For a process of our own, a command or a worker: freed memory stays with the process, except large blocks.

    The next replication needs as much again. Getting it back from the system, a page at a time, takes up to a third
    of a replication of the compiled lane. The holes that large blocks leave would take a long run a tenth more memory
    than it needs. Only glibc can be told; elsewhere nothing changes.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(MMAP_THRESHOLD, LARGE)
        mallopt(TRIM_THRESHOLD, MOST)


def give_back(address: int, size: int) -> None:
    """Return the whole pages among these bytes, which nobody reads again, to the system before they are freed.

    Only Linux does it in this way; elsewhere nothing changes.
    """
    if not sys.platform.startswith("linux"):
        return
    first, end = -(-address // mmap.PAGESIZE) * mmap.PAGESIZE, (address + size) // mmap.PAGESIZE * mmap.PAGESIZE
    if first < end:
        ctypes.CDLL(None).madvise(ctypes.c_void_p(first), ctypes.c_size_t(end - first), mmap.MADV_DONTNEED)
