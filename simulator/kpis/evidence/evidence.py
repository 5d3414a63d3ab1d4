"""What KPIs are computed from: the counted orders, their lines and waits, the levels in the window."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.kpis.evidence.cash import Cash
from simulator.kpis.evidence.dates import Dates
from simulator.model.nouns import Adjustment, Cause, Exit, Hurry
from simulator.record.ledger import Floats
from simulator.record.levels import Change, Path, areas, at_once, changes, path
from simulator.record.run import Run

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


class Sample(NamedTuple):
    """Values with weights."""

    values: Floats
    weights: Floats

    def quantile(self, p: float) -> float:
        """The smallest value with at least the share p of the weight at or below it."""
        order = np.argsort(self.values, kind="stable")
        running = np.cumsum(self.weights[order])
        place = int(np.searchsorted(running, p * running[-1] * (1 - 1e-12), side="left"))
        return float(self.values[order][min(place, order.size - 1)])


class Evidence:
    """A finished run seen through its window [warm_up, horizon): orders placed in it, and time that passed in it."""

    def __init__(self, run: Run) -> None:
        self.run, self.world = run, run.world
        self.start, self.end = run.world.warm_up, run.world.horizon
        self.days = self.end - self.start

    @cached_property
    def chain(self) -> dict[str, Evidence]:
        """The suppliers that keep books of their own, downstream first; what they count is what was bought there."""
        return {name: Evidence(run) for name, run in self.run.suppliers.items()}

    # ------------------------------------------------------ counted orders
    @cached_property
    def orders(self) -> Bools:
        """Which orders are counted: placed (not deterred) at or after the warm-up, shape (n,)."""
        return (self.run.demand.times >= self.start) & self.run.came

    @cached_property
    def lines(self) -> Bools:
        """Which lines belong to counted orders, shape (L,)."""
        return np.repeat(self.orders, self.run.demand.counts)

    @cached_property
    def order_count(self) -> int:
        return int(self.orders.sum())

    @cached_property
    def line_count(self) -> int:
        return int(self.lines.sum())

    @cached_property
    def asked(self) -> Ints:
        """Units asked for by counted line."""
        return self.run.demand.quantities[self.lines].astype(np.int64)

    @cached_property
    def asked_by_order(self) -> Floats:
        """Units asked for by order, counted or not, shape (n,)."""
        n = len(self.run.demand.times)
        asked = np.bincount(self.run.line_orders, weights=self.run.demand.quantities, minlength=n)
        return asked.astype(np.float64)

    @cached_property
    def items(self) -> Ints:
        """Item number of every counted line."""
        return self.run.demand.items[self.lines].astype(np.int64)

    @cached_property
    def prices(self) -> Floats:
        """Price of one unit on every counted line."""
        return np.array([item.price for item in self.world.items])[self.items]

    @cached_property
    def line_segments(self) -> Ints:
        """Segment number of every counted line."""
        return np.repeat(self.run.demand.segments, self.run.demand.counts)[self.lines].astype(np.int64)

    def per_line(self, facts: dict[str, Floats], chosen: Bools | None = None) -> Floats:
        """Units of these facts by counted line."""
        own = facts["order"] >= 0
        if chosen is not None:
            own = own & chosen
        mine = {name: column[own] for name, column in facts.items()}
        units = np.bincount(self.run.lines_at(mine), weights=mine["units"], minlength=len(self.lines))
        return units[self.lines].astype(np.float64)

    @cached_property
    def taken(self) -> Ints:
        """Units of every line, counted or not, taken off the shelf at its order, shape (L,)."""
        return at_once(self.run)

    @cached_property
    def on_hand_changes(self) -> tuple[Change, ...]:
        """Every change of the stock on hand."""
        return tuple(changes(self.run, "on_hand"))

    @cached_property
    def at_once(self) -> Floats:
        """Units filled from stock without waiting by counted line; a wait of length zero is a fill from stock."""
        instant = self.run.fills["time"] == self.run.fills["placed"]
        taken: Floats = self.taken[self.lines] + self.per_line(self.run.fills, instant)
        return taken

    @cached_property
    def refused(self) -> Floats:
        """Units that were asked for and not ordered by counted line, however they left."""
        return self.per_line(self.run.refused)

    def left(self, *exits: Exit) -> Floats:
        """Units that left at checkout in one of these ways by counted line."""
        return self.per_line(self.run.refused, np.isin(self.run.refused["exit"], exits))

    @cached_property
    def recovered(self) -> Floats:
        """Units sold in place of what had left (substitutes, wait-listed customers who came back) in the window, by the
        item that was sold, shape (items,)."""
        mine = self.in_window(self.run.recovered["time"])
        return np.bincount(
            self.run.recovered["item"][mine].astype(np.int64),
            weights=self.run.recovered["units"][mine],
            minlength=len(self.world.items),
        ).astype(np.float64)

    @cached_property
    def surplus(self) -> Floats:
        """Units ordered beyond the need that came back by counted line."""
        return self.per_line(self.run.surplus)

    def cancelled(self, cause: Cause | None = None) -> Floats:
        """Units cancelled by counted line, for one cause or all."""
        return self.per_line(self.run.cancelled, None if cause is None else self.run.cancelled["cause"] == cause)

    @cached_property
    def waiting(self) -> Floats:
        """Units still on backorder at the horizon by counted line."""
        ended = self.per_line(self.run.cancelled, self.run.cancelled["held"] == 0)
        return self.per_line(self.run.backordered) - self.per_line(self.run.fills) - ended

    @cached_property
    def dates(self) -> Dates:
        """When every order was promised, and when it was there."""
        return Dates(self.run, self.asked_by_order)

    # --------------------------------------------------------------- waits
    @cached_property
    def waits(self) -> Sample:
        """Days from order to the end of the wait, by unit that was ordered and not refused: filled from stock,
        cancelled, or open (which has waited to the horizon at least)."""
        run = self.run
        filled = run.fills["placed"] >= self.start
        filled &= run.fills["order"] >= 0
        left = (run.cancelled["held"] == 0) & (run.cancelled["order"] >= 0) & (run.cancelled["placed"] >= self.start)
        still = self.waiting > 0
        placed = np.repeat(run.demand.times, run.demand.counts)[self.lines]
        once = float(self.taken[self.lines].sum())
        values = [
            np.zeros(1),
            (run.fills["time"] - run.fills["placed"])[filled],
            (run.cancelled["time"] - run.cancelled["placed"])[left],
            (self.end - placed)[still],
        ]
        weights = [
            np.array([once]),
            run.fills["units"][filled],
            run.cancelled["units"][left],
            self.waiting[still],
        ]
        return Sample(np.concatenate(values), np.concatenate(weights))

    @cached_property
    def waits_by_segment(self) -> list[Sample]:
        """`waits` of each segment's orders, by number of the segment."""
        n = len(self.world.segments)
        if n == 1:
            return [self.waits]
        run, sample = self.run, self.waits
        parts = [
            run.fills["order"][(run.fills["placed"] >= self.start) & (run.fills["order"] >= 0)],
            run.cancelled["order"][
                (run.cancelled["held"] == 0) & (run.cancelled["order"] >= 0) & (run.cancelled["placed"] >= self.start)
            ],
            run.line_orders[self.lines][self.waiting > 0],
        ]
        waited = run.demand.segments[np.concatenate(parts).astype(np.int64)]
        at_once_ = np.bincount(self.line_segments, weights=self.taken[self.lines], minlength=n)
        found = []
        for k in range(n):
            mine = waited == k
            values, weights = sample.values[1:][mine], sample.weights[1:][mine]
            found.append(Sample(np.append(0.0, values), np.append(at_once_[k], weights)))
        return found

    @cached_property
    def deliveries(self) -> Sample:
        """Days from order to door by unit shipped of counted orders."""
        number = self.run.parcels["order"].astype(np.int64)
        mine = number >= 0
        mine[mine] = self.orders[number[mine]]
        placed = self.run.demand.times[number[mine]]
        return Sample(self.run.parcels["delivered"][mine] - placed, self.run.parcels["units"][mine])

    # -------------------------------------------------------------- levels
    @cached_property
    def on_hand_area(self) -> Floats:
        """Unit-days on hand in the window by item."""
        return areas(self.run, "on_hand", self.start, self.end)

    @cached_property
    def on_order_area(self) -> Floats:
        """Unit-days on order in the window by item."""
        return areas(self.run, "on_order", self.start, self.end)

    @cached_property
    def backlog_area(self) -> Floats:
        """Unit-days on backorder in the window by item."""
        return areas(self.run, "backlog", self.start, self.end)

    @cached_property
    def backlog(self) -> Path:
        """Units on backorder over all items, over time."""
        return path(self.run, "backlog", None)

    # --------------------------------------------------------------- money
    @cached_property
    def cash(self) -> Cash:
        """What is paid, when."""
        return Cash(self.run)

    @cached_property
    def backordered(self) -> Floats:
        """Units that went on backorder at the order by counted line."""
        return self.per_line(self.run.backordered)

    @cached_property
    def refund_count(self) -> int:
        """Refunds to counted orders: what one order loses at one time is paid back at once."""
        mine = (self.run.cancelled["placed"] >= self.start) & (self.run.cancelled["order"] >= 0)
        pairs = np.column_stack((self.run.cancelled["order"][mine], self.run.cancelled["time"][mine]))
        return len(np.unique(pairs, axis=0)) if self.world.payment.at_order else 0

    # -------------------------------------------------------------- supply
    @cached_property
    def bought(self) -> Floats:
        """Purchases made in the window, and their units."""
        mine = self.in_window(self.run.purchases["time"])
        return np.array([mine.sum(), self.run.purchases["units"][mine].sum()], dtype=np.float64)

    @cached_property
    def received(self) -> Floats:
        """Units received in the window, shape (suppliers, items)."""
        units = np.zeros((len(self.world.suppliers), len(self.world.items)))
        mine = self.in_window(self.run.receipts["time"])
        place = [self.run.receipts[name][mine].astype(np.int64) for name in ("supplier", "item")]
        np.add.at(units, tuple(place), self.run.receipts["units"][mine])
        return units

    @cached_property
    def on_time(self) -> tuple[Floats, Floats]:
        """Purchases of each supplier that were due in the window, and how many of them were there in full by then."""
        bought, receipts = self.run.purchases, self.run.receipts
        supplier = bought["supplier"].astype(np.int64)
        quoted = np.array([facts.quoted for facts in self.world.suppliers])
        due = bought["time"] + quoted[supplier] if supplier.size else bought["time"]
        open_ = bought["units"].copy()
        np.subtract.at(open_, self.run.withdrawn["purchase"].astype(np.int64), self.run.withdrawn["units"])
        wanted = open_ > 0
        number = receipts["purchase"].astype(np.int64)
        there = receipts["time"] <= due[number] + 1e-9
        np.subtract.at(open_, number[there], receipts["units"][there])
        counted = wanted & (due >= self.start) & (due < self.end) & (bought["time"] >= self.start)
        n = len(self.world.suppliers)
        kept = counted & (open_ <= 0)
        many: Floats = np.bincount(supplier[counted], minlength=n).astype(np.float64)
        good: Floats = np.bincount(supplier[kept], minlength=n).astype(np.float64)
        return many, good

    @cached_property
    def lead_times(self) -> Floats:
        """Receipts in the window, and the days that they took from the decision to buy."""
        mine = self.in_window(self.run.receipts["time"])
        days = self.run.receipts["time"][mine] - self.run.receipts["bought"][mine]
        return np.array([mine.sum(), days.sum()], dtype=np.float64)

    @cached_property
    def expired(self) -> Floats:
        """Units written off at the end of their shelf life in the window, shape (items,)."""
        return self._taken_out(Adjustment.EXPIRED)

    @cached_property
    def cleared(self) -> Floats:
        """Units cleared at the end of their season in the window, shape (items,)."""
        return self._taken_out(Adjustment.SEASON)

    @cached_property
    def let_off(self) -> float:
        """Currency by which units of counted orders that were kept were sold below their price."""
        lower = [item.marked_down for item in self.world.items]
        if not any(lower):
            return 0.0
        start, end, cut = np.array([span or (0.0, 0.0, 0.0) for span in lower]).T[:, self.items]
        placed = np.repeat(self.run.demand.times, self.run.demand.counts)[self.lines]
        kept = self.asked - self.refused - self.cancelled()
        return float((kept * self.prices * cut * ((placed >= start) & (placed < end))).sum())

    def _taken_out(self, why: Adjustment) -> Floats:
        facts = self.run.adjusted
        mine = self.in_window(facts["time"]) & (facts["why"] == why)
        units = np.bincount(
            facts["item"][mine].astype(np.int64), weights=-facts["units"][mine], minlength=len(self.world.items)
        )
        return units.astype(np.float64)

    @cached_property
    def talk(self) -> Floats:
        """Contacts that agents answered, contacts that a page answered, and messages, in the window."""
        asked = self.run.contacts["page"][self.in_window(self.run.contacts["time"])]
        sent = self.in_window(self.run.notices["time"]).sum()
        return np.array([asked.size - asked.sum(), asked.sum(), sent], dtype=np.float64)

    @cached_property
    def premiums(self) -> float:
        """Currency paid in the window to bring purchases forward or move them up, beyond the price of the goods."""
        facts = self.run.hurried
        mine = self.in_window(facts["time"]) & (facts["kind"] != Hurry.SPOT)
        return float(facts["cost"][mine].sum())

    @cached_property
    def parcels(self) -> Floats:
        """Parcels handed over in the window, lost ones too, and their units, shape (carriers, 2)."""
        sent, lost = self.run.parcels, self.run.lost
        order = np.append(sent["order"], lost["order"])
        mine = self.in_window(np.append(sent["shipped"], lost["time"])) & (order >= 0)
        segment = self.run.demand.segments[order[mine].astype(np.int64)].astype(np.int64)
        carrier = np.array([s.carrier for s in self.world.segments], dtype=np.int64)[segment]
        n = len(self.world.carriers)
        units = np.bincount(carrier, weights=np.append(sent["units"], lost["units"])[mine], minlength=n)
        return np.column_stack((np.bincount(carrier, minlength=n), units))

    def in_window(self, times: Floats) -> Bools:
        """Which facts happened in the window."""
        return (times >= self.start) & (times < self.end)
