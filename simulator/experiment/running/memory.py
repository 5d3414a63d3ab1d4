"""The memory that the facts of a replication take, estimated before it runs, and the memory of the machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from simulator.foundation.errors import UserError
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.size import ReplicationSize, expected_size

PER_ORDER, PER_LINE, PER_NOTE = 200, 130, 60
"""Bytes of an order, of each of its lines (180 if it waits, else 80), and of a message, a new date, a contact or a
cart: the facts, and what audit, KPIs and time series compute from them, measured at the peak."""
PER_PROCESS = 150_000_000
"""Bytes of a process with the simulator and its libraries."""
SHARE = 0.8
"""Share of the machine's memory that a command may use unless told otherwise."""
CGROUP = Path("/sys/fs/cgroup/memory.max")


def expected_bytes(size: ReplicationSize) -> float:
    """The memory of one replication, in addition to that of its process."""
    return size.orders * PER_ORDER + size.lines * PER_LINE + size.others * PER_NOTE


def machine_memory() -> int:
    """Bytes of memory of this machine or container."""
    if sys.platform == "win32":
        return _of_windows()
    found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(found, int(CGROUP.read_text(encoding="ascii")))
    except (OSError, ValueError):  # no container, or one without a limit
        return found


if sys.platform == "win32":

    def _of_windows() -> int:
        """Bytes of memory that the system reports (`GlobalMemoryStatusEx`)."""
        import ctypes

        class MemoryStatus(ctypes.Structure):
            """The structure MEMORYSTATUSEX: its size, the load in percent, then seven sizes in bytes."""

            _fields_ = [("size", ctypes.c_ulong), ("load", ctypes.c_ulong), ("sizes", ctypes.c_ulonglong * 7)]

        status = MemoryStatus(size=ctypes.sizeof(MemoryStatus))
        if not ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
            raise ctypes.WinError()
        return int(status.sizes[0])


def check_memory(scenario: Scenario, workers: int, allowed: float | None = None) -> None:
    """Refuse a scenario whose replications would not fit into memory, before anything runs.

    Args:
        workers: replications that run at the same time.
        allowed: bytes; 80 % of the machine's memory unless given.

    Raises:
        UserError: how much it would take, and what would help.
    """
    size = expected_size(scenario)
    each = expected_bytes(size)
    limit = SHARE * machine_memory() if allowed is None else allowed
    if workers * (PER_PROCESS + each) <= limit or each < PER_PROCESS:
        return
    many = f" in each of {workers} workers" if workers > 1 else ""
    most = "" if workers == 1 else " use fewer --workers,"
    what = f"{size.orders:.2g} orders with {size.lines:.2g} lines"
    if size.others * PER_NOTE > each / 10:
        what += f" and {size.others:.2g} messages, new dates, contacts or carts"
    raise UserError(
        f"{scenario.name[:60]}: about {what} in a replication need about "
        f"{each / 1e9:.2g} GB{many}, more than the {limit / 1e9:.2g} GB allowed:{most} shorten clock.horizon, "
        "lower the rate of arrivals (and stock and levels with it), keep no records of orders (`run --light`), or "
        "allow more with --memory"
    )
