"""Transit risks of parcels: pick-up times, peaks, closed routes, stalled and lost parcels, and their replacement."""

from __future__ import annotations

from math import ceil
from typing import Any

from simulator.engine.backlog import Order
from simulator.events.effect import Blockage, LeadTimeChange
from simulator.events.event import merged
from simulator.scenario.schema.schema import Carrier
from simulator.world.clock import Phase
from simulator.world.delivery.carriers import Courier
from simulator.world.delivery.contents import Contents, Entry
from simulator.world.orders.ports import Parcel
from simulator.world.state import ReplicationState

RETRY = 1.0
"""Days until the next attempt to replace what was lost."""


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
        lost, stalls = route.mishaps(order, number)
        if lost:
            self.tracking.is_lost(order, number, units, now + route.spec.missed_after, now)
            return None
        if stalls:
            ledger.stalled.write(now, order.number, units, stalls)
        return route.arrival(start, route.slowed(self.transit(order, number), order, number, start) + stalls)


class ParcelTracking:
    """Replaces lost parcels."""

    def __init__(self, state: ReplicationState, contents: Contents) -> None:
        self.flow, self.ledger, self.clock, self.contents = state.flow, state.ledger, state.clock, contents

    def is_lost(self, order: Order, parcel: int, units: int, missed: float, now: float) -> None:
        """A parcel is lost, which is noticed on the day `missed`."""
        self.ledger.lost.write(now, missed, order.number, units)
        content = self.contents.handed_over(order, parcel, None)
        self.clock.after(missed - now, Phase.DELIVERY, self.is_missed, (order, content))

    def is_missed(self, lost: tuple[Order, list[Entry]], now: float) -> None:
        """Sends the lost units again from free stock, as soon as there is any."""
        order, content = lost
        engine, left = self.flow.engine, list[Entry]()
        sent: dict[int, list[Entry]] = {}
        for entry in content:
            _, item, units = entry
            if engine.take_one(engine.shelves[item], units, 0):
                sent.setdefault(self.contents.origins[item] if self.contents.mixed else -1, []).append(entry)
                self.ledger.replaced.write(now, order.number, item, units)
            else:
                left.append(entry)
        for entries in sent.values():
            parcel, order.parcels = order.parcels, order.parcels + 1
            self.contents.packed[order.number, parcel] = entries
            sites = self.flow.sites
            picker = self.flow.pickers[order.terms.segment] if sites is None else sites.picker(order, parcel)
            picker.pick((order, parcel, self.contents.units(order, parcel)), now)
        if sent:
            self.flow.stock_is_reviewed(now)
        if left:
            self.clock.after(RETRY, Phase.DELIVERY, self.is_missed, (order, left))


def _name(order: Order, parcel: int) -> tuple[str, str, str]:
    return order.terms.owner, str(order.arrival.serial), str(parcel)
