"""A place that keeps stock: reviews, purchases and receipts, the same for a warehouse and for a supplier with stock."""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from itertools import islice
from operator import attrgetter
from typing import Any

from simulator.engine.backlog import Shelf
from simulator.engine.backorder_engine import BackorderEngine
from simulator.policies.replenishment.replenishment import Replenishment
from simulator.policies.replenishment.view import DemandOutlook, Rhythm
from simulator.record.ledger import Ledger
from simulator.world.clock import Clock, Phase, Process
from simulator.world.suppliers.purchase import Purchase, PurchaseCallback
from simulator.world.suppliers.purchasing import Purchasing


class ShelfView:
    """A shelf as its buyer sees it: the `StockView` of replenishment decisions."""

    def __init__(self, node: StockingNode, shelf: Shelf, item: str) -> None:
        self.node, self.shelf, self.item = node, shelf, item
        self.reviews = 0
        self.memory: Any = None
        self.outlook: DemandOutlook
        self.before = shelf.position
        """Position after the last scheduled review."""

    # Read at every purchase: attrgetter spares the frame of a function.
    now = property(attrgetter("node.clock.now"))
    position = property(attrgetter("shelf.position"))
    on_order = property(attrgetter("shelf.on_order"))

    @property
    def net(self) -> int:
        """On hand on record - backordered, less what waiting kits need."""
        shelf = self.shelf
        return shelf.on_hand + shelf.phantom - shelf.backordered - shelf.claimed

    @property
    def asked(self) -> int:
        """Units by which the position has fallen since the last scheduled review, or the start."""
        return self.before - self.shelf.position

    @property
    def pipeline(self) -> tuple[tuple[float, int], ...]:
        """(days until it is expected, units): every purchase is expected on the day that was announced, else after its
        supplier's order delay and mean lead time."""
        now, found = self.node.clock.now, self.node.purchasing.under_way[self.shelf.item]
        return tuple((max(self._expected(p) - now, 0.0), p.units) for p in found)

    @staticmethod
    def _expected(purchase: Purchase) -> float:
        if purchase.announced is not None:
            return purchase.announced
        return purchase.reaches + purchase.supplier.mean_lead(purchase.shelf.item)

    def lead_time(self, supplier: str) -> float:
        """Mean days from the decision to buy to the receipt."""
        return self.node.purchasing.vendors[supplier].mean_days(self.shelf.item)


class ShelfViews(dict[int, ShelfView]):
    """Views by item number, made when they are first used: few of ten thousand items may ever be reviewed."""

    def __init__(self, node: StockingNode, items: Sequence[str]) -> None:
        self.node, self.items_ = node, items

    def __missing__(self, item: int) -> ShelfView:
        self[item] = made = ShelfView(self.node, self.node.engine.shelves[item], self.items_[item])
        return made


