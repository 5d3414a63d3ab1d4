"""By site and by segment: what one group of customers gets while another waits; averages over all customers hide it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.evidence.freight import postage, shipment_times
from simulator.kpis.evidence.sample import WeightedSample
from simulator.kpis.groups.money import holding_rates, sum_of_transfers
from simulator.kpis.groups.service import NO_DEMAND, share
from simulator.kpis.groups.waiting import longest, mean, quantile
from simulator.kpis.kpi import Undefined, Value, kpi
from simulator.model.nouns import World
from simulator.record.ledger import Floats

ONE_SITE = Undefined("the scenario has one warehouse")
NONE_ORDERED_THERE = Undefined("the customers of the site ordered nothing in the counted window")


def _sites(world: World) -> tuple[str, ...]:
    return tuple(site.name for site in world.sites)


def _several(world: World) -> bool:
    return bool(world.sites)


def _by_site(e: Evidence, values: NDArray[Any], places: NDArray[Any]) -> dict[str, float]:
    """Sums of values by the site at the same place."""
    sums = np.bincount(places, weights=values, minlength=len(e.world.sites))
    return dict(zip(_sites(e.world), sums.tolist(), strict=True))


def _of_stock(e: Evidence, values: Floats) -> dict[str, float]:
    """Sums of a value of each item's stock by site."""
    return _by_site(e, values, np.array(e.world.shelf_sites, dtype=np.int64))


def _of_customers(e: Evidence, values: NDArray[Any]) -> dict[str, float]:
    """Sums of a value of each counted line by the customers' own site."""
    homes = np.array([segment.site for segment in e.world.segments] or [0], dtype=np.int64)
    return _by_site(e, values, homes[e.line_segments])


def _waits_of_sites(e: Evidence) -> dict[str, WeightedSample]:
    """`waits` of the orders of each site's own customers."""
    found = {}
    samples = e.waits_by_segment if e.world.segments else []
    for number, site in enumerate(_sites(e.world)):
        mine = [s for s, segment in zip(samples, e.world.segments, strict=True) if segment.site == number]
        none = WeightedSample(np.zeros(0), np.zeros(0))
        found[site] = (
            WeightedSample(np.concatenate([s.values for s in mine]), np.concatenate([s.weights for s in mine]))
            if mine
            else none
        )
    return found


# ------------------------------------------------------------------------------------------------ its own customers
@kpi("by site", "share", "higher", "units demanded by the site's own customers", parts=_sites)
def fill_rate_by_site(e: Evidence) -> Mapping[str, Value]:
    """Units of the site's own customers that were filled from stock at once, at whichever site it lay."""
    if not e.world.sites:
        return {}
    filled, asked = _of_customers(e, e.at_once), _of_customers(e, e.asked)
    return {site: share(filled[site], asked[site], NONE_ORDERED_THERE) for site in asked}


@kpi("by site", "d", "lower", "units ordered by the site's own customers", parts=_sites)
def wait_mean_by_site(e: Evidence) -> Mapping[str, Value]:
    """Mean wait of units ordered by the site's own customers, counted as in `wait_mean`, wherever they waited."""
    return {site: mean(waits, NONE_ORDERED_THERE) for site, waits in _waits_of_sites(e).items()}


@kpi("by site", "d", "lower", "units ordered by the site's own customers", parts=_sites)
def wait_p95_by_site(e: Evidence) -> Mapping[str, Value]:
    """95 of 100 units ordered by the site's own customers waited no longer than this, including cancelled ones."""
    return {site: quantile(waits, 0.95, NONE_ORDERED_THERE) for site, waits in _waits_of_sites(e).items()}


@kpi("by site", "share", "neither", "units demanded by the site's own customers", parts=_sites)
def sourced_elsewhere_by_site(e: Evidence) -> Mapping[str, Value]:
    """Units of the site's own customers that another site was asked for."""
    if not e.world.sites:
        return {}
    elsewhere, asked = _of_customers(e, e.per_line(e.facts.sourced)), _of_customers(e, e.asked)
    return {site: share(elsewhere[site], asked[site], NONE_ORDERED_THERE) for site in asked}


