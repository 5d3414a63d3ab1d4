"""When customers pay: one rule for all orders, or the payment that governs each of them."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simulator.model.nouns import PaymentFacts, World
from simulator.record.facts import Facts
from simulator.record.ledger import Floats, Ints

ByOrder = float | Floats
"""One number for all orders, or one for each."""


class Paying:
    """The payments of the orders of one run."""

    def __init__(self, facts: Facts) -> None:
        self.facts, self.world = facts, facts.world
        self.differs = bool(self.world.payments)
        self.is_later = self.differs or self.world.payment.at_order != 1
        """Whether anything may be paid after ordering."""

    @cached_property
    def kinds(self) -> Ints:
        """Which of the payments each order has, shape (n,)."""
        assert self.world.payment_choice is not None
        return self.facts.chosen(self.world.payment_choice)

    def of(self, field: str, orders: NDArray[np.integer]) -> ByOrder:
        """A field of the payment of these orders; those from before the start (below 0) have the usual one."""
        if not self.differs:
            return float(getattr(self.world.payment, field))
        values = np.array([float(getattr(payment, field)) for payment in self.world.payments])
        usual = float(getattr(self.world.payment, field))
        if not self.kinds.size:
            return np.full(orders.size, usual)
        return np.where(orders < 0, usual, values[self.kinds[np.maximum(orders, 0)]])

    def at_order(self, orders: NDArray[np.integer]) -> ByOrder:
        """Share of the price that is paid with these orders."""
        return self.of("at_order", orders)

    def of_order(self, order: int) -> PaymentFacts:
        """The payment of one order."""
        return self.world.payments[int(self.kinds[order])] if self.differs and order >= 0 else self.world.payment


def paid(values: Floats, share: ByOrder) -> float:
    """The sum of some values, each at its share."""
    return float(values.sum()) * share if isinstance(share, float) else float((values * share).sum())


def counts(share: ByOrder) -> bool:
    """Whether anything is paid at this share."""
    return not isinstance(share, float) or share != 0


def lowers_prices(world: World) -> bool:
    """Whether any payment is lower for late goods."""
    return not all(np.isinf(payment.quoted) for payment in world.payments or (world.payment,))
