"""Items, segments, suppliers, carriers and the frame of time, as the facts of a run refer to them by number."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import IntEnum


class Cause(IntEnum):
    """Why units of an order were cancelled."""

    PATIENCE = 0
    """The customer had waited long enough."""
    WINDOW = 1
    """The seller's window had passed."""
    RECORD = 2
    """The recorded order book says that the customer called it off."""


@dataclass(frozen=True)
class ItemFacts:
    """An item: name, price and unit cost in currency."""

    name: str
    price: float
    unit_cost: float


@dataclass(frozen=True)
class SegmentFacts:
    """A customer segment: name, priority (1 first), number of its carrier (-1: none)."""

    name: str
    priority: int
    carrier: int


@dataclass(frozen=True)
class SupplierFacts:
    """A supplier: name, unit cost of every item in currency (by item number)."""

    name: str
    unit_costs: tuple[float, ...]


@dataclass(frozen=True)
class CarrierFacts:
    """A carrier: name, cost of a parcel and of each unit in it, currency."""

    name: str
    parcel_cost: float
    unit_cost: float


@dataclass(frozen=True)
class CostFacts:
    """Cost rates: holding as a share of unit cost per day and as money per unit-day; per purchase; per backordered
    unit-day; all in currency."""

    holding_share: float
    holding_money: float
    order: float
    backorder: float


@dataclass(frozen=True)
class World:
    """Everything a fact can refer to; facts name objects by their place in these tuples."""

    items: tuple[ItemFacts, ...]
    segments: tuple[SegmentFacts, ...]
    suppliers: tuple[SupplierFacts, ...]
    carriers: tuple[CarrierFacts, ...]
    costs: CostFacts
    horizon: float
    warm_up: float
    start: dt.datetime | None = None
    currency: str = "EUR"
    pickers: int | None = None
    """Parcels that can be picked at once; None: any number."""
