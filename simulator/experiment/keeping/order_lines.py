"""The lines of all orders of a replication as one Parquet file, the same columns for every policy and replication."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from simulator.experiment.keeping import parquet
from simulator.experiment.keeping.parquet import Column, connected, named, texts, write_parquet
from simulator.experiment.storage.kept_files import ORDERS, kept_file
from simulator.record.run import Run


def keep_orders(run: Run, folder: Path) -> None:
    """Write one row per order line, see `order_lines`; NULL if it never happened."""
    with connected() as database:
        write_parquet(database, kept_file(folder, ORDERS, run.policy, run.replication), order_lines(run))


def order_lines(run: Run) -> Iterator[dict[str, Column]]:
    """Slices of the lines of all orders, by column.

    policy, replication, order (the user's own number of open and recorded orders, or else the number in the run),
    number (in the run), line, item, segment, site, and the columns of `Run.lines`.
    """
    world, n = run.world, len(run.demand.times)
    sites = [site.name for site in world.sites]
    for first in range(0, max(n, 1), parquet.SLICE):
        last = min(first + parquet.SLICE, n)
        counts = run.demand.counts[first:last]
        owner = np.repeat(np.arange(last - first), counts)
        lines = slice(int(run.line_starts[first]), int(run.line_starts[last]))
        items, segments = run.demand.items[lines], run.demand.segments[first:last][owner]
        homes = np.array([segment.site for segment in world.segments] or [0])
        yield {
            "policy": texts([run.policy] * owner.size),
            "replication": np.full(owner.size, run.replication, dtype=np.int64),
            "order": texts(run.own_names(first, last))[owner],
            "number": first + owner,
            "line": np.arange(lines.start, lines.stop) - run.line_starts[first:last][owner],
            "item": named((item.name for item in world.items), items),
            "segment": named((segment.name for segment in world.segments), segments),
            "site": named(sites, homes[segments]),
            "customer": texts(run.customers_of(first, last))[owner],
            **run.lines(first, last),
        }
