"""The parts of every order: nothing is lost, nothing is counted twice, dates follow each other."""

import numpy as np
import pytest

from simulator.record.parts import NEVER, open_between, parts, parts_of
from simulator.scenario.loader import load, load_text
from simulator.world.simulate import simulate

SHOP = "scenarios/flash-sale.yaml"


@pytest.fixture(scope="module")
def runs():
    scenario = load(SHOP).edit({"clock.horizon": "150 d", "clock.warm_up": "0 d", "customers.web.patience": "6 d"})
    more = scenario.edit({"policies.whole": {"extends": "lean", "fulfilment": {"kind": "order_complete"}}})
    return [simulate(more, policy, 1) for policy in ("lean", "capped", "whole")]


def test_units_are_conserved_and_dates_follow_each_other(runs):
    for run in runs:
        found = parts(run, list(range(len(run.demand.times))))
        asked = np.bincount(run.line_orders, weights=run.demand.quantities)
        in_place = np.zeros(asked.size)
        np.add.at(in_place, run.recovered["order"].astype(int), run.recovered["units"])
        assert [sum(p.units for p in found[k]) for k in found] == (asked + in_place).tolist()
        every = [p for some in found.values() for p in some]
        assert all(p.placed <= p.filled <= p.shipped <= p.delivered or p.filled == NEVER for p in every)
        assert all(p.placed <= p.gone for p in every)
        assert not [p for p in every if p.gone < NEVER and p.shipped < NEVER]


def test_parcels_and_cancellations_are_all_accounted_for(runs):
    for run in runs:
        every = [p for some in parts(run, list(range(len(run.demand.times)))).values() for p in some]
        in_parcels = np.zeros(len(run.parcels["order"]))
        np.add.at(in_parcels, [p.parcel for p in every if p.parcel >= 0], [p.units for p in every if p.parcel >= 0])
        assert (in_parcels == run.parcels["units"]).all()
        assert sum(p.units for p in every if p.cause >= 0) == run.cancelled["units"].sum()
        waiting = sum(p.units for p in every if p.filled == p.gone == NEVER)
        assert waiting == sum(level.backordered for level in run.final)
    assert any(run.cancelled["held"].any() for run in runs), "an order that was held went back to the shelf"


def test_orders_open_in_a_window_are_those_with_a_part_in_it(runs):
    run = runs[0]
    found = parts(run, list(range(len(run.demand.times))))
    expected = [k for k, some in found.items() if any(p.placed < 110 and p.over >= 100 for p in some)]
    assert set(expected) <= set(open_between(run, 100, 110))
    assert len(open_between(run, 100, 110)) <= 1.1 * len(expected) + 5


def test_a_backlog_from_before_the_start_has_parts_too():
    text = """
name: owed
clock: {horizon: 20 d}
items: {mug: {price: 1, unit_cost: 1}}
customers: {all: {arrivals: {kind: every, interval: 1 d}, basket: {kind: single, item: mug}}}
warehouse: {stock: {mug: -3}}
suppliers: {maker: {items: [mug], lead_time: 5 d}}
policies: {base: {replenishment: {kind: base_stock, S: 2}}}
"""
    run = simulate(load_text(text), "base", 1)
    (owed,) = parts_of(run, -1)
    assert (owed.units, owed.placed, owed.filled, owed.delivered) == (3.0, 0.0, 5.0, 5.0)
    assert open_between(run, 0, 4)[0] == -1
    assert -1 not in open_between(run, 6, 8)
