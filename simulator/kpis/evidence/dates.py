"""The dates of every order: the day that was promised first and last, and the day on which all of it was there."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simulator.record.ledger import Floats
from simulator.record.run import Run


class Dates:
    """Of the orders of one run, counted or not; days, shape (n,)."""

    def __init__(self, run: Run, asked: Floats) -> None:
        self.run = run
        self.asked = asked
        """Units asked for by order."""

    @cached_property
    def first(self) -> Floats | None:
        """The day that every order was promised first, nan where it was given none; None: no dates."""
        return self._promised(first=True)

    @cached_property
    def last(self) -> Floats | None:
        """The day that every order was promised last, whether the customer was told or not."""
        return self._promised(first=False)

    @cached_property
    def _if_at_once(self) -> Floats | None:
        """The day promised to every order if all of it is there at once; None where no date is given."""
        promised = self.run.promised
        if promised is None or not promised.days:
            return None
        days: Floats = np.array(promised.days)[self.run.demand.segments]
        return self.run.demand.times + days

    def _promised(self, first: bool) -> Floats | None:
        promised, words = self._if_at_once, self.run.promised
        if promised is None or words is None:
            return None
        found = promised.copy()
        facts = self.run.promises
        waiting = self.run.backordered["order"].astype(np.int64)
        if not words.waiting:
            found[waiting[waiting >= 0]] = np.nan
        order, date = facts["order"].astype(np.int64), np.where(np.isinf(facts["date"]), np.nan, facts["date"])
        mine = order >= 0
        if first:
            found[order[mine][::-1]] = date[mine][::-1]
        else:
            found[order[mine]] = date[mine]
        return found

    @cached_property
    def delivered(self) -> Floats:
        """The day on which all that an order asked for was at the door, nan where it was not (yet)."""
        n = len(self.run.demand.times)
        own = self.run.parcels["order"] >= 0
        number = self.run.parcels["order"][own].astype(np.int64)
        units = np.bincount(number, weights=self.run.parcels["units"][own], minlength=n)
        days = np.full(n, -np.inf)
        np.maximum.at(days, number, self.run.parcels["delivered"][own])
        return np.where(units == self.asked, days, np.nan)

    def missed(self, promised: Floats) -> NDArray[np.bool_]:
        """Orders that were not wholly at the door on the promised day."""
        late: NDArray[np.bool_] = ~(self.delivered <= promised + 1e-9)
        return late
