"""Inventory records: how they drift from the stock, and how much of them the storefront shows."""

from __future__ import annotations

from simulator.foundation.plugin import Spec
from simulator.foundation.quantities import Units
from simulator.foundation.units import NonNegativeDuration, PositiveDuration, ShareRate


class RecordsSpec(Spec):
    """How accurate the inventory record is; it is exact and immediate where no key says otherwise."""

    loss: ShareRate = 0.0
    """Share of the units on hand that disappear per day but remain on record: theft, breakage, picking errors; 65 % of
    retail records were found wrong (E29, grade A), but there is no common figure for rates."""
    misplaced: ShareRate = 0.0
    """Share of the units on hand that are misplaced per day; a count finds them."""
    count_every: PositiveDuration | None = None
    """Days between two full counts, which correct the record and find misplaced units; none unless given."""
    sync_lag: NonNegativeDuration = 0.0
    """Age of the stock that the storefront shows: meanwhile, orders may be accepted for stock that is gone."""
    buffer: Units = 0
    """Units of each item on record that the storefront does not show: a buffer against overselling."""
    found_after: NonNegativeDuration = 1.0
    """Days from the order of a missing unit until picking finds it missing: the record is corrected, and an order that
    would not have been accepted as a backorder is refunded (grade D: our assumption)."""
