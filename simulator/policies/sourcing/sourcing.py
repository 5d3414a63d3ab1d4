"""Which of several sites serves an order: its own site only, or also others, in the order of a ranking."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import Field

from simulator.foundation.plugin import Plugin
from simulator.foundation.quantities import Quantity
from simulator.foundation.units import Text, Texts, Whole

Asked = tuple[int, int]
"""(item, units) of a line."""


class SiteOffer(NamedTuple):
    """What a site can give to one order."""

    name: str
    is_home: bool
    """Whether it is the customer's own site."""
    transit: float
    """Mean days from the site to the customer."""
    cost: float
    """Cost of a parcel from the site, currency."""
    free: dict[int, int]
    """Units that the order may take at once, by item; components of kits among them."""
    kits: Mapping[int, Sequence[Asked]] = {}
    """The components of each kit that it may assemble for the order, and units of them in one kit."""

    def there(self, left: Mapping[int, int], item: int) -> int:
        """Units of an item where so many of each are `left`; of a kit, those that can be assembled."""
        if item in self.kits:
            return min(max(left.get(part, 0), 0) // each for part, each in self.kits[item])
        return left.get(item, 0)

    def take(self, left: dict[int, int], item: int, units: int) -> None:
        """Takes units of an item out of what is `left`; of a kit, those of its components."""
        for part, each in self.kits.get(item, ((item, 1),)):
            left[part] = left.get(part, 0) - each * units

    def has(self, lines: Sequence[Asked]) -> bool:
        """Whether it has all units of these lines."""
        left = dict(self.free)
        for item, units in lines:
            self.take(left, item, units)
        return min(left.values(), default=0) >= 0


class SiteShare(NamedTuple):
    """Units of a line that a site gives at once."""

    line: int
    """Place of the line in the order."""
    site: int
    """Place of the site among the offers."""
    units: int


class Sourcing(Plugin, family="sourcing"):
    """Which of several sites serves an order."""

    shared: ClassVar[bool] = True
    """Whether an order may be served by another site than the customer's own."""


class HomeSite(Sourcing, kind="home"):
    """Each customer segment is served by its own site alone."""

    example: ClassVar = {"kind": "home"}
    shared = False


class SharedSites(Sourcing):
    """Other sites may serve an order; each gives what it has, in the order of a ranking, and the rest waits."""

    sites: Annotated[Whole, Field(ge=1)] | None = None
    """Most sites that serve one order, with the one where the rest waits (1: an order is never divided); any number
    unless given."""
    rest_at: Literal["home", "soonest"] = "soonest"
    """Where the units wait that no site has: at the customer's own site, or at the site from which they would be
    delivered first by the dates that are promised (the own one if it makes no difference)."""
    spare: dict[Text, Quantity] = {}
    """Units of each item, by site, that the site keeps for its own customers; none unless given. No rest of another
    site's order waits at a site that keeps units."""

    @abstractmethod
    def ranked(self, offers: Sequence[SiteOffer], lines: Sequence[Asked]) -> list[int]:
        """Places of the sites that may serve an order with these lines, first to last."""

    def divide(self, offers: Sequence[SiteOffer], lines: Sequence[Asked], most: int, whole: bool) -> list[SiteShare]:
        """What each site gives at once.

        Args:
            offers: the sites that reach the customer.
            lines: the order.
            most: sites that may serve it. If only one may, a site that has everything serves it; if none has, nothing
                is given here, and the order goes whole to the site where it waits.
            whole: no line is divided.
        """
        order = self.ranked(offers, lines)
        if most == 1:
            full = next((place for place in order if offers[place].has(lines)), None)
            return [] if full is None else [SiteShare(line, full, units) for line, (_, units) in enumerate(lines)]
        left = [units for _, units in lines]
        found: list[SiteShare] = []
        for place in order:
            if most == 0 or not any(left):
                break
            free = dict(offers[place].free)
            given = False
            for line, (item, _) in enumerate(lines):
                units = min(left[line], offers[place].there(free, item))
                if units > 0 and (units == left[line] or not whole):
                    offers[place].take(free, item, units)
                    left[line] -= units
                    found.append(SiteShare(line, place, units))
                    given = True
            most -= given
        return found


class RankedSites(SharedSites, kind="ranked"):
    """The sites of a list are asked in its order; sites that are not in it serve their own customers only."""

    example: ClassVar = {"kind": "ranked", "order": ["north", "south"]}

    order: Annotated[Texts, Field(min_length=1)]
    """Names of sites, first to last."""

    def ranked(self, offers: Sequence[SiteOffer], lines: Sequence[Asked]) -> list[int]:
        places = {offer.name: place for place, offer in enumerate(offers)}
        return [places[name] for name in dict.fromkeys(self.order) if name in places]


class Nearest(SharedSites, kind="nearest"):
    """The site with the shortest mean transit to the customer is asked first; the customer's own one at a tie."""

    example: ClassVar = {"kind": "nearest"}

    def ranked(self, offers: Sequence[SiteOffer], lines: Sequence[Asked]) -> list[int]:
        return _by(offers, [offer.transit for offer in offers])


class Cheapest(SharedSites, kind="cheapest"):
    """The site with the cheapest parcel to the customer is asked first; the customer's own one at a tie."""

    example: ClassVar = {"kind": "cheapest", "sites": 2}

    def ranked(self, offers: Sequence[SiteOffer], lines: Sequence[Asked]) -> list[int]:
        return _by(offers, [offer.cost for offer in offers])


class WholeFirst(SharedSites, kind="whole_first"):
    """A site that has everything goes first, so that few orders are divided; otherwise the nearest."""

    example: ClassVar = {"kind": "whole_first", "rest_at": "home"}

    def ranked(self, offers: Sequence[SiteOffer], lines: Sequence[Asked]) -> list[int]:
        order = _by(offers, [offer.transit for offer in offers])
        return sorted(order, key=lambda place: not offers[place].has(lines))


def _by(offers: Sequence[SiteOffer], values: Sequence[float]) -> list[int]:
    """Places of the sites by these values; at a tie the customer's own site, then by name."""
    return sorted(range(len(offers)), key=lambda place: (values[place], not offers[place].is_home))
