"""Picking: parcels are packed in the warehouse."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.randomness.distribution import Distribution
from simulator.randomness.streams import Streams
from simulator.world.clock import Clock, Phase
from simulator.world.orders.flow import Flow
from simulator.world.orders.ports import Parcel, WholeOrder
from simulator.world.pace import Workers
from simulator.world.switchboard import Gate

DELIVERY = int(Phase.DELIVERY)


class PickingArea:
    """Workers who make up parcels, first come first served; nothing leaves while the gate is shut."""

    def __init__(
        self, clock: Clock, flow: Flow, time: Distribution, workers: int | None, streams: Streams, gate: Gate, key: str
    ) -> None:
        self.clock, self.flow, self.time, self.workers = clock, flow, time, Workers(workers)
        self.streams, self.gate, self.key = streams, gate, key
        self.others: frozenset[int] = frozenset()
        """Segments whose own site is another one: the picking times that they bring are those of their own site."""
        moments = time.moments()
        self.takes_time = moments.mean > 0
        self.add_pick, self.pack_pick = flow.ledger.picks.add, flow.ledger.picks.pack
        self.constant = moments.mean if moments.variance == 0 else None

    def pick(self, parcel: Parcel, now: float) -> None:
        """Makes up a parcel, from the moment when a worker is free."""
        if self.gate.shut:
            self.gate.hold(self.pick, parcel)
            return
        if not self.takes_time:
            self.flow.goods_are_handed_over(parcel, now)
            return
        start, done = self.workers.serve(now, self._time(parcel) if self.constant is None else self.constant)
        self.add_pick(self.pack_pick(start, done, parcel[0].number))
        self.clock.at(done, DELIVERY, self._picked, parcel)

    def pick_whole(self, whole: WholeOrder, drawn: float, now: float) -> None:
        """Makes up the only parcel of an order that was filled at once, where no gate can shut."""
        if not self.takes_time:
            self.flow.whole_order_is_handed_over(whole, now)
            return
        start, done = self.workers.serve(now, drawn if self.constant is None else self.constant)
        self.add_pick(self.pack_pick(start, done, whole[0]))
        self.clock.at(done, DELIVERY, self.flow.whole_order_is_handed_over, whole)

    def _picked(self, parcel: Parcel, now: float) -> None:
        if self.gate.shut:
            self.gate.hold(self.flow.goods_are_handed_over, parcel)
        else:
            self.flow.goods_are_handed_over(parcel, now)

    def _time(self, parcel: Parcel) -> float:
        """Days that a parcel takes, where they are drawn."""
        order, number, _ = parcel
        picks: Sequence[float] = order.arrival.extras.picks
        if number < len(picks) and order.terms.segment not in self.others:
            return picks[number]
        rng = self.streams.keyed("extra_picking", self.key, order.terms.owner, str(order.arrival.serial), str(number))
        return float(self.time.block(rng, 1)[0])
