"""Trust: orders that stay away, reviews, what delays do to later orders and to the money of the next four years."""

from __future__ import annotations

import numpy as np

from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.groups.money import kept_less_costs
from simulator.kpis.groups.service import share
from simulator.kpis.kpi import Undefined, Value, kpi
from simulator.model.loyalty import Experience, still_to_come
from simulator.model.nouns import Exit
from simulator.record.ledger import Floats


def _stayed_away(e: Evidence, exit_: Exit) -> float:
    """Orders of the window that never came for this reason."""
    facts = e.run.refused
    numbers = np.unique(facts["order"][(facts["exit"] == exit_) & (facts["order"] >= 0)]).astype(np.int64)
    return float((e.run.demand.times[numbers] >= e.start).sum())


@kpi("trust", "share", "lower", "orders that would have come")
def deterred(e: Evidence) -> Value:
    """Orders that the shop's reputation kept away: customers who had waited, and readers of reviews. They are in no
    other KPI."""
    away = _stayed_away(e, Exit.DETERRED)
    return share(away, e.order_count + away)


@kpi("trust", "stars", "higher")
def rating(e: Evidence) -> Value:
    """Mean of the reviews written in the window: a bad one has one star, a good one five."""
    mine = e.in_window(e.run.reviews["time"])
    if not mine.any():
        return Undefined("nobody wrote a review")
    return float(5 - 4 * e.run.reviews["bad"][mine].mean())


def _remembers(e: Evidence) -> bool:
    return any(s.loyalty.late or s.loyalty.very_late or s.loyalty.lost or s.loyalty.refused for s in e.world.segments)


class _Lived:
    """The experiences of counted orders, each with its effect on the orders of the next year and its fade."""

    def __init__(self, e: Evidence) -> None:
        facts = e.run.experiences
        number = facts["order"].astype(np.int64)
        mine = e.orders[number] if number.size else np.zeros(0, dtype=bool)
        self.time, self.segment = facts["time"][mine], facts["segment"][mine].astype(np.int64)
        loyal = [s.loyalty for s in e.world.segments]
        rows = list(zip(self.segment, facts["experience"][mine], facts["days"][mine], strict=True))
        self.effect = np.array([loyal[s].effect(Experience(int(x)), float(d)) for s, x, d in rows], dtype=np.float64)
        self.fade = np.array([loyal[s].fade(Experience(int(x))) for s, x, _ in rows], dtype=np.float64)


@kpi("trust", "ratio", "higher", "counted orders")
def loyalty_change(e: Evidence) -> Value:
    """Change of the orders that customers place in the year after an order, mean over counted orders (-0.01: 1 %
    fewer); 0 where nobody remembers."""
    if not _remembers(e):
        return 0.0
    if not e.order_count:
        return Undefined("no order was placed in the counted window")
    return float(_Lived(e).effect.sum() / e.order_count)


@kpi("trust", "currency", "higher")
def lifetime_value_change(e: Evidence) -> Value:
    """Margin (price less unit cost) of the orders that customers will place, or not, because of what they went through
    with orders of the window: after the end of the run, within four years of each. What happens within the run is in
    its contribution."""
    return _lifetime_value(e) if _remembers(e) else 0.0


@kpi("trust", "currency", "higher")
def contribution_with_ltv(e: Evidence) -> Value:
    """Contribution, and the lifetime value change with it."""
    return kept_less_costs(e) + (_lifetime_value(e) if _remembers(e) else 0.0)


@kpi("trust", "currency", "lower")
def margin_lost_to_rivals(e: Evidence) -> Value:
    """Price less unit cost of the units that shoppers bought from a rival because they were not there."""
    return float((e.left(Exit.SWITCHED) * _margins(e)[e.items]).sum())


@kpi("trust", "ratio", "lower", "margin of units kept")
def uplift_to_break_even(e: Evidence) -> Value:
    """How much more would have to be asked for, as a share, to make up for units that left at checkout or were
    cancelled, and for lost lifetime value, at the margin of the units kept; the lift that scarcity would have to
    bring."""
    margin = _margins(e)
    kept = float(((e.asked - e.refused - e.cancelled()) * margin[e.items]).sum() + (e.recovered * margin).sum())
    if kept <= 0:
        return Undefined("nothing was kept that earns a margin")
    gone = float(((e.refused + e.cancelled()) * margin[e.items]).sum() - (e.recovered * margin).sum())
    return max(gone - (_lifetime_value(e) if _remembers(e) else 0.0), 0.0) / kept


def _margins(e: Evidence) -> Floats:
    return np.array([item.price - item.unit_cost for item in e.world.items])


def _lifetime_value(e: Evidence) -> float:
    """Years' worth of lost orders after the horizon x orders a year x margin of an order, segment by segment."""
    lived = _Lived(e)
    years = np.zeros(lived.time.size)
    for fade in np.unique(lived.fade):
        mine = lived.fade == fade
        years[mine] = still_to_come(e.end - lived.time[mine], float(fade))
    n = len(e.world.segments)
    change = np.bincount(lived.segment, weights=lived.effect * years, minlength=n)
    rate = np.array([s.loyalty.orders_per_year for s in e.world.segments])
    return float((change * rate * _margin_of_an_order(e)).sum())


def _margin_of_an_order(e: Evidence) -> Floats:
    """Margin of what counted orders asked for, mean over the orders of each segment."""
    n = len(e.world.segments)
    earned = np.bincount(e.line_segments, weights=e.asked * _margins(e)[e.items], minlength=n)
    orders = np.bincount(e.run.demand.segments[e.orders].astype(np.int64), minlength=n)
    found: Floats = earned / np.maximum(orders, 1)
    return found
