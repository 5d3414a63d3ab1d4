"""Transfers: stock sent from one site to another, which is on order at the site to which it goes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

import numpy as np

from simulator.engine.backlog import Order, Release, Shelf
from simulator.policies.sourcing.sourcing import SharedSites
from simulator.policies.sourcing.transfers import Sending, SiteStock
from simulator.record.gauge import Gauge
from simulator.record.ledger import Floats
from simulator.scenario.schema.common import constant
from simulator.scenario.schema.supply import Supplier
from simulator.world.availability.known import KnownEvents
from simulator.world.availability.shelf_forecast import ShelfForecasts
from simulator.world.clock import Phase, Process
from simulator.world.state import ReplicationState
from simulator.world.suppliers.lanes import SupplyRoute
from simulator.world.suppliers.purchase import Purchase, ShelvesServed
from simulator.world.suppliers.source import Source
from simulator.world.suppliers.vendor import Vendor
from simulator.world.switchboard import Gate

NO_NUMBER = -1
"""Number of a transfer among the purchases, and of a site among the suppliers: they are facts of their own."""


def build_transfers(state: ReplicationState) -> None:
    """Lets sites send stock to each other where the policy says so."""
    policies = [one for _, one in state.policy.all_transfers if isinstance(one, Sending)]
    if policies and len(state.numbering.sites) > 1:
        TransferDesk(state, policies)


def start_transfers(state: ReplicationState) -> None:
    """Starts a process for every rhythm at which the stock is looked at."""
    desk = state.flow.followers.part(TransferDesk)
    if desk is not None:
        for rhythm in desk.rhythms:
            state.clock.process(desk.look(rhythm))


class OnTheRoad(Source):
    """What has been sent to another site is not taken back."""

    def withdraw(self, purchase: Purchase, units: int, now: float) -> int:
        return 0


class SendingSite(Vendor):
    """The other sites as one supplier: a transfer is a purchase that travels at once and arrives whole."""

    def note_receipt(self, purchase: Purchase, arriving: int, now: float) -> None:
        """Its receipt was recorded when it was sent."""


class TransferDesk:
    """Decides on transfers when a site is short, or at intervals, as the policy in force says, and sends them.

    The position of the receiving site rises when a transfer is sent, and that of the sending site falls.
    """

    def __init__(self, state: ReplicationState, policies: Sequence[Sending]) -> None:
        """`policies` are those that may be in force."""
        self.state, self.flow, self.engine = state, state.flow, state.engine
        self.in_force = state.decided.transfers
        self.rhythms = sorted({policy.rhythm for policy in policies if policy.rhythm is not None})
        """Days between two looks."""
        self.clock, self.ledger, self.purchasing = state.clock, state.ledger, state.flow.purchasing
        numbering = state.numbering
        self.size = len(numbering.items)
        self.sites = range(len(numbering.sites))
        shared = [sourcing for sourcing in state.decided.sourcing.all if isinstance(sourcing, SharedSites)]
        self.spare = [max((s.spare.get(name, 0) for s in shared), default=0) for name in numbering.sites]
        self.coming = np.zeros(len(numbering.shelves), dtype=np.int64)
        """Units in transfer to each shelf."""
        self.sent = {
            number
            for number, name in enumerate(numbering.items)
            if state.scenario.items[name].made != "drop_ship" and number not in numbering.kits
        }
        """Items that sites can send: of kits, the components."""
        keys = {number: numbering.shelf_key(number) for number in range(len(numbering.shelves))}
        spec = Supplier.model_construct(lead_time=constant(policies[0].lead_time), items=numbering.items)
        route = SupplyRoute(state.clock, Gate(), [])
        self.sender = SendingSite(
            NO_NUMBER, "", spec, ShelvesServed(keys), state.streams, state.flow, route, OnTheRoad()
        )
        self.forecasts = ShelfForecasts(KnownEvents(state))
        self.looking: set[int] = set()
        """Items at which the desk will look at the end of the receipts of this instant."""
        self.gauge: Gauge | None = None
        self.asked: Floats = np.zeros(len(numbering.shelves))
        """Units asked of each shelf so far."""
        self.purchasing.watch()
        followers = state.flow.followers
        followers.arrives.add(self.arrives)
        if self.rhythms:
            self.gauge = Gauge(state.ledger, len(numbering.shelves), numbering.kits)
        if all(policy.rhythm is not None for policy in policies):
            return
        followers.waits.add(self.waits)
        followers.received.add(self.received)
        followers.released.add(self.released)
        if len(policies) > 1 or state.policy.schedule:
            followers.policy_changes.add(self.policy_changes)

    # ------------------------------------------------------------- when
    @property
    def when_short(self) -> bool:
        """Whether the policy in force acts when a site is short."""
        policy = self.in_force.now
        return isinstance(policy, Sending) and policy.rhythm is None

    def policy_changes(self, now: float) -> None:
        """Another policy may be in force: sites that are short need not wait for the next order."""
        for item in range(self.size) if self.when_short else ():
            self._look_at(self._shelf(0, item), now)

    def waits(self, order: Order, now: float) -> None:
        """Units go on backorder: looks before anything is bought for them."""
        if self.when_short:
            shelves = [part for line in order.waiting or () for part, _ in self.engine.parts_of(line.shelf)]
            for item in dict.fromkeys(shelf.item % self.size for shelf in shelves):
                self.decide(item, now)

    def received(self, purchase: Purchase, now: float) -> None:
        """Goods have come in: looks once all receipts of the instant are on the shelves."""
        self._look_at(purchase.shelf, now)

    def released(self, order: Order, release: Release) -> None:
        """Units of an order were cancelled, some of which may be on the shelf again."""
        for part, _ in self.engine.parts_of(release.shelf):
            self._look_at(part, self.clock.now)

    def _look_at(self, shelf: Shelf, now: float) -> None:
        item = shelf.item % self.size
        short = self.when_short and any(self.engine.missing(self._shelf(site, item)) for site in self.sites)
        if short and item not in self.looking:
            self.looking.add(item)
            self.clock.at(now, Phase.CANCEL, self._looks, item)

    def _looks(self, item: int, now: float) -> None:
        self.looking.discard(item)
        if self.when_short:
            self.decide(item, now)
        if self.engine.due:
            self.flow.stock_is_reviewed(now)

    def look(self, rhythm: float) -> Process:
        """A SimPy process: at k x rhythm, before the reviews of the instant, every item is looked at."""
        assert self.gauge is not None
        for looks in count(1):
            yield self.clock.until(looks * rhythm, Phase.REVIEW)
            now = self.clock.now
            self.asked += self.gauge.read(now).asked
            for item in range(self.size) if self.in_force.now.rhythm == rhythm else ():
                self.decide(item, now)
            if self.engine.due:
                self.flow.stock_is_reviewed(now)

    # ------------------------------------------------------------- what
    def _shelf(self, site: int, item: int) -> Shelf:
        return self.engine.shelves[site * self.size + item]

    def decide(self, item: int, now: float) -> None:
        """Sends what the policy says of one item."""
        policy = self.in_force.now
        if item not in self.sent or not isinstance(policy, Sending):
            return
        days, shelves = policy.lead_time, [self._shelf(site, item) for site in self.sites]
        for origin, to, units in policy.moves([self._seen(k, shelf, days, now) for k, shelf in enumerate(shelves)]):
            self.send(shelves[origin], shelves[to], units, days, now)

    def _seen(self, place: int, shelf: Shelf, days: float, now: float) -> SiteStock:
        coming = int(self.coming[shelf.item])
        waiting = shelf.backordered + shelf.claimed
        free = 0 if shelf.backordered else max(shelf.on_hand - shelf.claimed - self.spare[place], 0)
        short = waiting - shelf.on_hand - coming
        if short > 0 and days > 0:
            short -= self._sooner(shelf, now + days, now)
        net = shelf.on_hand + coming - waiting
        return SiteStock(free, max(short, 0), net, int(self.asked[shelf.item]))

    def _sooner(self, shelf: Shelf, day: float, now: float) -> int:
        """Units of purchases that are expected no later than a transfer would arrive on a day."""
        found = 0
        for purchase in self.purchasing.under_way.get(shelf.item, ()):
            if purchase.supplier is not self.sender:
                if self.forecasts.expected(purchase, now) <= day:
                    found += purchase.units
        return found

    def send(self, origin: Shelf, to: Shelf, units: int, days: float, now: float) -> None:
        """Units leave a shelf and are on order at another, where they arrive after some days."""
        arrives = now + days
        self.ledger.transfers.write(now, arrives, to.item, origin.item, units)
        self.engine.adjust(origin, -units, -units)
        self.engine.expect(to, units)
        self.coming[to.item] += units
        transfer = Purchase(NO_NUMBER, now, self.sender, to, units, 1.0, days)
        transfer.released, transfer.announced = now, arrives
        self.purchasing.under_way[to.item].append(transfer)
        self.sender.send(transfer, arrives)

    def arrives(self, purchase: Purchase, now: float) -> None:
        """A transfer has come to its site."""
        if purchase.supplier is self.sender:
            self.coming[purchase.shelf.item] -= purchase.units
