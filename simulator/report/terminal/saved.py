"""What `backorder results` prints: saved results, newest first, with what differs from the one before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from simulator.experiment.results.saved import SavedResult
from simulator.report.cards.card import Card, Cell, Column, Number, Table, line

MOST = 4
"""Differences that are shown of each result."""


def saved_card(found: Sequence[SavedResult], folder: Path) -> Card:
    """A table of results, or that there are none."""
    if not found:
        return Card([line(f"No results in {folder}; `backorder run FILE` saves some.")])
    rows: list[list[str | Cell | Number]] = [
        [
            Cell(str(result.folder), "strong"),
            Cell(result.started[:16].replace("T", " "), "faint"),
            "unfinished" if result.replications is None else f"{result.replications} replications",
            f"seed {result.manifest.seed}",
            Cell(_differences(result.differs)),
        ]
        for result in found
    ]
    columns = [Column(), Column(), Column(right=True), Column(), Column("differs from the one before", "text")]
    return Card([Table(columns, rows), line(), line("Times are UTC. --json shows every difference.", "faint")])


def _differences(differs: Sequence[str]) -> str:
    more = len(differs) - MOST
    return "; ".join([*differs[:MOST], *([f"{more} more"] if more > 0 else [])])
