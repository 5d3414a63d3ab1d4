"""A short fingerprint of everything that happened: equal if two runs behaved the same, fact by fact."""

from __future__ import annotations

import numpy as np
from xxhash import xxh3_64

from simulator.record.facts import Facts
from simulator.record.ledger import COLUMNS

NAMES_AND_MONEY = ("recorded", "prices")
"""Columns of the order book that change nothing of what happens."""
EXPLANATION = "blocked"
"""Facts that say why something happened, and are not kept where there could be only one reason."""
DIGITS = 13
"""Hexadecimal; 52 bits, which a double holds exactly."""


def digest(run: Facts) -> str:
    """Returns a hash (XXH3, 13 hexadecimal digits) of the facts of a run: orders, fills, parcels, purchases, ...

    Seed and replication are not hashed, nor are kinds of facts that never happened. So two runs (of two versions, two
    policies, two machines) have equal digests if and only if the same things happened to the same orders at the same
    times, to the last bit. For a run without records, its sums are hashed.

    XXH3 is not a cryptographic hash: it detects accidental differences only, at least ten times as fast. Files are
    sealed with a cryptographic one, see `storage.files`.
    """
    hashed = xxh3_64()
    _take(hashed, run)
    return hashed.hexdigest()[:DIGITS]


def _take(hashed: xxh3_64, run: Facts) -> None:
    _add(hashed, "initial", np.array(run.initial, dtype=np.float64))
    if run.totals is not None:
        for name, sums in sorted(run.totals.arrays().items()):
            _add(hashed, name, sums)
        return
    for name, column in vars(run.demand).items():
        if column is not None and name not in NAMES_AND_MONEY:
            _add(hashed, f"demand.{name}", column)
    for name in sorted(COLUMNS.keys() - {EXPLANATION}):
        table = getattr(run, name)
        for key, column in table.items() if table.size else ():
            _add(hashed, f"{name}.{key}", column)
    for number, supplier in enumerate(run.suppliers.values()):  # by number, as everywhere: names change no fact
        hashed.update(f"supplier {number}\0".encode())
        _take(hashed, supplier)


def _add(hashed: xxh3_64, name: str, column: np.ndarray) -> None:
    """Hashes the name, the length and the bytes of a column, unless it is empty."""
    if column.size:
        hashed.update(f"{name}\0{column.size}\0".encode())
        hashed.update(np.ascontiguousarray(column).view(np.uint8).data)
