"""The numbers by which kernel.h knows the kinds of decisions."""

from __future__ import annotations

from math import inf

from simulator.policies import fulfilment
from simulator.policies.allocation import allocation
from simulator.policies.replenishment import dual, planned, replenishment
from simulator.policies.replenishment.anchor_adjust import AnchorAdjust
from simulator.policies.replenishment.played import PlayedPurchases
from simulator.policies.replenishment.recorded import Recorded

ASKED = 6
"""The number of the decisions that Python makes."""
RULES = {
    replenishment.NoReplenishment: 0,
    replenishment.BaseStock: 1,
    replenishment.ReorderUpTo: 2,
    replenishment.PeriodicReorderUpTo: 2,
    planned.ForecastReorder: 2,
    replenishment.ReorderQuantity: 3,
    replenishment.PeriodicUpTo: 4,
    planned.ForecastUpTo: 4,
    replenishment.LevelQuantity: 5,
    dual.DualIndex: ASKED,
    dual.BaseSurge: ASKED,
    AnchorAdjust: ASKED,
    Recorded: ASKED,
    PlayedPurchases: ASKED,
}
"""What a review buys."""
SERVICE = {
    allocation.Fifo: 0,
    allocation.Lifo: 1,
    allocation.Priority: 2,
    allocation.CriticalLevel: 2,
    allocation.Margin: 3,
}
"""The order of a backlog."""
SHIPS = {
    fulfilment.AsAvailable: 0,
    fulfilment.LineComplete: 0,
    fulfilment.OrderComplete: 0,
    fulfilment.HoldUntil: 1,
    fulfilment.MinimumSplit: 2,
    fulfilment.MinimumAllocated: 3,
    fulfilment.MaximumShipments: 4,
    fulfilment.ShipOnce: 5,
    fulfilment.CriticalItem: ASKED,
}
"""What of an order that is held may leave."""


def whole_limit(limit: float) -> int:
    """A limit on backorders as the kernel reads it; -1 for none."""
    return -1 if limit == inf else int(limit)
