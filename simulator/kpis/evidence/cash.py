"""Cash over time: what customers pay and are paid back, what is paid for goods, and what the shop owes and is owed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.model.calendar import working_days_later
from simulator.record.ledger import Floats, Ints
from simulator.record.levels import Path, at_once
from simulator.record.run import Run


class Moves(NamedTuple):
    """Money that moves: when (days) and how much (currency); in any order."""

    times: Floats
    money: Floats

    def before(self, end: float) -> Moves:
        """What moves before `end`."""
        return Moves(self.times[self.times < end], self.money[self.times < end])


class Filled(NamedTuple):
    """Units that were given to orders, order by order, in the order in which they were given; `order` is counted from
    the backlogs from before the start on."""

    order: Ints
    time: Floats
    value: Floats
    """Price of a unit."""
    units: Floats


class Shipped(NamedTuple):
    """Parcels, order by order: what is in them at the full price, and when they left and came."""

    order: Ints
    shipped: Floats
    delivered: Floats
    value: Floats


class Cash:
    """The money of one run; a pure function of its facts and of when customers pay.

    Orders from before the start (a negative stock) were paid in their turn: what is paid at the order was paid before
    the start and is owed to them at time 0. Goods leave in the order in which they were filled, which settles what is
    in a parcel. Goods that a record calls off after they had left are not paid back.
    """

    def __init__(self, run: Run) -> None:
        self.run, self.payment = run, run.world.payment
        self.first = len(run.world.items)
        """What is added to an order's number: a backlog from before the start has one order an item."""
        self.prices = np.array([item.price for item in run.world.items])
        self.end = run.world.horizon

    # ------------------------------------------------------------- the goods
    def price(self, items: NDArray[np.generic], placed: Floats) -> Floats:
        """What units of these items cost that were ordered then: less while they are marked down."""
        number = items.astype(np.int64)
        found: Floats = self.prices[number]
        lower = [item.marked_down for item in self.run.world.items]
        if any(lower):
            start, end, cut = np.array([span or (0.0, 0.0, 0.0) for span in lower]).T[:, number]
            found = found * (1 - cut * ((placed >= start) & (placed < end)))
        return found

    @cached_property
    def placed(self) -> Floats:
        """When every order was placed, those from before the start among them (at 0)."""
        return np.concatenate((np.zeros(self.first), self.run.demand.times))

    @cached_property
    def by_order(self) -> Floats:
        """The price of what every order ordered, shape (n,)."""
        run = self.run
        prices = self.price(run.demand.items, run.demand.times[run.line_orders])
        worth = run.demand.quantities * prices
        own = run.refused["order"] >= 0
        mine = {name: column[own] for name, column in run.refused.items()}
        lines = run.lines_at(mine)
        np.subtract.at(worth, lines, mine["units"] * prices[lines])
        return np.bincount(run.line_orders, weights=worth, minlength=len(run.demand.times)).astype(np.float64)

    @cached_property
    def recovered(self) -> Moves:
        """The price of what was taken in place of what had left."""
        back = self.run.recovered
        return Moves(back["time"], back["units"] * self.prices[back["item"].astype(np.int64)])

    @cached_property
    def ordered(self) -> Moves:
        """The price of what was ordered: at the order, or when something was taken in place of what had left. Orders
        from before the start are not among it."""
        times = np.concatenate((self.run.demand.times, self.recovered.times))
        return Moves(times, np.concatenate((self.by_order, self.recovered.money)))

    @cached_property
    def apart(self) -> NDArray[np.bool_]:
        """Which orders did not leave as one parcel that holds all that was ordered; from before the start first."""
        run, n = self.run, self.placed.size
        asked = np.bincount(run.line_orders, weights=run.demand.quantities, minlength=n - self.first)
        units = np.concatenate((np.zeros(self.first), asked))
        for facts, sign in ((run.refused, -1), (run.recovered, 1)):
            np.add.at(units, facts["order"].astype(np.int64) + self.first, sign * facts["units"])
        number = run.parcels["order"].astype(np.int64) + self.first
        parcels = np.bincount(number, minlength=n)
        apart: NDArray[np.bool_] = parcels != 1
        apart[number] |= run.parcels["units"] != units[number]
        apart[: self.first] = True
        apart[run.recovered["order"].astype(np.int64) + self.first] = True
        return apart

    @cached_property
    def opening(self) -> float:
        """The price of what is on backorder from before the start."""
        before = np.maximum(-np.array(self.run.initial, dtype=np.float64), 0)
        return float((before * self.prices).sum())

    @cached_property
    def cancelled(self) -> Moves:
        """The price of what was cancelled, when it was."""
        facts = self.run.cancelled
        return Moves(facts["time"], facts["units"] * self.price(facts["item"], facts["placed"]))

    @cached_property
    def filled(self) -> Filled:
        """Everything that was given to orders that left apart, and not taken back from them."""
        run = self.run
        taken = at_once(run)
        lines = np.flatnonzero((taken > 0) & self.apart[self.first :][run.line_orders])
        order = [run.line_orders[lines] + self.first]
        time = [run.demand.times[run.line_orders[lines]]]
        value = [self.price(run.demand.items[lines], time[0])]
        units: list[NDArray[np.generic]] = [taken[lines]]
        line: list[NDArray[np.generic]] = [lines - run.line_starts[run.line_orders[lines]]]
        for facts in (run.fills, run.recovered):
            number = facts["order"].astype(np.int64) + self.first
            mine = self.apart[number]
            order.append(number[mine])
            for column, name in ((time, "time"), (units, "units"), (line, "line")):
                column.append(facts[name][mine])
            full = self.prices[facts["item"][mine].astype(np.int64)]
            value.append(self.price(facts["item"][mine], facts["placed"][mine]) if "placed" in facts else full)
        orders, times, which = np.concatenate(order), np.concatenate(time), np.concatenate(line)
        place = np.lexsort((times, orders))
        amounts = np.concatenate(units).astype(np.float64)[place]
        amounts = self._less_what_went_back(orders[place], which[place].astype(np.int64), amounts)
        return Filled(orders[place], times[place], np.concatenate(value)[place], amounts)

    def _less_what_went_back(self, order: Ints, line: Ints, units: Floats) -> Floats:
        """Held goods that went back to the shelf were those that a line was given last."""
        held = self.run.cancelled["held"] > 0
        if not held.any():
            return units
        width = int(max(line.max(initial=0), self.run.cancelled["line"].max(initial=0))) + 1
        key = order * width + line
        gone = (self.run.cancelled["order"][held].astype(np.int64) + self.first) * width
        gone += self.run.cancelled["line"][held].astype(np.int64)
        back = np.zeros((int(max(key.max(initial=0), gone.max(initial=0))) + 1,))
        np.add.at(back, gone, self.run.cancelled["units"][held])
        left = units.copy()
        for row in np.flatnonzero(back[key] > 0)[::-1].tolist():
            less = min(left[row], back[key[row]])
            left[row] -= less
            back[key[row]] -= less
        return left

    @cached_property
    def shipped(self) -> Shipped:
        """Every parcel with the price of what is in it: those that hold all of an order, then the others."""
        return Shipped(*(np.concatenate(pair) for pair in zip(self.whole, self.parts, strict=True)))

    @cached_property
    def whole(self) -> Shipped:
        """The parcels that hold all that was ordered."""
        parcels = self.run.parcels
        order = parcels["order"].astype(np.int64) + self.first
        mine = np.flatnonzero(~self.apart[order])
        order = order[mine]
        return Shipped(order, parcels["shipped"][mine], parcels["delivered"][mine], self.by_order[order - self.first])

    @cached_property
    def parts(self) -> Shipped:
        """The parcels of orders that left apart, order by order."""
        filled = self.filled
        order = self.run.parcels["order"].astype(np.int64) + self.first
        mine = np.flatnonzero(self.apart[order])
        place = mine[np.argsort(order[mine], kind="stable")]
        shipped, delivered, _, units = (column[place] for column in self.run.parcels.values())
        order = order[place]
        end = np.cumsum(units)
        heads = np.searchsorted(order, order, side="left")
        inside = end - np.concatenate(([0.0], end))[heads]  # units of the order up to and with this parcel
        given, value = (np.concatenate(([0.0], np.cumsum(x))) for x in (filled.units, filled.units * filled.value))
        start = given[np.searchsorted(filled.order, order, side="left")]
        worth = np.interp(start + inside, given, value) - np.interp(start + inside - units, given, value)
        return Shipped(order, shipped, delivered, worth)

    # ----------------------------------------------------------- the payments
    @cached_property
    def received(self) -> Moves:
        """Paid by customers before the horizon."""
        payment, ordered, shipped = self.payment, self.ordered, self.shipped
        door = 1 - payment.at_order - payment.at_shipment
        moves = [
            (ordered.times, ordered.money * payment.at_order),
            (shipped.shipped, shipped.value * payment.at_shipment),
            (shipped.delivered, shipped.value * door),
        ]
        shares = (payment.at_order, payment.at_shipment, door)
        return _together([move for move, share in zip(moves, shares, strict=True) if share]).before(self.end)

    @cached_property
    def knocked_off(self) -> Moves:
        """Given back at the door because goods came late."""
        if np.isinf(self.payment.quoted):
            return Moves(np.empty(0), np.empty(0))
        worth = self.shipped.value * self.late_share(self.shipped)
        return Moves(self.shipped.delivered, worth).before(self.end)

    def late_share(self, parcels: Shipped) -> Floats:
        """The share of the price of each parcel that is not paid because it came late."""
        payment = self.payment
        days = parcels.delivered - self.placed[parcels.order]
        return np.clip((days - payment.quoted) / (payment.nothing - payment.quoted), 0.0, 1.0)

    def refunded_at(self, times: Floats) -> Floats:
        """When what was cancelled at these times is paid back."""
        if self.payment.working_days:
            return working_days_later(times, self.payment.refund_days, self.run.world.start)
        return times + self.payment.refund_days

    @cached_property
    def refunds(self) -> Moves:
        """Paid back to customers before the horizon."""
        due = self.cancelled.money * self.payment.at_order
        return Moves(self.refunded_at(self.cancelled.times), due).before(self.end)

    @cached_property
    def purchases(self) -> Moves:
        """Paid to suppliers at the receipt of the goods, to drop-ship vendors as their goods are sold."""
        run = self.run
        owned = np.array([item.owned for item in run.world.items])
        prices = np.array([s.unit_costs for s in run.world.suppliers] or [(0.0,) * self.first]) * owned
        supplier, item = (run.receipts[name].astype(np.int64) for name in ("supplier", "item"))
        paid = Moves(run.receipts["time"], run.receipts["units"] * prices[supplier, item])
        if owned.all():
            return paid
        vendors = np.array([item.unit_cost for item in run.world.items]) * ~owned
        own = run.refused["order"] >= 0
        refused = {name: column[own] for name, column in run.refused.items()}
        sold = [(run.demand.times[run.line_orders], run.demand.quantities * vendors[run.demand.items])]
        for facts, sign, times in (
            (refused, -1, run.demand.times[refused["order"].astype(np.int64)]),
            (run.cancelled, -1, run.cancelled["time"]),
            (run.recovered, 1, run.recovered["time"]),
        ):
            sold.append((times, sign * facts["units"] * vendors[facts["item"].astype(np.int64)]))
        return _together([paid, *sold])

    @cached_property
    def freight(self) -> Moves:
        """Paid to carriers when parcels are handed over (but for orders from before the start), and for the way from
        the suppliers when goods leave them."""
        run, parcels = self.run, self.run.parcels
        own = parcels["order"] >= 0
        costs = np.array([(c.parcel_cost, c.unit_cost) for c in run.world.carriers] + [(0.0, 0.0)])  # -1: none
        segment = run.demand.segments[parcels["order"][own].astype(np.int64)].astype(np.int64)
        carrier = np.array([s.carrier for s in run.world.segments] or [-1], dtype=np.int64)[segment]
        moves = [(parcels["shipped"][own], costs[carrier, 0] + costs[carrier, 1] * parcels["units"][own])]
        for k, supplier in enumerate(run.world.suppliers):
            shipment, unit = supplier.freight
            if not (shipment or unit):
                continue
            mine = run.shipped["supplier"] == k
            times = run.shipped["time"][mine]
            shipments = np.unique(times) if supplier.departs else times
            moves += [(times, run.shipped["units"][mine] * unit), (shipments, np.full(shipments.size, shipment))]
        return _together(moves)

    # ----------------------------------------------------------- the balances
    @cached_property
    def unearned(self) -> Path:
        """Paid by customers for goods that have neither left nor been cancelled: owed to them in goods."""
        share, cancelled, parts = self.payment.at_order, self.cancelled, self.parts
        apart = self.apart[self.first :]
        later = self.whole.shipped > self.placed[self.whole.order]
        moves = [
            (np.zeros(1), np.array([self.opening])),
            (self.run.demand.times[apart], self.by_order[apart]),
            self.recovered,
            (cancelled.times, -cancelled.money),
            (parts.shipped, -parts.value),
            (self.placed[self.whole.order[later]], self.whole.value[later]),
            (self.whole.shipped[later], -self.whole.value[later]),
        ]
        return _balance([(times, money * share) for times, money in moves if share])

    @cached_property
    def refunds_due(self) -> Path:
        """Owed to customers for what was cancelled."""
        due = self.cancelled.money * self.payment.at_order
        return _balance([(self.cancelled.times, due), (self.refunds.times, -self.refunds.money)])

    @cached_property
    def receivable(self) -> Path:
        """Owed by customers for goods that have left and are not paid yet."""
        door = 1 - self.payment.at_order - self.payment.at_shipment
        owed = self.shipped.value * door
        paid = Moves(self.shipped.delivered, owed).before(self.end)
        return _balance([(self.shipped.shipped, owed), (paid.times, -paid.money)])

    @cached_property
    def balance(self) -> Path:
        """Cash since the start: received less paid back, knocked off, and paid to suppliers and carriers."""
        out = [_out(m) for m in (self.refunds, self.knocked_off, self.purchases, self.freight)]
        return _balance([self.received, *out])

    @cached_property
    def funding(self) -> float:
        """The most that was ever paid for goods beyond what customers had paid (less what they were paid back)."""
        parts = [self.received, *(_out(m) for m in (self.refunds, self.knocked_off, self.purchases))]
        return float(max(0.0, -_balance(parts).values.min(initial=0.0)))

    def daily(self) -> dict[str, Floats]:
        """Every balance and the cash at the end of each day (the last day ends at the horizon): day, cash, unearned,
        refunds_due, receivable; shape (days,) each."""
        days = np.arange(1.0, np.ceil(self.end) + 1)
        days[-1] = self.end
        paths = {
            "cash": self.balance,
            "unearned": self.unearned,
            "refunds_due": self.refunds_due,
            "receivable": self.receivable,
        }
        return {"day": days, **{name: _at(path, days) for name, path in paths.items()}}


