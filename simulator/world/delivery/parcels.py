"""A parcel's way when it may go wrong: pick-up times, peaks, closed ways, stalled parcels, lost ones and new ones."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from simulator.engine.backlog import Order
from simulator.events.event import Span
from simulator.events.transport import CarrierPeak, PathClosed
from simulator.record.ledger import Table
from simulator.scenario.schema.schema import Carrier
from simulator.world.clock import Phase
from simulator.world.orders.flow import ITEMS, QUANTITIES, SERIAL, Flow
from simulator.world.state import Occurrence, ReplicationState

RETRY = 1.0
"""Days after which it is tried again to replace what was lost."""
Content = dict[int, int]
"""Units by item."""


def build_tracking(state: ReplicationState, occurrences: Sequence[Occurrence]) -> None:
    """Gives the flow its journeys where any carrier's parcels may meet something."""
    routes = {name: Route(state, name, occurrences) for name in state.numbering.carriers}
    if any(route.eventful for route in routes.values()):
        state.flow.tracking = ParcelTracking(state, routes)
        state.flow.direct = False


class Route:
    """What may happen to the parcels of one carrier; everything is drawn for the parcel, whatever the policy."""

    def __init__(self, state: ReplicationState, name: str, occurrences: Sequence[Occurrence]) -> None:
        self.spec: Carrier = state.scenario.carriers[name]
        self.key, self.streams = self.spec.stream or name, state.streams
        mine = [h for h in occurrences if ("carriers", name) in h.event.targets()]
        self.peaks = [(h.event, h.key, h.spans) for h in mine if isinstance(h.event, CarrierPeak)]
        self.closed = merged([span for h in mine if isinstance(h.event, PathClosed) for span in h.spans])
        self.risky = self.spec.lost > 0 or self.spec.stalled > 0
        self.eventful = bool(self.risky or self.peaks or self.closed or self.spec.pickup)

    def begins(self, now: float) -> float:
        """When a parcel that is handed over now is picked up."""
        pickup = self.spec.pickup
        if pickup is None:
            return now
        number = max(ceil((now - pickup.first) / pickup.every - 1e-9), 0)
        return max(pickup.first + number * pickup.every, now)

    def late(self, order: Order, parcel: int, start: float) -> float:
        """Days by which the peak season makes it late."""
        days = 0.0
        for event, key, spans in self.peaks:
            if any(span.start <= start < span.end for span in spans):
                rng = self.streams.keyed("carrier_peak", key, self.key, *_name(order, parcel))
                if rng.random() < event.late:
                    days += float(event.delay.block(rng, 1)[0])
        return days

    def mishaps(self, order: Order, parcel: int) -> tuple[bool, float]:
        """Whether it is lost, and for how many days it stalls."""
        if not self.risky:
            return False, 0.0
        rng = self.streams.keyed("parcel", self.key, *_name(order, parcel))
        lost, stalled = rng.random(2).tolist()
        days = float(self.spec.stalled_for.block(rng, 1)[0]) if stalled < self.spec.stalled else 0.0
        return lost < self.spec.lost, days

    def arrival(self, start: float, transit: float) -> float:
        """When it is there, if it stands still while the way is closed."""
        due = start + transit
        for span in self.closed:
            if span.end > start and span.start < due:
                due += span.end - max(span.start, start)
        return due


class ParcelTracking:
    """Sends parcels on their way, and replaces those that are missed."""

    def __init__(self, state: ReplicationState, routes: dict[str, Route]) -> None:
        self.flow: Flow = state.flow
        self.ledger, self.clock = state.ledger, state.clock
        scenario = state.scenario
        names = [scenario.carrier_of(name) for name in state.numbering.segments]
        self.routes = [None if name is None else routes[name] for name in names] or [None]

    def begins(self, order: Order, parcel: int, units: int, transit: float, now: float) -> float | None:
        """When the parcel will be at the door; None where it is lost."""
        route = self.routes[order.terms.segment]
        if route is None or not route.eventful:
            return now + transit
        start = route.begins(now)
        lost, stalls = route.mishaps(order, parcel)
        if lost:
            content = self.content(order, units)
            self.ledger.lost.write(now, now + route.spec.missed_after, order.number, units)
            self.clock.after(route.spec.missed_after, Phase.DELIVERY, self.is_missed, (order, content))
            return None
        if stalls:
            self.ledger.stalled.write(now, order.number, units, stalls)
        return route.arrival(start, transit + route.late(order, parcel, start) + stalls)

    def content(self, order: Order, units: int) -> Content:
        """What is in the parcel that leaves now: of the units of the order in the order in which they were filled,
        those after what earlier parcels held."""
        gone = sum(_units(table, order.number) for table in (self.ledger.parcels, self.ledger.lost))
        gone -= _units(self.ledger.replaced, order.number)
        found: Content = {}
        for item, filled in self.filled(order):
            passed = min(gone, filled)
            gone -= passed
            mine = min(filled - passed, units)
            units -= mine
            if mine:
                found[item] = found.get(item, 0) + mine
        return found

    def filled(self, order: Order) -> list[tuple[int, int]]:
        """(item, units) as they were filled: at once by line, then from the backlog."""
        items, asked = order.brought[ITEMS], list(order.brought[QUANTITIES])
        for table in (self.ledger.backordered, self.ledger.refused):
            for row in _rows(table, order.number):
                asked[int(row["line"])] -= int(row["units"])
        fills = [(int(row["item"]), int(row["units"])) for row in _rows(self.ledger.fills, order.number)]
        return [*zip(items, asked, strict=True), *fills]

    def is_missed(self, lost: tuple[Order, Content], now: float) -> None:
        """The parcel did not come: what was in it is sent again from free stock, as soon as there is any."""
        order, content = lost
        engine = self.flow.engine
        sent = 0
        for item, units in list(content.items()):
            shelf = engine.shelves[item]
            if not shelf.backordered and shelf.on_hand >= units:
                shelf.on_hand -= units
                shelf.position -= units
                del content[item]
                sent += units
                self.ledger.replaced.write(now, order.number, item, units)
                if shelf.position <= shelf.trigger:
                    engine.due.append(shelf)
        if sent:
            parcel, order.parcels = order.parcels, order.parcels + 1
            self.flow.pickings[order.terms.segment].pick((order, parcel, sent), now)
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
    return order.terms.owner, str(order.brought[SERIAL]), str(parcel)


def _rows(table: Table, order: int) -> list[dict[str, float]]:
    """The facts about an order, as far as they are kept."""
    return [dict(zip(table.columns, row, strict=True)) for row in table.about(order).tolist()]


def _units(table: Table, order: int) -> int:
    return sum(int(row["units"]) for row in _rows(table, order))
