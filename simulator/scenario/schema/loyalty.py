"""What customers remember: loyalty after a delay, and reviews that others read."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from simulator.foundation.plugin import Spec
from simulator.foundation.units import Change, PositiveDuration, PositiveNumber, Share


class LoyaltySpec(Spec):
    """How a delay changes the number of orders that a customer places in the next year."""

    late: Change = -0.021
    """After a wait on backorder (E05: Bhan and Anderson 2023, quasi-experiment at a retailer of durable goods, -2.1 %
    on average over all delays, grade A)."""
    very_late: Change = -0.061
    """After a long one (E05: -6.1 %, grade A)."""
    very_late_after: PositiveDuration = 10.0
    """Days from which a wait is long (E05: 10 days, grade A)."""
    handled_well: Change | None = None
    """Instead of both, where the customer was given a date and the goods left by it. Not given: no difference (E06:
    other quoted dates had little measurable effect, grade A)."""
    refused: Change = 0.0
    """After an item could not be ordered or was not worth the wait (E08: it hurts, but by how much is not known; grade
    D)."""
    lasting: Annotated[Share, Field(gt=0.25)] = 0.754
    """Mean effect over four years as a share of that of the first year (E05: 4.6 % of 6.1 %, both after more than 10
    days, grade A; for shorter delays grade D)."""
    orders_per_year: PositiveNumber = 1.0
    """Orders that a customer places in a year; effects are per customer (grade D: our assumption)."""


class Reviews(Spec):
    """Reviews that others read before they order: a bad one has one star, a good one five."""

    share: Share = 0.05
    """Share of customers who write a review, when their goods leave or they cancel (grade D: our assumption)."""
    bad: Share = 0.05
    """Share of bad reviews by customers who did not have to wait: the usual share (grade D: our assumption)."""
    bad_late: Share = 0.25
    """The same by customers who had to wait (grade D: our assumption)."""
    bad_very_late: Share = 0.6
    """The same by customers who had to wait longer than `very_late_after` (grade D: our assumption)."""
    very_late_after: PositiveDuration = 10.0
    """Days from which a wait is long (as in E05)."""
    per_star: Share = 0.07
    """Share of orders lost for each star that the rating is below the usual one (a star on Yelp moved
    restaurants' revenue by 5 to 9 %, Luca 2016, other trade and not re-checked here: grade D)."""
    memory: PositiveDuration = 90.0
    """Days in which the weight of a review falls to 37 % (grade D: our assumption)."""
