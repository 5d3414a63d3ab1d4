"""By segment: what one kind of customer gets while another waits; a mean over all cannot tell who was served first."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from simulator.kpis.evidence.evidence import Evidence, Sample
from simulator.kpis.groups.service import share
from simulator.kpis.kpi import Undefined, Value, kpi
from simulator.model.nouns import World

NONE_ORDERED = Undefined("the segment ordered nothing in the counted window")


def _segments(world: World) -> tuple[str, ...]:
    return tuple(segment.name for segment in world.segments)


def _waits(e: Evidence, of: Callable[[Sample], float]) -> dict[str, Value]:
    samples = e.waits_by_segment if e.world.segments else []
    return {
        segment.name: of(sample) if sample.weights.sum() else NONE_ORDERED
        for segment, sample in zip(e.world.segments, samples, strict=True)
    }


@kpi("by segment", "share", "higher", "units demanded by the segment", parts=_segments)
def fill_rate_by_segment(e: Evidence) -> Mapping[str, Value]:
    """Units of the segment filled from stock at once, of all units that it demanded in the window."""
    n = len(e.world.segments)
    asked = np.bincount(e.line_segments, weights=e.asked, minlength=n)
    filled = np.bincount(e.line_segments, weights=e.at_once, minlength=n)
    return {s.name: share(filled[k], asked[k], NONE_ORDERED) for k, s in enumerate(e.world.segments)}


@kpi("by segment", "d", "lower", "units ordered by the segment", parts=_segments)
def wait_mean_by_segment(e: Evidence) -> Mapping[str, Value]:
    """Mean wait of the segment's units, counted as in `wait_mean`."""
    return _waits(e, lambda s: float((s.values * s.weights).sum() / s.weights.sum()))


@kpi("by segment", "d", "lower", "units ordered by the segment", parts=_segments)
def wait_p95_by_segment(e: Evidence) -> Mapping[str, Value]:
    """95 of 100 units that the segment ordered waited no longer, cancelled ones included."""
    return _waits(e, lambda s: s.quantile(0.95))


@kpi("by segment", "d", "lower", "units ordered by the segment", parts=_segments)
def wait_max_by_segment(e: Evidence) -> Mapping[str, Value]:
    """The longest wait of a unit that the segment ordered."""
    return _waits(e, lambda s: float(s.values[s.weights > 0].max()))


@kpi("by segment", "share", "lower", "lines demanded by the segment", parts=_segments)
def cancellation_rate_by_segment(e: Evidence) -> Mapping[str, Value]:
    """Lines of the segment of which at least one unit was cancelled, for any cause."""
    n = len(e.world.segments)
    lines = np.bincount(e.line_segments, minlength=n)
    left = np.bincount(e.line_segments[e.cancelled() > 0], minlength=n)
    return {s.name: share(left[k], lines[k], NONE_ORDERED) for k, s in enumerate(e.world.segments)}
