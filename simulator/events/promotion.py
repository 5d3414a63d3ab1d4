"""A promotion: more orders for some items while it lasts; the policy decides whether it pauses on a backorder."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from simulator.events.event import ItemNames, Span, listed
from simulator.events.surge import Surge
from simulator.foundation.units import Factor
from simulator.randomness.distribution import Floats


class Promotion(Surge, kind="promotion"):
    """Brings orders for its items on top of the usual ones; a policy may pause it while they are on backorder."""

    example: ClassVar = {
        "kind": "promotion",
        "customers": "web",
        "items": ["mug"],
        "at": "120 d",
        "lasts": "14 d",
        "uplift": "80 %",
    }

    items: ItemNames
    """The promoted items."""
    uplift: Factor
    """Orders for these items on top of the usual ones, as a share of them."""

    @property
    def promoted(self) -> list[str]:
        """The promoted items, as a list."""
        return listed(self.items)

    @property
    def multiple(self) -> float:
        return 1 + self.uplift

    def extra(self, span: Span, times: Floats, horizon: float) -> Floats:
        inside = (times >= span.start) & (times < min(span.end, horizon))
        return np.where(inside, self.uplift, 0.0)
