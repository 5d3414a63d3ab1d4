"""Sourcing: which sites serve the lines of an order, where the rest waits, and when goods from other sites arrive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import inf
from typing import NamedTuple

from simulator.engine.backlog import Order
from simulator.model.nouns import Exit
from simulator.policies.promise import Promise
from simulator.policies.sourcing.sourcing import Asked, SharedSites
from simulator.world.availability.availability import Availability
from simulator.world.orders.arrival import Arrival, Recall
from simulator.world.orders.waiting_order import wanted_day
from simulator.world.sites.offers import SiteOffers, Way
from simulator.world.state import ReplicationState

Rest = tuple[int, int, int]
"""(line, item, units) that no site has."""
Found = list[dict[int, int]]
"""By line: units by place of the site among those that reach the customer."""


class LinePart(NamedTuple):
    """Units of a line that one site serves; a line of its own while the order is in the simulation."""

    line: int
    """Place of the line in the order as it was placed."""
    item: int
    """Number of the shelf."""
    units: int
    waiting: int
    """Units of them that are not there when the order is placed."""


def build_sourcing(state: ReplicationState, availability: Availability | None) -> None:
    """Lets several sites serve an order where the policy says so."""
    if is_shared(state):
        assert availability is not None
        SiteSourcing(state, availability)


def is_shared(state: ReplicationState) -> bool:
    """Whether an order may be served by several sites."""
    return state.numbering.shares(state.policy)


def _follows_stock(promise: Promise) -> bool:
    """Whether the date of an order that is filled at once depends on the sites that serve it."""
    return promise.from_stock is not None and promise.days is None


class SiteSourcing:
    """Divides the lines of an order among sites before they take any units.

    A line that several sites serve becomes several lines, the parts; the first keeps the line's number, the others have
    numbers behind all lines. Facts about parts are named by the lines when the run is over (`Facts`).
    """

    def __init__(self, state: ReplicationState, availability: Availability) -> None:
        self.state, self.flow, self.engine, self.ledger = state, state.flow, state.engine, state.ledger
        self.availability, self.promise = availability, state.decided.promise
        self.sourcing, self.fulfilment = state.decided.sourcing, state.decided.fulfilment
        self.offers = SiteOffers(state)
        self.size = len(state.numbering.items)
        """Number of items, and so of shelves at each site."""
        self.ways = self.offers.ways
        self.homes = [next(way for way in ways if way.is_home) for ways in self.ways]
        self.parts: dict[int, list[LinePart]] = {}
        """The parts of an order that is being placed."""
        self.giving: dict[int, set[int]] = {}
        """Order that is being placed -> the sites that give units at once, if not only the customer's own."""
        self.unplaced: Counter[tuple[int, int]] = Counter()
        """(order, part) -> units refused while the order is being placed."""
        followers = state.flow.followers
        followers.sources.add(self.sources)
        followers.refused.add(self.refused)
        followers.ordered.add(self.ordered)
        followers.placed.add(self.placed)

    # ------------------------------------------------------------- dividing
    def sources(self, order: Order, now: float) -> Arrival:
        """Returns the arrival with its lines as the sites serve them."""
        arrival: Arrival = order.arrival
        ways, policy = self.ways[order.terms.segment], self.sourcing.of(order)
        if len(ways) == 1 or not isinstance(policy, SharedSites):
            return arrival
        lines = self._lines(order)
        offers = [self.offers.of(policy, way, order, lines) for way in ways]
        fulfilment = self.fulfilment.of(order)
        together = order.terms.together or not (fulfilment.splits_orders or fulfilment.ships_parts)
        most = 1 if together else policy.sites or len(ways)
        whole = together or not fulfilment.splits_lines or fulfilment.least_of_line > 0
        found: Found = [{} for _ in lines]
        for line, site, units in policy.divide(offers, lines, most, whole):
            found[line][site] = found[line].get(site, 0) + units
        given = [dict(by_site) for by_site in found]
        self._rest(policy, order, lines, found, most, whole, now)
        return self._divided(order, found, given)

    # ------------------------------------------------------------- the rest
    def _rest(
        self,
        policy: SharedSites,
        order: Order,
        lines: Sequence[Asked],
        found: Found,
        most: int,
        whole: bool,
        now: float,
    ) -> None:
        """Adds the units that no site gives at once to the sites where they wait."""
        ways = self.ways[order.terms.segment]
        home = next(place for place, way in enumerate(ways) if way.is_home)
        used = {site for by_site in found for site in by_site}
        left = [units - sum(by_site.values()) for (_, units), by_site in zip(lines, found, strict=True)]
        if most == 1 and not used:  # the order goes whole to one site, which also gives what it has
            rest = [(line, item, units) for line, ((item, _), units) in enumerate(zip(lines, left, strict=True))]
            days = self._places(policy, order, rest, range(len(ways)), found, now)
            place = min(days, key=lambda place: (days[place], place != home, place))
            for line, _, units in rest:
                found[line][place] = units
            return
        for line, (item, _) in enumerate(lines):
            while left[line]:
                open_to = sorted(used) if len(used) >= most else range(len(ways))
                units = left[line] if whole else 1
                days = self._places(policy, order, [(line, item, units)], open_to, found, now)
                first = sorted((day, place != home, place) for place, day in days.items())
                place = first[0][2]
                units = left[line]
                if not whole and len(first) > 1:
                    units = self._many(order, (line, item, left[line]), place, home, first[1], found, now)
                found[line][place] = found[line].get(place, 0) + units
                left[line] -= units
                used.add(place)

    def _places(
        self,
        policy: SharedSites,
        order: Order,
        rest: Sequence[Rest],
        places: Iterable[int],
        found: Found,
        now: float,
    ) -> dict[int, float]:
        """The places of the sites where units may wait, with the days until they would be delivered from there; 0 if
        only one place is possible."""
        ways, places = self.ways[order.terms.segment], list(places)
        home = next(place for place, way in enumerate(ways) if way.is_home)
        allowed = [place for place in places if place == home or self._may_wait(policy, order, ways[place], rest)]
        if not allowed or (home in allowed and policy.rest_at == "home"):
            allowed = [home if home in places else places[0]]
        if len(allowed) == 1:
            return {allowed[0]: 0.0}
        return {place: self._days(order, rest, place, found, now) for place in allowed}

    def _many(
        self, order: Order, rest: Rest, place: int, home: int, other: tuple[float, bool, int], found: Found, now: float
    ) -> int:
        """How many units of a line wait at a place before the next one would be delivered sooner from the `other`."""
        line, item, most = rest
        low, high = 1, most
        while low < high:
            units = (low + high + 1) // 2
            days = self._days(order, [(line, item, units)], place, found, now)
            low, high = (units, high) if (days, place != home, place) < other else (low, units - 1)
        return low

    def _may_wait(self, policy: SharedSites, order: Order, way: Way, rest: Sequence[Rest]) -> bool:
        """Whether these units may wait at a site that is not the customer's own."""
        if policy.spare.get(way.name) or any(item in self.offers.only_home for _, item, _ in rest):
            return False
        limits = self.engine.limits
        for _, item, _ in rest:
            shelf = self.offers.shelf(way.site, item)
            if shelf.backordered >= (shelf.limit if limits is None else limits(order, shelf)[0]):
                return False
        return True

    def _days(self, order: Order, rest: Sequence[Rest], place: int, found: Found, now: float) -> float:
        """Days until units that wait at a site are at the customer's door; inf: no date can be given."""
        way = self.ways[order.terms.segment][place]
        mine: Counter[int] = Counter()
        """Units of the order by shelf that the site gives before these."""
        for (item, _), by_site in zip(self._lines(order), found, strict=True):
            self.availability.adds(mine, self.offers.shelf(way.site, item), by_site.get(place, 0))
        last = 0.0
        for _, item, units in rest:
            shelf = self.offers.shelf(way.site, item)
            outlook = self.availability.of(shelf, units, order, now, mine)
            self.availability.adds(mine, shelf, units)
            promise = self.promise.of(order)
            days = promise.quote(outlook) if _follows_stock(promise) else None
            if days is None:
                days = inf if outlook.possible is None else outlook.delivery(outlook.possible)
            last = max(last, days)
        return last

    def _lines(self, order: Order) -> list[Asked]:
        arrival: Arrival = order.arrival
        return [(item % self.size, units) for item, units in zip(arrival.items, arrival.quantities, strict=True)]

    # ------------------------------------------------------------- the parts
    def _divided(self, order: Order, found: Found, given: Found) -> Arrival:
        """The arrival whose lines are the parts: the first part of each line at its place, the others behind; `given`
        are the units that are there at once."""
        arrival: Arrival = order.arrival
        ways, home = self.ways[order.terms.segment], self.homes[order.terms.segment].site
        first, others = [], []
        for line, ((item, _), by_site) in enumerate(zip(self._lines(order), found, strict=True)):
            parts = []
            for place, units in by_site.items():
                waiting = units - given[line].get(place, 0)
                parts.append(LinePart(line, ways[place].site * self.size + item, units, waiting))
            parts.sort(key=lambda part: part.item // self.size != home)
            first.append(parts[0])
            others += parts[1:]
        parts = first + others
        if all(part.item // self.size == home for part in parts):
            return arrival
        self.parts[order.number] = parts
        recalls = arrival.recalls
        if recalls:
            recalls = tuple(recall for whole in recalls for recall in self._recalls(whole, parts))
        return arrival._replace(
            items=[part.item for part in parts],
            quantities=[part.units for part in parts],
            recalls=recalls,
            extras=arrival.extras._replace(asked=arrival.items),
        )

    @staticmethod
    def _recalls(whole: Recall, parts: Sequence[LinePart]) -> list[Recall]:
        """The recall of units of a line as recalls of its parts: units that wait are called off first."""
        mine = [(number, part) for number, part in enumerate(parts) if part.line == whole.line]
        left, less = whole.units, dict.fromkeys((number for number, _ in mine), 0)
        for waits in (True, False):
            for number, part in reversed(mine):
                units = min(left, part.waiting if waits else part.units - part.waiting)
                left -= units
                less[number] += units
        return [whole._replace(line=number, units=units) for number, units in less.items() if units]

    # ------------------------------------------------------------- the facts
    def refused(self, order: Order, line: int, item: int, units: int, exit_: Exit, now: float) -> None:
        """Units of a part were not ordered."""
        if order.number in self.parts:
            self.unplaced[order.number, line] += units

    def ordered(self, order: Order, now: float) -> None:
        """Records what other sites are asked for, and what they gave at once."""
        parts = self.parts.pop(order.number, None)
        if parts is None:
            return
        home = self.homes[order.terms.segment].site
        waiting = {line.number: line.open for line in order.waiting or ()}
        giving = set()
        for number, (line, item, units, _) in enumerate(parts):
            own = home * self.size + item % self.size
            refused = self.unplaced.pop((order.number, number), 0)
            taken = units - refused - waiting.get(number, 0)
            if item != own:
                self.ledger.sourced.write(order.number, line, item, units, own, number, taken)
            if taken:
                giving.add(item // self.size)
        if giving - {home} or (giving and order.due > -inf):  # goods at home may be kept longer than the rest takes
            self.giving[order.number] = giving

    def taken_days(self, order: Order, now: float) -> float:
        """Days until all is delivered that an order which is being placed took at once, if other sites gave any of it;
        else 0."""
        last, promise = 0.0, self.promise.of(order)
        for site in self.giving.get(order.number, ()) if _follows_stock(promise) else ():
            segment, name = order.terms.segment, self.state.numbering.sites[site]
            leaves = self.availability.leaving.of(order, now, name)
            days = promise.quote(self.availability.at_once(segment, now, name, leaves))
            last = max(last, self.availability.delivery(segment, name).mean if days is None else days)
        return last

    def placed(self, order: Order, now: float) -> None:
        """An order that was filled at once from other sites gets a date of its own."""
        if order.number in self.giving:
            if order.waiting is None and _follows_stock(self.promise.of(order)):
                date = now + self.taken_days(order, now)
                date = date if order.due == -inf else max(date, wanted_day(order))
                self.ledger.promises.write(now, order.number, date, 1)
            del self.giving[order.number]
