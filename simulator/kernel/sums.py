"""Plays of which only KPIs are asked: the kernel adds up what it would write about every parcel, and Python reads the
other rows where they are."""

from __future__ import annotations

import ctypes
from collections.abc import Collection, Sequence
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from simulator.kernel.border import ENDED, LEFT, TABLES
from simulator.kernel.calls import KnownOfBook
from simulator.kernel.play import KernelPlay
from simulator.kpis.evidence.dates import Dates
from simulator.kpis.evidence.evidence import MOST_KEPT, Evidence
from simulator.kpis.evidence.sample import WeightedSample
from simulator.model.nouns import GIVEN_UP, Cause
from simulator.model.opening import NOTHING_OPEN
from simulator.record.columns import NO_ROWS
from simulator.record.ledger import COLUMNS, Bools, FactColumns, Floats
from simulator.record.levels import Change, initial
from simulator.record.run import Run
from simulator.world.simulate import stop_work, with_books

SUMMED = ("parcels", "picks")
"""Tables of which the kernel writes no rows, unless it is told to."""
BY_LINE = ("backordered_of", "refused_of", "instant_of", "cancelled_of", "open_of")
"""Sums by line, units: backordered and refused when the order was placed, filled at the same instant, cancelled, and
still on backorder at the horizon."""
BY_DATE = ("delivered_by", "given_up_by")
"""Units of each order that were delivered, and given up, by its due dates."""
TAKEN, WAITS, FILLED, FREED, CUT = range(5)
"""Parts of the areas under the levels, as in sums.c: units taken from the shelf when they were ordered, put on
backorder, filled, put back on the shelf, cancelled while they waited."""
OF_BOOK = ("line_starts", "line_orders", "line_times", "came", "units_by_order")
COUNTED = ("orders", "lines", "order_count", "line_count", "asked", "items", "line_segments", "line_places")
"""What follows from the order book alone: of the run, and of its evidence."""

NEVER = ("recovered", "recovered_value", "expired", "unsellable", "sent_back")
"""Evidence by item of what does not happen where the kernel plays alone and the record calls nothing off."""
NOTHING = {name: FactColumns(dict.fromkeys(columns, NO_ROWS)) for name, columns in COLUMNS.items()}
"""A table without rows by its name."""


class RowsNeeded(Exception):
    """Somebody asks for the rows of a table that was only summed."""


class SummedRun(Run):
    """A play that is to be measured; its rows stay in the kernel's memory, and are gone with the next play."""

    def __init__(self, play: KernelPlay, policy: str, replication: tuple[int, int], keeps: Collection[str]) -> None:
        """`replication`: seed and number; `keeps`: those of the `SUMMED` tables that have rows nevertheless."""
        state = play.state
        self.world, self.initial, self.final = state.nouns, state.numbering.initial, ()
        self.policy, (self.seed, self.replication) = policy, replication
        self.opening, self.promised, self.totals = NOTHING_OPEN, state.promised, None
        self.record, self.suppliers, self.levels, self.measured = {}, {}, {}, None
        self.demand, self.keeps = play.book.demand, keeps
        self._ledger, self._calls, self._world = state.ledger, play.calls, play.world
        vars(self).update(play.kept.known.facts)
        self.due_dates, due = self._dates(play.kept.known)
        self.sums = self._room(due)

    def _dates(self, known: KnownOfBook) -> tuple[list[Floats], Floats | None]:
        """The due dates of every order: the promised one, and that which the customer names; apart, and in one row."""
        rule, need = self.promised, self.demand.need_by
        if known.due is None or known.due[0] != rule or (rule is not None and rule.choice is not None):
            promised = super().dates_by_rule
            requested = None if need is None else self.demand.times + need
            dates = [due for due in (promised and promised[0], requested) if due is not None]
            known.due = rule, promised, dates, np.concatenate(dates) if dates else None
        self._by_rule: tuple[Floats, Bools] | None
        _, self._by_rule, dates, row = known.due
        if self.demand.times.size > MOST_KEPT:
            known.due = None
        return dates, row

    @property
    def dates_by_rule(self) -> tuple[Floats, Bools] | None:
        """See `Facts`; not to be written to."""
        return self._by_rule

    def _room(self, due: Floats | None) -> dict[str, NDArray[Any]]:
        """Makes room for the sums, and tells the kernel where."""
        orders, lines, dues = self.demand.times.size, self.demand.items.size, len(self.due_dates)
        by_line = np.zeros((len(BY_LINE), lines), dtype=np.int32)
        by_date = np.zeros((len(BY_DATE), dues, orders), dtype=np.int32)
        found: dict[str, NDArray[Any]] = dict(zip((*BY_LINE, *BY_DATE), (*by_line, *by_date), strict=True))
        found["under"] = np.zeros((5, len(self.world.items)))
        found["sent"] = np.zeros((len(self.world.segments), 2), dtype=np.int64)
        keeps = {f"keeps_{name}": name in self.keeps for name in SUMMED}
        self._world.fill(sums=1, counted_from=self.world.warm_up, dues=dues, due=due, **keeps, **found)
        return found

    def __getattr__(self, name: str) -> FactColumns:
        if name not in COLUMNS:
            raise AttributeError(name)
        if name in SUMMED and name not in self.keeps:
            raise RowsNeeded(name)
        found = self._rows(name)
        setattr(self, name, found)
        return found

    def _rows(self, name: str) -> FactColumns:
        table = getattr(self._ledger, name)
        if name in TABLES and not len(table):
            number = TABLES.index(name)
            if not self._calls.facts.filled[number]:
                return NOTHING[name]
            rows = np.frombuffer(self._calls.facts.rows_of(number))
            rows.flags.writeable = False
            return FactColumns(dict(zip(COLUMNS[name], rows.reshape(-1, len(COLUMNS[name])).T, strict=True)))
        if name in TABLES:  # Python has written some of them, or read them while the kernel played
            self._calls.adopt(name)
        return table.freeze() if len(table) else NOTHING[name]

    def forget(self) -> None:
        """Frees the memory of all that has been worked out; it is worked out again if it is asked for."""
        for name in OF_BOOK:
            vars(self).pop(name, None)
        for name in COLUMNS:
            if name in vars(self):
                getattr(self, name).forget()
        self.levels.clear()

    @cached_property
    def units_by_order(self) -> Floats:
        """Units demanded by order, shape (n,), not to be written to."""
        return self.by_order(self.demand.quantities)

    @cached_property
    def at_once(self) -> NDArray[np.int32]:
        """Units of every line taken off the shelf when it was ordered, shape (L,)."""
        found: NDArray[np.int32] = self.demand.quantities - self.sums["backordered_of"] - self.sums["refused_of"]
        return found


