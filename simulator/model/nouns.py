"""Items, segments, suppliers, carriers and the frame of time, as the facts of a run refer to them by number."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from simulator.model.loyalty import FORGETFUL, Loyalty


class Cause(IntEnum):
    """Why units of an order were cancelled."""

    PATIENCE = 0
    """The customer had waited long enough."""
    WINDOW = 1
    """The seller's window had passed."""
    CALLED_OFF = 2
    """The recorded order book says that the customer called it off."""
    NO_CONSENT = 3
    """The customer was asked to agree to a delay, and did not."""
    OFFER = 4
    """The customer was offered to keep, switch or cancel, and did not keep it."""
    NEED_BY = 5
    """It could no longer be there when the customer needs it."""
    SELLER = 6
    """The seller called it off: a season's end, an item that is given up, ship once and cancel the rest."""
    PAYMENT = 7
    """The card could not be charged when the goods were to leave."""
    RECORD = 8
    """The record of the stock was wrong: what was sold as there was not there, and no backorder is taken for it."""
    INFLATED = 9
    """The customer had ordered more than was needed, and has enough."""


class Exit(IntEnum):
    """How units that were asked for left before they were ordered."""

    REFUSED = 0
    """They could not be ordered, and the customer was not asked what to do instead."""
    WALKED = 1
    """The customer bought nothing in their place."""
    SWITCHED = 2
    """The customer bought them from a rival."""
    WAITLISTED = 3
    """The customer signed up to be told when they are there."""
    SUBSTITUTED = 4
    """The customer took another item in their place."""
    DETERRED = 5
    """The order never came: the shop's reputation kept the customer away. Not counted as demand."""
    UNCALLED = 6
    """The order never came: nothing called for it, as the promotion was paused or the item was not scarce. Not counted
    as demand."""


NEVER_CAME = (Exit.DETERRED, Exit.UNCALLED)
"""Ways of leaving that are no demand."""


class Adjustment(IntEnum):
    """Why stock, or its record, changed outside of purchases and orders."""

    LOST = 0
    """Stolen, broken, thrown away: gone, and nobody booked it."""
    MISPLACED = 1
    """Put where nobody looks; the next count finds it."""
    FOUND = 2
    """Misplaced goods that a count has found."""
    COUNTED = 3
    """A count set the record right."""
    MISBOOKED = 4
    """The record changed, the stock did not: a typing error, a bad integration."""
    EXPIRED = 5
    """Written off at the end of its shelf life."""
    SEASON = 6
    """Cleared at the end of its season or of its sale."""
    RETURNED = 7
    """A buyer sent back what had been ordered beyond the need."""
    IN_CART = 8
    """Put into a cart that nobody buys, or back from it; the record still counts it."""


class Hurry(IntEnum):
    """How a purchase was hurried."""

    EXPEDITED = 0
    """On order or in transit, and brought forward."""
    SPOT = 1
    """Bought from another supplier, on the spot."""
    PRIORITY = 2
    """Moved to the front of the supplier's line."""


class Message(IntEnum):
    """What a customer is written."""

    CONFIRMED = 0
    """The order is on backorder."""
    CHANGED = 1
    """The date has moved."""
    BREACH = 2
    """The date that was promised will not be kept."""
    DELAYED = 3
    """It is that time again: the date has moved."""
    ON_TRACK = 4
    """It is that time again: still on track."""
    DELAY = 5
    """The first notice of a delay under the rule of consent."""
    RENEWED = 6
    """A renewed notice of a delay under the rule of consent."""
    RECONFIRM = 7
    """Does the order stand?"""
    SHIPPED = 8
    """A parcel has left."""
    HELD = 9
    """A parcel is held for the rest of the order."""
    FOLLOW_UP = 10
    """Is all well?"""


class Answer(IntEnum):
    """What a customer says to an offer or a question."""

    KEEP = 0
    SWITCH = 1
    CANCEL = 2
    CONSENT = 3
    SILENCE = 4


@dataclass(frozen=True)
class ItemFacts:
    """The stock of an item at one site: name, price and unit cost in currency."""

    name: str
    price: float
    unit_cost: float
    site: str = ""
    """Where this stock of it lies; '' where there is one warehouse."""
    owned: bool = True
    """False where the stock is a drop-ship vendor's: it costs the seller nothing until it is sold."""
    ships_from: float = 0.0
    """Day of its release, or of its season's start; nothing leaves before."""
    salvage: float = 0.0
    """What a unit brings that is left over at the season's end, currency."""
    volume: float = 0.0
    """Space that a unit takes."""
    marked_down: tuple[float, float, float] | None = None
    """First day of lower prices, first day after them, share of the price that is let off."""


@dataclass(frozen=True)
class SegmentFacts:
    """A customer segment: name, priority (1 first), number of its carrier (-1: none)."""

    name: str
    priority: int
    carrier: int
    loyalty: Loyalty = FORGETFUL
    """What its customers do after a delay."""


@dataclass(frozen=True)
class SupplierFacts:
    """A supplier: name, unit cost of every item in currency (by item number)."""

    name: str
    unit_costs: tuple[float, ...]
    in_parts: bool = False
    """Whether a purchase may arrive in several parts."""
    quoted: float = 0.0
    """Days from the decision to buy within which it says that all is there."""
    freight: tuple[float, float] = (0.0, 0.0)
    """What a departure costs, and each unit on it, currency."""
    departs: bool = False
    """Whether goods leave at fixed times only."""
    lines: int = 0
    """Purchases that it can have in work at once; 0: any number."""


@dataclass(frozen=True)
class CarrierFacts:
    """A carrier: name, cost of a parcel and of each unit in it, currency."""

    name: str
    parcel_cost: float
    unit_cost: float


class HoldingRate(NamedTuple):
    """What a unit costs a day: a share of its unit cost, and money in currency."""

    share: float
    money: float


@dataclass(frozen=True)
class CostFacts:
    """Cost rates: holding as a share of unit cost per day and as money per unit-day; per purchase; per backordered
    unit-day; all in currency."""

    holding_share: float
    holding_money: float
    order: float
    backorder: float
    contact: float = 0.0
    """Of a contact that an agent answers, currency."""
    self_service: float = 0.0
    """Of a contact that a page answers, currency."""
    notice: float = 0.0
    """Of a message, currency."""
    refund: float = 0.0
    """Of one refund."""
    goodwill: float = 0.0
    """Given with one refund."""
    storage: float = 0.0
    """Of the space that stock takes, for one unit of it and one day."""


@dataclass(frozen=True)
class PaymentFacts:
    """When customers pay under the policy at hand."""

    at_order: float = 1.0
    """Share of the price."""
    at_shipment: float = 0.0
    """Share of the price; the rest is paid at the door."""
    refund_days: float = 7.0
    working_days: bool = True
    """Whether `refund_days` are Monday to Friday."""
    quoted: float = math.inf
    """Days from order to door up to which the full price is paid."""
    nothing: float = math.inf
    """Days from which nothing is paid any more."""


@dataclass(frozen=True)
class EventFacts:
    """An event of the scenario: name (its own, or its kind and what it strikes), kind."""

    name: str
    kind: str


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
    events: tuple[EventFacts, ...] = ()
    pickers: int | None = None
    """Parcels that can be picked at once, all sites together; None: any number."""
    chain: tuple[str, ...] = ()
    """Names of the suppliers that keep books of their own, downstream first."""
    pipeline: HoldingRate | None = None
    """What a unit on its way to the buyer costs a day; only at suppliers with stock."""
    payment: PaymentFacts = PaymentFacts()
    space: float | None = None
    """Space for stock at all sites together; None: nobody says."""
