"""Loyalty: deterred orders, reviews, and how delays change later orders and the margin of the next four years."""

from __future__ import annotations

import numpy as np

from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.groups.money import contribution
from simulator.kpis.groups.service import NO_DEMAND, share
from simulator.kpis.kpi import Undefined, Value, kpi
from simulator.model.loyalty import Experience, still_to_come
from simulator.model.nouns import Exit
from simulator.record.ledger import Floats


@kpi("trust", "share", "lower", "orders that would have been placed")
def deterred(e: Evidence) -> Value:
    """Orders deterred by the shop's reputation: by customers who had waited, and by readers of reviews. No other KPI
    counts them."""
    facts = e.facts.refused.own
    numbers = np.unique(facts.having("exit", Exit.DETERRED).numbers("order"))
    away = float((e.facts.demand.times[numbers] >= e.start).sum())
    return share(away, e.order_count + away)


@kpi("trust", "stars", "higher")
def rating(e: Evidence) -> Value:
    """Mean of the reviews written in the window: a bad one has one star, a good one five."""
    bad = e.window(e.facts.reviews)["bad"]
    return float(5 - 4 * bad.mean()) if bad.size else Undefined("nobody wrote a review")


def _remembers(e: Evidence) -> bool:
    return any(s.loyalty.late or s.loyalty.very_late or s.loyalty.lost or s.loyalty.refused for s in e.world.segments)


class _Effects:
    """The experiences of counted orders: each with its effect on the orders of the next year, and its yearly fade."""

    def __init__(self, e: Evidence) -> None:
        facts = e.counted(e.facts.experiences)
        self.time, self.segment = facts["time"], facts.numbers("segment")
        loyal = [s.loyalty for s in e.world.segments]
        rows = list(zip(self.segment, facts["experience"], facts["days"], strict=True))
        self.effect = np.array([loyal[s].effect(Experience(int(x)), float(d)) for s, x, d in rows], dtype=np.float64)
        self.fade = np.array([loyal[s].fade(Experience(int(x))) for s, x, _ in rows], dtype=np.float64)


@kpi("trust", "ratio", "higher", "counted orders")
def loyalty_change(e: Evidence) -> Value:
    """Change of the orders that customers place in the year after an order, mean over counted orders (-0.01: 1 %
    fewer); 0 if delays do not affect any segment."""
    return share(_Effects(e).effect.sum(), e.order_count, NO_DEMAND) if _remembers(e) else 0.0


@kpi("trust", "currency", "higher")
def lifetime_value_change(e: Evidence) -> float:
    """Margin (price less unit cost) of the orders that customers will place, or no longer place, because of their
    experience with orders of the window: after the end of the run, within four years of each experience. Effects within
    the run are in its contribution."""
    if not _remembers(e):
        return 0.0
    # Years' worth of lost orders after the horizon x orders a year x margin of an order, segment by segment.
    found = _Effects(e)
    years = np.zeros(found.time.size)
    for fade in np.unique(found.fade):
        mine = found.fade == fade
        years[mine] = still_to_come(e.end - found.time[mine], float(fade))
    change = np.bincount(found.segment, weights=found.effect * years, minlength=len(e.world.segments))
    rate = np.array([s.loyalty.orders_per_year for s in e.world.segments])
    return float((change * rate * _margin_of_an_order(e)).sum())


@kpi("trust", "currency", "higher")
def contribution_with_ltv(e: Evidence) -> float:
    """Contribution plus lifetime value change."""
    return contribution(e) + lifetime_value_change(e)


@kpi("trust", "currency", "lower")
def margin_lost_to_rivals(e: Evidence) -> float:
    """Price less unit cost of units that were out of stock and that shoppers bought from a rival."""
    return float((e.left(Exit.SWITCHED) * e.margins).sum())


@kpi("trust", "ratio", "lower", "margin of units kept")
def uplift_to_break_even(e: Evidence) -> Value:
    """By what share demand would have to rise to make up for units that left at checkout or were cancelled, and for
    lost lifetime value, at the margin of the units kept; the lift that scarcity would have to bring."""
    margin = _margins(e)
    again = (e.recovered * margin).sum()
    if e.priced:
        again += (e.recovered_value - e.recovered * e.of_items("price")).sum()
    kept = float(((e.asked - e.refused - e.cancelled()) * e.margins).sum() + again)
    if kept <= 0:
        return Undefined("no unit that earns a margin was kept")
    gone = float(((e.refused + e.cancelled()) * e.margins).sum() - again)
    return max(gone - lifetime_value_change(e), 0.0) / kept


def _margins(e: Evidence) -> Floats:
    return np.asarray(e.of_items("price") - e.of_items("unit_cost"))


def _margin_of_an_order(e: Evidence) -> Floats:
    """Margin of the units that counted orders asked for, mean over the orders of each segment."""
    earned = e.by_segment(e.asked * e.margins)
    orders = np.bincount(e.facts.demand.segments[e.orders], minlength=len(e.world.segments))
    found: Floats = earned / np.maximum(orders, 1)
    return found
