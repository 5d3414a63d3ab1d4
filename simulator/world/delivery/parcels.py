"""Transit risks of parcels: pick-up times, peaks, closed ways, stalled and lost parcels, and their replacement."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

from simulator.engine.backlog import Order
from simulator.events.effect import Blockage, LeadTimeChange
from simulator.events.event import Span
from simulator.model.nouns import Exit
from simulator.scenario.schema.schema import Carrier
from simulator.world.clock import Phase
from simulator.world.delivery.carriers import Courier
from simulator.world.orders.arrival import Parcel
from simulator.world.orders.followers import Fills
from simulator.world.state import ReplicationState

RETRY = 1.0
"""Days until the next attempt to replace what was lost."""
Content = dict[int, int]
"""Units by item."""


class Route:
    """What may happen to the parcels of one carrier; all draws belong to the parcel, whatever the policy."""

    def __init__(self, state: ReplicationState, name: str) -> None:
        self.spec: Carrier = state.scenario.carriers[name]
        self.key, self.streams = self.spec.stream or name, state.streams
        mine = [(o.spans, e) for o in state.occurrences for e in o.effects if e.target == ("carriers", name)]
        self.changes = [(spans, effect.rule) for spans, effect in mine if isinstance(effect, LeadTimeChange)]
        self.closed = merged([span for spans, effect in mine if isinstance(effect, Blockage) for span in spans])
        for effect in (LeadTimeChange, Blockage):  # all spans are known beforehand, so nothing is left to switch
            state.board.register(effect, "carriers", [name])
        self.risky = self.spec.lost > 0 or self.spec.stalled > 0
        self.eventful = bool(self.risky or self.changes or self.closed or self.spec.pickup)

    def pickup(self, now: float) -> float:
        """When a parcel that is handed over now is picked up."""
        pickup = self.spec.pickup
        if pickup is None:
            return now
        number = max(ceil((now - pickup.first) / pickup.every - 1e-9), 0)
        return max(pickup.first + number * pickup.every, now)

    def slowed(self, transit: float, order: Order, parcel: int, start: float) -> float:
        """Transit days of a parcel that starts then, under the events that change them."""
        for spans, rule in self.changes:
            if any(span.start <= start < span.end for span in spans):
                transit = rule(transit, (self.key, *_name(order, parcel)))
        return transit

    def mishaps(self, order: Order, parcel: int) -> tuple[bool, float]:
        """Whether a parcel is lost, and for how many days it stalls."""
        if not self.risky:
            return False, 0.0
        rng = self.streams.keyed("parcel", self.key, *_name(order, parcel))
        lost, stalled = rng.random(2).tolist()
        days = float(self.spec.stalled_for.block(rng, 1)[0]) if stalled < self.spec.stalled else 0.0
        return lost < self.spec.lost, days

    def arrival(self, start: float, transit: float) -> float:
        """The day of delivery; a parcel does not move while the way is closed."""
        due = start + transit
        for span in self.closed:
            if span.end > start and span.start < due:
                due += span.end - max(span.start, start)
        return due


class TrackedCourier(Courier):
    """A carrier whose parcels may be delayed or lost."""

    def __init__(self, *courier: Any, route: Route, tracking: ParcelTracking) -> None:
        super().__init__(*courier)
        self.route, self.tracking = route, tracking

    def delivery(self, parcel: Parcel, now: float) -> float | None:
        """The day of delivery; None where the parcel is lost."""
        order, number, units = parcel
        route, ledger = self.route, self.tracking.ledger
        start = route.pickup(now)
        content = self.tracking.handed_over(order, number, units)
        lost, stalls = route.mishaps(order, number)
        if lost:
            self.tracking.is_lost(order, content, units, now + route.spec.missed_after, now)
            return None
        if stalls:
            ledger.stalled.write(now, order.number, units, stalls)
        return route.arrival(start, route.slowed(self.transit(order, number), order, number, start) + stalls)


class ParcelTracking:
    """Knows what is in each parcel, and replaces lost ones."""

    def __init__(self, state: ReplicationState) -> None:
        self.flow, self.ledger, self.clock = state.flow, state.ledger, state.clock
        self.refused_units: dict[tuple[int, int], int] = {}
        """(order, line) -> units refused, while the order is being placed."""
        self.unsent: dict[int, list[list[int]]] = {}
        """Order -> [item, units] that were filled and are in no parcel yet, in the order in which they were filled."""
        self.replacements: dict[tuple[int, int], Content] = {}
        """(order, parcel) -> what is sent again and was not handed over yet."""
        followers = state.flow.followers
        followers.refused.add(self.refused)
        followers.ordered.add(self.ordered)
        followers.filled.add(self.filled)

    # ------------------------------------------------------------- contents
    def refused(self, order: Order, line: int, item: int, units: int, exit_: Exit, now: float) -> None:
        """Units of a line were not ordered."""
        self.refused_units[order.number, line] = units

    def ordered(self, order: Order, now: float) -> None:
        """Notes the units that an order takes off the shelf at once."""
        waiting = {line.number: line.open for line in order.waiting or ()}
        self.unsent[order.number] = [
            [item, units - waiting.get(line, 0) - self.refused_units.pop((order.number, line), 0)]
            for line, (item, units) in enumerate(zip(order.arrival.items, order.arrival.quantities, strict=True))
        ]

    def filled(self, fills: Fills, now: float) -> None:
        """Notes the units that were filled from the backlog."""
        for line, units in fills:
            self.unsent.setdefault(line.order.number, []).append([line.shelf.item, units])

    def handed_over(self, order: Order, parcel: int, units: int) -> Content:
        """What is in a parcel: what it replaces, or the units that were filled first and are in no parcel yet."""
        if (order.number, parcel) in self.replacements:
            return self.replacements.pop((order.number, parcel))
        unsent, found = self.unsent.get(order.number, []), Content()
        while units and unsent:
            item, filled = unsent[0]
            mine = min(filled, units)
            units -= mine
            unsent[0][1] -= mine
            if not unsent[0][1]:
                unsent.pop(0)
            if mine:
                found[item] = found.get(item, 0) + mine
        if not unsent:
            self.unsent.pop(order.number, None)
        return found

    # ---------------------------------------------------------- replacement
    def is_lost(self, order: Order, content: Content, units: int, missed: float, now: float) -> None:
        """A parcel is lost, which is noticed on the day `missed`."""
        self.ledger.lost.write(now, missed, order.number, units)
        self.clock.after(missed - now, Phase.DELIVERY, self.is_missed, (order, content))

    def is_missed(self, lost: tuple[Order, Content], now: float) -> None:
        """Sends the lost units again from free stock, as soon as there is any."""
        order, content = lost
        engine, sent = self.flow.engine, Content()
        for item, units in list(content.items()):
            if engine.take_one(engine.shelves[item], units, 0):
                sent[item] = content.pop(item)
                self.ledger.replaced.write(now, order.number, item, units)
        if sent:
            parcel, order.parcels = order.parcels, order.parcels + 1
            self.replacements[order.number, parcel] = sent
            self.flow.pickers[order.terms.segment].pick((order, parcel, sum(sent.values())), now)
            self.flow.stock_is_reviewed(now)
        if content:
            self.clock.after(RETRY, Phase.DELIVERY, self.is_missed, lost)


def merged(spans: Sequence[Span]) -> list[Span]:
    """The same times without overlaps, in order."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found


def _name(order: Order, parcel: int) -> tuple[str, str, str]:
    return order.terms.owner, str(order.arrival.serial), str(parcel)
