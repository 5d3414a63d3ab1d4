"""Where a supplier's goods come from."""

from __future__ import annotations

from simulator.world.suppliers.purchase import Purchase


class Source:
    """Where a supplier's goods come from: here, from an endless stock. Sources are chained: from stock, else made of
    material, else made on lines."""

    def serve(self, purchase: Purchase, now: float) -> None:
        """Provides the goods of a purchase, which are then released."""
        purchase.supplier.release(purchase, now)

    def withdraw(self, purchase: Purchase, units: int, now: float) -> int:
        """See `Seller.withdraw`: all of them, unless something else is known."""
        return units

    def hasten(self, purchase: Purchase, now: float) -> float | None:
        """See `Seller.hasten`."""
        return None

    def departs(self, shipment: Purchase, now: float) -> None:
        """A shipment of an order from the supplier's stock has left."""
