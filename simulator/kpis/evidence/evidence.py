"""What KPIs are computed from: the counted orders, their lines and waits, the levels in the window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.kpis.evidence.cash import Cash
from simulator.kpis.evidence.dates import Dates
from simulator.kpis.evidence.paying import ByOrder
from simulator.kpis.evidence.sample import WeightedSample
from simulator.kpis.evidence.worth import marks_down
from simulator.model.nouns import Adjustment, Cause, Exit, HurryKind
from simulator.record.columns import KeptIfShort, sums_by, sums_of_runs
from simulator.record.facts import Facts
from simulator.record.ledger import BEFORE, Bools, FactColumns, Floats, Ints
from simulator.record.levels import StepFunction, areas, path

MOST_KEPT = 100_000
"""Orders of a run whose evidence is kept from one file of KPIs to the next."""


class Evidence:
    """The facts of a run within its window [warm_up, horizon).

    Orders placed in the window are counted, to their end; levels, purchases, parcels and so on count for the time, or
    at the time, within the window. What several KPIs need is computed once, when the first of them asks.
    """

    def __init__(self, facts: Facts) -> None:
        self.facts, self.world = facts, facts.world
        self.start, self.end = facts.world.warm_up, facts.world.horizon
        self.days = self.end - self.start
        self.derived: dict[Any, Any] = {}
        """What other modules have worked out from it."""
        self.values: dict[Any, Any] = {}
        """Values of KPIs by their function."""

    @property
    def is_long(self) -> bool:
        """Whether little of what is worked out is kept, see `Facts.is_long`."""
        return self.facts.is_long

    @cached_property
    def chain(self) -> dict[str, Evidence]:
        """The evidence of each supplier with stock, downstream first; its demand is what was bought there."""
        return {name: Evidence(facts) for name, facts in self.facts.suppliers.items()}

    @cached_property
    def _of_items(self) -> dict[str, NDArray[Any]]:
        return {}

    def of_items(self, name: str) -> NDArray[Any]:
        """An attribute of every item, such as its price, shape (items,)."""
        if name not in self._of_items:
            self._of_items[name] = np.array([getattr(item, name) for item in self.world.items])
        return self._of_items[name]

    # ------------------------------------------------------ choosing facts
    def in_window(self, times: Floats) -> Bools:
        """Which times lie in the window."""
        return (times >= self.start) & (times < self.end)

    def window(self, facts: FactColumns, time: str = "time") -> FactColumns:
        """The facts that happened in the window."""
        return self._chosen(f"window {time}", facts, lambda: facts.where(self.in_window(facts[time])))

    def counted(self, facts: FactColumns) -> FactColumns:
        """The facts about counted orders."""
        own = facts.own
        return self._chosen("counted", own, lambda: own.where(self.orders[own.numbers("order")]))

    def placed_in_window(self, facts: FactColumns) -> FactColumns:
        """The facts about counted orders, for tables that have the time of the order."""
        if self.facts.demand.due is not None:
            return self.counted(facts)
        return self._chosen(
            "placed", facts, lambda: facts.where((facts["placed"] >= self.start) & (facts["order"] >= 0))
        )

    def _chosen(self, how: str, facts: FactColumns, choose: Callable[[], FactColumns]) -> FactColumns:
        """Some of the facts of a table, chosen once for all who ask, except in a long run."""
        if not facts.size:
            return facts
        known = self._choices.get((how, id(facts)))
        if known is not None and known[0] is facts:
            return known[1]
        found = choose()
        if self.facts.demand.times.size <= MOST_KEPT:
            self._choices[how, id(facts)] = facts, found
        return found

    @cached_property
    def _choices(self) -> dict[tuple[str, int], tuple[FactColumns, FactColumns]]:
        return {}

    def per_line(self, facts: FactColumns) -> Floats:
        """Units of these facts by counted line."""
        return self.facts.per_line(facts)[self.lines]

    # ------------------------------------------------------ counted orders
    @cached_property
    def orders(self) -> Bools:
        """Which orders are counted: placed (not deterred) at or after the warm-up, and not for a day after the horizon,
        shape (n,)."""
        counted: Bools = (self.facts.demand.times >= self.start) & self.facts.came
        return counted if self.facts.demand.wanted is None else counted & ~(self.facts.demand.wanted >= self.end)

    @cached_property
    def lines(self) -> Bools | slice:
        """Which lines belong to counted orders, shape (L,); without orders that never came, they are the last."""
        first = int(np.searchsorted(self.facts.demand.times, self.start, side="left"))
        if self.orders[first:].all():
            return slice(int(self.facts.line_starts[first]), None)
        return np.repeat(self.orders, self.facts.demand.counts)

    @cached_property
    def order_count(self) -> int:
        """Number of counted orders."""
        return int(self.orders.sum())

    @cached_property
    def line_count(self) -> int:
        """Number of counted lines."""
        return self.asked.size

    @cached_property
    def asked(self) -> NDArray[np.int32]:
        """Units demanded by counted line."""
        return self.facts.demand.quantities[self.lines]

    @cached_property
    def items(self) -> NDArray[np.int32]:
        """Item number of every counted line."""
        return self.facts.demand.items[self.lines]

    def of_lines(self, name: str) -> Floats:
        """An attribute of the item of every counted line."""
        found: Floats = self.of_items(name)[self.items]
        return found

    @KeptIfShort
    def prices(self) -> Floats:
        """Price of one unit by counted line."""
        return self.facts.line_prices[self.lines] if self.priced else self.of_lines("price")

    @KeptIfShort
    def margins(self) -> Floats:
        """Price less unit cost of one unit by counted line."""
        return np.asarray(self.prices - self.of_items("unit_cost")[self.items])

    @KeptIfShort
    def line_places(self) -> Ints:
        """The order of every counted line, by its place among the counted orders."""
        counts = self.facts.demand.counts[self.orders].astype(np.int64)  # first, because sums have no such facts
        return np.repeat(np.arange(self.order_count), counts)

    @cached_property
    def filled_whole(self) -> Bools:
        """Of which counted orders every unit was filled from stock at once."""
        short = self.asked - self.at_once
        if self.is_long:
            return np.asarray(sums_of_runs(short, self.facts.demand.counts[self.orders]) == 0)
        return np.asarray(np.bincount(self.line_places, weights=short, minlength=self.order_count) == 0)

    @property
    def priced(self) -> bool:
        """Whether lines have prices of their own."""
        return self.facts.demand.prices is not None

    @cached_property
    def line_segments(self) -> NDArray[np.integer]:
        """Segment number of every counted line."""
        segments: NDArray[np.integer] = self.facts.demand.segments
        if segments.size <= MOST_KEPT:
            segments = segments.astype(np.int64)  # ready to be counted by, again and again
        return np.repeat(segments, self.facts.demand.counts)[self.lines]

    @cached_property
    def asked_by_segment(self) -> Floats:
        """Units demanded by segment, shape (segments,)."""
        return self._of_segments(self.facts.units_by_order)

    @cached_property
    def taken_by_segment(self) -> Floats:
        """Units taken off the shelf when they were ordered by segment, shape (segments,)."""
        return self._of_segments(self.facts.taken_by_order)

    @cached_property
    def at_once_by_segment(self) -> Floats:
        """Units filled from stock without waiting by segment, shape (segments,)."""
        return self.by_segment(self.at_once)

    def _of_segments(self, units: Floats) -> Floats:
        """Sums of units of each counted order by segment; there are fewer orders than lines."""
        n = len(self.world.segments)
        counted = np.where(self.orders, units, 0.0)
        return np.bincount(self.facts.demand.segments, weights=counted, minlength=n).astype(np.float64)

    def by_segment(self, values: NDArray[Any]) -> Floats:
        """Sums of a value of each counted line by segment, shape (segments,)."""
        return sums_by(self.line_segments, values, len(self.world.segments))

    @property
    def taken(self) -> NDArray[np.int32]:
        """Units taken off the shelf when they were ordered by counted line."""
        return self.facts.at_once[self.lines]

    @cached_property
    def at_once(self) -> Floats:
        """Units filled from stock without waiting by counted line; a wait of length zero is a fill from stock."""
        fills = self.facts.fills
        taken: Floats = self.taken + self.per_line(fills.where(fills["time"] == fills["placed"]))
        return taken

    @cached_property
    def backordered(self) -> Floats:
        """Units that went on backorder when the order was placed, by counted line."""
        return self.per_line(self.facts.backordered)

    @cached_property
    def refused(self) -> Floats:
        """Units that were demanded but not ordered by counted line, however they left."""
        return self.per_line(self.facts.refused)

    def left(self, *exits: Exit) -> Floats:
        """Units that left at checkout in one of these ways by counted line."""
        return self.per_line(self.facts.refused.having("exit", *exits))

    @cached_property
    def recovered(self) -> Floats:
        """Units sold in the window in place of what had left (substitutes, wait-listed customers who came back), by the
        item sold, shape (items,)."""
        return self.window(self.facts.recovered).sums("item", len(self.world.items))

    @cached_property
    def recovered_value(self) -> Floats:
        """Price of the units `recovered` by the item sold, currency, shape (items,): a substitute's own, and that of
        the line where the customer gets the item that was ordered."""
        if not self.priced:
            found: Floats = self.recovered * self.of_items("price")
            return found
        facts, n = self.window(self.facts.recovered), len(self.world.items)
        money = facts["units"] * self.facts.prices_of(facts)
        return np.bincount(facts.numbers("item"), weights=money, minlength=n).astype(np.float64)

    @cached_property
    def surplus(self) -> Floats:
        """Units ordered beyond the need that came back by counted line."""
        return self.per_line(self.facts.surplus)

    @cached_property
    def returned(self) -> Floats:
        """Units that the recorded order book called off after they had left, by counted line; they are refunded."""
        return self.per_line(self.facts.returned)

    @cached_property
    def _cancelled(self) -> Floats:
        return self.per_line(self.facts.cancelled)

    def cancelled(self, cause: Cause | None = None) -> Floats:
        """Units cancelled by counted line, for one cause or all."""
        return self._cancelled if cause is None else self.per_line(self.facts.cancelled.having("cause", cause))

    @property
    def paid_at_order(self) -> ByOrder:
        """Share of the price that is paid with the order: of all counted lines, or of each of them."""
        if not self.world.payments:
            return self.world.payment.at_order
        return self.cash.paying.at_order(self.facts.line_orders[self.lines].astype(np.int64))

    @cached_property
    def waiting(self) -> Floats:
        """Units still on backorder at the horizon by counted line."""
        found: Floats = self.facts.still_open[self.lines]
        return found

    @property
    def on_backorder(self) -> Iterator[tuple[Ints, Ints, Floats, Floats, Floats]]:
        """Order, line, units, start and end of every time on backorder, of all orders since the start; not in order of
        time."""
        facts = self.facts
        for table in (facts.fills, facts.cancelled.where(facts.cancelled["held"] == 0)):
            mine = table.own
            begun = mine["placed"] if facts.demand.opens is None else facts.opens[mine.numbers("order")]
            lines = facts.lines_at(mine).astype(np.int64)
            yield mine.numbers("order"), lines, mine["units"], begun, mine["time"]
        still = facts.still_open
        lines = np.flatnonzero(still > 0)
        orders = facts.line_orders[lines].astype(np.int64)
        yield orders, lines, still[lines], facts.opens[orders], np.full(lines.size, self.end)

    @cached_property
    def dates(self) -> Dates:
        """Promised and actual delivery date of every order."""
        return Dates(self.facts)

    # --------------------------------------------------------------- waits
    @cached_property
    def ended(self) -> tuple[FactColumns, FactColumns]:
        """Ends of waits of counted orders: fills, and cancellations of units that were still waiting."""
        left = self.placed_in_window(self.facts.cancelled)
        return self.placed_in_window(self.facts.fills), left.where(left["held"] == 0)

    @property
    def since(self) -> Floats:
        """From when a wait of each counted line counts, days, at most the horizon."""
        if self.facts.demand.due is None:
            found: Floats = self.facts.line_times[self.lines]
            return found
        return np.minimum(np.repeat(self.facts.due, self.facts.demand.counts), self.end)[self.lines]

    @cached_property
    def waits(self) -> WeightedSample:
        """Days from order to the end of the wait, by unit that was ordered and not refused: filled from stock,
        cancelled, or open (which has waited at least to the horizon)."""
        still = self.waiting > 0
        since = self.since
        once = np.array([float(self.taken.sum())])
        days = [facts["time"] - facts["placed"] for facts in self.ended]
        units = [facts["units"] for facts in self.ended]
        return WeightedSample(
            np.concatenate([np.zeros(1), *days, (self.end - since)[still]]),
            np.concatenate([once, *units, self.waiting[still]]),
        )

    @cached_property
    def waits_by_segment(self) -> list[WeightedSample]:
        """`waits` of each segment's orders, by number of the segment."""
        n = len(self.world.segments)
        if n == 1:
            return [self.waits]
        open_ = self.facts.line_orders[self.lines][self.waiting > 0]
        orders = np.concatenate([*(facts.numbers("order") for facts in self.ended), open_])
        segment = self.facts.demand.segments[orders]
        at_once_ = self.taken_by_segment
        found = []
        for k in range(n):
            mine = segment == k
            values, weights = self.waits.values[1:][mine], self.waits.weights[1:][mine]
            found.append(WeightedSample(np.append(0.0, values), np.append(at_once_[k], weights)))
        return found

    @KeptIfShort
    def deliveries(self) -> WeightedSample:
        """Days from order to delivery by unit shipped of counted orders."""
        parcels = self.counted(self.facts.parcels)
        return WeightedSample(
            parcels["delivered"] - self.facts.demand.times[parcels.numbers("order")], parcels["units"]
        )

    def trim(self) -> None:
        """Frees memory between files of KPIs, in a run so long that working things out again costs less than memory."""
        if self.facts.demand.times.size > MOST_KEPT:
            self.forget()

    def forget(self) -> None:
        """Frees the memory of all that has been worked out; it is worked out again if it is asked for."""
        for name in [name for name in vars(self) if isinstance(getattr(type(self), name, None), cached_property)]:
            del vars(self)[name]
        self.derived.clear()
        self.facts.forget()

    # -------------------------------------------------------------- levels
    @cached_property
    def on_hand_area(self) -> Floats:
        """Unit-days on hand in the window, shape (items,)."""
        return areas(self.facts, "on_hand", self.start, self.end)

    @cached_property
    def on_order_area(self) -> Floats:
        """Unit-days on order in the window, shape (items,)."""
        return areas(self.facts, "on_order", self.start, self.end)

    @cached_property
    def backlog_area(self) -> Floats:
        """Unit-days on backorder in the window, shape (items,)."""
        return areas(self.facts, "backlog", self.start, self.end)

    @cached_property
    def backlog(self) -> StepFunction:
        """Units on backorder over all items, over time."""
        return path(self.facts, "backlog", None)

    # --------------------------------------------------------------- money
    @cached_property
    def cash(self) -> Cash:
        """Payments and balances."""
        return Cash(self.facts)

    @cached_property
    def unearned(self) -> tuple[float, float]:
        """Mean and peak in the window of what customers have paid for goods that they are still owed."""
        path = self.cash.unearned
        return path.mean(self.start, self.end), path.peak(self.start)

    @cached_property
    def refunds(self) -> Ints:
        """The order of every refund to counted orders: what one order loses at one time is paid back together."""
        tables = [self.placed_in_window(self.facts.returned)]
        cancelled = self.placed_in_window(self.facts.cancelled)
        if self.cash.paying.differs:
            tables.append(cancelled.where(np.asarray(self.cash.paying.at_order(cancelled.numbers("order"))) > 0))
        elif self.world.payment.at_order:
            tables.append(cancelled)
        orders, times = (np.concatenate([facts[name] for facts in tables]) for name in ("order", "time"))
        place = np.lexsort((times, orders))
        orders, times = orders[place], times[place]
        first = np.append(True, (orders[1:] != orders[:-1]) | (times[1:] != times[:-1]))[: orders.size]
        found: Ints = orders[first].astype(np.int64)
        return found

    @cached_property
    def refund_count(self) -> int:
        """Number of refunds to counted orders."""
        return int(self.refunds.size)

    @cached_property
    def markdown(self) -> Floats:
        """Share of the price that is marked down when the order is placed, by counted line; nothing of a line's own."""
        found = self.cash.worth.markdown(self.items, self.facts.line_times[self.lines])
        own = self.facts.demand.prices
        return found if own is None else np.where(np.isnan(own[self.lines]), found, 0.0)

    @cached_property
    def let_off(self) -> float:
        """Currency by which units of counted orders that were kept were sold below their price."""
        if not marks_down(self.world):
            return 0.0
        kept = self.asked - self.refused - self.cancelled() - self.returned
        return float((kept * self.prices * self.markdown).sum())

    @cached_property
    def fees(self) -> tuple[Ints, Floats, Floats]:
        """Fees for parcels of counted orders: the order that pays, when its parcel left, and how much (currency)."""
        parcels = self.counted(self.facts.parcels)
        order = np.lexsort((parcels["shipped"], parcels["order"]))
        number, when = parcels.numbers("order")[order], parcels["shipped"][order]
        rates = np.array([segment.fees for segment in self.world.segments] or [(0.0, 0.0)])
        further = np.append(False, number[1:] == number[:-1])[: number.size].astype(np.int64)
        money: Floats = rates[self.facts.demand.segments[number], further]
        return number, when, money

    @property
    def hastened(self) -> FactColumns:
        """Purchases that were brought forward or moved up in the window."""
        return self.window(self.facts.hurried).without("kind", HurryKind.SPOT)

    @cached_property
    def premiums(self) -> float:
        """Currency paid in the window, above the price of the goods, to bring purchases forward or move them up."""
        return float(self.hastened["cost"].sum())

    # -------------------------------------------------------------- supply
    @cached_property
    def bought(self) -> Floats:
        """Number of purchases made in the window, and their units."""
        units = self.window(self.facts.purchases)["units"]
        return np.array([units.size, units.sum()], dtype=np.float64)

    @cached_property
    def received(self) -> Floats:
        """Units received in the window, shape (suppliers, items)."""
        units = np.zeros((len(self.world.suppliers), len(self.world.items)))
        receipts = self.window(self.facts.receipts)
        np.add.at(units, (receipts.numbers("supplier"), receipts.numbers("item")), receipts["units"])
        return units

    @cached_property
    def on_time(self) -> tuple[Floats, Floats]:
        """Purchases of each supplier that were expected in the window, and how many of them had arrived in full by
        then, shape (suppliers,) each."""
        bought, receipts, withdrawn = self.facts.purchases, self.facts.receipts, self.facts.withdrawn
        supplier = bought.numbers("supplier")
        quoted = np.array([facts.quoted for facts in self.world.suppliers])
        expected = bought["time"] + quoted[supplier] if supplier.size else bought["time"]
        open_ = bought["units"].copy()
        np.subtract.at(open_, withdrawn.numbers("purchase"), withdrawn["units"])
        wanted = open_ > 0
        number = receipts.numbers("purchase")
        punctual = receipts["time"] <= expected[number] + 1e-9
        np.subtract.at(open_, number[punctual], receipts["units"][punctual])
        counted = wanted & (expected >= self.start) & (expected < self.end) & (bought["time"] >= self.start)
        n = len(self.world.suppliers)
        kept = counted & (open_ <= 0)
        many: Floats = np.bincount(supplier[counted], minlength=n).astype(np.float64)
        good: Floats = np.bincount(supplier[kept], minlength=n).astype(np.float64)
        return many, good

    @cached_property
    def since_bought(self) -> FactColumns:
        """Receipts in the window of purchases made since the start: of others it is not known when they were made."""
        receipts = self.window(self.facts.receipts)
        return receipts.where(receipts["bought"] > BEFORE)

    @cached_property
    def lead_times(self) -> Floats:
        """Number of receipts in the window of purchases made since the start, and the sum of the days from the decision
        to buy to the receipt."""
        receipts = self.since_bought
        days = receipts["time"] - receipts["bought"]
        return np.array([days.size, days.sum()], dtype=np.float64)

    def _written_off(self, why: Adjustment) -> Floats:
        facts = self.window(self.facts.adjusted).having("why", why)
        return np.asarray(0.0 - facts.sums("item", len(self.world.items)))

    @cached_property
    def expired(self) -> Floats:
        """Units written off at the end of their shelf life in the window, shape (items,)."""
        return self._written_off(Adjustment.EXPIRED)

    @cached_property
    def cleared(self) -> Floats:
        """Units cleared at the end of their season in the window, shape (items,)."""
        return self._written_off(Adjustment.SEASON)

    @cached_property
    def sent_back(self) -> Floats:
        """Units that customers sent back in the window, whatever became of them, shape (items,)."""
        tables = (self.window(facts) for facts in (self.facts.returned, self.facts.surplus))
        found: Floats = np.sum([facts.sums("item", len(self.world.items)) for facts in tables], axis=0)
        return found

    @cached_property
    def unsellable(self) -> Floats:
        """Units sent back in the window that cannot be sold again, shape (items,)."""
        return self.window(self.facts.unsellable).sums("item", len(self.world.items))

    @cached_property
    def written_off(self) -> Floats:
        """Units written off in the window, for whatever reason, shape (items,)."""
        return self.expired + self.cleared + self.unsellable

    @cached_property
    def talk(self) -> Floats:
        """In the window: contacts that agents answered, contacts that the tracking page answered, and messages."""
        by_page = self.window(self.facts.contacts)["page"]
        sent = self.window(self.facts.notices)["time"].size
        return np.array([by_page.size - by_page.sum(), by_page.sum(), sent], dtype=np.float64)

    @cached_property
    def parcels(self) -> Floats:
        """Parcels handed over in the window, including lost ones, and their units, shape (carriers, 2)."""
        sent, n = self.window(self.facts.sent).own, len(self.world.carriers)
        segment = self.facts.demand.segments[sent.numbers("order")]
        carrier = np.array([s.carrier for s in self.world.segments], dtype=np.int64)[segment]
        units = np.bincount(carrier, weights=sent["units"], minlength=n)
        return np.column_stack((np.bincount(carrier, minlength=n), units))
