"""What each site can give to an order at once, and the ways from the sites to the customers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from simulator.engine.backlog import Order, Shelf
from simulator.policies.sourcing.sourcing import Asked, SharedSites, SiteOffer
from simulator.world.state import ReplicationState


class Way(NamedTuple):
    """A site that reaches a segment."""

    site: int
    """Number of the site."""
    name: str
    is_home: bool
    transit: float
    """Mean days from the site to the customer."""
    cost: float
    """Cost of a parcel of one unit from the site, currency."""


class SiteOffers:
    """Works out what the sites can give to an order."""

    def __init__(self, state: ReplicationState) -> None:
        self.engine = state.engine
        self.size = len(state.numbering.items)
        """Number of items, and so of shelves at each site."""
        self.ways = [self._ways(state, name) for name in state.numbering.segments]
        self.only_home = {
            number
            for number, name in enumerate(state.numbering.items)
            if state.scenario.items[name].made == "drop_ship"
        }
        """Items that no site sends."""
        self.kits = {kit: parts for kit, parts in state.numbering.kits.items() if kit < self.size}
        """The components of each kit, by number of the item."""

    def _ways(self, state: ReplicationState, segment: str) -> list[Way]:
        """The sites that reach a segment, by name."""
        scenario, found = state.scenario, []
        carrier = scenario.carrier_of(segment)
        for name in state.numbering.sites:
            reach = scenario.reached_from(name, segment)
            if reach is None:
                continue
            transit, cost = scenario.transit_of(segment, name), reach.cost
            if cost is None:
                usual = None if carrier is None else scenario.carriers[carrier].cost
                cost = 0.0 if usual is None else usual.parcel + usual.unit
            home = name == scenario.site_of(segment)
            mean = 0.0 if transit is None else transit.moments().mean
            found.append(Way(state.numbering.sites.index(name), name, home, mean, cost))
        return found

    def of(self, policy: SharedSites, way: Way, order: Order, lines: Sequence[Asked]) -> SiteOffer:
        """What a site can give to an order at once. It assembles no kit for which others wait there."""
        asked = {item for item, _ in lines}
        kits = {
            item: self.kits[item] for item in asked if item in self.kits and not self._goes_before(way, item, order)
        }
        items = {item for item in asked if item not in self.kits} | {
            part for parts in kits.values() for part, _ in parts
        }
        free = {item: self._free(policy, way, item, order) for item in items}
        return SiteOffer(way.name, way.is_home, way.transit, way.cost, free, kits)

    def _goes_before(self, way: Way, item: int, order: Order) -> bool:
        """Whether others who wait at a site are served before an order."""
        shelf = self.shelf(way.site, item)
        return bool(shelf.backordered) and shelf.backlog.goes_before(order)

    def _free(self, policy: SharedSites, way: Way, item: int, order: Order) -> int:
        """Units of an item that a site can give to an order at once."""
        if not way.is_home and item in self.only_home:
            return 0
        if self._goes_before(way, item, order):
            return 0
        shelf = self.shelf(way.site, item)
        spare = 0 if way.is_home else policy.spare.get(way.name, 0)
        return max(shelf.on_hand - order.terms.reserve - spare, 0)

    def shelf(self, site: int, item: int) -> Shelf:
        return self.engine.shelves[site * self.size + item]