class SummedDates(Dates):
    """Dates of the orders of a summed run."""

    facts: SummedRun
    _asked: tuple[Floats, int | None] | None = None
    """Dates that were asked about, and their number among the due dates."""

    @cached_property
    def first(self) -> Floats | None:
        """The date that every order was promised first, nan if it was given none; None: the policy promises none."""
        rule = self.facts.dates_by_rule
        if rule is None:
            return None
        found, waiting = rule
        if not waiting.all():
            found = found.copy()
            short = self.facts.line_orders[self.facts.sums["backordered_of"] > 0]
            found[short[~waiting[short]]] = np.nan
        return found

    @cached_property
    def _taken(self) -> Floats:
        return super()._taken if self.facts.refused.size else self.facts.units_by_order

    @cached_property
    def last(self) -> Floats | None:
        """The date that every order was promised last: the first, as the kernel plays no policy that changes dates."""
        return self.first

    def missed(self, promised: Floats) -> Bools:
        """Of which orders not all that was still ordered had been delivered by the promised date."""
        number = self._number(promised)
        if number is None:
            return super().missed(promised)
        late: Bools = ~(self.facts.sums["delivered_by"][number] >= self.owed(promised))
        late |= np.isnan(promised)
        return late

    def ordered(self, days: Floats, causes: Sequence[Cause] = GIVEN_UP) -> Bools:
        """Of which orders anything was still ordered at these times."""
        number = self._number(days) if causes is GIVEN_UP else None
        if number is None:
            return super().ordered(days, causes)
        left: Bools = self._taken > self.facts.sums["given_up_by"][number]
        return left

    def owed(self, days: Floats, causes: Sequence[Cause] = GIVEN_UP) -> Floats:
        """Units of every order that were still ordered at these times."""
        number = self._number(days) if causes is GIVEN_UP else None
        if number is None:
            return super().owed(days, causes)
        found: Floats = self._taken - self.facts.sums["given_up_by"][number]
        return found

    def _number(self, days: Floats) -> int | None:
        """Which of the due dates these are, where they are dates at all."""
        if self._asked is None or self._asked[0] is not days:
            dates = enumerate(self.facts.due_dates)
            same = (k for k, due in dates if days is due or ((days == due) | np.isnan(days)).all())
            self._asked = days, next(same, None)
        return self._asked[1]


