"""Which of several decisions governs each order of a run, worked out for all orders at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.integer]
Times = NDArray[np.float64]
Spans = Mapping[int, tuple[Times, Times]]
"""Entry of the schedule -> when it came into force and when it ended, days."""
BASE = -1
"""In place of the number of an entry: the policy's own decisions."""
LAYER = 100
"""More than any rank: a decision of the schedule goes before one of the policy, however specific that is."""


@dataclass(frozen=True, eq=False)
class OrderChoice:
    """The decisions of one family for every segment and item, from the policy and from its schedule.

    An order with lines of several items has the most specific of their decisions; of equally specific ones, that of its
    first line.
    """

    entries: tuple[int, ...]
    """Whose decisions each layer holds: `BASE`, then entries of the schedule, the strongest last."""
    kinds: Numbers
    """Number of the decision (-1: none), shape (layers, segments, items)."""
    ranks: Numbers
    """How specific it is, of the same shape."""

    def of_orders(self, times: Times, segments: Numbers, counts: Numbers, items: Numbers, spans: Spans) -> Numbers:
        """The number of the decision of every order, shape (n,).

        Args:
            times, segments, counts: when each order is placed, its segment, and how many lines it has, shape (n,).
            items: item of every line, shape (L,).
            spans: when the entries of the schedule were in force.
        """
        owner = np.repeat(np.arange(len(times)), counts)
        segment = segments.astype(np.int64)[owner]
        kind, rank = self.kinds[0, segment, items], self.ranks[0, segment, items]
        for layer, entry in enumerate(self.entries[1:], 1):
            own = self.kinds[layer, segment, items]
            changed = in_force(times, spans.get(entry))[owner] & (own >= 0)
            kind = np.where(changed, own, kind)
            rank = np.where(changed, LAYER * layer + self.ranks[layer, segment, items], rank)
        found = np.zeros(len(times), dtype=np.int64)
        if len(items):
            most = np.zeros(len(times), dtype=np.int64)
            np.maximum.at(most, owner, rank)
            best = np.flatnonzero(rank == most[owner])[::-1]
            found[owner[best]] = kind[best]  # of several, the one assigned last stays: reversed, that is the first line
        return found


def in_force(times: Times, spans: tuple[Times, Times] | None) -> NDArray[np.bool_]:
    """Whether an entry was in force at each of these times."""
    if spans is None:
        return np.zeros(len(times), dtype=bool)
    begun, over = (np.searchsorted(np.sort(ends), times, side="right") for ends in spans)
    found: NDArray[np.bool_] = begun > over
    return found