# ------------------------------------------------------------------------------------------------ its stock
@kpi("by site", "units", "neither", "time", parts=_sites)
def on_hand_by_site(e: Evidence) -> Mapping[str, Value]:
    """Time average of the units on hand at the site."""
    return dict(_of_stock(e, e.on_hand_area / e.days)) if e.world.sites else {}


@kpi("by site", "units", "lower", "time", parts=_sites)
def backlog_by_site(e: Evidence) -> Mapping[str, Value]:
    """Time average of the units that wait at the site, whose customers they are of."""
    return dict(_of_stock(e, e.backlog_area / e.days)) if e.world.sites else {}


@kpi("by site", "unit-days", "lower", parts=_sites)
def backorder_days_by_site(e: Evidence) -> Mapping[str, Value]:
    """The part of `backorder_days` that units waited at the site."""
    return dict(_of_stock(e, e.backlog_area)) if e.world.sites else {}


@kpi("by site", "currency", "lower", parts=_sites)
def holding_cost_by_site(e: Evidence) -> Mapping[str, Value]:
    """The part of `holding_cost` that arises at the site."""
    if not e.world.sites:
        return {}
    return dict(_of_stock(e, e.on_hand_area * holding_rates(e) * e.of_items("owned")))


@kpi("by site", "currency", "lower", parts=_sites)
def parcel_cost_by_site(e: Evidence) -> Mapping[str, Value]:
    """The part of `freight_cost` that is paid for parcels sent from the site, those of drop-ship vendors at the site of
    their customers."""
    if not e.world.sites:
        return {}
    sent = e.window(e.facts.sent).own
    return dict(_by_site(e, postage(e.facts, sent), sent.numbers("site")))


# ------------------------------------------------------------------------------------------------ together
@kpi("by site", "share", "lower", "orders placed", applies=_several)
def split_share(e: Evidence) -> Value:
    """Orders that several sites serve: they gave units at once, or units wait there."""
    if not e.world.sites:
        return ONE_SITE
    facts = e.facts
    elsewhere = facts.per_line(facts.sourced)
    here = facts.by_order((facts.demand.quantities - facts.per_line(facts.refused) > elsewhere) * 1.0) > 0
    own = facts.sourced
    sites = np.array(e.world.shelf_sites, dtype=np.int64)[own.numbers("item")]
    pairs = np.unique(own.numbers("order") * len(e.world.sites) + sites) // len(e.world.sites)
    many = np.bincount(pairs, minlength=here.size) + here
    return share(float((many[e.orders] > 1).sum()), e.order_count)


@kpi("by site", "share", "neither", "units demanded", applies=_several)
def sourced_elsewhere(e: Evidence) -> Value:
    """Units that another site than the customer's own was asked for, whether it gave them at once, later or never."""
    if not e.world.sites:
        return ONE_SITE
    return share(float(e.per_line(e.facts.sourced).sum()), float(e.asked.sum()), NO_DEMAND)


@kpi("by site", "shipments", "neither", applies=_several)
def transfers(e: Evidence) -> Value:
    """Shipments of stock from one site to another in the window; what leaves a site for another at one time is one."""
    return float(e.in_window(shipment_times(e.facts)).sum()) if e.world.sites else ONE_SITE


@kpi("by site", "units", "neither", applies=_several)
def transferred_units(e: Evidence) -> Value:
    """Units sent from one site to another in the window."""
    return float(e.window(e.facts.transfers)["units"].sum()) if e.world.sites else ONE_SITE


@kpi("by site", "currency", "lower", applies=_several)
def transfer_cost(e: Evidence) -> Value:
    """The part of `freight_cost` that is paid for stock sent between sites in the window."""
    return sum_of_transfers(e) if e.world.sites else ONE_SITE


