"""The books of a warehouse: how its record drifts from the stock, and what the storefront sees of it."""

from __future__ import annotations

from simulator.foundation.plugin import Spec
from simulator.foundation.units import NonNegativeDuration, PositiveDuration, ShareRate, Units


class RecordsSpec(Spec):
    """How right the record of the stock is; every unit that is not here is right and at once."""

    loss: ShareRate = 0.0
    """Share of the units on hand that vanish a day and stay on record: theft, breakage, picking errors; 65 % of retail
    records were found wrong (E29, grade A), for rates there is no common figure."""
    misplaced: ShareRate = 0.0
    """Share of the units on hand that are put a day where nobody looks; a count finds them."""
    count_every: PositiveDuration | None = None
    """Days between two counts of everything, which set the record right and find what was misplaced; none unless
    given."""
    sync_lag: NonNegativeDuration = 0.0
    """How old what the storefront shows is: orders within it are taken against stock that may be gone."""
    buffer: Units = 0
    """Units of each item on record that the storefront does not show: a guard against overselling."""
    found_after: NonNegativeDuration = 1.0
    """Days from the order of a unit that is not there to its picking: the record is set right, and what would not have
    been taken as a backorder is refunded (grade D: our assumption)."""
