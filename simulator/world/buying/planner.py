"""The planner: forecasts demand in every period, for replenishment decisions whose levels follow a forecast."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

import numpy as np

from simulator.engine.backlog import Shelf
from simulator.events.event import Span, listed
from simulator.events.surge import Surge
from simulator.policies.decisions import DEFAULT
from simulator.policies.replenishment.forecast import Belief
from simulator.policies.replenishment.planned import Planned
from simulator.policies.replenishment.view import DemandOutlook
from simulator.randomness.distribution import Moments
from simulator.record.gauge import Gauge, Seen
from simulator.scenario.schema.supply import lead_times
from simulator.world.clock import Phase, Process
from simulator.world.state import ReplicationState

HISTORY = 400
"""Past periods that are kept for replays."""


def start_planning(state: ReplicationState) -> None:
    """Makes the first forecasts, and starts a process for every period of forecasts."""
    for period, tracks in tracks_by_period(state).items():
        state.clock.process(plan(state, tracks, period))


def tracks_by_period(state: ReplicationState) -> dict[float, list[Track]]:
    """The planned items by the period of their forecasts, with their first forecasts made."""
    planned: dict[float, list[Track]] = {}
    for number, decision in enumerate(state.replenishment):
        if isinstance(decision, Planned):
            track = Track(state, state.engine.shelves[number], decision, campaigns(state, decision, number))
            track.tune(0.0)
            planned.setdefault(decision.R, []).append(track)
    return planned


def plan(state: ReplicationState, tracks: Sequence[Track], period: float) -> Process:
    """A SimPy process: at k x period, just before the reviews, it learns what was observed and makes new forecasts."""
    gauge = Gauge(state.ledger, len(state.numbering.shelves), state.numbering.kits)
    for reviews in count(1):
        yield state.clock.until(reviews * period, Phase.REVIEW)
        replan(gauge, tracks, state.clock.now)


def replan(gauge: Gauge, tracks: Sequence[Track], now: float) -> None:
    """Learns what was observed since the last time, and makes new forecasts."""
    seen = gauge.read(now)
    for track in tracks:
        track.learn(seen, now)
        track.tune(now)


@dataclass(frozen=True)
class Campaign:
    """A scheduled change of demand that the planner knows, as it affects one item."""

    event: Surge
    spans: Sequence[Span]
    share: float
    """Share of the item's demand that comes from the segments it affects."""

    def uplift(self, start: float, end: float) -> float:
        """Mean change of the item's demand over [start, end), as a multiple of the usual."""
        # A mean over the middles of 24 equal parts, which is close enough for decaying spikes.
        times = np.linspace(start, end, 25)[:-1] + (end - start) / 48
        spans = [self.event.extra(span, times, math.inf) for span in self.spans]
        return self.share * float(np.sum(spans, axis=0).mean()) if spans else 0.0


def campaigns(state: ReplicationState, decision: Planned, number: int) -> list[Campaign]:
    """The campaigns that the planner of a shelf knows of."""
    if decision.blind_to == "all":
        return []
    site, item = state.numbering.shelves[number]
    found = []
    for occurrence in state.occurrences:
        event = occurrence.event
        known = event.at is not None and event.name not in decision.blind_to
        if known and isinstance(event, Surge) and item in (listed(event.items) or [item]):
            whole = demand_of(state, item, site, list(state.scenario.customers))
            struck = demand_of(state, item, site, listed(event.customers))
            found.append(Campaign(event, occurrence.spans, struck / whole if whole else 0.0))
    return found


def demand_of(state: ReplicationState, item: str, site: str, segments: list[str]) -> float:
    """Mean units of an item per day, alone and in kits, from those of the segments that a site serves, by the
    scenario."""
    horizon, units = state.scenario.clock.horizon, []
    uses = [(name, kit.kit[item]) for name, kit in state.scenario.kits.items() if item in kit.kit]
    for segment in segments:
        if state.scenario.site_of(segment) == site:
            spec = state.scenario.customers[segment]
            ordered = spec.arrivals.units_per_day(horizon, spec.basket)
            units.append(ordered.get(item, 0.0))
            units += [each * ordered.get(kit, 0.0) for kit, each in uses]
    return math.fsum(units)