def mean(path: Path, start: float, end: float) -> float:
    """The time average of a balance over [start, end)."""
    edges = np.clip(np.append(path.times, end), start, end)
    return float(np.sum(path.values * np.diff(edges)) / (end - start))


def peak(path: Path, start: float) -> float:
    """The highest value of a balance from `start` on."""
    last = max(int(np.searchsorted(path.times, start, side="right")) - 1, 0)
    return float(path.values[last:].max())


def _out(moves: Moves) -> Moves:
    return Moves(moves.times, -moves.money)


def _together(parts: Sequence[tuple[Floats, Floats]]) -> Moves:
    return Moves(np.concatenate([times for times, _ in parts]), np.concatenate([money for _, money in parts]))


def _balance(parts: Sequence[tuple[Floats, Floats]]) -> Path:
    """The running sum, one value an instant; it begins with 0 at time 0."""
    moves = _together([(np.zeros(1), np.zeros(1)), *parts])
    order = np.argsort(moves.times, kind="stable")
    times, values = moves.times[order], np.cumsum(moves.money[order])
    last = np.append(times[1:] != times[:-1], True)
    return Path(times[last], np.round(values[last], 9))


def _at(path: Path, times: Floats) -> Floats:
    """Values just before each time."""
    found: Floats = path.values[np.maximum(np.searchsorted(path.times, times, side="left") - 1, 0)]
    return found
