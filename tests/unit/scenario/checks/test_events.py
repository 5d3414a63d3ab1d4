"""Checks of events ask for the effects that an event declares, whatever its class."""

from __future__ import annotations

import pytest

from simulator.events.effect import CapacityCut, Stoppage
from simulator.events.event import Event, SupplierNames
from simulator.scenario.checks.plausibility import events_happen_and_stops_end, stops_do_not_overlap
from simulator.scenario.checks.supply import capacity_losses_strike_limited_suppliers
from simulator.scenario.loader import load_text

SHOP = """\
name: shop
clock: {horizon: 100 d}
items: {mug: {price: 12, unit_cost: 5}}
customers: {web: {arrivals: {kind: poisson, rate: 2 / d}, basket: {kind: single, item: mug}}}
suppliers: {maker: {items: all, lead_time: 5 d}, plant: {items: all, lead_time: 5 d, capacity: {rate: 9 / d}}}
policies: {lean: {replenishment: {kind: s_S, s: 10, S: 20, supplier: maker}}}
"""


class Strike(Event):
    """Stops suppliers, as an event of somebody else would."""

    who: SupplierNames

    def effects(self, streams):
        return tuple(Stoppage(target) for target in self.targets())


class Flu(Strike):
    """Takes half of the capacity of suppliers."""

    def effects(self, streams):
        return tuple(CapacityCut(target, 0.5) for target in self.targets())


def with_events(*events):
    return load_text(SHOP).model_copy(update={"events": list(events)})


@pytest.mark.parametrize("names", ["maker", ["plant", "maker"]])
def test_stops_of_any_class_do_not_overlap(names):
    long, inside = Strike(who=names, at=5, lasts=10), Strike(who="maker", at=8, lasts=1)
    (found,) = stops_do_not_overlap(with_events(long, inside))
    assert found.path == ("events", 1)
    assert "of 'maker' begins on day 8, inside another one (from day 5 to day 15)" in found.message
    assert not list(stops_do_not_overlap(with_events(long, Strike(who="maker", at=15, lasts=1))))
    assert not list(stops_do_not_overlap(with_events(Flu(who=names, at=5, lasts=10), Flu(who="maker", at=8, lasts=1))))


def test_only_stops_that_never_end_are_warned_of():
    (found,) = events_happen_and_stops_end(with_events(Strike(who="maker", at=5), Flu(who="plant", at=5)))
    assert (found.path, found.warning) == (("events", 0), True)


@pytest.mark.parametrize("trigger", [None, Strike(who="maker", at=1, lasts=1)])
def test_capacity_is_lost_only_where_there_is_some_whatever_the_class(trigger):
    event = Flu(who=["plant", "maker"], at=5, lasts=2)
    if trigger is not None:
        event = trigger.model_copy(update={"then": [event]})
    (found,) = capacity_losses_strike_limited_suppliers(with_events(event))
    assert found.path == (("events", 0, "who") if trigger is None else ("events", 0, "then", 0, "who"))
    assert found.message == "'maker' has no `capacity:` to lose"
