"""A whole small world once more, slow and plain: a heap of events around the slow node, recorded orders, a supplier."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from heapq import heappop, heappush

from simulator.engine.backlog import Terms
from tests.properties.models.slow_node import SlowDividingNode, SlowNode, SlowOrder

SWITCH, RECEIPT, CANCEL, DELIVERY, DEMAND, REVIEW = range(1, 7)
PATIENCE, WINDOW, RECORD = range(3)
NEED_BY, SELLER = 5, 6


@dataclass
class SlowItem:
    """An item with its (s,S) or (s,Q) and the lead times of its purchases, one after the other and again."""

    stock: int
    leads: list[float]
    s: int
    Q: int = 0
    S: int = 0
    limit: float = math.inf


@dataclass
class Wish:
    """An order as the record has it."""

    time: float
    lines: list[tuple[int, int]]
    patience: float
    together: bool
    priority: int
    transits: list[float]
    recalls: list[tuple[int, float, int]]


@dataclass
class SlowWorld:
    """The story of these orders; every fact lands in `facts` by the name of its table."""

    items: list[SlowItem]
    wishes: list[Wish]
    horizon: float
    rank: object
    ranked: bool
    splits: tuple[bool, bool] = (True, True)
    reserve: int = 0
    window: float = math.inf
    arriving: object = None
    minimum: int = 0
    fifo: bool = False
    outages: list[tuple[float, float]] = field(default_factory=list)
    divide: object = None
    expected: bool = False
    nightly: float | None = None
    confirms_new: bool = False
    keeps_record: bool = False
    fulfilment: object = None
    may_leave: object = None
    ships: object = None
    need_by: float = math.inf

    def play(self) -> dict[str, list[tuple]]:
        stock, limits = [max(i.stock, 0) for i in self.items], [i.limit for i in self.items]
        if self.divide:
            how = (self.expected, self.nightly is None, self.confirms_new)
            self.node = SlowDividingNode(stock, limits, self.divide, *how)
        else:
            self.node = SlowNode(stock, limits, self.ranked)
        self.facts = {name: [] for name in ("backordered", "refused", "fills", "parcels", "cancelled", "returned")}
        self.facts |= {"purchases": [], "receipts": [], "confirmed": [], "holds": []}
        self.bought, self.last = [0] * len(self.items), [0.0] * len(self.items)
        self.events, self.pushed, self.shut, self.held = [], 0, 0, []
        self.orders, self.touched, self.sent, self.told, self.delivered = {}, [], {}, {}, {}
        for start, end in self.outages:
            self.at(start, SWITCH, self.closes)
            self.at(end, SWITCH, self.reopens)
        for k, item in enumerate(self.items):
            if item.stock < 0:
                terms = Terms(lambda number: self.rank(1, number))
                order = SlowOrder(-1 - k, terms, [(k, -item.stock)])
                limit, self.node.limits[k] = self.node.limits[k], math.inf
                self.node.place(order)
                self.node.limits[k] = limit
                self.orders[-1 - k] = (order, Wish(0.0, [], math.inf, False, 1, [], []))
                self.facts["backordered"].append((-1 - k, 0, k, -item.stock))
            self.at(0.0, REVIEW, self.review, k)
        if self.nightly is not None:
            self.at(self.nightly, REVIEW, self.runs, 1)
        for number, wish in enumerate(self.wishes):
            self.at(wish.time, DEMAND, self.arrives, number)
        while self.events and self.events[0][0] < self.horizon:
            now, _, _, action, arguments = heappop(self.events)
            action(now, *arguments)
        return {name: sorted(rows) for name, rows in self.facts.items()}

    def at(self, time, phase, action, *arguments):
        if time < math.inf:
            self.pushed += 1
            heappush(self.events, (time, phase, self.pushed, action, arguments))

    # ----------------------------------------------------------------------------------------------- demand
    def arrives(self, now, number):
        wish = self.wishes[number]
        splits = (False, False) if wish.together else self.splits
        reserve = self.reserve if wish.priority > 1 else 0
        terms = Terms(lambda n: self.rank(wish.priority, n), reserve, *splits, priority=wish.priority)
        if self.fulfilment:
            terms.least_of_line = self.fulfilment.least_of_line
            terms.ships = None if wish.together else self.ships
        order = SlowOrder(number, terms, wish.lines)
        order.rule = self.may_leave
        self.orders[number] = (order, wish)
        at_once = self.node.place(order)
        if at_once and not (self.divide and order.waits):
            self.leaves(now, order, at_once)
        divides = self.divide and order.waits
        if divides:
            order.parcels = 0  # what the division gives leaves in the same parcel
        for k, line in enumerate(order.lines):
            if line.refused:
                self.facts["refused"].append((number, k, line.item, line.refused))
            if line.waiting:
                self.facts["backordered"].append((number, k, line.item, line.waiting))
        for line, time, units in wish.recalls:
            self.at(max(time, now), CANCEL, self.called_off, number, line, units)
        if order.waits:
            if wish.patience > self.window:
                self.at(now + self.window, CANCEL, self.gives_up, number, WINDOW)
            elif wish.patience > 0:
                self.at(now + wish.patience, CANCEL, self.gives_up, number, PATIENCE)
            else:
                self.gives_up(now, number, PATIENCE)
        if divides:
            self.serve(now, [item for item, _ in wish.lines])
            if units := at_once + self.node.ship(order):
                self.leaves(now, order, units)
                order.parcels = 1
        if order.waits and self.fulfilment:
            self.holding_begins(now, order)
        for item in {item for item, _ in wish.lines}:
            self.review(now, item)

    # ------------------------------------------------------------------------------------------------ holding
    def holding_begins(self, now, order):
        everything = range(len(order.lines))
        if self.fulfilment.once and order.number in self.sent:
            self.cancel(now, order, everything, math.inf, SELLER)
            return
        if self.fulfilment.must_arrive:
            self.at(now + self.need_by, DELIVERY, self.last_moment, order)
        if not order.terms.splits_orders:
            if order.terms.ships:
                self.at(now + self.fulfilment.hold, DELIVERY, self.hold_ends, order)
            self.note_hold(now, order)

    def note_hold(self, now, order):
        if (
            self.fulfilment
            and not self.splits[1]
            and order.held
            and order.waits
            and self.told.get(order.number) != self.parcels(order)
        ):
            self.told[order.number] = self.parcels(order)
            placed = 0.0 if order.number < 0 else self.wishes[order.number].time
            until = placed + self.fulfilment.hold if order.terms.ships else math.inf
            if self.fulfilment.must_arrive:
                until = min(until, placed + self.need_by)
            self.facts["holds"].append((now, order.number, until, order.held))

    def parcels(self, order):
        return self.sent.get(order.number, -1) + 1

    def hold_ends(self, now, order):
        if order.waits:
            order.hold_is_over = True
            order.pack(whatever=True)
            self.serve(now, [], order)

    def last_moment(self, now, order):
        if order.waits:
            if order.held:
                order.hold_is_over = True
                order.pack(whatever=True)
            self.cancel(now, order, range(len(order.lines)), math.inf, NEED_BY)

    def runs(self, now, nights):
        self.serve(now, range(len(self.items)), run=True)
        self.at(self.nightly + nights, REVIEW, self.runs, nights + 1)

    def gives_up(self, now, number, cause):
        order, _ = self.orders[number]
        if order.waits:
            self.cancel(now, order, range(len(order.lines)), math.inf, cause)

    def called_off(self, now, number, line, units):
        order, _ = self.orders[number]
        entry = order.lines[line]
        gone = entry.called_off
        items = self.release_units(now, order, [line], units, RECORD)
        rest = min(units - (entry.called_off - gone), entry.asked - entry.refused - entry.called_off)
        unpacked = min(rest, entry.packed - entry.left)
        if unpacked > 0:
            entry.packed -= unpacked
            entry.filled -= unpacked
            entry.called_off += unpacked
            self.node.on_hand[entry.item] += unpacked
            self.facts["cancelled"].append((now, number, line, entry.item, unpacked, RECORD, 1))
            items = [*items, entry.item]
            rest -= unpacked
        for delivery, content in reversed(self.delivered.get(number, [])):
            some = min(rest, content[line])
            if some > 0:
                content[line] -= some
                rest -= some
                if delivery <= now:
                    self.comes_back(now, number, line, entry.item, some)
                else:
                    self.at(delivery, CANCEL, self.comes_back, number, line, entry.item, some)
        self.serve(now, items, order)

    def comes_back(self, now, number, line, item, units):
        self.facts["returned"].append((now, number, line, item, units))
        self.node.on_hand[item] += units
        self.serve(now, [item])

    def cancel(self, now, order, lines, units, cause):
        self.serve(now, self.release_units(now, order, lines, units, cause), order)

    def release_units(self, now, order, lines, units, cause):
        freed, items = self.node.cancel(order, lines, units)
        for line, (waiting, held) in freed.items():
            for less, was_held in ((waiting, 0), (held, 1)):
                if less:
                    row = (now, order.number, line, order.lines[line].item, less, cause, was_held)
                    self.facts["cancelled"].append(row)
        return items

    # ----------------------------------------------------------------------------------------------- supply
    def serve(self, now, items, *touched, **how):
        before = {id(line): line.filled for order, _ in self.orders.values() for line in order.lines}
        orders = [*touched, *self.node.serve(*items, **how)]
        if self.divide:
            for line, units in self.node.told if self.keeps_record else ():
                number = next(k for k, x in enumerate(line.order.lines) if x is line)
                self.facts["confirmed"].append((now, line.order.number, number, line.item, units))
            self.node.told.clear()
        for order, _ in self.orders.values():
            for k, line in enumerate(order.lines):
                if units := line.filled - before[id(line)]:
                    self.facts["fills"].append((now, order.number, k, line.item, units))
        for order in orders:
            if order.number < 0 or self.wishes[order.number].time < now:
                self.note_hold(now, order)
        if orders:
            self.touched += orders
            self.at(now, DELIVERY, self.ready_leave)

    def ready_leave(self, now):
        touched, self.touched = self.touched, []
        for order in touched:
            if units := self.node.ship(order):
                self.leaves(now, order, units)
                if self.fulfilment and self.fulfilment.once and order.waits:
                    self.cancel(now, order, range(len(order.lines)), math.inf, SELLER)

    def leaves(self, now, order, units):
        parcel = self.sent[order.number] = self.sent.get(order.number, -1) + 1
        transits = self.orders[order.number][1].transits
        transit = transits[parcel] if parcel < len(transits) else 0.0
        self.facts["parcels"].append((now, now + transit, order.number, units))
        self.delivered.setdefault(order.number, []).append((now + transit, order.content))
        order.content = [0] * len(order.lines)

    def position(self, item):
        return self.node.on_hand[item] + self.node.on_order[item] - self.node.backordered(item)

    def review(self, now, item):
        rule, position = self.items[item], self.position(item)
        if position > rule.s:
            return
        units = rule.S - position
        if rule.Q:
            units = 0
            while position + units <= rule.s:
                units += rule.Q
        while units < self.minimum:
            units += rule.Q or self.minimum - units
        if units <= 0:
            return
        lead = rule.leads[self.bought[item] % len(rule.leads)]
        self.bought[item] += 1
        self.node.on_order[item] += units
        if self.divide and self.expected:
            self.serve(now, [item])
        self.facts["purchases"].append((now, item, units))
        if self.shut:
            self.held.append((item, units, lead))
        else:
            self.release(now, item, units, lead)

    def release(self, now, item, units, lead):
        due = now + lead
        if self.fifo:
            due = self.last[item] = max(due, self.last[item])
        self.at(due, RECEIPT, self.receive, item, units)

    def receive(self, now, item, units):
        arriving = self.arriving(units) if self.arriving else units
        self.facts["receipts"].append((now, item, arriving, units - arriving))
        self.node.on_order[item] -= units
        self.node.on_hand[item] += arriving
        self.serve(now, [item])
        if arriving < units:
            self.review(now, item)

    def closes(self, now):
        self.shut += 1

    def reopens(self, now):
        self.shut -= 1
        if not self.shut:
            held, self.held = self.held, []
            for item, units, lead in held:
                self.release(now, item, units, lead)
