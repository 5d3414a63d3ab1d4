"""Where a results folder keeps orders, facts and event logs of single replications."""

from __future__ import annotations

from pathlib import Path

from simulator.scenario.identity import slug

ORDERS, FACTS, EVENTS, EVENTS_SQLITE = "orders", "facts", "events", "events-sqlite"
"""What can be kept, and the subfolder that holds it."""
KEPT = (ORDERS, FACTS, EVENTS, EVENTS_SQLITE)
ENDINGS = {
    ORDERS: ("parquet",),
    FACTS: ("parquet",),
    EVENTS: ("xes", "ocel.json"),
    EVENTS_SQLITE: ("ocel.sqlite",),
}
"""Endings of the files, the last one for the file that is written last."""


def kept_file(folder: Path, kind: str, policy: str, replication: int, table: str = "", ending: str = "") -> Path:
    """A file of one replication of a policy in a results folder.

    Args:
        kind: one of `KEPT`.
        table: the table of facts; by default the one that is written last, so that it stands for all of them.
        ending: by default that of the file that is written last.
    """
    name = f"{slug(policy)}-{replication:06d}.{ending or ENDINGS[kind][-1]}"
    return folder / kind / (f"{table or ORDERS}-{name}" if kind == FACTS else name)
