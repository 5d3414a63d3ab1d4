"""The objects that the facts of a run refer to by number: items, segments, suppliers, carriers; and its time frame."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple, Self

from simulator.model.choice import OrderChoice
from simulator.model.loyalty import FORGETFUL, Loyalty


class Worded(IntEnum):
    """A number in the facts, with words for it."""

    text: str

    def __new__(cls, value: int, text: str = "") -> Self:
        member = int.__new__(cls, value)
        member._value_, member.text = value, text
        return member


class Cause(Worded):
    """Why units of an order were cancelled."""

    PATIENCE = 0, "the customer had waited long enough"
    WINDOW = 1, "the seller's window had passed"
    CALLED_OFF = 2, "called off by the customer in the recorded order book"
    NO_CONSENT = 3, "the customer was asked to agree to the delay, and did not"
    OFFER = 4, "the customer was offered to keep, switch or cancel, and did not keep it"
    NEED_BY = 5, "it could no longer arrive when the customer needs it"
    SELLER = 6, "the seller called it off"
    """The end of a season, a delisted item, or a policy that ships once and cancels the rest."""
    PAYMENT = 7, "the card could not be charged"
    RECORD = 8, "the record showed stock that did not exist"
    INFLATED = 9, "the customer had ordered more than was needed"


GIVEN_UP = (Cause.PATIENCE, Cause.CALLED_OFF, Cause.PAYMENT, Cause.INFLATED)
"""Causes on the customer's side: such units are no longer ordered. Of all others the seller did not deliver them."""


class Exit(Worded):
    """How units that were demanded left before they were ordered."""

    REFUSED = 0, "cannot be ordered, out of stock"
    WALKED = 1, "out of stock; the shopper buys nothing instead"
    SWITCHED = 2, "out of stock; the shopper buys from a rival"
    WAITLISTED = 3, "out of stock; the shopper signs up for the wait-list"
    SUBSTITUTED = 4, "out of stock; the shopper takes another item"
    DETERRED = 5, "the order is never placed: the shop's reputation deters the shopper"
    UNCALLED = 6, "the order is never placed: the promotion is paused, or the item is not scarce"
    EXCHANGED = 7, "sent back; the customer gets the same item once more"


class Refusal(Worded):
    """Which rule of the acceptance policy refused units."""

    NOT_SOLD = 0, "the item is not sold on backorder"
    LIMIT = 1, "the backlog of the item is at its limit"
    PER_ORDER = 2, "more than one order may have on backorder"
    PER_CUSTOMER = 3, "more than one customer may have on backorder"
    TOO_LATE = 4, "no date within the days that the seller accepts"
    DATE = 5, "the expected date is too far or too uncertain"
    UNCOVERED = 6, "not covered by purchases on order"
    CLOSED = 7, "outside of the season or sale of the item"


NEVER_CAME = (Exit.DETERRED, Exit.UNCALLED)
"""Ways of leaving that are not demand: the order was never placed."""
AT_CHECKOUT = tuple(way for way in Exit if way not in (*NEVER_CAME, Exit.EXCHANGED))
"""Ways of leaving at checkout."""


class Adjustment(IntEnum):
    """Why stock, or its record, changed other than by purchases and orders."""

    LOST = 0
    """Stolen, broken or thrown away without being booked."""
    MISPLACED = 1
    """Put where nobody looks; the next count finds it."""
    FOUND = 2
    """Misplaced goods that a count has found."""
    COUNTED = 3
    """A count corrected the record."""
    MISBOOKED = 4
    """The record changed, the stock did not: a typing error, a faulty integration."""
    EXPIRED = 5
    """Written off at the end of its shelf life."""
    SEASON = 6
    """Cleared at the end of its season or of its sale."""
    RETURNED = 7
    """Customers sent goods back that can be sold again: not wanted, not needed, or called off after they had left."""
    IN_CART = 8
    """Put into a cart that is later abandoned, or back from it; the record still counts it."""


