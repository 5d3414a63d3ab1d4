"""One stocking node with no thought of speed: every question is answered by looking at all lines."""

from __future__ import annotations

import math

from simulator.policies.fulfilment import PartialOrder


class SlowLine:
    """One line of one order; every unit of it is in exactly one of these places."""

    def __init__(self, order, item, asked):
        self.order, self.item, self.asked = order, item, asked
        self.waiting = self.filled = self.refused = self.called_off = 0
        self.packed = 0
        """Units of `filled` that have left, or are about to."""
        self.left = 0
        """Units of `packed` that have left."""
        self.confirmed = 0

    @property
    def least(self):
        share = self.order.terms.least_of_line
        return math.ceil(share * (self.asked - self.refused - self.called_off) - 1e-9) if share else 1


class SlowOrder:
    def __init__(self, number, terms, lines):
        self.number, self.terms = number, terms
        self.lines = [SlowLine(self, item, units) for item, units in lines]
        self.rank = terms.rank(number)
        self.shipped = self.parcels = 0
        self.content = [0] * len(lines)
        """Units by line that leave now."""
        self.hold_is_over = False

    @property
    def waits(self):
        return any(line.waiting for line in self.lines)

    @property
    def held(self):
        return sum(line.filled - line.packed for line in self.lines)

    def pack(self, whatever=False):
        """What is there is made ready to leave, if it may."""
        part = PartialOrder(
            self.held,
            sum(line.packed for line in self.lines),
            sum(line.waiting for line in self.lines),
            self.parcels,
            frozenset(line.item for line in self.lines if line.waiting),
            self.hold_is_over,
        )
        rule = self.rule is not None and self.terms.ships is not None and self.held and self.rule(part)
        if whatever or self.terms.splits_orders or not self.waits or rule:
            for line in self.lines:
                line.packed = line.filled

    rule = None
    """Whether a part may leave."""


class SlowNode:
    """The same rules with no thought of speed: every question is answered by looking at all lines."""

    def __init__(self, stock, limits, ranked):
        self.on_hand, self.on_order, self.limits, self.ranked = list(stock), [0] * len(stock), limits, ranked
        self.orders = []
        self.arrived = 0
        self.sequence = {}

    def line_up(self, item):
        """Waiting lines in the order in which they are served."""
        lines = [line for order in self.orders for line in order.lines if line.item == item and line.waiting]
        came = self.sequence
        return sorted(lines, key=lambda x: (x.order.rank if self.ranked else (), came[id(x)]))

    def backordered(self, item):
        return sum(line.waiting for line in self.line_up(item))

    def place(self, order):
        terms = order.terms
        short = []
        for line in order.lines:
            if self.backordered(line.item) == 0 and self.on_hand[line.item] - line.asked >= terms.reserve:
                self.on_hand[line.item] -= line.asked
                line.filled = line.asked
            else:
                short.append(line)
        self.orders.append(order)
        for line in short:
            queue = self.line_up(line.item)
            free = max(self.on_hand[line.item] - terms.reserve, 0)
            if queue and (not self.ranked or queue[0].order.rank <= order.rank):
                free = 0
            stock = max(self.on_hand[line.item] - terms.reserve, 0)
            salable = max(stock + self.limits[line.item] - self.backordered(line.item), 0)
            if terms.splits_lines:
                taken = int(min(line.asked, salable))
            else:
                taken = line.asked if line.asked <= salable else 0
            line.refused = line.asked - taken
            at_once = taken if taken <= free else free if terms.splits_lines and free >= line.least else 0
            line.filled, line.waiting = at_once, taken - at_once
            self.on_hand[line.item] -= at_once
            if line.waiting:
                self.arrived += 1
                self.sequence[id(line)] = self.arrived
        order.pack()
        return self.ship(order)

    def ship(self, order):
        """Units that leave now."""
        units = sum(line.packed - line.left for line in order.lines)
        for k, line in enumerate(order.lines):
            order.content[k] += line.packed - line.left
            line.left = line.packed
        order.shipped += units
        order.parcels += units > 0
        return units

    def serve(self, *items):
        """Fills from stock; returns units shipped by order."""
        touched = []
        for item in items:
            while (queue := self.line_up(item)) and self.on_hand[item] > 0:
                line = queue[0]
                free = self.on_hand[item] - line.order.terms.reserve
                if free < line.waiting and not (free >= line.least and line.order.terms.splits_lines):
                    break
                units = min(free, line.waiting)
                self.on_hand[item] -= units
                line.waiting -= units
                line.filled += units
                line.order.pack()
                touched.append(line.order)
        return touched

    def cancel(self, order, lines, units):
        """Waiting units first, then those held; returns what was set free by (line, held)."""
        found, items = {}, []
        for number in lines:
            line = order.lines[number]
            less = min(units, line.waiting)
            line.waiting -= less
            held = min(units - less, line.filled - line.packed)
            line.filled -= held
            line.called_off += less + held
            self.on_hand[line.item] += held
            if less or held:
                found[number] = (less, held)
                items.append(line.item)
        if found:
            order.pack()
        return found, items


class SlowDividingNode(SlowNode):
    """The same where a rule divides stock: it is worked out from nothing after every command (or only when told to)."""

    def __init__(self, stock, limits, divide, expected=False, at_events=True, confirms_new=False):
        super().__init__(stock, limits, ranked=False)
        self.divide, self.expected, self.at_events, self.confirms_new = divide, expected, at_events, confirms_new
        self.handing_out = [[] for _ in stock]
        """Lines by item in the order in which goods are handed out."""
        self.told = []
        """Lines and how many units more or fewer were confirmed to them."""

    def confirm(self, line, units):
        if units != line.confirmed:
            self.told.append((line, units - line.confirmed))
        line.confirmed = units

    def supply(self, item):
        return self.on_hand[item] + (self.on_order[item] if self.expected else 0)

    def place(self, order):
        units = super().place(order)
        for line in order.lines:
            if self.confirms_new and line.waiting:
                free = self.supply(line.item) - sum(x.confirmed for x in self.line_up(line.item))
                self.confirm(line, max(min(line.waiting, free), 0))
                self.handing_out[line.item].append(line)
        return units

    def run(self, item):
        lines = self.line_up(item)
        units, sequence, _ = self.divide(lines, self.supply(item))
        for line, given in zip(lines, units, strict=True):
            self.confirm(line, given)
        self.handing_out[item] = [lines[k] for k in sequence]

    def serve(self, *items, run=False):
        touched = []
        for item in items:
            for line in (x for order in self.orders for x in order.lines if x.item == item):
                line.confirmed = min(line.confirmed, line.waiting)
            if self.at_events or run:
                self.run(item)
            over = sum(x.confirmed for x in self.line_up(item)) - self.supply(item)
            for line in reversed(self.handing_out[item]):
                less = max(min(over, line.confirmed), 0)
                self.confirm(line, line.confirmed - less)
                over -= less
            left = self.on_hand[item]
            for line in self.handing_out[item]:
                units = min(line.confirmed, left)
                left -= units
                least = line.least if line.order.terms.splits_lines else math.inf
                if units and (units == line.waiting or units >= least):
                    line.confirmed -= units
                    line.waiting -= units
                    line.filled += units
                    self.on_hand[item] -= units
                    line.order.pack()
                    touched.append(line.order)
        return touched
