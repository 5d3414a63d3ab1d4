"""By segment: what one group of customers gets while another waits; averages over all customers hide who came first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.evidence.sample import WeightedSample
from simulator.kpis.groups.service import share
from simulator.kpis.groups.waiting import longest, mean, quantile
from simulator.kpis.kpi import Undefined, Value, kpi
from simulator.model.nouns import World

NONE_ORDERED = Undefined("the segment ordered nothing in the counted window")


def _segments(world: World) -> tuple[str, ...]:
    return tuple(segment.name for segment in world.segments)


def _waits(e: Evidence, of: Callable[[WeightedSample], Value]) -> dict[str, Value]:
    samples = e.waits_by_segment if e.world.segments else []
    return dict(zip(_segments(e.world), map(of, samples), strict=True))


def _shares(e: Evidence, part: NDArray[Any], whole: NDArray[Any]) -> dict[str, Value]:
    parts = e.by_segment(part), e.by_segment(whole)
    return {name: share(a, b, NONE_ORDERED) for name, a, b in zip(_segments(e.world), *parts, strict=True)}


@kpi("by segment", "share", "higher", "units demanded by the segment", parts=_segments)
def fill_rate_by_segment(e: Evidence) -> Mapping[str, Value]:
    """Units of the segment filled from stock at once, of all units that it demanded in the window."""
    return _shares(e, e.at_once, e.asked)


@kpi("by segment", "share", "higher", "orders placed by the segment", parts=_segments)
def fill_rate_orders_by_segment(e: Evidence) -> Mapping[str, Value]:
    """Orders of the segment of which every unit was filled from stock at once."""
    segments = e.facts.demand.segments[e.orders]
    owners = np.repeat(np.arange(segments.size), e.facts.demand.counts[e.orders])
    full = np.bincount(owners, weights=e.asked - e.at_once, minlength=segments.size) == 0
    n = len(e.world.segments)
    parts = np.bincount(segments[full], minlength=n), np.bincount(segments, minlength=n)
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
    return _shares(e, e.refused, e.asked)


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
    return _shares(e, e.cancelled() > 0, np.ones(e.line_count))
