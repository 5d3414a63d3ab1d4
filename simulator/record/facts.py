"""The frozen facts of one replication: demand and tables as columns, the levels that the engine ended with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from simulator.model.choice import OrderChoice, Spans
from simulator.model.nouns import NEVER_CAME, World
from simulator.model.opening import NOTHING_OPEN
from simulator.record.columns import FEW, KeptIfShort, sums_of_runs
from simulator.record.ledger import COLUMNS, Bools, Demand, FactColumns, FactTables, Floats, Ints, ItemLevels, Ledger


class Promised(NamedTuple):
    """Delivery dates that are promised by rule and not written as facts."""

    days: tuple[float, ...]
    """By segment, days from the order to the promised delivery of what is filled at once; nan: the dates of such orders
    are in the facts, or they have none."""
    waiting: bool
    """Whether backordered units get the same dates; otherwise they have the dates in the facts, or none."""
    several: tuple[Promised | None, ...] = ()
    """In place of the above, the dates of each of several promises, if they differ by order."""
    choice: OrderChoice | None = None
    """Which of them each order has."""


class RecordedNames(NamedTuple):
    """The recorded orders of a segment as the user knows them; empty where orders are drawn, or nothing is said."""

    orders: Sequence[str]
    """The user's own number of each order."""
    customers: Sequence[str]
    """The customer of each order."""