# ------------------------------------------------------------------------------------------------ by segment
NONE_ORDERED = Undefined("the segment ordered nothing in the counted window")


def _segments(world: World) -> tuple[str, ...]:
    return tuple(segment.name for segment in world.segments)


def _waits(e: Evidence, of: Callable[[WeightedSample], Value]) -> dict[str, Value]:
    samples = e.waits_by_segment if e.world.segments else []
    return dict(zip(_segments(e.world), map(of, samples), strict=True))


def _shares(e: Evidence, parts: Floats, wholes: Floats) -> dict[str, Value]:
    return {name: share(a, b, NONE_ORDERED) for name, a, b in zip(_segments(e.world), parts, wholes, strict=True)}


@kpi("by segment", "share", "higher", "units demanded by the segment", parts=_segments)
def fill_rate_by_segment(e: Evidence) -> Mapping[str, Value]:
    """Units of the segment filled from stock at once, of all units that it demanded in the window."""
    return _shares(e, e.at_once_by_segment, e.asked_by_segment)


@kpi("by segment", "share", "higher", "orders placed by the segment", parts=_segments)
def fill_rate_orders_by_segment(e: Evidence) -> Mapping[str, Value]:
    """Orders of the segment of which every unit was filled from stock at once."""
    segments = e.facts.demand.segments[e.orders]
    n = len(e.world.segments)
    parts = np.bincount(segments[e.filled_whole], minlength=n), np.bincount(segments, minlength=n)
    return {name: share(a, b, NONE_ORDERED) for name, a, b in zip(_segments(e.world), *parts, strict=True)}


@kpi("by segment", "units", "lower", "time", parts=_segments)
def backlog_mean_by_segment(e: Evidence) -> Mapping[str, Value]:
    """Units of the segment on backorder, time average over the window. Orders of before the warm-up are included, a
    backlog from before the start is not: it belongs to no segment. With those, the sum is `backlog_mean`."""
    days = np.zeros(len(e.world.segments))
    for orders, _, units, placed, ends in e.on_backorder:
        inside = np.clip(ends, e.start, e.end) - np.clip(placed, e.start, e.end)
        np.add.at(days, e.facts.demand.segments[orders], units * inside)
    return dict(zip(_segments(e.world), (days / e.days).tolist(), strict=True))


@kpi("by segment", "share", "lower", "units demanded by the segment", parts=_segments)
def lost_at_checkout_by_segment(e: Evidence) -> Mapping[str, Value]:
    """Units that the segment demanded and did not order, counted as in `lost_at_checkout`."""
    return _shares(e, e.by_segment(e.refused), e.asked_by_segment)


@kpi("by segment", "d", "lower", "units ordered by the segment", parts=_segments)
def wait_mean_by_segment(e: Evidence) -> Mapping[str, Value]:
    """Mean wait of the segment's units, counted as in `wait_mean`."""
    return _waits(e, lambda sample: mean(sample, NONE_ORDERED))


@kpi("by segment", "d", "lower", "units ordered by the segment", parts=_segments)
def wait_p95_by_segment(e: Evidence) -> Mapping[str, Value]:
    """95 of 100 units that the segment ordered waited no longer than this, including cancelled ones."""
    return _waits(e, lambda sample: quantile(sample, 0.95, NONE_ORDERED))


@kpi("by segment", "d", "lower", "units ordered by the segment", parts=_segments)
def wait_max_by_segment(e: Evidence) -> Mapping[str, Value]:
    """The longest wait of any unit that the segment ordered."""
    return _waits(e, lambda sample: longest(sample, NONE_ORDERED))


@kpi("by segment", "share", "lower", "lines demanded by the segment", parts=_segments)
def cancellation_rate_by_segment(e: Evidence) -> Mapping[str, Value]:
    """Lines of the segment of which at least one unit was cancelled, for any cause."""
    lines = np.bincount(e.line_segments, minlength=len(e.world.segments)).astype(np.float64)
    return _shares(e, e.by_segment(e.cancelled() > 0), lines)