class HurryKind(IntEnum):
    """How a purchase was hurried."""

    EXPEDITED = 0
    """On order or in transit, and brought forward."""
    SPOT = 1
    """Bought from another supplier, on the spot."""
    PRIORITY = 2
    """Moved to the front of the supplier's queue."""


class Message(Worded):
    """What a customer is sent."""

    CONFIRMED = 0, "the order is on backorder"
    CHANGED = 1, "the date has moved"
    BREACH = 2, "the date that was promised will not be kept"
    DELAYED = 3, "regular update: the date has moved"
    ON_TRACK = 4, "regular update: still on track"
    DELAY = 5, "first notice of a delay"
    RENEWED = 6, "renewed notice of a delay"
    RECONFIRM = 7, "do you still want the order?"
    SHIPPED = 8, "a parcel has left"
    HELD = 9, "a parcel is held for the rest of the order"
    FOLLOW_UP = 10, "was everything all right?"


class Answer(Worded):
    """A customer's answer to an offer or a question."""

    KEEP = 0, "keep it"
    SWITCH = 1, "switch to another item"
    CANCEL = 2, "cancel it"
    CONSENT = 3, "agreed to the delay"
    SILENCE = 4, "none"


@dataclass(frozen=True)
class ItemFacts:
    """The stock of an item at one site: name, price and unit cost in currency."""

    name: str
    price: float
    unit_cost: float
    site: str = ""
    """Name of the site; '' if there is one warehouse."""
    owned: bool = True
    """False if the stock belongs to a drop-ship vendor: it costs the seller nothing until it is sold."""
    ships_from: float = 0.0
    """Day of its release, or of its season's start; nothing ships before."""
    salvage: float = 0.0
    """Value of a unit left over at the season's end, currency."""
    volume: float = 0.0
    """Space that a unit takes."""
    marked_down: tuple[float, float, float] | None = None
    """First day of the markdown, first day after it, share of the price taken off."""
    unit: str = ""  # what its units are called, such as kg; '' for pieces
    origin: int = -1
    """Where an order's goods leave from several places: the number of a drop-ship vendor, or -1 less that of a site."""
    kit: tuple[tuple[int, float], ...] = ()
    """(number, units in one kit) of each component from which it is assembled; () if it is not a kit."""


@dataclass(frozen=True)
class SegmentFacts:
    """A customer segment: name, priority (1 first), number of its carrier (-1: none)."""

    name: str
    priority: int
    carrier: int
    loyalty: Loyalty = FORGETFUL
    """How its customers react to a delay."""
    site: int = 0
    """Number of its own site."""
    fees: tuple[float, float] = (0.0, 0.0)
    """What a customer pays for shipping an order, and for each further parcel of it, currency."""


@dataclass(frozen=True)
class SiteFacts:
    """One of several stocking sites."""

    name: str
    postage: tuple[tuple[float, float] | None, ...] = ()
    """By segment, cost of a parcel and of each unit in it, currency; None: that of the segment's carrier."""
    days: tuple[float, ...] = ()
    """By segment, mean days from the shelf to the customer; only where customers want goods on a later day."""


class TransferCosts(NamedTuple):
    """Cost of sending stock from one site to another, currency."""

    shipment: float = 0.0
    """Per shipment."""
    unit: float = 0.0
    """Per unit."""


FREE = TransferCosts()


@dataclass(frozen=True)
class SupplierFacts:
    """A supplier: name, unit cost of every item in currency (by item number)."""

    name: str
    unit_costs: tuple[float, ...]
    in_parts: bool = False
    """Whether a purchase may arrive in several shipments."""
    quoted: float = 0.0
    """Days from the decision to buy within which it promises full delivery."""
    freight: tuple[float, float] = (0.0, 0.0)
    """What a departure costs, and each unit on it, currency."""
    departs: bool = False
    """Whether goods leave only at fixed times."""
    lines: int = 0
    """Purchases that it can work on at the same time; 0: any number."""
    overdelivers: bool = False
    """Whether more may arrive than was bought."""


@dataclass(frozen=True)
class CarrierFacts:
    """A carrier: name, cost of a parcel and of each unit in it, currency."""

    name: str
    parcel_cost: float
    unit_cost: float


