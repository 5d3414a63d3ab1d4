"""The dates of every order: the delivery date promised first and last, and the actual one."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from simulator.model.nouns import GIVEN_UP, Cause, Exit
from simulator.record.facts import Facts
from simulator.record.ledger import Bools, FactColumns, Floats

Answer = TypeVar("Answer")


class Dates:
    """Dates of the orders of one run, counted or not; days from the start, shape (n,)."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._known: dict[tuple[Hashable, int], tuple[Floats, Any]] = {}

    @cached_property
    def first(self) -> Floats | None:
        """The date that every order was promised first, nan if it was given none; None: the policy promises none."""
        return self._promised(first=True)

    @cached_property
    def last(self) -> Floats | None:
        """The date that every order was promised last, whether the customer was told or not; see `first`."""
        return self._promised(first=False) if self.facts.promises.size else self.first

    def _promised(self, first: bool) -> Floats | None:
        rule, facts = self.facts.dates_by_rule, self.facts
        if rule is None:
            return None
        found, waiting = rule
        waits = facts.backordered.own.numbers("order")
        found[waits[~waiting[waits]]] = np.nan
        found[: facts.opening.count] = np.nan  # they keep what they were promised before, see below
        promises = facts.promises.own
        order, date = promises.numbers("order"), np.where(np.isinf(promises["date"]), np.nan, promises["date"])
        # Of several dates for one order, the one assigned last stays: reversed, that is the first.
        found[order[::-1] if first else order] = date[::-1] if first else date
        return found

    @cached_property
    def delivered(self) -> Floats:
        """When all that was still ordered of every order had been delivered, nan if it was not (yet), or if the
        customer gave units up after the last delivery."""
        facts, n = self.facts, len(self.facts.demand.times)
        parcels, gone = facts.parcels.own, self._given_up(GIVEN_UP)
        days, last = np.full(n, -np.inf), np.full(n, -np.inf)
        np.maximum.at(days, parcels.numbers("order"), parcels["delivered"])
        np.maximum.at(last, gone.numbers("order"), gone["time"])
        sent = facts.per_order(parcels)
        return np.where((sent == self.owed(np.full(n, np.inf))) & (sent > 0) & (last <= days), days, np.nan)

    def missed(self, promised: Floats) -> Bools:
        """Of which orders not all that was still ordered had been delivered by the promised date."""

        def late() -> Bools:
            parcels = self.facts.parcels.own
            found: Bools = ~(self._until(parcels, promised, "delivered") >= self.owed(promised))
            found |= np.isnan(promised)
            return found

        return self._once("missed", promised, late)

    def ordered(self, days: Floats, causes: Sequence[Cause] = GIVEN_UP) -> Bools:
        """Of which orders anything was still ordered at these times: taken by the seller (or replaced at checkout), and
        not cancelled for one of the causes by then."""
        facts = self.facts
        replaced = facts.recovered.own.having("exit", Exit.SUBSTITUTED)
        left: Bools = self._taken + facts.per_order(replaced) > self._gone(days, causes)
        return left

    def owed(self, days: Floats, causes: Sequence[Cause] = GIVEN_UP) -> Floats:
        """Units of every order that were still ordered at these times, or had been sold in place of others by then."""
        facts, recovered = self.facts, self.facts.recovered.own
        given_up = self._gone(days, causes)
        if not recovered.size:
            return self._taken - given_up
        substitutes = recovered.having("exit", Exit.SUBSTITUTED)
        refused = facts.per_order(facts.refused.having("exit", Exit.SUBSTITUTED))
        # Substitutes beyond those at checkout were taken later, in place of units that were given up for them.
        switched = np.maximum(self._until(substitutes, days) - refused, 0.0)
        sold = self._until(recovered, days) - switched
        owed: Floats = self._taken + sold - given_up
        return owed

    @cached_property
    def _taken(self) -> Floats:
        """Units of every order that the seller took: asked for and not refused."""
        return self.facts.units_by_order - self.facts.per_order(self.facts.refused)

    def _gone(self, days: Floats, causes: Sequence[Cause]) -> Floats:
        """Units of every order that had been cancelled for one of the causes at these times."""
        return self._once(causes, days, lambda: self._until(self._given_up(causes), days))

    def _once(self, what: Hashable, days: Floats, answer: Callable[[], Answer]) -> Answer:
        """What follows from times of every order, worked out once for all KPIs that ask about the same times."""
        if (key := (what, id(days))) not in self._known:
            self._known[key] = days, answer()  # the times are kept, so that no others get their identity
        found: Answer = self._known[key][1]
        return found

    def _given_up(self, causes: Sequence[Cause]) -> FactColumns:
        return self.facts.cancelled.own.having("cause", *causes)

    def _until(self, facts: FactColumns, days: Floats, time: str = "time") -> Floats:
        """Units of these facts by order, up to a time of each order."""
        return self.facts.per_order(facts.where(facts[time] <= days[facts.numbers("order")] + 1e-9))