class Facts(FactTables[FactColumns]):
    """Everything that happened at one site of stock; the ledger must not be written to afterwards.

    Args:
        world: what the numbers in the facts refer to.
        ledger: the facts.
        initial: stock of every item at the start, units (below 0: a backlog).
        final: the levels of every item at the end, as the engine holds them.
    """

    def __init__(
        self, world: World, ledger: Ledger, initial: tuple[int, ...] = (), final: tuple[ItemLevels, ...] = ()
    ) -> None:
        self.world, self.initial, self.final = world, initial, final
        self.opening = NOTHING_OPEN
        """The orders and purchases from before the start that have numbers in the user's books."""
        self.record: dict[int, RecordedNames] = {}
        """The recorded orders by number of their segment."""
        self.promised: Promised | None = None
        """None if no date is promised."""
        self.suppliers: Mapping[str, Facts] = {}
        """What happened at the suppliers that hold stock, by name, downstream first; their buyers are the customers."""
        ledger.fold()
        self.totals = ledger.summary
        """Sums in place of facts, if no records were kept."""
        self.demand = Demand.join(ledger.books)
        for name in COLUMNS:
            setattr(self, name, getattr(ledger, name).freeze())
        if self.sourced.size:
            self._name_lines_of_parts()
        self.levels: dict[tuple[str, str], Any] = {}
        """What `record.levels` has worked out."""

    def _name_lines_of_parts(self) -> None:
        """Replaces the numbers of parts of lines that other sites serve by those of the lines themselves."""
        sourced = self.sourced
        span = 1.0 + float(sourced["part"].max())
        parts = sourced["order"] * span + sourced["part"]
        place = np.argsort(parts, kind="stable")
        parts, lines = parts[place], sourced["line"][place]
        for name, columns in COLUMNS.items():
            table: FactColumns = getattr(self, name)
            if name == "sourced" or "line" not in columns or not table.size:
                continue
            asked = np.where(table["line"] < span, table["order"] * span + table["line"], -1.0)
            found = np.minimum(np.searchsorted(parts, asked), parts.size - 1)
            named = np.where(parts[found] == asked, lines[found], table["line"])
            setattr(self, name, FactColumns({**table, "line": named}))

    @cached_property
    def line_starts(self) -> Ints:
        """Place of each order's first line among all lines, shape (n + 1,)."""
        return np.concatenate(([0], np.cumsum(self.demand.counts, dtype=np.int64)))

    @KeptIfShort
    def line_orders(self) -> NDArray[np.int32]:
        """Number of the order of every line, shape (L,)."""
        return np.repeat(np.arange(len(self.demand.times), dtype=np.int32), self.demand.counts)

    @property
    def is_long(self) -> bool:
        """Whether there are so many orders that little of what is worked out from them is kept."""
        return self.demand.times.size > FEW

    @KeptIfShort
    def line_times(self) -> Floats:
        """When the order of every line was placed, days, shape (L,)."""
        return np.repeat(self.demand.times, self.demand.counts)

    def forget(self) -> None:
        """Frees the memory of all that has been worked out; it is worked out again if it is asked for."""
        for name in [name for name in vars(self) if isinstance(getattr(type(self), name, None), cached_property)]:
            del vars(self)[name]
        self.levels.clear()
        for name in COLUMNS:
            getattr(self, name).forget()

    @property
    def opens(self) -> Floats:
        """When every order took its units or went on backorder, days, shape (n,)."""
        return self.demand.times if self.demand.opens is None else self.demand.opens

    @property
    def due(self) -> Floats:
        """From when a wait of every order counts, days, shape (n,)."""
        return self.demand.times if self.demand.due is None else self.demand.due

    @cached_property
    def adds_to(self) -> Ints:
        """For every order the number of the order whose quantity it raises, -1: none; shape (n,)."""
        found = np.full(self.demand.times.size, -1, dtype=np.int64)
        request = self.demand.request
        if request is not None and request.size:
            _, first, which = np.unique(request, return_index=True, return_inverse=True)
            added = (request >= 0) & (first[which] != np.arange(request.size))
            found[added] = first[which][added]
        return found

    @property
    def since_start(self) -> Floats:
        """`opens` of every line, but 0 for those of orders from before the start, shape (L,)."""
        times = self.line_times if self.demand.opens is None else np.repeat(self.demand.opens, self.demand.counts)
        return np.maximum(times, 0.0) if self.opening.count else times

    def placed(self, facts: FactColumns) -> Floats:
        """When the order of each of these facts was placed, days; the facts have the column `placed`."""
        if self.demand.due is None:
            return facts["placed"]
        return np.append(self.demand.times, 0.0)[np.maximum(facts.numbers("order"), -1)]

    @cached_property
    def _names(self) -> Ints:
        """A number for the name of every item: one that several sites keep has several numbers, but one name."""
        numbers: dict[str, int] = {}
        return np.array([numbers.setdefault(item.name, len(numbers)) for item in self.world.items], dtype=np.int64)

    @property
    def line_prices(self) -> Floats:
        """Price of a unit of every line, currency: its own, or else the item's; shape (L,)."""
        found: Floats = np.array([item.price for item in self.world.items])[self.demand.items]
        return (
            found if self.demand.prices is None else np.where(np.isnan(self.demand.prices), found, self.demand.prices)
        )

    def own_prices(self, facts: FactColumns) -> Floats | None:
        """The price of a unit that the lines of these facts have of their own, currency (nan: none, or of another item,
        such as a substitute); None if no line has one."""
        if self.demand.prices is None:
            return None
        found = np.full(facts.size, np.nan)
        mine = np.flatnonzero(facts["order"] >= 0)
        lines = self.lines_at(facts.where(mine))
        same = self._names[facts.numbers("item")[mine]] == self._names[self.demand.items[lines]]
        found[mine] = np.where(same, self.demand.prices[lines], np.nan)
        return found

    def prices_of(self, facts: FactColumns) -> Floats:
        """Price of a unit of each of these facts, currency: that of its line, or the item's (see `own_prices`)."""
        found: Floats = np.array([item.price for item in self.world.items])[facts.numbers("item")]
        own = self.own_prices(facts)
        return found if own is None else np.where(np.isnan(own), found, own)

    def name_of(self, order: int) -> str:
        """The number of an order in the user's books, or else its number in the run."""
        return self.opening.orders[order] if 0 <= order < self.opening.count else str(order)

    def own_names(self, first: int, last: int) -> list[str]:
        """The user's own numbers of the orders first … last - 1: of open and recorded orders; else their number."""
        return [name or self.name_of(first + k) for k, name in enumerate(self._recorded(first, last, "orders"))]

    def customers_of(self, first: int, last: int) -> list[str]:
        """The customers of the orders first … last - 1, '' where none is recorded."""
        return self._recorded(first, last, "customers")

    def _recorded(self, first: int, last: int, what: str) -> list[str]:
        if self.demand.recorded is None:
            return [""] * (last - first)
        known = {segment: getattr(names, what) for segment, names in self.record.items()}
        numbers, segments = (column[first:last].tolist() for column in (self.demand.recorded, self.demand.segments))
        return [
            known[segment][number] if number >= 0 and known[segment] else ""
            for segment, number in zip(segments, numbers, strict=True)
        ]

    @cached_property
    def at_once(self) -> NDArray[np.int32]:
        """Units of every line taken off the shelf when it was ordered, shape (L,)."""
        taken = self.demand.quantities.copy()
        for short in (self.backordered, self.refused):
            own = short.own
            np.subtract.at(taken, self.lines_at(own), own["units"].astype(np.int32))
        if self.demand.opens is not None:
            taken[np.repeat(self.demand.opens >= self.world.horizon, self.demand.counts)] = 0
        return taken

    @cached_property
    def came(self) -> Bools:
        """Which orders of the book were placed at all, shape (n,); the others were deterred or not called for, or are
        for so late a day that they would have opened after the horizon."""
        placed = self.opens < self.world.horizon
        refused = self.refused.own
        placed[refused.having("exit", *NEVER_CAME).numbers("order")] = False
        return placed

    @KeptIfShort
    def still_open(self) -> Floats:
        """Units still on backorder at the horizon by line, shape (L,)."""
        ended = self.cancelled.where(self.cancelled["held"] == 0)
        return self.per_line(self.backordered) - self.per_line(self.fills) - self.per_line(ended)

    @property
    def schedule(self) -> Spans:
        """When each entry of the policy's schedule was in force: starts and ends, days."""
        facts = self.switched
        entries = facts.numbers("entry")
        begun = facts["on"] > 0
        return {
            int(entry): (facts["time"][(entries == entry) & begun], facts["time"][(entries == entry) & ~begun])
            for entry in np.unique(entries)
        }

    def chosen(self, choice: OrderChoice) -> Ints:
        """Which of several decisions every order has, shape (n,)."""
        demand = self.demand
        found = choice.of_orders(demand.times, demand.segments, demand.counts, demand.items, self.schedule)
        return found.astype(np.int64)

    @cached_property
    def promised_by_rule(self) -> tuple[Floats, Bools] | None:
        """Days from every order to its promised date if it is filled at once (nan: none), and whether it has the same
        date if it waits, shape (n,) each; None if no date is promised."""
        rule, n = self.promised, len(self.demand.times)
        if rule is None or not (rule.days or rule.several):
            return None
        if rule.choice is None:
            return np.array(rule.days)[self.demand.segments], np.full(n, rule.waiting)
        kinds, segments = self.chosen(rule.choice), max(len(self.world.segments), 1)
        days = [(np.nan,) * segments if each is None else each.days for each in rule.several]
        waiting = np.array([each is not None and each.waiting for each in rule.several])
        return np.array(days)[kinds, self.demand.segments], waiting[kinds]

    @property
    def dates_by_rule(self) -> tuple[Floats, Bools] | None:
        """The promised date of every order if it is filled at once (nan: none), days, and whether it has the same date
        if it waits, shape (n,) each; None if no date is promised."""
        rule, demand = self.promised_by_rule, self.demand
        if rule is None:
            return None
        days, waiting = rule
        if demand.wanted is None:
            return demand.times + days, waiting
        # A date from stock counts from the day on which stock is taken; no date is before the wanted day.
        found = np.where(waiting, demand.times, self.opens) + days
        found = np.where(demand.wanted > found, demand.wanted, found)
        found[self.opens >= self.world.horizon] = np.nan
        return found, waiting

    @KeptIfShort
    def sent(self) -> FactColumns:
        """Every parcel handed to a carrier, lost ones last: time, order, units; site where there are several."""
        pairs = {"time": ("shipped", "time"), "order": ("order", "order"), "units": ("units", "units")}
        found = {name: np.append(self.parcels[a], self.lost[b]) for name, (a, b) in pairs.items()}
        return FactColumns({**found, "site": self._sites_of_parcels}) if self.world.sites else FactColumns(found)

    @cached_property
    def _sites_of_parcels(self) -> Floats:
        """Number of the site from which each parcel was sent, lost ones from the customer's own, those from before the
        start from the first."""
        homes = np.array([segment.site for segment in self.world.segments] or [0], dtype=np.float64)
        orders = np.concatenate((self.parcels.numbers("order"), self.lost.numbers("order")))
        found = np.zeros(orders.size)
        own = orders >= 0
        found[own] = homes[self.demand.segments[orders[own]]]
        found[self.sent_from.numbers("parcel")] = self.sent_from["site"]
        return found

    def lines_at(self, facts: FactColumns) -> NDArray[np.int32]:
        """Place among all lines of each fact's line; the facts must be `own`."""
        return facts.places(self.line_starts)

    def per_line(self, facts: FactColumns) -> Floats:
        """Units of these facts by line, shape (L,), not to be written to; facts of orders below 0 are left out."""
        own = facts.own
        lines = len(self.demand.items)
        if not own.size:
            return self._nothing_by_line
        if self._whole:
            found = np.zeros(lines, dtype=np.int32)
            np.add.at(found, self.lines_at(own), own["units"].astype(np.int32))
            return cast(Floats, found)
        return np.bincount(self.lines_at(own), weights=own["units"], minlength=lines).astype(np.float64, copy=False)

    def per_order(self, facts: FactColumns) -> Floats:
        """Units of these facts by order, shape (n,), not to be written to; facts of orders below 0 are left out."""
        own = facts.own
        return own.sums("order", self.demand.times.size) if own.size else self._nothing_by_order

    @cached_property
    def _nothing_by_line(self) -> Floats:
        return np.broadcast_to(np.zeros((), dtype=np.int32 if self._whole else np.float64), len(self.demand.items))

    @property
    def _whole(self) -> bool:
        """Whether units by line are kept as whole numbers, in half the memory; parts of kits may be fractions."""
        return self.is_long and not self.world.parts

    @cached_property
    def _nothing_by_order(self) -> Floats:
        return np.broadcast_to(0.0, self.demand.times.size)

    @cached_property
    def units_by_order(self) -> Floats:
        """Units demanded by order, whether it came or not, shape (n,)."""
        return self.by_order(self.demand.quantities)

    @cached_property
    def taken_by_order(self) -> Floats:
        """Units of every order taken off the shelf when it was ordered, shape (n,)."""
        return self.by_order(self.at_once)

    def by_order(self, values: NDArray[np.generic]) -> Floats:
        """Sums of a value of each line by order, shape (n,)."""
        if self.is_long:
            return sums_of_runs(values, self.demand.counts)
        return np.bincount(self.line_orders, weights=values, minlength=len(self.demand.times)).astype(np.float64)
