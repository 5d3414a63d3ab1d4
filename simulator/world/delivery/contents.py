"""What is in each parcel, where that matters: goods of several origins, recorded cancellations, lost parcels."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from simulator.engine.backlog import Order, Release
from simulator.model.nouns import Cause, Exit
from simulator.randomness.arrivals.trace import Trace
from simulator.world.clock import Phase
from simulator.world.delivery.returns import GoodsReturns
from simulator.world.orders.followers import Fills
from simulator.world.state import ReplicationState

Entry = list[int]
"""[line, item, units]"""
KEPT = -1
"""The line of goods that were sent in exchange: they are neither called off nor sent back."""


def build_contents(state: ReplicationState, tracked: bool) -> Contents | None:
    """Follows the contents of parcels where anything asks for them; `tracked`: parcels may be lost."""
    sent_back = any(spec.returns for spec in state.scenario.customers.values())
    origins = state.numbering.origins(state.policy)
    books = [spec.arrivals for spec in state.scenario.customers.values() if isinstance(spec.arrivals, Trace)]
    recalled = any(trace.book.cancel_at is not None for trace in books)
    everything = tracked or sent_back or len(set(origins)) > 1
    return Contents(state, origins, everything) if everything or recalled else None


class Contents:
    """Follows units by line from the shelf to the customer's door.

    All units that are filled and not held for the rest of their order leave together, one parcel for each place where
    they are: the warehouse (or every site), and every drop-ship vendor.
    """

    def __init__(self, state: ReplicationState, origins: Sequence[int], everything: bool) -> None:
        self.state, self.ledger, self.flow, self.origins = state, state.ledger, state.flow, origins
        self.everything = everything
        """Whether it follows all orders, not only those of which recorded data say that units are called off."""
        self.returns = GoodsReturns(state)
        self.mixed = len(set(origins)) > 1
        """Whether an order's goods may leave from several places."""
        self._refused: dict[tuple[int, int], int] = {}
        """(order, line) -> units refused, while the order is being placed."""
        self.unsent: dict[int, list[Entry]] = {}
        """Order -> what is filled and in no parcel yet, in the order in which it was filled."""
        self.packed: dict[tuple[int, int], list[Entry]] = {}
        """(order, parcel) -> what is in a parcel that has not been handed over."""
        self.left: dict[int, list[tuple[float, Entry]]] = {}
        """Order -> (day of delivery, what was delivered), of orders with recorded cancellations."""
        followers = state.flow.followers
        followers.refused.add(self.refused)
        followers.ordered.add(self.ordered)
        followers.filled.add(self.filled)
        followers.released.add(self.released)

    # ------------------------------------------------------------- filled
    def refused(self, order: Order, line: int, item: int, units: int, exit_: Exit, now: float) -> None:
        """Units of a line were not ordered."""
        if self.everything or order.arrival.recalls is not None:
            self._refused[order.number, line] = self._refused.get((order.number, line), 0) + units

    def ordered(self, order: Order, now: float) -> None:
        """Notes the units that an order takes off the shelf at once."""
        if not self.everything and order.arrival.recalls is None:
            return
        waiting = {line.number: line.open for line in order.waiting or ()}
        found = []
        for line, (item, units) in enumerate(zip(order.arrival.items, order.arrival.quantities, strict=True)):
            units -= waiting.get(line, 0) + self._refused.pop((order.number, line), 0)
            if units:
                found.append([line, item, units])
        if found:
            self.unsent[order.number] = found

    def filled(self, fills: Fills, now: float) -> None:
        """Notes the units that were filled from the backlog."""
        for line, units in fills:
            if self.everything or line.order.arrival.recalls is not None:
                self.unsent.setdefault(line.order.number, []).append([line.number, line.shelf.item, units])

    def released(self, order: Order, release: Release) -> None:
        """Filled units went back to the shelf."""
        if release.held:
            _take(self.unsent.get(order.number, []), release.line, release.units)

    # ------------------------------------------------------------- parcels
    def pack(self, order: Order, units: int, now: float) -> list[int]:
        """`units` units leave: returns the units of each parcel, which are numbered from `order.parcels` on. Goods for
        a wanted day that other sites send later are left among those that are packed."""
        unsent = self.unsent.pop(order.number, [])
        own = sum(entry[2] for entry in unsent) - order.held
        entries = _cut(unsent, own) + self._substitutes(order, units - own)
        later = [entry for entry in entries if self.flow.sites and self._day(order, entry) > now]
        if later:
            entries = [entry for entry in entries if self._day(order, entry) <= now]
            order.packed += sum(entry[2] for entry in later)
        if later or unsent:
            self.unsent[order.number] = later + unsent
        parcels: dict[int, list[Entry]] = {}
        for entry in entries:
            parcels.setdefault(self.origins[entry[1]] if self.mixed else -1, []).append(entry)
        for number, content in enumerate(parcels.values(), order.parcels):
            self.packed[order.number, number] = content
        return [sum(entry[2] for entry in content) for content in parcels.values()]

    def _day(self, order: Order, entry: Entry) -> float:
        """The day from which goods may leave; -inf: at once."""
        own_days = self.state.own_days
        return -inf if own_days is None else own_days.day(order, self.origins[entry[1]] if self.mixed else 0)

    def kept(self, order: Order) -> list[tuple[float, int, int]]:
        """(day from which they may leave, line, units) of all goods that are packed for an order with a wanted day,
        those among them that it got at this instant in place of others."""
        unsent = self.unsent.get(order.number, [])
        own = sum(entry[2] for entry in unsent) - order.held
        if order.packed > own:
            self.unsent[order.number] = unsent = self._substitutes(order, order.packed - own) + unsent
        found, left = [], order.packed
        for entry in unsent:
            units = min(entry[2], left)
            left -= units
            if units:
                found.append((self._day(order, entry), entry[0], units))
        return found

    def stays(self, order: Order, now: float) -> set[int]:
        """Lines of which packed goods stay at their site, while others of the order leave."""
        if self.state.own_days is None or not self.flow.sites or order.leaves == -inf:
            return set()
        return {line for day, line, _ in self.kept(order) if day > now}

    def _substitutes(self, order: Order, units: int) -> list[Entry]:
        """`units` units that an order got in place of others; they leave at the instant at which they are recorded."""
        table = self.ledger.recovered
        found: list[Entry] = []
        for row in table.since(max(len(table) - len(order.arrival.items), 0))[::-1].tolist() if units > 0 else ():
            _, number, line, item, some, exit_ = row
            if number == order.number and units > 0:
                found.insert(0, [KEPT if exit_ == Exit.EXCHANGED else int(line), int(item), int(some)])
                units -= int(some)
        return found

    def origin(self, order: Order, parcel: int) -> int:
        """Where a parcel leaves from: see `ItemFacts.origin`."""
        content = self.packed[order.number, parcel]
        return self.origins[content[0][1]] if self.mixed and content else -1

    def units(self, order: Order, parcel: int) -> int:
        """Units in a parcel that has not been handed over."""
        return sum(entry[2] for entry in self.packed[order.number, parcel])

    def handed_over(self, order: Order, parcel: int, delivery: float | None) -> list[Entry]:
        """A parcel is with its carrier; None: it is lost. Returns what is in it."""
        content = self.packed.pop((order.number, parcel), [])
        if delivery is not None:
            self.returns.delivered(order, content, delivery)
        if delivery is not None and order.arrival.recalls:
            self.left.setdefault(order.number, []).extend((delivery, entry) for entry in content)
        return content

    # -------------------------------------------------------- called off
    def called_off(self, order: Order, line: int, item: int, units: int, now: float, comes_back: bool = True) -> None:
        """Takes units of a line that neither wait nor are held out of their parcel, or lets them come back."""
        unpacked = self._take_out(order, line, units)
        if unpacked:
            release = [Release(line, self.flow.engine.shelves[item], unpacked, True)]
            self.flow.engine.release(order, release)
            self.flow.units_are_released(order, release, Cause.CALLED_OFF, now)
        for delivered, some in self._take_back(order, line, units - unpacked) if comes_back else ():
            what = (order, line, item, some)
            if delivered <= now:
                self.goods_come_back(what, now)
            else:
                self.flow.clock.at(delivered, Phase.CANCEL, self.goods_come_back, what)

    def goods_come_back(self, what: tuple[Order, int, int, int], now: float) -> None:
        """Goods that were called off after they had left are back."""
        self.returns.recorded(*what, now)

    def _take_out(self, order: Order, line: int, units: int) -> int:
        """Takes up to `units` units of a line out of what has not been handed over; returns how many."""
        ready = sum(entry[2] for entry in self.unsent.get(order.number, []) if entry[0] == line)
        found = min(units, order.packed, ready)  # they go out of `unsent` when they are released
        order.packed -= found
        for number in reversed(range(order.parcels)):
            if found < units:
                found += _take(self.packed.get((order.number, number), []), line, units - found)
        return found

    def _take_back(self, order: Order, line: int, units: int) -> list[tuple[float, int]]:
        """(day of delivery, units) of up to `units` units of a line that were handed over, the last ones first."""
        found: dict[float, int] = {}
        for delivery, entry in reversed(self.left.get(order.number, [])):
            some = min(units, entry[2]) if entry[0] == line else 0
            if some:
                entry[2] -= some
                units -= some
                found[delivery] = found.get(delivery, 0) + some
        return list(found.items())


def _cut(entries: list[Entry], units: int) -> list[Entry]:
    """Takes the first units out of the entries."""
    found: list[Entry] = []
    while units > 0:
        line, item, some = entries[0]
        less = min(some, units)
        units -= less
        found.append([line, item, less])
        entries[0][2] -= less
        if not entries[0][2]:
            entries.pop(0)
    return found


def _take(entries: list[Entry], line: int, units: int) -> int:
    """Takes up to `units` units of a line out of the entries, the last ones first; returns how many."""
    found = 0
    for entry in reversed(entries):
        if entry[0] == line and found < units:
            some = min(entry[2], units - found)
            entry[2] -= some
            found += some
    entries[:] = [entry for entry in entries if entry[2]]
    return found
