"""When the customer's card is charged, how fast money is paid back, and whether lateness lowers the price."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, ClassVar

from pydantic import Field

from simulator.foundation.plugin import Plugin, Spec
from simulator.foundation.rounds import SHORTEST_ROUND, RoundByRound
from simulator.foundation.units import NonNegativeDuration, PositiveDuration, Share, wrong


class Refund(Spec):
    """How fast payments for cancelled units are refunded."""

    days: NonNegativeDuration = 7.0
    """Days from the cancellation to the refund (16 CFR 435.2: seven working days, grade A)."""
    working: bool = True
    """Whether these are working days, Monday to Friday (holidays are ignored); five days of every seven if the scenario
    has no dates."""

    def model_post_init(self, context: object) -> None:
        if self.working and self.days != int(self.days):
            raise wrong(f"{self.days:g} working days; must be a whole number, unless `working: false`")


class LatePrice(Spec):
    """A price that falls in a straight line with lateness (the contracts of the Littlefield game)."""

    quoted: NonNegativeDuration
    """Days from order to delivery up to which the full price is paid."""
    nothing: PositiveDuration
    """Days from order to delivery from which nothing is paid."""

    def model_post_init(self, context: object) -> None:
        if self.nothing <= self.quoted:
            raise wrong("`nothing` must be after `quoted`")


class Payment(Plugin, family="payment"):
    """When the customer pays; revenue is always recognised when the goods are handed to the carrier."""

    refund: Refund = Field(default_factory=Refund)
    """How fast refunds are paid."""
    late_price: LatePrice | None = None
    """Price reduction for late goods; none unless given."""

    @property
    @abstractmethod
    def at_order(self) -> float:
        """Share of the price that is paid with the order."""

    @property
    def at_shipment(self) -> float:
        """Share that is paid when the goods are handed to the carrier; the rest is paid at delivery."""
        return 1.0 - self.at_order

    @property
    def card(self) -> PaymentCard | None:
        """The card that is charged at shipment; None: no card that could fail."""
        return None


class PaymentCard(Spec):
    """A card that is authorised with the order and charged when the goods are to leave."""

    reauth_days: NonNegativeDuration = 7.0
    """Days for which an authorisation is valid (7 to 10 working days at card networks and shops, grade B); after that,
    and for every parcel but the first, a new one is needed: an authorisation can be charged once."""
    fails: Share = 0.02
    """Share of cards that refuse a new authorisation; the goods then stay and the order is cancelled (grade D: our
    assumption)."""


class PayAtOrder(Payment, kind="at_order"):
    """The full price is paid with the order; cancelled units are refunded."""

    example: ClassVar = {"kind": "at_order"}
    at_order: ClassVar = 1.0


class PayAtShipment(Payment, PaymentCard, kind="at_shipment"):
    """The card is authorised with the order and charged when the goods are to leave; there are no refunds."""

    example: ClassVar = {"kind": "at_shipment", "reauth_days": "7 d", "fails": "2 %"}
    at_order: ClassVar = 0.0

    @property
    def card(self) -> PaymentCard | None:
        return self


class PayDeposit(Payment, PaymentCard, kind="deposit"):
    """A share is paid with the order, the rest when the goods are to leave; cancelled units are refunded."""

    example: ClassVar = {"kind": "deposit", "share": "20 %"}

    share: Annotated[Share, Field(gt=0, lt=1)] = 0.2
    """Share of the price that is paid with the order (grade D: our assumption)."""

    @property
    def at_order(self) -> float:
        return self.share

    @property
    def card(self) -> PaymentCard | None:
        return self


class PayAtDelivery(Payment, kind="at_delivery"):
    """Nothing is paid before delivery: cash on delivery, or an account."""

    example: ClassVar = {"kind": "at_delivery"}
    at_order: ClassVar = 0.0
    at_shipment: ClassVar = 0.0


class PlayedPayment(RoundByRound, Payment, kind="played"):
    """The terms of payment that somebody chose, round by round; a decision is for the orders placed in its round."""

    example: ClassVar = {
        "kind": "played",
        "R": "7 d",
        "decisions": [{"kind": "at_order"}, {"kind": "deposit", "share": "20 %"}],
    }

    R: Annotated[PositiveDuration, Field(ge=SHORTEST_ROUND)]
    """Days of a round."""
    decisions: Annotated[list[Payment], Field(min_length=1)]
    """The decision of each round; the last one stays in force."""

    @property
    def at_order(self) -> float:
        return self.decisions[0].at_order
