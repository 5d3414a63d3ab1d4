"""A place that sends goods to customers: what is packed leaves as parcels, and goes to the carriers."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.engine.backlog import Order
from simulator.engine.backorder_engine import BackorderEngine
from simulator.policies.replenishment.replenishment import Replenishment
from simulator.record.ledger import Ledger
from simulator.world.clock import Clock
from simulator.world.orders.followers import Followers
from simulator.world.orders.ports import Carrier, Parcel, ParcelContents, Picker, SiteDelivery, WholeOrder
from simulator.world.suppliers.stocking_node import StockingNode


class DeliveringNode(StockingNode):
    """Sends parcels, and records them."""

    def __init__(
        self,
        clock: Clock,
        engine: BackorderEngine,
        ledger: Ledger,
        replenishment: list[Replenishment],
        items: Sequence[str],
        followers: Followers,
    ) -> None:
        super().__init__(clock, engine, ledger, replenishment, items)
        self.followers = followers
        self.carriers: list[Carrier] = []
        """By number of the segment."""
        self.pickers: list[Picker] = []
        """By number of the segment."""
        self.sites: SiteDelivery | None = None
        """Who packs and carries parcels where sites serve each other's customers."""
        self.direct = True
        """True where a packed parcel is with its carrier at once: no picking time, no gate that could shut, no risk."""
        self.picked = False
        """True where a packed parcel is with its carrier at once, but for the time that picking takes."""
        self.contents: ParcelContents | None = None
        """What is in each parcel, where anything asks for it."""
        self.add_parcel, self.pack_parcel = ledger.parcels.add, ledger.parcels.pack

    def goods_leave(self, order: Order, now: float) -> None:
        """The packed units leave as one parcel."""
        follows, contents = self.followers.of_orders, self.contents
        if contents is not None and not contents.everything and order.arrival.recalls is None:
            contents = None  # nobody asks for what is in the parcels of this order
        if follows:
            for may_leave in self.followers.may_leave:
                if not may_leave(order, now):
                    return
            for leaves in self.followers.leaves:
                leaves(order, now)
        units, order.packed = order.packed, 0
        if contents is None and not self.direct and not self.sites:  # the usual way through a warehouse
            parcel, order.parcels = order.parcels, order.parcels + 1
            self.pickers[order.terms.segment].pick((order, parcel, units), now)
            return
        for part in (units,) if contents is None else contents.pack(order, units, now):
            parcel, order.parcels = order.parcels, order.parcels + 1
            if not self.direct:
                picker = self.sites.picker(order, parcel) if self.sites else self.pickers[order.terms.segment]
                picker.pick((order, parcel, part), now)
                continue
            try:
                transit = order.arrival.transits[parcel]
            except IndexError:  # a parcel beyond those whose transit was drawn with the arrival
                transit = self.carriers[order.terms.segment].extra_transit(order, parcel)
            self.add_parcel(self.pack_parcel(now, now + transit, order.number, part))
            if contents is not None:
                contents.handed_over(order, parcel, now + transit)
            if follows:
                for on_its_way in self.followers.on_its_way:
                    on_its_way(order, now + transit, now)

    def goods_are_handed_over(self, parcel: Parcel, now: float) -> None:
        """A picked parcel goes to its carrier, which holds it while its gate is shut."""
        order, number, units = parcel
        carrier = self.carriers[order.terms.segment]
        if carrier.gate.shut:
            carrier.gate.hold(self.goods_are_handed_over, parcel)
            return
        contents, origin = self.contents, -1
        if contents is not None and not contents.everything and order.arrival.recalls is None:
            contents = None
        if contents is not None:
            units, origin = contents.units(order, number), contents.origin(order, number)
            if not units:  # all of it was called off while it was picked
                contents.handed_over(order, number, None)
                return
            carrier = self.sites.carrier(order, origin) if self.sites else carrier
        delivery = carrier.delivery(parcel if contents is None else (order, number, units), now)
        if contents is not None:
            contents.handed_over(order, number, delivery)
        if delivery is not None:
            if origin >= 0:
                self.ledger.drop_shipped.write(len(self.ledger.parcels), origin)
            elif self.sites is not None:
                self.ledger.sent_from.write(len(self.ledger.parcels), -1 - origin)
            self.add_parcel(self.pack_parcel(now, delivery, order.number, units))
            for on_its_way in self.followers.on_its_way:
                on_its_way(order, delivery, now)

    def whole_order_is_handed_over(self, whole: WholeOrder, now: float) -> None:
        """The same for the only parcel of an order that was filled at once, where no gate can shut."""
        number, units, transit = whole
        self.add_parcel(self.pack_parcel(now, now + transit, number, units))
