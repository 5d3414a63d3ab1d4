"""Cash over time: what customers pay and are refunded, what is paid for goods, and what the shop owes and is owed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simulator.foundation.compiled.sorting import running_sum
from simulator.kpis.evidence.freight import postage, transfer_costs
from simulator.kpis.evidence.paying import ByOrder, Paying, counts, lowers_prices
from simulator.kpis.evidence.worth import Moves, Shipped, Worth, together
from simulator.model.calendar import working_days_later
from simulator.record.columns import KeptIfShort
from simulator.record.facts import Facts
from simulator.record.ledger import Floats
from simulator.record.levels import StepFunction, joined, step_function

MANY = 20_000
"""Payments that are merged; fewer are sorted as fast."""
BALANCES = {"cash": "balance", "unearned": "unearned", "refunds_due": "refunds_due", "receivable": "receivable"}
"""The attribute of `Cash` that holds each balance over time."""


class Cash:
    """The money of one run; a pure function of its facts and of when customers pay.

    Orders from before the start were paid before the start, as far as orders are paid in advance: that much is owed to
    them at time 0. Goods that a recorded order book calls off after they left are refunded when they are back.
    """

    def __init__(self, facts: Facts) -> None:
        self.facts, self.paying, self.worth = facts, Paying(facts), Worth(facts)
        self.owned = np.array([item.owned for item in facts.world.items])
        self.end, self.is_long = facts.world.horizon, facts.is_long

    # ----------------------------------------------------------- the payments
    @cached_property
    def received(self) -> Moves:
        """Paid by customers before the horizon."""
        of, ordered = self.paying.of, self.worth.ordered
        new = np.arange(self.facts.opening.count, len(self.facts.demand.times))
        buyers = np.concatenate((new, self.facts.recovered.numbers("order")))
        moves: list[tuple[ByOrder, Floats, Floats]] = [(of("at_order", buyers), *ordered)]
        if self.paying.is_later:
            shipped = self.worth.shipped
            orders = shipped.order - self.worth.first
            moves.append((of("at_shipment", orders), shipped.shipped, shipped.value))
            moves.append((self.at_door(orders), shipped.delivered, shipped.value))
        return together([(times, _at(share, money)) for share, times, money in moves if counts(share)]).before(self.end)

    def at_door(self, orders: NDArray[np.integer]) -> ByOrder:
        """Share of the price that these orders pay on delivery."""
        return 1 - self.paying.of("at_order", orders) - self.paying.of("at_shipment", orders)

    @cached_property
    def knocked_off(self) -> Moves:
        """Not paid on delivery because goods came late."""
        if not lowers_prices(self.facts.world):
            return Moves(np.empty(0), np.empty(0))
        shipped = self.worth.shipped
        return Moves(shipped.delivered, shipped.value * self.late_share(shipped)).before(self.end)

    def late_share(self, parcels: Shipped) -> Floats:
        """The share of the price of each parcel that is not paid because it came late."""
        orders = parcels.order - self.worth.first
        quoted, nothing = self.paying.of("quoted", orders), self.paying.of("nothing", orders)
        days = parcels.delivered - self.worth.placed[parcels.order]
        with np.errstate(invalid="ignore"):  # inf - inf: no discount
            share = (days - quoted) / (nothing - quoted)
        return np.clip(np.nan_to_num(share, nan=0.0, neginf=0.0) if self.paying.differs else share, 0.0, 1.0)

    def refunded_at(self, times: Floats, orders: NDArray[np.integer]) -> Floats:
        """When units of these orders that are cancelled or returned at these times are refunded."""
        world, found = self.facts.world, np.empty(times.size)
        rules = {(p.refund_days, p.working_days) for p in (*world.payments, world.payment)}
        kinds = self.paying.of("refund_days", orders), self.paying.of("working_days", orders)
        for days, working in rules:
            mine = np.broadcast_to((kinds[0] == days) & (kinds[1] == working), times.shape)
            found[mine] = working_days_later(times[mine], days, world.start) if working else times[mine] + days
        return found

    @cached_property
    def refundable(self) -> Moves:
        """What customers had paid for cancelled and returned units, when they were cancelled or back."""
        share = self.paying.at_order(self.facts.cancelled.numbers("order"))
        return together([(self.worth.cancelled.times, self.worth.cancelled.money * share), self.worth.returned])

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
        prices = np.array([s.unit_costs for s in facts.world.suppliers] or [(0.0,) * self.worth.first]) * self.owned
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
        return together(moves)

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
        return together(moves)

    # ----------------------------------------------------------- the balances
    @KeptIfShort
    def unearned(self) -> StepFunction:
        """Paid by customers for goods that have neither been shipped nor cancelled: owed to them in goods."""
        shares = ((self.paying.at_order(orders), times, money) for orders, times, money in self._unearned())
        return _balance((times, _at(share, money)) for share, times, money in shares if counts(share))

    def _unearned(self) -> Iterator[tuple[NDArray[np.integer], Floats, Floats]]:
        """Orders, times and money of what changes it, a part at a time: a long run has no memory for all of them."""
        facts, worth, shipped = self.facts, self.worth, self.worth.shipped
        first, apart, undivided = worth.first, worth.apart[worth.first :], worth.undivided
        whole, parts = shipped.rows(slice(undivided)), shipped.rows(slice(undivided, None))
        yield np.full(1, -1), np.zeros(1), np.array([worth.opening])
        yield np.flatnonzero(apart), np.maximum(facts.demand.times[apart], 0.0), worth.by_order[apart]
        yield facts.recovered.numbers("order"), *worth.recovered
        yield facts.cancelled.numbers("order"), worth.cancelled.times, -worth.cancelled.money
        yield parts.order - first, parts.shipped, -parts.value
        later = whole.shipped > worth.placed[whole.order]
        held = whole.order[later] - first
        yield held, np.maximum(worth.placed[whole.order[later]], 0.0), whole.value[later]
        yield held, whole.shipped[later], -whole.value[later]

    @KeptIfShort
    def refunds_due(self) -> StepFunction:
        """Owed to customers for what was cancelled or returned."""
        return _balance([self.refundable, -self.refunds])

    @KeptIfShort
    def receivable(self) -> StepFunction:
        """Owed by customers for goods that have been shipped and are not paid yet."""
        if not self.paying.is_later:
            return _balance([])
        shipped = self.worth.shipped
        share = self.at_door(shipped.order - self.worth.first)
        if not counts(share):
            return _balance([])
        owed = shipped.value * share
        return _balance([(shipped.shipped, owed), -Moves(shipped.delivered, owed).before(self.end)])

    @KeptIfShort
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
