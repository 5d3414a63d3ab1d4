"""The planner: reviews that forecast and set levels anew, that ask two suppliers, or that follow a record."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field

import numpy as np
import simpy

from simulator.engine.backlog import Shelf
from simulator.events.event import listed
from simulator.events.surge import Surge
from simulator.policies.replenishment.dual import DualSourcing, Pipeline
from simulator.policies.replenishment.forecast import Belief
from simulator.policies.replenishment.planned import Outlook, Planned
from simulator.policies.replenishment.recorded import Recorded
from simulator.randomness.basket import Basket
from simulator.record.gauge import Gauge, Seen
from simulator.record.ledger import Floats
from simulator.world.clock import Phase
from simulator.world.occurrence import Occurrence
from simulator.world.state import ReplicationState

HISTORY = 400
"""Periods of the past that are kept for replays."""


def start_planning(state: ReplicationState) -> None:
    """Starts a process for every rhythm of reviews that follow a forecast, ask two suppliers or follow a record."""
    planned: dict[float, list[Track]] = {}
    for number, decision in enumerate(state.replenishment):
        shelf, (site, name) = state.engine.shelves[number], state.numbering.shelves[number]
        if isinstance(decision, Planned):
            track = Track(state, shelf, decision, campaigns(state, decision, name, site, state.occurrences))
            track.tune(0.0)
            planned.setdefault(decision.R, []).append(track)
        elif isinstance(decision, DualSourcing):
            state.flow.purchasing.under_way.setdefault(number, [])
            state.clock.process(ask_two(state, shelf, decision))
        elif isinstance(decision, Recorded):
            state.clock.process(follow_record(state, shelf, decision.plan(name)))
    for period, tracks in planned.items():
        state.clock.process(plan(state, tracks, period))


def plan(state: ReplicationState, tracks: Sequence[Track], period: float) -> Generator[simpy.Event]:
    """A SimPy process: last thing at k x period, what was seen is learned, levels are set, what is due is bought."""
    gauge = Gauge(state.ledger, len(state.numbering.shelves))
    reviews = 0
    while True:
        reviews += 1
        yield state.clock.until(reviews * period, Phase.REVIEW)
        now = state.clock.now
        seen = gauge.read(now)
        for track in tracks:
            track.learn(seen, now)
            track.tune(now)
            track.buy(now)


@dataclass(frozen=True)
class Campaign:
    """A scheduled change of demand that the planner knows of, as far as it strikes one item."""

    occurrence: Occurrence
    share: float
    """Share of the item's demand that comes from the segments it strikes."""

    def uplift(self, start: float, end: float) -> float:
        """Mean change of the item's demand over [start, end), as a multiple of the usual."""
        event = self.occurrence.event
        assert isinstance(event, Surge)
        times = np.linspace(start, end, 25)[:-1] + (end - start) / 48
        spans = [event.extra(span, times, math.inf) for span in self.occurrence.spans]
        return self.share * float(np.sum(spans, axis=0).mean()) if spans else 0.0


def campaigns(
    state: ReplicationState, decision: Planned, item: str, site: str, occurrences: Sequence[Occurrence]
) -> list[Campaign]:
    """The campaigns that the planner of an item at a site sees coming."""
    if decision.blind_to == "all":
        return []
    found = []
    for occurrence in occurrences:
        event = occurrence.event
        known = event.at is not None and event.name not in decision.blind_to
        if known and isinstance(event, Surge) and item in (listed(event.items) or [item]):
            whole = demand_of(state, item, site, list(state.scenario.customers))
            struck = demand_of(state, item, site, listed(event.customers))
            found.append(Campaign(occurrence, struck / whole if whole else 0.0))
    return found


def demand_of(state: ReplicationState, item: str, site: str, segments: list[str]) -> float:
    """Mean units of an item per day from some segments, those that a site serves, as the scenario has it."""
    horizon, units = state.scenario.clock.horizon, 0.0
    for name in segments:
        if state.scenario.site_of(name) != site:
            continue
        spec = state.scenario.customers[name]
        basket: Basket | None = spec.basket
        if basket is None:
            units += getattr(spec.arrivals, "units_per_day")(horizon).get(item, 0.0)  # noqa: B009 - a recorded book
        else:
            units += spec.arrivals.per_day(horizon) * basket.units_per_order().get(item, 0.0)
    return units


