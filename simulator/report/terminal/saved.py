"""What `backorder results` prints: saved results, newest first, with what differs from the one before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from simulator.experiment.results.saved import SavedResult
from simulator.report.cards.card import Cell, Column, Line, Number, Table, line
from simulator.report.cards.terminal import rendered

MOST = 4
"""Differences that are shown of each result."""


def saved_card(found: Sequence[SavedResult], folder: Path, width: int = 100, colour: bool = False) -> str:
    """A table of results, or that there are none."""
    if not found:
        return f"No results in {folder}; `backorder run FILE` saves some."
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
    blocks: list[Line | Table] = [Table(columns, rows)]
    return rendered([*blocks, line(), line("Times are UTC. --json shows every difference.", "faint")], width, colour)


def _differences(differs: Sequence[str]) -> str:
    more = len(differs) - MOST
    return "; ".join([*differs[:MOST], *([f"{more} more"] if more > 0 else [])])
