"""Promotions: which items are promoted at a time, and whether their dates are hidden."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.events.promotion import Promotion
from simulator.policies.promotion import PromotionChoice
from simulator.world.numbering import Numbering
from simulator.world.occurrence import Occurrence
from simulator.world.orders.decided import ForTheShop


class Promotions:
    """The promotions of one replication, as far as the policy hides the dates of promoted items."""

    def __init__(
        self, numbering: Numbering, occurrences: Sequence[Occurrence], promotion: ForTheShop[PromotionChoice]
    ) -> None:
        self.numbering, self.promotion = numbering, promotion
        hides = any(choice.hides for choice in promotion.all)
        self.spans = [
            (frozenset(occurrence.event.promoted), span)
            for occurrence in occurrences
            if hides and isinstance(occurrence.event, Promotion)
            for span in occurrence.spans
        ]

    def hide(self, item: int, now: float) -> bool:
        """Whether no date is shown for an item that is on backorder."""
        if not self.spans or not self.promotion.now.hides:
            return False
        _, name = self.numbering.shelves[item]
        return any(name in names and span.start <= now < span.end for names, span in self.spans)