class SummedEvidence(Evidence):
    """What KPIs are computed from after a summed play: as `Evidence` says it, to the last bit."""

    facts: SummedRun

    def __init__(self, run: SummedRun, play: KernelPlay) -> None:
        super().__init__(run)
        self.known, self._facts_of_play = play.kept.known, play.facts
        vars(self).update(self.known.evidence, _of_items=play.calls.of_items)
        if not (play.outside or play.world.recall_at):
            vars(self).update(dict.fromkeys(NEVER, np.zeros(len(self.world.items))), talk=np.zeros(3), premiums=0.0)

    def keep_known(self) -> None:
        """Keeps what followed from the order book alone, unless it is large."""
        if self.facts.demand.times.size <= MOST_KEPT:
            mine, of_run = vars(self), vars(self.facts)
            self.known.evidence.update({name: mine[name] for name in COUNTED if name in mine})
            self.known.facts.update({name: of_run[name] for name in OF_BOOK if name in of_run})

    def of_lines(self, name: str) -> Floats:
        """An attribute of the item of every counted line."""
        values = self.of_items(name)
        key = values.tobytes()
        if key not in self.known.of_lines:
            found = super().of_lines(name)
            if self.facts.demand.times.size > MOST_KEPT:
                return found
            self.known.of_lines[key] = found
        return self.known.of_lines[key]

    # ------------------------------------------------------ counted lines
    def _units(self, name: str) -> Floats:
        return cast(Floats, self.facts.sums[name][self.lines])  # whole numbers, in half the memory

    @cached_property
    def at_once(self) -> Floats:
        """Units filled from stock without waiting by counted line; a wait of length zero is a fill from stock."""
        return cast(Floats, self.taken + self.facts.sums["instant_of"][self.lines])

    @cached_property
    def backordered(self) -> Floats:
        """Units that went on backorder when the order was placed, by counted line."""
        return self._units("backordered_of")

    @cached_property
    def refused(self) -> Floats:
        """Units that were demanded but not ordered by counted line, however they left."""
        return self._units("refused_of")

    @cached_property
    def _cancelled(self) -> Floats:
        return self._units("cancelled_of")

    @cached_property
    def waiting(self) -> Floats:
        """Units still on backorder at the horizon by counted line."""
        return self._units("open_of")

    @cached_property
    def waits(self) -> WeightedSample:
        """Days from order to the end of the wait, by unit that was ordered and not refused."""
        still = np.flatnonzero(self.waiting)
        rows = [np.frombuffer(self._facts_of_play.rows_of(table)).reshape(-1, 2).T for table in (ENDED, LEFT)]
        days = [np.zeros(1), *(days for days, _ in rows), self.end - self.since[still]]
        units = [np.array([float(self.taken.sum())]), *(units for _, units in rows), self.waiting[still]]
        return WeightedSample(np.concatenate(days), np.concatenate(units))

    @cached_property
    def dates(self) -> SummedDates:
        """Promised and actual delivery date of every order."""
        return SummedDates(self.facts)

    # ------------------------------------------------------ levels and parcels
    @cached_property
    def on_hand_area(self) -> Floats:
        """Unit-days on hand in the window, shape (items,)."""
        facts, under = self.facts, self.facts.sums["under"]
        total = initial(facts.initial, "on_hand") * self.days
        total += under[TAKEN]
        self._add(total, (facts.receipts["time"], facts.receipts["item"], facts.receipts["units"]))
        total += under[FILLED]
        total += under[FREED]
        self._add(total, (facts.adjusted["time"], facts.adjusted["item"], facts.adjusted["units"]))
        return total

    @cached_property
    def backlog_area(self) -> Floats:
        """Unit-days on backorder in the window, shape (items,)."""
        under = self.facts.sums["under"]
        total: Floats = under[WAITS] + under[FILLED]
        total += under[CUT]
        return total

    def _add(self, total: Floats, change: Change) -> None:
        when, which, units = change
        left = self.end - np.clip(when, self.start, self.end)
        total += np.bincount(which.astype(np.int64), weights=units * left, minlength=total.size)

    @cached_property
    def parcels(self) -> Floats:
        """Parcels handed over in the window and their units, shape (carriers, 2)."""
        found = np.zeros((len(self.world.carriers), 2))
        carriers = np.array([segment.carrier for segment in self.world.segments], dtype=np.int64)
        np.add.at(found, carriers, self.facts.sums["sent"])
        return found


def measurable(
    play: KernelPlay, kernel: ctypes.CDLL, policy: str, replication: tuple[int, int], keeps: Collection[str]
) -> SummedEvidence:
    """Plays to the horizon; returns the evidence, which is there until the next play. `replication`: seed and number.

    Raises:
        NotPlayed: the other lane must play this replication, from the start.
    """
    run = SummedRun(play, policy, replication, keeps)
    run.final = play.to_horizon(kernel)
    stop_work(play.state)
    with_books(run, play.state)
    return SummedEvidence(run, play)
