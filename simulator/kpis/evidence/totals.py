"""Evidence by item, summed window by window, for replications that keep no records of single orders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.foundation.errors import AuditError
from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.evidence.sample import WeightedSample
from simulator.kpis.evidence.worth import marks_down
from simulator.model.nouns import Cause, Exit, World
from simulator.record.facts import Facts
from simulator.record.ledger import Bools, Demand, FactColumns, Floats, Ints, ItemLevels, Ledger
from simulator.record.levels import HELD, LEVELS, changes, initial

BINS_PER_DAY = 1024
"""Waits are kept to 1/1024 day."""
_COUNTS = ("order_count", "refund_count", "recovered", "talk", "premiums")
OF_WINDOW = (*_COUNTS, "bought", "received", "lead_times", "expired", "cleared", "sent_back", "unsellable")
"""Evidence that adds up over the windows of the order book as it is."""
OF_LINES = ("asked", "refused", "backordered")
"""Evidence of counted lines that adds up by item."""


class NeedsRecordsError(Exception):
    """A KPI needs facts of single orders, where only sums are kept."""


class _Missing:
    """Takes the place of the facts."""

    def __getattr__(self, name: str) -> Any:
        raise NeedsRecordsError


class _NotKept:
    """Takes the place of evidence that sums do not give."""

    def __get__(self, owner: object, kind: type) -> Any:
        raise NeedsRecordsError


class _OfWindow(Evidence):
    """The evidence of one window where orders open later than they are placed: which orders are counted is known by
    their numbers in the run."""

    def __init__(self, facts: Facts, counts: Callable[[Ints], Bools]) -> None:
        super().__init__(facts)
        self.counts = counts

    def placed_in_window(self, facts: FactColumns) -> FactColumns:
        return facts.where(self.counts(facts.numbers("order")))


class Totals(Evidence):
    """Sums by item in place of facts: one 'line' for each item, which is enough for every sum over units."""

    is_long = False
    """All that is worked out is kept, as there are no more lines than items."""

    def __init__(self, world: World, stock: tuple[int, ...]) -> None:
        n = len(world.items)
        self.facts, self.world = _Missing(), world  # type: ignore[assignment]
        self.start, self.end = world.warm_up, world.horizon
        self.days = self.end - self.start
        self.derived, self.values = {}, {}
        self.items = np.arange(n, dtype=np.int32)
        self.summed = [name for name in OF_WINDOW if name != "refund_count" or not world.payments]
        """Refunds are not known where payments differ by order: the orders of earlier windows are forgotten."""
        for name in self.summed:
            setattr(self, name, 0)
        for name in (*OF_LINES, "at_once", "surplus", "returned", "waiting"):
            setattr(self, name, np.zeros(n))
        self._cancelled = np.zeros(n)
        self._waits: Floats = np.zeros(1)
        """Units by wait in bins of 1/BINS_PER_DAY day; the first bin is a wait of exactly 0."""
        self._open_waits = (np.zeros(0), np.zeros(0))
        """Days that units open at the horizon have waited, and these units."""
        self.levels = {level: initial(stock, level) for level in LEVELS}
        self.areas = {name: level * self.days for name, level in self.levels.items()}
        self.on_hand_area, self.on_order_area = self.areas["on_hand"], self.areas["on_order"]
        self.backlog_area = self.areas["backlog"]
        self._parcels = np.zeros(2)
        self._first, self._beyond = 0, set[int]()
        """The first order that is counted, and later ones that are not: they are for a day after the horizon."""
        self._priced = False

    def add(self, chunk: Ledger, numbers: Ints | None = None) -> None:
        """Adds the facts of one window of the order book, whose orders are numbered from 0; `numbers` are those in the
        run, where orders open later than they are placed.

        Only the facts of placing an order have these numbers. Those of later events may be about orders of earlier
        windows: they say themselves when their order was placed.
        """
        facts = Facts(self.world, chunk)
        seen = Evidence(facts) if numbers is None else _OfWindow(facts, self._counted(facts.demand, numbers))
        self._priced |= seen.priced
        for level in LEVELS:
            for when, which, units in changes(facts, level):
                _add(self.levels[level], which, units)
                _add(self.areas[level], which, units * (self.end - np.clip(when, self.start, self.end)))
        for name in self.summed:
            setattr(self, name, getattr(self, name) + getattr(seen, name))
        for name in OF_LINES:
            _add(getattr(self, name), seen.items, getattr(seen, name))
        taken = seen.taken
        _add(self.at_once, seen.items, taken)
        self._wait(np.zeros(1), np.array([taken.sum()]))
        _add(self.waiting, seen.items, seen.backordered)
        for ended in seen.ended:
            _add(self.waiting, ended["item"], -ended["units"])
            self._wait(ended["time"] - ended["placed"], ended["units"])
        fills = seen.ended[0]
        instant = fills.where(fills["time"] == fills["placed"])
        of_orders = (self._cancelled, facts.cancelled), (self.surplus, facts.surplus), (self.returned, facts.returned)
        lost = [(sums, seen.placed_in_window(table)) for sums, table in of_orders]
        for sums, table in ((self.at_once, instant), *lost):
            _add(sums, table["item"], table["units"])
        for parcels in (seen.window(facts.parcels, "shipped"), seen.window(facts.lost)):
            units = parcels.own["units"]
            self._parcels += (units.size, units.sum())

    def _counted(self, demand: Demand, numbers: Ints) -> Callable[[Ints], Bools]:
        """Which orders of the run are counted, by number, as far as they have opened: they are known by what they are
        not, so that memory does not grow with the orders."""
        early = demand.times < self.start
        self._first = max(self._first, int(numbers[early].max(initial=-1)) + 1)
        if demand.wanted is not None:
            self._beyond |= set(numbers[~early & (demand.wanted >= self.end)].tolist())
        first, beyond = self._first, np.array(sorted(self._beyond), dtype=np.int64)
        return lambda orders: (orders >= first) & ~np.isin(orders, beyond)

    def _wait(self, days: Floats, units: Floats) -> None:
        bins = np.where(days > 0, np.floor(days * BINS_PER_DAY).astype(np.int64) + 1, 0)
        longest = int(bins.max(initial=0))
        if longest >= self._waits.size:
            self._waits = np.append(self._waits, np.zeros(longest + 1 - self._waits.size))
        _add(self._waits, bins, units)

    def trim(self) -> None:
        """Sums are all there is."""

    def cut(self, since: Floats, units: Floats) -> None:
        """Adds the units of counted orders still open at the horizon, by the time from which they have waited."""
        self._open_waits = (self.end - since, units)

    def audit(self, final: Sequence[ItemLevels]) -> None:
        """Checks that the sums lead to the levels that the engine holds.

        Raises:
            AuditError: they do not.
        """
        for name, level in self.levels.items():
            if not np.array_equal(np.round(level), np.array([getattr(levels, HELD[name]) for levels in final])):
                raise AuditError(f"levels agree: the sums of {name} do not match the engine's levels")

    def arrays(self) -> dict[str, Floats]:
        """The sums by name, for the digest."""
        names = (*OF_LINES, "at_once", "surplus", "returned", "waiting", "recovered", "received", "lead_times")
        found = {name: getattr(self, name) for name in (*names, "expired", "cleared", "talk")}
        found |= {"cancelled": self._cancelled, "purchases": self.bought, "waits": self._waits}
        found |= {f"areas.{name}": area for name, area in self.areas.items()}
        return {**found, "parcels": self._parcels, **{f"levels.{name}": level for name, level in self.levels.items()}}

    line_count = line_segments = _NotKept()

    @property
    def priced(self) -> bool:
        """Needs the lines where they have prices of their own."""
        if self._priced:
            raise NeedsRecordsError
        return False

    @property
    def let_off(self) -> float:
        """Needs the times of orders where prices are marked down."""
        if marks_down(self.world):
            raise NeedsRecordsError
        return 0.0

    def left(self, *exits: Exit) -> Floats:
        """Not known: ways of leaving at checkout are summed together."""
        raise NeedsRecordsError

    def cancelled(self, cause: Cause | None = None) -> Floats:
        """Units cancelled by item; causes are summed together."""
        if cause is not None:
            raise NeedsRecordsError
        return self._cancelled

    @property
    def parcels(self) -> Floats:
        """Parcels and their units, shape (1, 2); not known by carrier if there are several."""
        if len(self.world.carriers) != 1:
            raise NeedsRecordsError
        return self._parcels[None, :]

    @cached_property
    def waits(self) -> WeightedSample:
        """Waits that have ended, to 1/1024 day (0 is exact), and those cut off at the horizon."""
        values = (np.arange(self._waits.size) - 0.5) / BINS_PER_DAY
        values[0] = 0.0
        days, units = self._open_waits
        return WeightedSample(np.append(values, days), np.append(self._waits, units))


def _add(into: Floats, places: NDArray[np.generic], units: NDArray[np.generic]) -> None:
    into += np.bincount(places.astype(np.int64), weights=units, minlength=into.size)
