"""How customers choose and wait: what they do instead of ordering, wait-lists, contacts, impatience."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from simulator.foundation.plugin import Spec
from simulator.foundation.units import (
    Money,
    Multiple,
    NonNegative,
    NonNegativeDuration,
    PositiveDuration,
    Share,
    Whole,
    wrong,
)
from simulator.randomness.distribution import Durations, Waits
from simulator.randomness.distributions.continuous import Constant, Gamma
from simulator.randomness.streams import Streams


class Otherwise(Spec):
    """What shoppers do who neither order nor take a substitute; weights."""

    switch: NonNegative = 31.0
    """Buy from a rival (E01, 31 % of 71 000 shoppers in 29 countries, grocery, grade A)."""
    waitlist: NonNegative = 15.0
    """Come back later: they sign up where the policy offers a wait-list, otherwise they are lost (E01, grade A)."""
    walk: NonNegative = 54.0
    """Buy nothing, or something that is not modelled: another brand (26 %), another size (19 %), nothing (9 %; E01,
    grade A)."""
    return_: Annotated[Share, Field(alias="return")] = 1.0
    """Share of the shoppers who switched that order here again as before; the others never do (grade D: our
    assumption)."""

    def model_post_init(self, context: object) -> None:
        if not self.switch + self.waitlist + self.walk > 0:
            raise wrong("at least one of switch, waitlist and walk must be above 0")


class Inflation(Spec):
    """Over-ordering: buyers order more than they need because they expect rationing."""

    factor: Annotated[Multiple, Field(ge=1, le=100)] = 2.0
    """Units ordered per unit needed, rounded to whole units (grade D: our assumption)."""
    back_after: NonNegativeDuration = 7.0
    """Days after which units delivered beyond the need are back in stock (grade D: our assumption)."""

    def asked(self, need: NDArray[np.int64]) -> NDArray[np.int64]:
        """Units ordered for units needed."""
        asked: NDArray[np.int64] = np.floor(need * self.factor + 0.5).astype(np.int64)
        return asked

    def need(self, asked: int) -> int:
        """Units needed for units ordered: the inverse of `asked`."""
        return math.ceil((asked - 0.5) / self.factor - 1e-9)


class Returns(Spec):
    """Goods that customers send back after delivery."""

    share: Share
    """Chance of each delivered unit to be sent back."""
    after: Waits = Field(default_factory=lambda: Gamma(mean=12.0, cv=0.5))
    """Days from delivery until returned goods are back (12 d, cv 0.5; grade D: our assumption)."""
    sellable: Share = 0.8
    """Share of returned units that can be sold again: they are on the shelf at once and go to the backlog first. Others
    are written off (grade D: our assumption)."""
    exchange: Share = 0.0
    """Share of returned units in whose place the customer wants the same item once more: refunded, and sold again as
    soon as the item is in stock and nobody waits for it."""


class HoldSpec(Spec):
    """Orders that are held until they are cleared."""

    share: Share
    """Share of orders that are held."""
    time: Waits
    """Days from the order to the end of its hold."""
    released: Share = 1.0
    """Share of held orders that are released when the hold ends; the seller cancels the others (all are released unless
    given: our assumption)."""

    def drawer(self, streams: Streams, owner: str) -> Callable[[int], tuple[NDArray[np.float64], NDArray[np.bool_]]]:
        """Draws for the next n orders of a stream of orders the days for which they are held (0: they are not), and
        whether they are released then. Each has numbers of its own, so another share holds the same orders and more."""
        chosen, freed = streams.stream("hold", owner), streams.stream("hold_released", owner)
        days = self.time.drawer(streams.stream("hold_time", owner))

        def draw(n: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
            held = chosen.random(n) < self.share
            return np.where(held, days(n), 0.0), freed.random(n) < self.released

        return draw


class Fees(Spec):
    """What customers pay in addition to the price; income of the shop."""

    shipping: Money = 0.0
    """For an order, once its first parcel has left."""
    extra_parcel: Money = 0.0
    """For each further parcel."""


class WaitlistSpec(Spec):
    """Whether wait-listed shoppers come back."""

    convert: Share = 0.06
    """Share who buy when notified at once (E22, 5 to 7 %, best 22 %; vendors' figures, grade C)."""
    fade: PositiveDuration = 30.0
    """Days in which that share falls to 37 % (grade D: our assumption)."""


class Contact(Spec):
    """How often customers ask about an order that waits."""

    per_day_waiting: Share = 0.01
    """Chance per day of waiting (grade D: our assumption; vendors count 5 to 25 contacts in 100 orders, E20, C)."""
    after_promise: Multiple = 3.0
    """Multiple once the promised day has passed, and while there is none (grade D: our assumption)."""
    split: Multiple = 1.5
    """Multiple while part of the order has arrived (grade D: our assumption)."""
    informed: Multiple = 0.7
    """Multiple while the last message was read and its date has not passed (E21: 30 % fewer, grade D; vendors claim 60
    to 80 %, grade C, without a control group)."""


class CartsSpec(Spec):
    """Abandoned carts; they matter where stock is reserved in the cart."""

    abandoned: Annotated[Share, Field(lt=1)] = 0.7
    """Share of carts that are abandoned (about 70 % in vendors' surveys, grade C)."""
    hold: PositiveDuration = 30 / 1440
    """How long a cart holds its stock (30 min; grade D: our assumption)."""


class Offer(Spec):
    """What customers choose when offered to keep, switch or cancel a delayed order; weights (grade D: our
    assumption)."""

    keep: NonNegative = 70.0
    """Keep waiting (grade D: our assumption)."""
    switch: NonNegative = 10.0
    """Take a substitute that is in stock; without one they keep the order (grade D: our assumption)."""
    cancel: NonNegative = 20.0
    """Cancel the waiting part (grade D: our assumption)."""


class Support(Spec):
    """The support desk that answers customers."""

    agents: Annotated[Whole, Field(ge=1)] | None = None
    """Agents, who serve contacts first come, first served; unlimited unless given."""
    time: Durations = Field(default_factory=lambda: Constant(value=6 / 1440))
    """Time that an agent needs for a contact (6 min; grade D: our assumption)."""
    tolerance: NonNegativeDuration = 2.0
    """Days that a customer waits for an answer before losing patience faster (grade D: our assumption)."""
    upset: Multiple = 1.5
    """Multiple of the cancellation hazard from then on (grade D: our assumption)."""


class Impatience(Spec):
    """What makes waiting customers lose patience faster: multiples of the cancellation hazard."""

    no_date: Multiple = 2.0
    """While no date is known (E14: a mean of 15 d instead of 30 d, grade D: our assumption)."""
    after_promise: Multiple = 1.5
    """After the last date given has passed (E12: the shape from a call centre, grade A; days, grade D)."""
    per_slip: Multiple = 1.0
    """For every postponed date (grade D: our assumption; no figure was found)."""

    @classmethod
    def none(cls) -> Impatience:
        """Nothing makes customers lose patience faster."""
        return cls(no_date=1.0, after_promise=1.0, per_slip=1.0)
