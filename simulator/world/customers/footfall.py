"""Who comes to the shop at all: a bad name keeps orders away; promotions, scarcity and delight bring more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from simulator.events.event import Span
from simulator.events.promotion import Promotion
from simulator.model.nouns import Exit
from simulator.randomness.distribution import Floats
from simulator.world.clock import Row
from simulator.world.customers.checkout import UniformDraws
from simulator.world.customers.loyalty import LoyaltyTracker
from simulator.world.orders.flow import EXTRAS, ITEMS, QUANTITIES, TERMS, Flow
from simulator.world.state import Occurrence, ReplicationState


class Extra(NamedTuple):
    """Orders on top of the usual ones by a share of them; drawn at birth, they come only if something calls them."""

    share: float

    @property
    def multiple(self) -> float:
        """Demand as a multiple of the usual."""
        return 1 + self.share

    def extra(self, span: Span, times: Floats, horizon: float) -> Floats:
        """Change of demand at each time as a multiple of the usual."""
        return np.full(times.size, self.share)


Call = Callable[[Row, float], bool]
"""Whether something brings an order of a crowd, at a time."""


class Footfall:
    """Stands before whoever takes orders; there is none where everybody comes."""

    def __init__(self, state: ReplicationState, trust: LoyaltyTracker | None) -> None:
        self.state, self.trust = state, trust
        self.flow: Flow = state.flow
        self.lets_in = state.flow.takes_orders
        self.calls: dict[str, Call] = {}
        """By the crowd's name."""

    # ------------------------------------------------------------- crowds
    def promoted(self, owner: str) -> None:
        """A crowd that a promotion brings; not while the policy pauses it."""
        if self.state.policy.promotion.pauses:
            self.calls[owner] = lambda row, _: not self._short(row)

    def scarce(self, owner: str) -> None:
        """A crowd that comes because an item is on backorder."""
        self.calls[owner] = lambda row, _: self._short(row)

    def delighted(self, owner: str, segment: int, most: float) -> None:
        """A crowd of customers who order more than usual; `most` is the share that was drawn."""
        trust = self.trust
        assert trust is not None
        self.calls[owner] = lambda row, now: UniformDraws(*row[EXTRAS].draws).come * most < trust.gain(segment, now)

    def _short(self, row: Row) -> bool:
        """Whether any item of the order is on backorder."""
        return any(is_short(self.state, item) for item in row[ITEMS])

    # ------------------------------------------------------------- orders
    def order_arrives(self, row: Row, now: float) -> None:
        """An order comes, or stays away."""
        terms, trust = row[TERMS], self.trust
        call = self.calls.get(terms.owner)
        if call is not None and not call(row, now):
            self._stays_away(row, Exit.UNCALLED)
        elif trust is None:
            self.lets_in(row, now)
        elif call is None and trust.keeps_away(terms.segment, UniformDraws(*row[EXTRAS].draws).come, now):
            self._stays_away(row, Exit.DETERRED)
        else:
            self._comes(row, trust, now)

    def _stays_away(self, row: Row, why: Exit) -> None:
        number, write = self.flow.placed, self.state.ledger.refused.write
        self.flow.placed = number + 1
        for line, (item, units) in enumerate(zip(row[ITEMS], row[QUANTITIES], strict=True)):
            write(number, line, item, units, why)

    def _comes(self, row: Row, trust: LoyaltyTracker, now: float) -> None:
        """What the shopper finds is read off the facts that the order leaves."""
        ledger, number, segment = self.state.ledger, self.flow.placed, row[TERMS].segment
        refused, waiting = len(ledger.refused), len(ledger.backordered)
        self.lets_in(row, now)
        if len(ledger.refused) > refused:
            exits = ledger.refused.since(refused)[:, -1]
            trust.got_nothing(number, segment, bool((exits == Exit.SWITCHED).any()), now)
        elif len(ledger.backordered) == waiting:
            trust.served_at_once(number, segment, UniformDraws(*row[EXTRAS].draws), now)


def is_short(state: ReplicationState, item: int) -> bool:
    """Whether an item is on backorder: somebody waits for it, or the shelf is empty."""
    shelf = state.engine.shelves[item]
    return bool(shelf.backordered) or shelf.on_hand <= 0


class Promotions:
    """Which items are promoted now, and whether their dates are hidden."""

    def __init__(self, state: ReplicationState) -> None:
        self.state = state
        self.spans: list[tuple[frozenset[str], Span]] = []

    @classmethod
    def of(cls, state: ReplicationState, occurrences: Sequence[Occurrence]) -> Promotions | None:
        """None where nothing is promoted."""
        found = cls(state)
        for occurrence in occurrences:
            if isinstance(occurrence.event, Promotion):
                names = frozenset(occurrence.event.promoted)
                found.spans += [(names, span) for span in occurrence.spans]
        return found if found.spans else None

    def hide(self, item: int, now: float) -> bool:
        """Whether no date is shown for an item that is on backorder."""
        if not self.state.policy.promotion.hides:
            return False
        name = self.state.numbering.shelves[item][1]
        return any(name in names and span.start <= now < span.end for names, span in self.spans)
