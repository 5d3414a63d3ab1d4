"""Whether sites send stock to each other: never, when one is short, or at intervals to equal cover."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor
from typing import ClassVar, NamedTuple

from pydantic import Field

from simulator.foundation.plugin import Plugin, Spec
from simulator.foundation.units import Money, NonNegativeDuration, PositiveDuration


class TransferCost(Spec):
    """Cost of a transfer, currency."""

    shipment: Money = 0.0
    """Per shipment: all units that leave one site for another at the same time share it."""
    unit: Money = 0.0
    """Per unit."""


class SiteStock(NamedTuple):
    """The stock of one item at one site, as a transfer policy sees it."""

    free: int
    """Units that the site can send away: on hand, unless units wait there, less those that it keeps (`spare`)."""
    short: int
    """Units that wait there and that no transfer brings, nor any purchase that is expected before a transfer would
    come."""
    net: int
    """Units on hand and in transfer to the site, less those that wait there."""
    demand: int
    """Units asked of the site so far."""


class TransferOrder(NamedTuple):
    """Units of an item to be sent from one site to another, both by their place."""

    origin: int
    to: int
    units: int


class Transfers(Plugin, family="transfers"):
    """Whether sites send stock to each other."""

    @property
    def rhythm(self) -> float | None:
        """Days between two looks at the stock; None: the policy acts when a site is short."""
        return None

    def moves(self, sites: Sequence[SiteStock]) -> list[TransferOrder]:
        """What is sent now, of one item."""
        return []


class NoTransfers(Transfers, kind="none"):
    """No site sends stock to another."""

    example: ClassVar = {"kind": "none"}


class Sending(Transfers):
    """Sites send stock to each other."""

    lead_time: NonNegativeDuration = 0.0
    """Days from one site to the other; at once unless given."""
    cost: TransferCost = Field(default_factory=TransferCost)
    """What transfers cost."""


class OnShortage(Sending, kind="on_shortage"):
    """A site at which units wait gets them from the sites with the most free stock, unless a purchase is faster."""

    example: ClassVar = {"kind": "on_shortage", "lead_time": "2 d", "cost": {"shipment": 20, "unit": 0.5}}

    def moves(self, sites: Sequence[SiteStock]) -> list[TransferOrder]:
        free = [site.free for site in sites]
        found = []
        for to, site in enumerate(sites):
            short = site.short
            for origin in sorted(range(len(sites)), key=lambda place: -free[place]):
                units = min(short, free[origin]) if origin != to else 0
                if units > 0:
                    free[origin] -= units
                    short -= units
                    found.append(TransferOrder(origin, to, units))
        return found


class Rebalance(Sending, kind="rebalance"):
    """At intervals, sites with more days of cover than the mean of all sites send stock to those with less."""

    example: ClassVar = {"kind": "rebalance", "every": "7 d", "lead_time": "2 d"}

    every: PositiveDuration
    """Days between two transfers."""

    @property
    def rhythm(self) -> float | None:
        return self.every

    def moves(self, sites: Sequence[SiteStock]) -> list[TransferOrder]:
        demand, stock = sum(site.demand for site in sites), sum(site.net for site in sites)
        if demand <= 0 or stock <= 0:
            return []
        over = [site.net - stock * site.demand / demand for site in sites]
        """Units beyond the stock at which all sites have equal cover."""
        free = [min(floor(more + 1e-9), site.free) for more, site in zip(over, sites, strict=True)]
        found = []
        for to in sorted(range(len(sites)), key=lambda place: over[place]):
            wanted = floor(-over[to] + 1e-9)
            for origin in sorted(range(len(sites)), key=lambda place: -free[place]):
                units = min(wanted, free[origin])
                if units > 0:
                    free[origin] -= units
                    wanted -= units
                    found.append(TransferOrder(origin, to, units))
        return found
