"""Keeps what `--keep` asks for of a finished replication."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from simulator.experiment.keeping.parquet import check_parquet
from simulator.experiment.storage.kept_files import EVENTS, EVENTS_SQLITE, FACTS, KEPT, ORDERS
from simulator.foundation.errors import UserError
from simulator.record.run import Run
from simulator.scenario.tree.paths import unknown


def kinds_to_keep(wanted: Sequence[str] | str) -> tuple[str, ...]:
    """What is to be kept, each once and in a fixed order.

    Raises:
        UserError: there is no such kind, or the library that writes it is not installed.
    """
    names = [wanted] if isinstance(wanted, str) else list(wanted)
    for name in names:
        if name not in KEPT:
            raise UserError(f"keep: {unknown(name, KEPT, 'kind of records')}")
    found = tuple(kind for kind in KEPT if kind in names)
    for kind in found:
        if kind in (ORDERS, FACTS):
            check_parquet(kind)
    return found


def keep(run: Run, folder: Path, kinds: Sequence[str]) -> None:
    """Write these kinds of records to a results folder."""
    for kind in kinds:
        _writers()[kind](run, folder)


@cache
def _writers() -> dict[str, Callable[[Run, Path], None]]:
    # imported only where something is to be kept: few runs do, and every worker would import them
    from simulator.experiment.keeping.event_database import keep_event_database
    from simulator.experiment.keeping.event_files import keep_events
    from simulator.experiment.keeping.fact_files import keep_facts
    from simulator.experiment.keeping.order_lines import keep_orders

    return {ORDERS: keep_orders, FACTS: keep_facts, EVENTS: keep_events, EVENTS_SQLITE: keep_event_database}
