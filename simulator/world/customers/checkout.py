"""The checkout: what customers do when an item is not available; each way out is recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from simulator.engine.backlog import Order, Shelf, Shown
from simulator.model.nouns import Cause, Exit, Refusal
from simulator.policies.acceptance import Acceptance
from simulator.policies.outlook import Outlook
from simulator.randomness.join import Join
from simulator.scenario.schema.customers import Customers
from simulator.scenario.schema.shoppers import Otherwise
from simulator.world.availability.availability import Availability, Request
from simulator.world.customers.caps import Refusals
from simulator.world.customers.loyalty import LoyaltyTracker
from simulator.world.customers.waitlist import Waitlist
from simulator.world.delivery.clearance import Clearance
from simulator.world.state import ReplicationState


class Shopper(NamedTuple):
    """How the customers of one segment choose."""

    join: Join | None
    """None: all order whatever may be ordered."""
    otherwise: Otherwise | None
    """None: customers who do not order leave without anything."""
    label: float

    @classmethod
    def of(cls, spec: Customers) -> Shopper:
        return cls(spec.join, spec.otherwise, spec.label)


def is_needed(state: ReplicationState) -> bool:
    """Whether any customer or acceptance policy looks at more than the number of units."""
    choosing = any(spec.join or spec.otherwise for spec in state.scenario.customers.values())
    selective = any(a.asks_dates or a.waitlist for a in state.decided.acceptance.all)
    return choosing or selective or any("switch" in c.options for c in state.decided.communication.all)


class Checkout:
    """Decides, line by line, what happens to units that are not available."""

    def __init__(self, state: ReplicationState, availability: Availability) -> None:
        self.state, self.availability, self.flow = state, availability, state.flow
        self.engine, self.ledger = state.engine, state.ledger
        self.promise, self.acceptance = state.decided.promise, state.decided.acceptance
        self.shoppers = [Shopper.of(state.scenario.customers[name]) for name in state.numbering.segments]
        self.substitutes = [
            sorted(
                (tuple(state.numbering.number(other, site) for other in chain), share)
                for chain, share in state.scenario.items[name].chains
            )
            for site, name in state.numbering.shelves
        ]
        """Item -> (substitutes in the order in which customers look for them, share of customers who do), whatever
        their order in the file."""
        self.loyalty = state.flow.followers.part(LoyaltyTracker)
        self.refusals = state.flow.followers.part(Refusals)
        self.clearance = state.flow.followers.part(Clearance)
        self.declined: set[int] = set()
        """Lines of the order at hand that the customer did not want to wait for."""
        Waitlist(state)
        state.flow.followers.chooses.add(self.chooses)
        state.flow.followers.exits.add(self.exits)
        state.flow.followers.switches.add(self.switches)

    # ---------------------------------------------------------------- join
    def chooses(self, order: Order, short: list[int], shown: Mapping[int, Shown] | None, now: float) -> list[int]:
        """Of the lines that are not available, those that go on backorder; the others are refused.

        A line is not asked about when the storefront shows it as available: `shown` allows more on backorder then.
        """
        items, quantities = order.arrival.items, order.arrival.quantities
        shopper = self.shoppers[order.terms.segment]
        self.declined.clear()
        kept = []
        capped = Counter({line: units for _, line, _, units in self.engine.refused})
        """Units of each line that a cap has refused already."""
        mine: Counter[int] = Counter()
        """Units of the order's earlier lines by shelf: they are served before later ones."""
        asked: dict[str | None, list[Request]] = {}
        """What its earlier lines wait for, by site."""
        for line in short:
            item, units = items[line], quantities[line] - capped[line]
            acceptance, shelf = self.acceptance.of_line(order, item), self.engine.shelves[item]
            view = None if shown is None else shown.get(item)
            seems_available = view is not None and view.oversold >= units - shelf.on_hand > 0
            if seems_available or (shopper.join is None and not acceptance.asks_dates):
                kept.append(line)
                self.availability.adds(mine, shelf, units)
                continue
            hidden, limit = (0, self._limit(shelf, order)) if view is None else (view.hidden, view.limit)
            site = self.availability.site(shelf)
            taken, outlook = units, None
            if not acceptance.asks_dates and not self.promise.of(order).looks_ahead:
                waits = self.availability.waits(shelf, units, order, now, mine, hidden)
            else:
                outlook = self.availability.of(shelf, units, order, now, mine, hidden)
                along = self._with_others(asked.get(site, ()), (shelf, units, mine, hidden), order, now)
                why = self._refusal(acceptance, order, outlook, outlook if along is None else along)
                if why is not None:  # the shop sells what is on the shelf, as it would without backorders
                    splits = order.terms.splits_lines and not acceptance.whole_lines
                    taken = self._on_shelf(shelf, order, mine, hidden) if splits else 0
                    self._explain(order, line, item, units - taken, why, now)
                    if not taken:
                        self.engine.refused.append((order.number, line, item, units))
                        continue
                    self.engine.refused.append((order.number, line, item, units - taken))
                    outlook = self.availability.of(shelf, taken, order, now, mine, hidden)
                waits = outlook.possible != 0.0
            asks = limit > 0 and waits
            if asks and shopper.join is not None and not self._joins(shopper.join, order, item, outlook, now):
                self.declined.add(line)
                self._explain(order, line, item, taken, None, now)
                self.engine.refused.append((order.number, line, item, taken))
                continue
            kept.append(line)
            if acceptance.reject_after is not None:
                what = self.availability.requests(shelf, taken, order, now, mine, hidden)
                asked.setdefault(site, []).extend(what)
            self.availability.adds(mine, shelf, taken)
        return kept

    def _with_others(
        self, others: Sequence[Request], line: tuple[Shelf, int, Counter[int], int], order: Order, now: float
    ) -> Outlook | None:
        """The outlook of a line (item, units, those of earlier lines, hidden ones) and of earlier lines that wait: one
        date holds for all of them; None if there are none."""
        if not others:
            return None
        shelf, units, mine, hidden = line
        what = self.availability.requests(shelf, units, order, now, mine, hidden)
        return self.availability.together([*others, *what], order, now, self.availability.site(shelf))

    def _refusal(self, acceptance: Acceptance, order: Order, outlook: Outlook, together: Outlook) -> Refusal | None:
        """The rule by which units with this outlook are refused, `together` with the lines before; None: they are
        accepted."""
        if not acceptance.accepts(outlook):
            return acceptance.refusal
        if acceptance.reject_after is None:
            return None
        promise = self.promise.of(order)
        days = promise.quote(together)
        if promise.from_stock is None or not acceptance.dated:  # no date is ever given: the expected one counts
            days = None if together.possible is None else together.delivery(together.possible)
        return None if acceptance.soon_enough(days) else Refusal.TOO_LATE

    def _explain(self, order: Order, line: int, item: int, units: int, why: Refusal | None, now: float) -> None:
        if self.refusals is not None and units:
            self.refusals.explain(order, line, item, units, why, now)

    def _limit(self, shelf: Shelf, order: Order) -> float:
        limits = self.engine.limits
        return shelf.limit if limits is None else limits(order, shelf)[0]

    def _on_shelf(self, shelf: Shelf, order: Order, mine: Counter[int], hidden: int) -> int:
        """Units of an item that the order would get at once, after those of its earlier lines and hidden ones."""
        if shelf.backordered and shelf.backlog.goes_before(order):
            return 0
        reserve, parts = order.terms.reserve, self.engine.parts_of(shelf)
        return max(min((part.on_hand - reserve - mine[part.item]) // each for part, each in parts) - hidden, 0)

    def _joins(self, join: Join, order: Order, item: int, outlook: Outlook | None, now: float) -> bool:
        """Whether the customer accepts the date; without an outlook, that of a promise that needs none."""
        hidden = not self.acceptance.of_line(order, item).dated or self.state.promotions.hide(item, now)
        promise = self.promise.of(order)
        date = None if hidden else promise.days if outlook is None else promise.quote(outlook)
        standing = 0.0 if self.loyalty is None else self.loyalty.standing
        label = self.shoppers[order.terms.segment].label
        draw: float = order.arrival.draws.join
        return draw < join.chance(date, standing, label)

    # ---------------------------------------------------------------- exit
    def exits(self, order: Order, line: int, item: int, units: int, now: float) -> Exit:
        """How a customer leaves who does not order units: with a substitute, to the wait-list, to a rival, or without.

        One uniform draw decides. Its range is divided among the substitutes first; the rest of it, stretched to [0, 1)
        again, decides between the other exits.
        """
        otherwise = self.shoppers[order.terms.segment].otherwise
        if otherwise is None:
            return Exit.WALKED if line in self.declined else Exit.REFUSED
        draw, below = order.arrival.draws.instead, 0.0
        for chain, share in self.substitutes[item]:
            if below <= draw < below + share:
                for other in chain:
                    if self._substitute(order, line, other, units, now):
                        return Exit.SUBSTITUTED
            below += share
        draw = (draw - below) / (1 - below) if draw >= below else draw / below
        draw *= otherwise.switch + otherwise.waitlist + otherwise.walk
        if draw < otherwise.switch:
            return Exit.SWITCHED
        if self.acceptance.of_line(order, item).waitlist and draw < otherwise.switch + otherwise.waitlist:
            return Exit.WAITLISTED
        return Exit.WALKED

    def _substitute(self, order: Order, line: int, other: int, units: int, now: float) -> bool:
        """Takes another item in place of a line if it is available; it ships at once, so a held order takes none."""
        if self.clearance is not None and self.clearance.blocks(order):
            return False
        if not self.engine.take_one(self.engine.shelves[other], units, order.terms.reserve):
            return False
        self.ledger.recovered.write(now, order.number, line, other, units, Exit.SUBSTITUTED)
        order.packed += units
        return True

    # --------------------------------------------------------------- switch
    def switches(self, order: Order, now: float) -> bool:
        """Gives up every waiting line for an available substitute, which ships at once; False where one has none, or
        the order is held."""
        if self.clearance is not None and self.clearance.blocks(order):
            return False
        found: list[tuple[int, int, int]] = []
        wanted: Counter[int] = Counter()
        for line in order.waiting or ():
            for other in dict.fromkeys(other for chain, _ in self.substitutes[line.shelf.item] for other in chain):
                shelf = self.engine.shelves[other]
                if not shelf.backordered and self.engine.available(shelf) - wanted[other] >= line.open:
                    wanted[other] += line.open
                    found.append((line.number, other, line.open))
                    break
            else:
                return False
        for _, other, units in found:
            self.engine.take_one(self.engine.shelves[other], units, 0)
        self.flow.order_is_given_up(order, Cause.OFFER, now)
        for line_number, other, units in found:
            self.ledger.recovered.write(now, order.number, line_number, other, units, Exit.SUBSTITUTED)
            order.packed += units
        self.flow.goods_leave(order, now)
        return True