@dataclass
class Track:
    """The planner's belief about one item, and the forecasts that follow from it."""

    state: ReplicationState
    shelf: Shelf
    decision: Planned
    campaigns: list[Campaign]
    belief: Belief = field(init=False)
    history: list[float] = field(default_factory=list)
    forecast: float = 0.0
    """Units expected in the current period."""
    next_tuning: float = 0.0

    def __post_init__(self) -> None:
        state, decision = self.state, self.decision
        site, self.name = state.numbering.shelves[self.shelf.item]
        self.key = state.numbering.shelf_key(self.shelf.item)
        self.method = decision.forecast.of(self.name, decision.R)
        mean = self.method.first_mean
        if mean is None:
            mean = state.scenario.items[self.name].demand or 0.0
        self.belief = self.method.start(mean * decision.R)
        supplier = state.scenario.suppliers.get(self.supplier())
        laws = {} if supplier is None else lead_times(supplier)
        law = (laws.get(site) or laws[DEFAULT]).moments() if laws else Moments(0.0, 0.0)
        usual = law.mean
        if supplier is not None:
            usual += supplier.order_delay + (0.0 if supplier.parts is None else supplier.parts.late)
        self.lead = usual if decision.lead_time is None else decision.lead_time
        self.lead_sd = math.sqrt(law.variance)
        self.noise = None
        if decision.noise:
            self.noise = state.streams.stream("forecast_noise", self.key)

    def supplier(self) -> str:
        """The supplier whose lead time is planned with: the one with the largest share."""
        asked = self.decision.supplier
        if isinstance(asked, dict):
            return max(asked, key=lambda name: asked[name])
        return asked or self.state.scenario.first_suppliers().get(self.name, "")

    def learn(self, seen: Seen, now: float) -> None:
        """After one more period, records the forecast beside the demand, and updates the belief."""
        item, period = self.shelf.item, self.decision.R
        units = {"demand": seen.asked, "orders": seen.orders, "sales": seen.sales}[self.decision.sees]
        self.state.ledger.forecasts.write(now, item, self.forecast, float(seen.asked[item]))
        # Learned without the known campaigns, which `tune` adds again: a spike must not be taken for the usual level.
        usual = max(float(units[item]), 0.0) / max(1 + self.uplift(now - period, now), 1e-9)
        self.belief = self.method.learn(self.belief, usual)
        self.history.append(usual)
        del self.history[:-HISTORY]

    def uplift(self, start: float, end: float) -> float:
        """Change of demand over [start, end) by known campaigns, as a multiple of the usual."""
        return math.fsum(campaign.uplift(start, end) for campaign in self.campaigns)

    def tune(self, now: float) -> None:
        """Forecasts the next period; if it is time for it, makes a new outlook, which the levels follow."""
        decision = self.decision
        wrong = (1 + decision.bias) * math.prod(self.state.board.forecast_factors.get(self.name, ()))
        if self.noise is not None:
            sigma = math.sqrt(math.log1p(decision.noise**2))
            wrong *= math.exp(sigma * float(self.noise.standard_normal()) - sigma**2 / 2)
        method, period = self.method, decision.R
        self.forecast = method.ahead(self.belief, 1.0) * wrong * (1 + self.uplift(now, now + period))
        if now < self.next_tuning:
            return
        self.next_tuning = now + (decision.retune or period) - 1e-9
        days = max(decision.days_at_risk(self.lead), 1e-9)
        mean = method.ahead(self.belief, days / period) / days * wrong * (1 + self.uplift(now, now + days))
        sd = method.daily_sd(self.belief, period, days)
        outlook = DemandOutlook(mean, sd, self.lead, self.lead_sd, period, tuple(self.history))
        self.state.flow.views[self.shelf.item].outlook = outlook
        self.state.engine.set_trigger(self.shelf, decision.tuned(outlook).rhythm(self.name).trigger)
