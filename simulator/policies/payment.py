"""When the customer's card is charged, how fast money is paid back, and whether lateness lowers the price."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from simulator.foundation.plugin import Plugin, Spec
from simulator.foundation.units import NonNegativeDuration, PositiveDuration, Share, wrong


class Refund(Spec):
    """How fast what was paid for cancelled units is paid back."""

    days: NonNegativeDuration = 7.0
    """Days from the cancellation to the refund (16 CFR 435.2: seven working days, grade A)."""
    working: bool = True
    """Whether these are working days, Monday to Friday (holidays are not known); where the scenario has no dates, five
    days of every seven."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.working and self.days != int(self.days):
            raise wrong(f"{self.days:g} working days; a whole number is due, or `working: false`")
        return self


class LatePrice(Spec):
    """A price that falls in a straight line with lateness (the contracts of the Littlefield game)."""

    quoted: NonNegativeDuration
    """Days from the order to the door up to which the price is paid in full."""
    nothing: PositiveDuration
    """Days from which nothing is paid any more."""

    @model_validator(mode="after")
    def _falls(self) -> Self:
        if self.nothing <= self.quoted:
            raise wrong("`nothing` is to lie after `quoted`")
        return self


class Payment(Plugin, family="payment"):
    """When the customer pays; in any case revenue is recognised when the goods are handed to the carrier."""

    refund: Refund = Field(default_factory=Refund)
    """How fast money is paid back."""
    late_price: LatePrice | None = None
    """What is knocked off the price of goods that come late; nothing unless given."""

    @property
    @abstractmethod
    def at_order(self) -> float:
        """Share of the price that is paid at the order."""

    @property
    def at_shipment(self) -> float:
        """Share that is paid when the goods are handed over; what is left is paid at the door."""
        return 1.0 - self.at_order

    @property
    def card(self) -> Card | None:
        """What can go wrong with a card that is charged at shipment; None: nothing can."""
        return None


class Card(Spec):
    """A card that is authorised at the order and charged when the goods are to leave."""

    reauth_days: NonNegativeDuration = 7.0
    """Days that an authorisation lives (7 to 10 working days at card networks and shops, grade B); after that, and for
    every parcel but the first, a new one is due: an authorisation can be charged once."""
    fails: Share = 0.02
    """Share of cards that refuse a new authorisation; the goods stay and the order is cancelled (grade D: our
    assumption)."""


class PayAtOrder(Payment, kind="at_order"):
    """All is paid at the order; what is cancelled is paid back."""

    example: ClassVar = {"kind": "at_order"}

    @property
    def at_order(self) -> float:
        return 1.0


class PayAtShipment(Payment, Card, kind="at_shipment"):
    """The card is authorised at the order and charged when the goods are to leave; nothing is to be paid back."""

    example: ClassVar = {"kind": "at_shipment", "reauth_days": "7 d", "fails": "2 %"}

    @property
    def at_order(self) -> float:
        return 0.0

    @property
    def card(self) -> Card | None:
        return self


class PayDeposit(Payment, Card, kind="deposit"):
    """A share is paid at the order, the rest when the goods are to leave; deposits for what is cancelled go back."""

    example: ClassVar = {"kind": "deposit", "share": "20 %"}

    share: Annotated[Share, Field(gt=0, lt=1)] = 0.2
    """Share of the price that is paid at the order (grade D: our assumption)."""

    @property
    def at_order(self) -> float:
        return self.share

    @property
    def card(self) -> Card | None:
        return self


class PayAtDelivery(Payment, kind="at_delivery"):
    """Nothing is paid before the goods are at the door: cash on delivery, or an account."""

    example: ClassVar = {"kind": "at_delivery"}

    @property
    def at_order(self) -> float:
        return 0.0

    @property
    def at_shipment(self) -> float:
        return 0.0
