"""What the flow of orders needs of the delivery side."""

from __future__ import annotations

from typing import Protocol

from simulator.engine.backlog import Order
from simulator.world.switchboard import Gate

Parcel = tuple[Order, int, int]
"""Order, number of its parcel, units."""
WholeOrder = tuple[int, int, float]
"""Number of an order that leaves in one parcel, its units, days in transit."""


class Picker(Protocol):
    """Packs parcels."""

    constant: float | None
    """Days that each parcel takes; None where they are drawn."""

    def pick(self, parcel: Parcel, now: float) -> None:
        """Starts on a parcel, which `Flow.goods_are_handed_over` gets when it is packed."""

    def pick_whole(self, whole: WholeOrder, drawn: float, now: float) -> None:
        """The same for an order that was filled at once, where no gate can shut; `drawn`: the picking time, days, that
        came with it, if picking times are drawn."""


class ParcelContents(Protocol):
    """Follows what is in each parcel."""

    mixed: bool
    """Whether an order's goods may leave from several places."""
    everything: bool
    """Whether it follows all orders, not only those of which recorded data say that units are called off."""

    def pack(self, order: Order, units: int, now: float) -> list[int]:
        """`units` units leave: returns the units of each parcel, which are numbered from `order.parcels` on. Goods for
        a wanted day that other sites send later are left among those that are packed."""

    def stays(self, order: Order, now: float) -> set[int]:
        """Lines of which packed goods stay at their site, while others of the order leave."""

    def origin(self, order: Order, parcel: int) -> int:
        """Where a parcel leaves from: the number of a vendor, or -1 less that of a site; -1: the one warehouse."""

    def units(self, order: Order, parcel: int) -> int:
        """Units in a parcel that has not been handed over."""

    def handed_over(self, order: Order, parcel: int, delivery: float | None) -> object:
        """A parcel is with its carrier; None: it is lost, or empty."""

    def called_off(self, order: Order, line: int, item: int, units: int, now: float, comes_back: bool = True) -> None:
        """Takes units of a line that neither wait nor are held out of their parcel, or lets them come back."""


class Carrier(Protocol):
    """Delivers parcels."""

    gate: Gate

    def extra_transit(self, order: Order, parcel: int) -> float:
        """Days in transit of a parcel beyond those drawn with the arrival."""

    def delivery(self, parcel: Parcel, now: float) -> float | None:
        """The day of delivery of a parcel that is handed over now; None: it is lost."""


class SiteDelivery(Protocol):
    """Who packs and carries parcels where an order's goods may leave from several sites."""

    def area(self, site: int) -> Picker:
        """Who packs parcels at a site."""

    def picker(self, order: Order, parcel: int) -> Picker:
        """Who packs a parcel that has not been handed over."""

    def carrier(self, order: Order, origin: int) -> Carrier:
        """Who carries a parcel from there (see `ParcelContents.origin`)."""
