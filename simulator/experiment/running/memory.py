"""The memory that the facts of a replication take, estimated before it runs, and the memory of the machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from simulator.foundation.errors import UserError
from simulator.randomness.arrivals.trace import Trace
from simulator.scenario.schema.schema import Scenario

PER_ORDER, PER_LINE = 100, 250
"""Bytes of the facts of an order and of each of its lines, with what KPIs compute from them: measured, rounded up."""
PER_PROCESS = 150_000_000
"""Bytes of a process with the simulator and its libraries."""
SHARE = 0.8
"""Share of the machine's memory that a command may use unless told otherwise."""
CGROUP = Path("/sys/fs/cgroup/memory.max")


class FactSize(NamedTuple):
    """What one replication is expected to record."""

    orders: float
    lines: float

    @property
    def bytes(self) -> float:
        """Memory of its facts."""
        return self.orders * PER_ORDER + self.lines * PER_LINE


def expected_size(scenario: Scenario) -> FactSize:
    """The orders and lines of one replication, without demand spikes."""
    orders = lines = 0.0
    horizon = scenario.clock.horizon
    for customers in scenario.customers.values():
        number = customers.arrivals.per_day(horizon) * horizon
        orders += number
        if isinstance(customers.arrivals, Trace):
            book = customers.arrivals.book
            lines += float(book.counts[book.times < horizon].sum())
        elif customers.basket is not None:
            lines += number * customers.basket.lines_per_order()
    return FactSize(orders, lines)


def machine_memory() -> int:
    """Bytes of memory of this machine or container."""
    found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(found, int(CGROUP.read_text()))
    except (OSError, ValueError):  # no container, or one without a limit
        return found


def check_memory(scenario: Scenario, workers: int, allowed: float | None = None) -> None:
    """Refuse a scenario whose replications would not fit into memory, before anything runs.

    Args:
        workers: replications that run at the same time.
        allowed: bytes; 80 % of the machine's memory unless given.

    Raises:
        UserError: how much it would take, and what would help.
    """
    size = expected_size(scenario)
    limit = SHARE * machine_memory() if allowed is None else allowed
    needed = workers * (PER_PROCESS + size.bytes)
    if needed <= limit or size.bytes < PER_PROCESS:
        return
    many = f" in each of {workers} workers" if workers > 1 else ""
    most = "" if workers == 1 else " use fewer --workers,"
    raise UserError(
        f"{scenario.name[:60]}: about {size.orders:.2g} orders with {size.lines:.2g} lines in a replication need about "
        f"{size.bytes / 1e9:.2g} GB{many}, more than the {limit / 1e9:.2g} GB allowed:{most} shorten clock.horizon, "
        "lower the rate of arrivals (and stock and levels with it), or allow more with --memory"
    )
