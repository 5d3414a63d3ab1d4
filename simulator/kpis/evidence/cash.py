"""Cash over time: what customers pay and are refunded, what is paid for goods, and what the shop owes and is owed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.foundation.compiled.sorting import running_sum, stable_order, worth_of_parcels
from simulator.kpis.evidence.freight import postage, transfer_costs
from simulator.kpis.evidence.paying import ByOrder, Paying, counts, lowers_prices
from simulator.model.calendar import working_days_later
from simulator.record.facts import Facts
from simulator.record.ledger import Bools, FactColumns, Floats, Ints
from simulator.record.levels import StepFunction, joined, step_function

MANY = 20_000
"""Payments that are merged; fewer are sorted as fast."""
BALANCES = {"cash": "balance", "unearned": "unearned", "refunds_due": "refunds_due", "receivable": "receivable"}
"""The attribute of `Cash` that holds each balance over time."""


class Moves(NamedTuple):
    """Payments: when (days) and how much (currency), in any order."""

    times: Floats
    money: Floats

    def before(self, end: float) -> Moves:
        """The payments before `end`."""
        early = self.times < end
        return self if early.all() else Moves(self.times[early], self.money[early])

    def __neg__(self) -> Moves:
        return Moves(self.times, -self.money)


class Filled(NamedTuple):
    """Units that were given to orders, sorted by group and time."""

    group: Ints
    """One number for the goods of an order that leave from one place (see `Cash.group`)."""
    units: Floats
    value: Floats
    """Price of a unit."""


class Shipped(NamedTuple):
    """Parcels, sorted by order: when they left and arrived, and their contents at the full price."""

    order: Ints
    shipped: Floats
    delivered: Floats
    value: Floats

    def rows(self, which: slice) -> Shipped:
        """Some of the parcels."""
        return Shipped(self.order[which], self.shipped[which], self.delivered[which], self.value[which])


class Cash:
    """The money of one run; a pure function of its facts and of when customers pay.

    Orders from before the start were paid before the start, as far as orders are paid in advance: that much is owed to
    them at time 0. Goods are shipped in the order in which they were filled, which determines the
    contents of each parcel. Goods that a recorded order book calls off after they left are refunded when they are back.
    """

    def __init__(self, facts: Facts) -> None:
        self.facts, self.paying = facts, Paying(facts)
        self.first = len(facts.world.items)
        """Added to order numbers to make them an index: a backlog from before the start is one order for each item."""
        self.sites = max(len(facts.world.sites), 1)
        self.places = len(facts.world.suppliers) + self.sites
        """Number of places from which goods may leave."""
        self.prices = np.array([item.price for item in facts.world.items])
        self.marked_down = any(item.marked_down for item in facts.world.items)
        """Whether a price is ever taken down."""
        self.owned = np.array([item.owned for item in facts.world.items])
        self.end = facts.world.horizon

    # ------------------------------------------------------------- the goods
    def markdown(self, items: NDArray[np.integer], placed: Floats) -> Floats:
        """Share of the price of these items that is taken off for orders placed at these times."""
        lower = [item.marked_down or (0.0, 0.0, 0.0) for item in self.facts.world.items]
        start, end, cut = np.array(lower).T[:, items]
        return np.asarray(cut * ((placed >= start) & (placed < end)))

    def price(self, items: NDArray[np.integer], placed: Floats, own: Floats | None) -> Floats:
        """Price of a unit of these items for orders placed at these times, currency; the lines' own prices, where they
        have some, are what was paid after all markdowns."""
        found: Floats = self.prices[items]
        if self.marked_down:
            found = found * (1 - self.markdown(items, placed))
        return found if own is None else np.where(np.isnan(own), found, own)

    def price_of(self, facts: FactColumns) -> Floats:
        """Price of a unit of each of these facts, which say when their order was placed, currency."""
        return self.price(facts.numbers("item"), self.facts.placed(facts), self.facts.own_prices(facts))

    @cached_property
    def placed(self) -> Floats:
        """When every order was placed, those from before the start first (at 0)."""
        return np.concatenate((np.zeros(self.first), self.facts.demand.times))

    @cached_property
    def by_order(self) -> Floats:
        """The price of the units ordered by every order, shape (n,)."""
        facts, refused = self.facts, self.facts.refused.own
        prices = self.price(facts.demand.items, facts.line_times, facts.demand.prices)
        worth = facts.demand.quantities * prices
        lines = facts.lines_at(refused)
        np.subtract.at(worth, lines, refused["units"] * prices[lines])
        if facts.demand.opens is not None:
            worth[~facts.came[facts.line_orders]] = 0.0
        return facts.by_order(worth)

    @cached_property
    def recovered(self) -> Moves:
        """The price of units sold in place of what had left."""
        facts = self.facts.recovered
        return Moves(facts["time"], facts["units"] * self.facts.prices_of(facts))

    @property
    def ordered(self) -> Moves:
        """The price of all units ordered since the start, when ordered or sold in place of what had left."""
        new = slice(self.facts.opening.count, None)
        return _together([(self.facts.demand.times[new], self.by_order[new]), self.recovered])

    @cached_property
    def apart(self) -> Bools:
        """Which orders did not ship as one parcel of all units ordered; those from before the start first."""
        facts, parcels, n = self.facts, self.facts.parcels, self.placed.size
        units = np.concatenate((np.zeros(self.first), facts.units_by_order))
        for table, sign in ((facts.refused, -1), (facts.recovered, 1)):
            np.add.at(units, table.numbers("order") + self.first, sign * table["units"])
        number = parcels.numbers("order") + self.first
        apart: Bools = np.bincount(number, minlength=n) != 1
        apart[number] |= parcels["units"] != units[number]
        apart[: self.first] = True
        apart[facts.recovered.numbers("order") + self.first] = True
        return apart

    @cached_property
    def opening(self) -> float:
        """The price of the backlog from before the start."""
        before = np.maximum(-np.array(self.facts.initial, dtype=np.float64), 0)
        return float((before * self.prices).sum())

    @cached_property
    def cancelled(self) -> Moves:
        """The price of cancelled units, when they were cancelled."""
        facts = self.facts.cancelled
        return Moves(facts["time"], facts["units"] * self.price_of(facts))

    @cached_property
    def returned(self) -> Moves:
        """The price of returned units, when they were back."""
        facts = self.facts.returned
        return Moves(facts["time"], facts["units"] * self.price_of(facts))

    @cached_property
    def refundable(self) -> Moves:
        """What customers had paid for cancelled and returned units, when they were cancelled or back."""
        share = self.paying.at_order(self.facts.cancelled.numbers("order"))
        return _together([(self.cancelled.times, self.cancelled.money * share), self.returned])

    @property
    def filled(self) -> Filled:
        """Units that were given to orders which shipped apart, and not taken back from them."""
        facts = self.facts
        origins = np.array([item.origin for item in facts.world.items])
        sourced = facts.sourced
        taken = facts.at_once
        if sourced.size:  # these were taken at other sites
            times = facts.demand.times[sourced.numbers("order")]
            sourced = FactColumns({**sourced, "units": sourced["taken"], "time": times, "placed": times})
            taken = taken - facts.per_line(sourced).astype(taken.dtype)
        lines = np.flatnonzero((taken > 0) & np.repeat(self.apart[self.first :], facts.demand.counts))
        owner, item, own = facts.line_orders[lines].astype(np.int64), facts.demand.items[lines], facts.demand.prices
        takes_back, mixed = bool((facts.cancelled["held"] > 0).any()), bool(facts.recovered.size)
        orders, which = [owner + self.first], [origins[item]]
        units: list[NDArray[Any]] = [taken[lines]]
        when = [facts.demand.times[owner] if mixed or self.marked_down else np.empty(0)]
        value = [self.price(item, when[0], None if own is None else own[lines])]
        places = [lines - facts.line_starts[owner] if takes_back else np.empty(0)]
        for table in (facts.fills, facts.recovered, *([sourced] if sourced.size else [])):
            mine = table.where(self.apart[table.numbers("order") + self.first])
            orders.append(mine.numbers("order") + self.first)
            which.append(origins[mine.numbers("item")])
            units.append(mine["units"])
            value.append(self.price_of(mine) if "placed" in mine else facts.prices_of(mine))
            when.append(mine["time"])
            places.append(mine["line"])
        group = self.group(joined(orders), joined(which))
        # Fills come in order of time, after what the order got at once; only what is recovered may come between them.
        place = np.lexsort((joined(when), group)) if mixed else stable_order(group)
        group, kept = group[place], joined(units)[place].astype(np.float64, copy=False)
        if takes_back:
            self._take_back(group, joined(places)[place], kept, origins)
        return Filled(group, kept, joined(value)[place])

    def group(self, order: Ints, origin: Ints) -> Ints:
        """A number for each order and place from which goods leave (see `ItemFacts.origin`), in order of both."""
        return order * self.places + origin + self.sites

    def _take_back(self, group: Ints, line: Ints, units: Floats, origins: Ints) -> None:
        """Takes held goods that went back to the shelf out of these units: those that a line was given last."""
        held = self.facts.cancelled.where(self.facts.cancelled["held"] > 0)
        groups = self.group(held.numbers("order") + self.first, origins[held.numbers("item")])
        most = max(int(line.max(initial=0)), int(held["line"].max())) + 1
        keys, which = np.unique(groups * most + held.numbers("line"), return_inverse=True)
        back = np.bincount(which, weights=held["units"])
        rows = np.flatnonzero(np.isin(group, groups))
        mine = group[rows] * most + line[rows].astype(np.int64)
        place = np.minimum(np.searchsorted(keys, mine), keys.size - 1)
        rows, place = rows[keys[place] == mine], place[keys[place] == mine]
        once = np.bincount(place, minlength=keys.size)[place] == 1
        units[rows[once]] -= np.minimum(units[rows[once]], back[place[once]])
        for row, key in zip(rows[~once][::-1].tolist(), place[~once][::-1].tolist(), strict=True):
            less = min(units[row], back[key])
            units[row] -= less
            back[key] -= less

    @cached_property
    def shipped(self) -> Shipped:
        """Every parcel with the price of its contents: those that hold all of an order, then the others."""
        return Shipped(*(np.concatenate(pair) for pair in zip(self._in_one_parcel(), self._in_parts(), strict=True)))

    @property
    def whole(self) -> Shipped:
        """The parcels that hold all that was ordered."""
        return self.shipped.rows(slice(self._undivided))

    @property
    def parts(self) -> Shipped:
        """The parcels of orders that shipped apart, sorted by order."""
        return self.shipped.rows(slice(self._undivided, None))

    @property
    def _undivided(self) -> int:
        """How many parcels hold all that was ordered."""
        return int((~self.apart[self.facts.parcels.numbers("order") + self.first]).sum())

    @property
    def worth(self) -> Floats:
        """The price of the contents of every parcel, by its row in the facts."""
        apart = self.apart[self.facts.parcels.numbers("order") + self.first]
        found = np.empty(apart.size)
        found[~apart] = self.by_order[self.facts.parcels.numbers("order")[~apart]]
        rows, worth = self._divided()
        found[rows] = worth
        return found

    def _in_one_parcel(self) -> Shipped:
        parcels = self.facts.parcels.where(~self.apart[self.facts.parcels.numbers("order") + self.first])
        order = parcels.numbers("order")
        return Shipped(order + self.first, parcels["shipped"], parcels["delivered"], self.by_order[order])

    def _in_parts(self) -> Shipped:
        """The parcels of orders that shipped apart, sorted by order."""
        rows, worth = self._divided()
        parcels = self.facts.parcels.where(rows)
        return Shipped(parcels.numbers("order") + self.first, parcels["shipped"], parcels["delivered"], worth)

    def _divided(self) -> tuple[Ints, Floats]:
        """The rows of the parcels of orders that shipped apart, sorted by order, and the price of their contents.

        The facts do not say which units a parcel holds: the units given to an order (and leaving from one place) are
        put in a row, in the order in which they were given, and its first parcel holds the first of them, and so on.
        """
        parcels, vendors = self.facts.parcels, self.facts.drop_shipped
        origin = np.full(parcels["order"].size, -1)
        origin[vendors.numbers("parcel")] = vendors.numbers("supplier")
        sites = self.facts.sent_from
        origin[sites.numbers("parcel")] = -1 - sites.numbers("site")
        mine = np.flatnonzero(self.apart[parcels.numbers("order") + self.first])
        group = self.group(parcels.numbers("order")[mine] + self.first, origin[mine])
        place = stable_order(group)
        rows, group = mine[place], group[place]
        return rows, worth_of_parcels(*self.filled, group, parcels["units"][rows])

    # ----------------------------------------------------------- the payments
    @cached_property
    def received(self) -> Moves:
        """Paid by customers before the horizon."""
        of, ordered, shipped = self.paying.of, self.ordered, self.shipped
        new = np.arange(self.facts.opening.count, len(self.facts.demand.times))
        buyers = np.concatenate((new, self.facts.recovered.numbers("order")))
        orders = shipped.order - self.first
        moves = (
            (of("at_order", buyers), ordered.times, ordered.money),
            (of("at_shipment", orders), shipped.shipped, shipped.value),
            (self.at_door(orders), shipped.delivered, shipped.value),
        )
        return _together([(times, _at(share, money)) for share, times, money in moves if counts(share)]).before(
            self.end
        )

    def at_door(self, orders: Ints) -> ByOrder:
        """Share of the price that these orders pay on delivery."""
        return 1 - self.paying.of("at_order", orders) - self.paying.of("at_shipment", orders)

    @cached_property
    def knocked_off(self) -> Moves:
        """Not paid on delivery because goods came late."""
        if not lowers_prices(self.facts.world):
            return Moves(np.empty(0), np.empty(0))
        worth = self.shipped.value * self.late_share(self.shipped)
        return Moves(self.shipped.delivered, worth).before(self.end)

    def late_share(self, parcels: Shipped) -> Floats:
        """The share of the price of each parcel that is not paid because it came late."""
        orders = parcels.order - self.first
        quoted, nothing = self.paying.of("quoted", orders), self.paying.of("nothing", orders)
        days = parcels.delivered - self.placed[parcels.order]
        with np.errstate(invalid="ignore"):  # inf - inf: no discount
            share = (days - quoted) / (nothing - quoted)
        return np.clip(np.nan_to_num(share, nan=0.0, neginf=0.0) if self.paying.differs else share, 0.0, 1.0)

    def refunded_at(self, times: Floats, orders: Ints) -> Floats:
        """When units of these orders that are cancelled or returned at these times are refunded."""
        world, found = self.facts.world, np.empty(times.size)
        rules = {(p.refund_days, p.working_days) for p in (*world.payments, world.payment)}
        kinds = self.paying.of("refund_days", orders), self.paying.of("working_days", orders)
        for days, working in rules:
            mine = np.broadcast_to((kinds[0] == days) & (kinds[1] == working), times.shape)
            found[mine] = working_days_later(times[mine], days, world.start) if working else times[mine] + days
        return found

    @cached_property
    def refunds(self) -> Moves:
        """Refunded to customers before the horizon."""
        owed, facts = self.refundable, self.facts
        orders = np.concatenate((facts.cancelled.numbers("order"), facts.returned.numbers("order")))
        return Moves(self.refunded_at(owed.times, orders), owed.money).before(self.end)

    @cached_property
    def purchases(self) -> Moves:
        """Paid to suppliers on receipt of the goods, to drop-ship vendors as their goods are sold."""
        facts, receipts = self.facts, self.facts.receipts
        prices = np.array([s.unit_costs for s in facts.world.suppliers] or [(0.0,) * self.first]) * self.owned
        paid = receipts["units"] * prices[receipts.numbers("supplier"), receipts.numbers("item")]
        if self.owned.all():
            return Moves(receipts["time"], paid)
        vendors = np.array([item.unit_cost for item in facts.world.items]) * ~self.owned
        refused = facts.refused.own
        moves = [(receipts["time"], paid), (facts.line_times, facts.demand.quantities * vendors[facts.demand.items])]
        for table, sign, times in (
            (refused, -1, facts.demand.times[refused.numbers("order")]),
            (facts.cancelled, -1, facts.cancelled["time"]),
            (facts.returned, -1, facts.returned["time"]),
            (facts.recovered, 1, facts.recovered["time"]),
        ):
            moves.append((times, sign * table["units"] * vendors[table.numbers("item")]))
        return _together(moves)

    @cached_property
    def freight(self) -> Moves:
        """Paid to carriers when parcels are handed over (except for orders from before the start), for stock sent
        between sites, and for the way from the suppliers when goods leave them."""
        facts, sent = self.facts, self.facts.sent.own
        moves = [(sent["time"], postage(facts, sent)), (facts.transfers["time"], transfer_costs(facts))]
        for k, supplier in enumerate(facts.world.suppliers):
            shipment, unit = supplier.freight
            if shipment or unit:
                mine = facts.shipped.where(facts.shipped["supplier"] == k)
                shipments = np.unique(mine["time"]) if supplier.departs else mine["time"]
                moves += [(mine["time"], mine["units"] * unit), (shipments, np.full(shipments.size, shipment))]
        return _together(moves)

    # ----------------------------------------------------------- the balances
    @cached_property
    def unearned(self) -> StepFunction:
        """Paid by customers for goods that have neither been shipped nor cancelled: owed to them in goods."""
        shares = ((self.paying.at_order(orders), times, money) for orders, times, money in self._unearned())
        return _balance((times, _at(share, money)) for share, times, money in shares if counts(share))

    def _unearned(self) -> Iterator[tuple[Ints, Floats, Floats]]:
        """Orders, times and money of what changes it, a part at a time: a long run has no memory for all of them."""
        facts, cancelled, parts, whole = self.facts, self.cancelled, self.parts, self.whole
        apart = self.apart[self.first :]
        yield np.full(1, -1), np.zeros(1), np.array([self.opening])
        yield np.flatnonzero(apart), np.maximum(facts.demand.times[apart], 0.0), self.by_order[apart]
        yield facts.recovered.numbers("order"), *self.recovered
        yield facts.cancelled.numbers("order"), cancelled.times, -cancelled.money
        yield parts.order - self.first, parts.shipped, -parts.value
        later = whole.shipped > self.placed[whole.order]
        held = whole.order[later] - self.first
        yield held, np.maximum(self.placed[whole.order[later]], 0.0), whole.value[later]
        yield held, whole.shipped[later], -whole.value[later]

    @cached_property
    def refunds_due(self) -> StepFunction:
        """Owed to customers for what was cancelled or returned."""
        return _balance([self.refundable, -self.refunds])

    @cached_property
    def receivable(self) -> StepFunction:
        """Owed by customers for goods that have been shipped and are not paid yet."""
        share = self.at_door(self.shipped.order - self.first)
        if not counts(share):
            return _balance([])
        owed = self.shipped.value * share
        return _balance([(self.shipped.shipped, owed), -Moves(self.shipped.delivered, owed).before(self.end)])

    @cached_property
    def balance(self) -> StepFunction:
        """Cash since the start: received less refunds, discounts for lateness, and payments to suppliers and
        carriers."""
        return _balance([self.received, -self.refunds, -self.knocked_off, -self.purchases, -self.freight])

    @cached_property
    def funding(self) -> float:
        """The most that was ever paid for goods beyond what customers had paid (less refunds)."""
        goods = _balance([self.received, -self.refunds, -self.knocked_off, -self.purchases])
        return float(max(0.0, -goods.values.min(initial=0.0)))

    def at(self, times: Floats) -> dict[str, Floats]:
        """The balances just before each of these times: cash, unearned, refunds_due, receivable."""
        return {name: getattr(self, path).before(times) for name, path in BALANCES.items()}

    def daily(self) -> dict[str, Floats]:
        """`day`, and every balance at the end of each day (the last day ends at the horizon); shape (days,) each."""
        days = np.arange(1.0, np.ceil(self.end) + 1)
        days[-1] = self.end
        return {"day": days, **self.at(days)}


def _together(parts: Sequence[tuple[Floats, Floats]]) -> Moves:
    some = [part for part in parts if part[0].size]
    if len(some) == 1:
        return Moves(*some[0])
    return Moves(np.concatenate([times for times, _ in parts]), np.concatenate([money for _, money in parts]))


def _at(share: ByOrder, money: Floats) -> Floats:
    """The part of some money that is paid at a share."""
    return money if isinstance(share, float) and share == 1.0 else money * share


def _balance(parts: Iterable[tuple[Floats, Floats]]) -> StepFunction:
    """The running sum of payments; it begins with 0 at time 0 and is rounded to hide what adding and subtracting the
    same amounts leaves over."""
    known = [*parts]
    many = sum(when.size for when, _ in known) > MANY
    if many and (found := running_sum(known)) is not None:
        path = StepFunction(*found)
    else:
        times, money = [np.zeros(1), *(when for when, _ in known)], [np.zeros(1), *(much for _, much in known)]
        known.clear()
        path = step_function(joined(times), joined(money))
    np.round(path.values, 9, out=path.values)
    return path