class HoldingRate(NamedTuple):
    """Cost of holding a unit for a day: a share of its unit cost, plus an amount in currency."""

    share: float
    money: float


@dataclass(frozen=True)
class CostFacts:
    """Cost rates, currency: holding as a share of unit cost and as money, a day; per purchase; per backordered day."""

    holding_share: float
    holding_money: float
    order: float
    backorder: float
    contact: float = 0.0
    """Cost of a contact that an agent answers, currency."""
    self_service: float = 0.0
    """Cost of a contact that the tracking page answers, currency."""
    notice: float = 0.0
    """Cost of a message, currency."""
    refund: float = 0.0
    """Cost of one refund, currency."""
    goodwill: float = 0.0
    """Goodwill given with one refund, currency."""
    storage: float = 0.0
    """Cost of one unit of space that stock takes, per day, currency."""
    lost_sale: float = 0.0
    """Cost of a unit that was demanded and not ordered, currency."""
    handling: float = 0.0
    """Cost of handling a unit that a customer sends back, currency."""


@dataclass(frozen=True)
class PaymentFacts:
    """When customers pay under the policy."""

    at_order: float = 1.0
    """Share of the price."""
    at_shipment: float = 0.0
    """Share of the price; the rest is paid on delivery."""
    refund_days: float = 7.0
    working_days: bool = True
    """Whether `refund_days` are working days, Monday to Friday."""
    quoted: float = math.inf
    """Days from order to delivery up to which the full price is paid."""
    nothing: float = math.inf
    """Days from order to delivery from which nothing is paid."""


@dataclass(frozen=True)
class EventFacts:
    """An event of the scenario: its own name, or its kind and target; its kind."""

    name: str
    kind: str


@dataclass(frozen=True)
class World:
    """Everything that a fact can refer to: facts name objects by their place in these tuples."""

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
    """Parcels that can be picked at the same time, all sites together; None: any number."""
    chain: tuple[str, ...] = ()
    """Names of the suppliers with stock, downstream first."""
    pipeline: HoldingRate | None = None
    """Cost of a unit in transit to the buyer; only at suppliers with stock."""
    payment: PaymentFacts = PaymentFacts()
    """Of all orders; where payments differ, of those to which none of `payments` applies."""
    payments: tuple[PaymentFacts, ...] = ()
    """Payments that differ by order; none where all orders have the same."""
    payment_choice: OrderChoice | None = None
    """Which of `payments` each order has."""
    space: float | None = None
    """Space for stock at all sites together; None: not given."""
    refusals: tuple[Refusal, ...] = ()
    """Rules of the acceptance policy that may refuse units, where the facts say which one did."""
    wants_later: bool = False
    """Whether some customers want their goods on a later day."""
    splits: bool = False
    """Whether some customers are asked whether their orders leave in parts (`split`)."""
    changes: bool = False
    """Whether some customers change quantities after they have ordered."""
    holds: bool = False
    """Whether some orders are held until they are cleared."""
    returns: bool = False
    """Whether customers send goods back after delivery (`returns`)."""
    sites: tuple[SiteFacts, ...] = ()
    """The sites, where there are several."""
    transfers: TransferCosts = FREE
    """Cost of stock sent between sites."""
    grain: float = 1.0
    """Units in what the facts count as one, where items have a granularity; amounts for a unit are for that, too."""

    @property
    def shared(self) -> bool:
        """Whether sites serve each other's customers."""
        return len(self.sites) > 1 and any(item.origin < -1 for item in self.items)

    @property
    def shelf_sites(self) -> list[int]:
        """Number of the site of each item's stock."""
        places = {site.name: number for number, site in enumerate(self.sites)}
        return [places.get(item.site, 0) for item in self.items]

    @property
    def parts(self) -> tuple[tuple[int, int, float], ...]:
        """(component, kit, units of the component in one kit) of every kit."""
        return tuple((part, kit, each) for kit, item in enumerate(self.items) for part, each in item.kit)