class StockingNode:
    """Reviews its stock, buys what its replenishment decisions say, and receives the goods."""

    purchasing: Purchasing

    def __init__(
        self,
        clock: Clock,
        engine: BackorderEngine,
        ledger: Ledger,
        replenishment: list[Replenishment],
        items: Sequence[str],
    ) -> None:
        """`replenishment` and `items` (their names) are by number of the shelf."""
        self.clock, self.engine, self.ledger, self.replenishment = clock, engine, ledger, replenishment
        self.purchases = 0
        """Purchases so far."""
        self.reviewed: dict[Rhythm, int] = {}
        """Scheduled reviews so far, by rhythm."""
        self.views = ShelfViews(self, items)
        self.groups: dict[tuple[Rhythm, bool], list[Shelf]] = {}
        """Shelves with scheduled reviews, by number, by their rhythm and whether their decisions see history."""
        self.reviewing = False
        """True once the processes of scheduled reviews have started."""
        self.changes_ahead: dict[int, list[tuple[float, Replenishment]]] = {}
        """Item -> (day, decision that holds from then on) of changes that are planned for dates, in order of time."""
        self.embargo: dict[int, float] = {}
        """Item -> the day before which its goods are stored but do not count as received."""
        self.purchase_released: Sequence[PurchaseCallback] = ()
        """Called when the lead time of a purchase has started."""
        self.arrives: Sequence[PurchaseCallback] = ()
        """Called when goods are about to be received."""
        self.received: Sequence[PurchaseCallback] = ()
        """Called when goods are on the shelf, and the backlog has been served from them."""

    def stock_is_allocated(self, now: float) -> None:
        """Gives free stock to the backlog, and records it."""
        raise NotImplementedError

    def stock_is_reviewed(self, now: float) -> None:
        """Reviews the shelves whose position has fallen to their trigger."""
        due = self.engine.due
        while due:
            shelf = due.pop()
            if shelf.position <= shelf.trigger:
                self.purchase_is_made(shelf, now)

    def purchase_is_made(self, shelf: Shelf, now: float) -> None:
        """Buys what the replenishment decision says; the position rises at once, the goods arrive later."""
        for units, supplier, lot in self.replenishment[shelf.item].buys(self.views[shelf.item]):
            self.purchasing.buy(shelf, units, now, supplier, lot)
            if self.engine.unsettled:
                self.stock_is_allocated(now)

    def goods_arrive(self, purchase: Purchase, now: float) -> None:
        """Receives goods, which go to the backlog first; before the day of an embargo they are only stored."""
        if not purchase.units:  # all of it was withdrawn
            return
        if self.embargo and now < (day := self.embargo.get(purchase.shelf.item, 0.0)):
            purchase.received = day
            self.clock.at(day, Phase.RECEIPT, self.goods_arrive, purchase)
            return
        for arrives in self.arrives:
            arrives(purchase, now)
        self.purchasing.receive(purchase, now)
        self.stock_is_allocated(now)
        for received in self.received:
            received(purchase, now)
        if self.engine.due:
            self.stock_is_reviewed(now)

    # ------------------------------------------------------------ reviews
    def start_reviews(self) -> None:
        """Sets the triggers of continuous reviews, and starts a process for every rhythm of scheduled ones."""
        self.groups, self.reviewing = self.scheduled_reviews(), True
        for (rhythm, history), shelves in self.groups.items():
            self.clock.process(self.review(rhythm, shelves, history))

    def scheduled_reviews(self) -> dict[tuple[Rhythm, bool], list[Shelf]]:
        """Sets the triggers of continuous reviews; returns the shelves with scheduled ones by rhythm, and whether their
        decisions see history."""
        scheduled: dict[tuple[Rhythm, bool], list[Shelf]] = {}
        for shelf, decision in zip(self.engine.shelves, self.replenishment, strict=True):
            rhythm = decision.rhythm(self.views.items_[shelf.item])
            if rhythm.trigger > shelf.trigger:
                self.engine.set_trigger(shelf, rhythm.trigger)
            if decision.sees_pipeline:
                self.purchasing.watch([shelf.item])
            if rhythm.is_scheduled:
                scheduled.setdefault((rhythm, decision.sees_history), []).append(shelf)
            if decision.sees_history:
                self.views[shelf.item].before = shelf.position
        return scheduled

    def change_decision(self, shelf: Shelf, decision: Replenishment, now: float) -> None:
        """From now on another decision says what is bought. Its scheduled reviews keep to the days of its rhythm; a
        shelf at or below its new trigger is reviewed at the end of this instant."""
        before, self.replenishment[shelf.item] = self.replenishment[shelf.item], decision
        if not self.reviewing:
            return
        rhythm, view = decision.rhythm(self.views.items_[shelf.item]), self.views[shelf.item]
        old = (before.rhythm(self.views.items_[shelf.item]), before.sees_history)
        if old[0].is_scheduled:
            self.groups[old].remove(shelf)
        if rhythm.is_scheduled:
            insort(self._group(rhythm, decision.sees_history, now), shelf, key=lambda other: other.item)
        view.before, view.memory = shelf.position, None
        if decision.sees_pipeline:
            self.purchasing.watch([shelf.item])
        self.engine.set_trigger(shelf, rhythm.trigger)
        self.clock.at(now, Phase.REVIEW, self._review_at_trigger, shelf)

    def _group(self, rhythm: Rhythm, history: bool, now: float) -> list[Shelf]:
        """The shelves that are reviewed in a rhythm; its process starts with the first of them."""
        key = (rhythm, history)
        if key not in self.groups:
            self.groups[key] = []
            first = next((number for number, time in enumerate(rhythm.times()) if time >= now), 0)
            self.reviewed[rhythm] = first
            self.clock.process(self.review(rhythm, self.groups[key], history, first))
        return self.groups[key]

    def _review_at_trigger(self, shelf: Shelf, now: float) -> None:
        if shelf.position <= shelf.trigger:
            self.purchase_is_made(shelf, now)

    def review(self, rhythm: Rhythm, shelves: Sequence[Shelf], history: bool, first: int = 0) -> Process:
        """A SimPy process: scheduled reviews of some shelves from the review with number `first` on, after all else of
        the instant."""
        for number, time in enumerate(islice(rhythm.times(), first, None), first):
            yield self.clock.until(time, Phase.REVIEW)
            self.reviewed[rhythm] = number + 1
            for shelf in shelves:
                if not history:  # ten thousand shelves may be reviewed every day
                    self.purchase_is_made(shelf, time)
                    continue
                view = self.views[shelf.item]
                view.memory = self.replenishment[shelf.item].remembers(view)
                self.purchase_is_made(shelf, time)
                view.reviews += 1
                view.before = shelf.position

    def first_reviews(self) -> None:
        """Shelves that start at or below their trigger are reviewed at time 0, after all else of the instant."""
        for shelf in self.engine.shelves:
            if shelf.position <= shelf.trigger:
                self.clock.at(0.0, Phase.REVIEW, self._review_at_trigger, shelf)
