"""The dates of every order: the delivery date promised first and last, and the actual one."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from simulator.record.facts import Facts
from simulator.record.ledger import Bools, Floats


class Dates:
    """Dates of the orders of one run, counted or not; days from the start, shape (n,)."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    @cached_property
    def first(self) -> Floats | None:
        """The date that every order was promised first, nan if it was given none; None: the policy promises none."""
        return self._promised(first=True)

    @cached_property
    def last(self) -> Floats | None:
        """The date that every order was promised last, whether the customer was told or not; see `first`."""
        return self._promised(first=False)

    def _promised(self, first: bool) -> Floats | None:
        rule, facts = self.facts.promised, self.facts
        if rule is None or not rule.days:
            return None
        found: Floats = facts.demand.times + np.array(rule.days)[facts.demand.segments]
        if not rule.waiting:
            found[facts.backordered.own.numbers("order")] = np.nan
        promises = facts.promises.own
        order, date = promises.numbers("order"), np.where(np.isinf(promises["date"]), np.nan, promises["date"])
        # Of several dates for one order, the one assigned last stays: reversed, that is the first.
        found[order[::-1] if first else order] = date[::-1] if first else date
        return found

    @cached_property
    def delivered(self) -> Floats:
        """When all units that an order asked for had been delivered, nan if they were not (yet)."""
        parcels = self.facts.parcels.own
        days = np.full(len(self.facts.demand.times), -np.inf)
        np.maximum.at(days, parcels.numbers("order"), parcels["delivered"])
        return np.where(self.facts.per_order(parcels) == self.facts.units_by_order, days, np.nan)

    def missed(self, promised: Floats) -> Bools:
        """Which orders were not delivered in full by the promised date."""
        late: Bools = ~(self.delivered <= promised + 1e-9)
        return late