@dataclass
class Track:
    """One item as its planner follows it: the belief, and what follows from it."""

    state: ReplicationState
    shelf: Shelf
    decision: Planned
    campaigns: list[Campaign]
    belief: Belief = field(init=False)
    history: list[float] = field(default_factory=list)
    forecast: float = 0.0
    """Units expected in the period under way."""
    next_tuning: float = 0.0

    def __post_init__(self) -> None:
        state, decision = self.state, self.decision
        _, self.name = state.numbering.shelves[self.shelf.item]
        self.key = state.numbering.shelf_key(self.shelf.item)
        believed = (
            getattr(decision.forecast, "mean", None),
            decision.forecast.prior,
            state.scenario.items[self.name].demand,
        )
        mean = next((value for value in believed if value is not None), 0.0)
        self.belief = decision.forecast.start(mean * decision.R)
        law = state.scenario.suppliers[self.supplier()].lead_time.moments() if self.supplier() else None
        self.lead = decision.lead_time if decision.lead_time is not None else (law.mean if law else 0.0)
        self.lead_sd = math.sqrt(law.variance) if law else 0.0
        self.noise = None
        if decision.noise:
            self.noise = state.streams.stream("forecast_noise", self.key)

    def supplier(self) -> str:
        """Whose lead time is planned with: the supplier that has the largest share."""
        asked = self.decision.supplier
        if isinstance(asked, dict):
            return max(asked, key=lambda name: asked[name])
        return asked or self.state.scenario.first_suppliers().get(self.name, "")

    @property
    def per_day(self) -> float:
        return 1 / self.decision.R

    def sd(self) -> float:
        """Standard deviation of a day's units around the forecast."""
        believed = getattr(self.decision.forecast, "sd", None)
        return believed if believed is not None else self.belief.sd / math.sqrt(self.decision.R)

    def learn(self, seen: Seen, now: float) -> None:
        """One more period: the forecast is set against what was asked for, and what was seen is learned."""
        item, period = self.shelf.item, self.decision.R
        units: Floats = getattr(seen, {"demand": "asked"}.get(self.decision.sees, self.decision.sees))
        self.state.ledger.forecasts.write(now, item, self.forecast, float(seen.asked[item]))
        usual = max(float(units[item]), 0.0) / max(1 + self.uplift(now - period, now), 1e-9)
        self.belief = self.decision.forecast.learn(self.belief, usual)
        self.history.append(usual)
        del self.history[:-HISTORY]

    def uplift(self, start: float, end: float) -> float:
        """Change of demand over [start, end) by the campaigns that are known, as a multiple of the usual."""
        return sum(campaign.uplift(start, end) for campaign in self.campaigns)

    def tune(self, now: float) -> None:
        """The forecast for the next period is noted, and where it is time the levels are set."""
        decision = self.decision
        wrong = (1 + decision.bias) * math.prod(self.state.board.forecast_factors.get(self.name, ()))
        if self.noise is not None:
            sigma = math.sqrt(math.log1p(decision.noise**2))
            wrong *= math.exp(sigma * float(self.noise.standard_normal()) - sigma**2 / 2)
        method, period = decision.forecast, decision.R
        self.forecast = method.ahead(self.belief, 1.0) * wrong * (1 + self.uplift(now, now + period))
        if now < self.next_tuning:
            return
        self.next_tuning = now + (decision.retune or period) - 1e-9
        days = max(decision.days_at_risk(self.lead), 1e-9)
        mean = method.ahead(self.belief, days / period) / days * wrong * (1 + self.uplift(now, now + days))
        outlook = Outlook(mean, self.sd(), self.lead, self.lead_sd, period, tuple(self.history))
        tuned = decision.tuned(outlook)
        self.state.replenishment[self.shelf.item] = tuned
        if tuned.period is None:
            self.state.engine.set_trigger(self.shelf, tuned.trigger)

    def buy(self, now: float) -> None:
        """What the levels call for is bought."""
        tuned = self.state.replenishment[self.shelf.item]
        if tuned.period is not None or self.shelf.position <= self.shelf.trigger:
            self.state.flow.purchase_is_made(self.shelf, now)


def ask_two(state: ReplicationState, shelf: Shelf, decision: DualSourcing) -> Generator[simpy.Event]:
    """A SimPy process: at every review the policy sees net stock and pipeline, and buys from two suppliers."""
    purchasing = state.flow.purchasing
    fast_lead = state.scenario.suppliers[decision.fast].lead_time.moments().mean
    usual = {name: spec.lead_time.moments().mean for name, spec in state.scenario.suppliers.items()}
    reviews = 0
    while True:
        yield state.clock.until(decision.first_review + reviews * decision.R, Phase.REVIEW)
        now = state.clock.now
        due = tuple(
            (max(purchase.made + usual[purchase.supplier.name] - now, 0.0), purchase.units)
            for purchase in purchasing.under_way[shelf.item]
        )
        net = shelf.on_hand + shelf.phantom - shelf.backordered
        reviews += 1
        if shelf.item in purchasing.closed:
            return
        for supplier, units in decision.buys(Pipeline(now, net, due, fast_lead)):
            purchasing.buy_from(supplier, shelf, units, now)


def follow_record(state: ReplicationState, shelf: Shelf, record: Sequence[tuple[float, int]]) -> Generator[simpy.Event]:
    """A SimPy process: buys what the record says, last thing at the time it says."""
    for time, units in record:
        yield state.clock.until(time, Phase.REVIEW)
        state.flow.purchasing.buy(shelf, units, state.clock.now)
