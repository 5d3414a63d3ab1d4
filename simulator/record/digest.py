"""A short fingerprint of everything that happened: equal where two runs behaved the same, fact by fact."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from simulator.record.ledger import Ledger, Table

if TYPE_CHECKING:
    from simulator.record.run import Run

DIGITS = 13
"""Hexadecimal; 52 bits, which a double holds exactly."""
TABLES = sorted(name for name, table in vars(Ledger()).items() if isinstance(table, Table))


def digest(run: Run) -> str:
    """A hash (BLAKE2b, 13 hexadecimal digits) of a run's facts: orders, fills, parcels, purchases, receipts and so on.

    Seed and replication take no part, and facts of a kind that never happened do not either. So runs have equal digests
    if and only if the same things happened to the same orders at the same times, to the last bit: of two commits, two
    policies, two machines. Of a run without records the sums are hashed.
    """
    hashed = hashlib.blake2b(digest_size=8)
    _take(hashed, run)
    return hashed.hexdigest()[:DIGITS]


def _take(hashed: hashlib.blake2b, run: Run) -> None:
    _add(hashed, "initial", np.array(run.initial, dtype=np.float64))
    if run.totals is not None:
        for name, value in sorted(vars(run.totals).items()):
            if isinstance(value, np.ndarray):
                _add(hashed, name, value)
            elif isinstance(value, dict):
                for key in sorted(value):
                    _add(hashed, f"{name}.{key}", np.asarray(value[key]))
        return
    for name, column in vars(run.demand).items():
        if column is not None:
            _add(hashed, f"demand.{name}", column)
    for name in TABLES:
        for key, column in getattr(run, name).items():
            _add(hashed, f"{name}.{key}", column)
    for name, supplier in run.suppliers.items():
        hashed.update(f"supplier {name}\0".encode())
        _take(hashed, supplier)


def _add(hashed: hashlib.blake2b, name: str, column: np.ndarray) -> None:
    """The name, the length and the bytes of a column with values."""
    if column.size:
        hashed.update(f"{name}\0{column.size}\0".encode())
        hashed.update(np.ascontiguousarray(column).tobytes())
