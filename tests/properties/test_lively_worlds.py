"""Whatever customers do and are told, in any world: the laws hold, KPIs are numbers, and no policy moves the demand."""

import numpy as np
import pytest
from hypothesis import event, given, reject, settings
from hypothesis import strategies as st

from simulator.foundation.errors import UserError
from simulator.kpis.evaluate import evaluate
from simulator.world.simulate import simulate
from tests.properties.models.laws import are_numbers, compare_totals, played
from tests.properties.models.shopkeepers import enliven
from tests.properties.models.worlds import LOOK, Author, Words


@st.composite
def lively(draw: st.DrawFn) -> Words:
    """A random world with the customer's side laid over it."""
    author = Author(draw)
    d = author.world()
    enliven(author, d)
    return Words(d, author.orders)


@settings(LOOK, max_examples=120)
@given(lively())
def test_a_lively_world_keeps_the_laws_repeats_itself_and_never_moves_the_demand(words):
    try:
        scenario = words.scenario()
    except UserError:  # what the random policies rule out
        reject()
    first = None
    for name in scenario.policies:
        run = played(words, scenario, name)
        reported = evaluate(run)
        are_numbers(reported)
        compare_totals(scenario, name, reported)
        for table in ("promises", "notices", "answers", "contacts", "recovered"):
            event(f"{table}: {bool(len(getattr(run, table)['order']))}")
        if first is not None:
            for column in ("times", "segments", "counts", "items", "quantities"):
                np.testing.assert_array_equal(getattr(first.demand, column), getattr(run.demand, column))
        first = first or run


def exits(run):
    """Units demanded, and where they went: at once, left at checkout, filled later, cancelled while waiting, open."""
    own = run.backordered["order"] >= 0
    backordered = run.backordered["units"][own].sum()
    refused = run.refused["units"].sum()
    fills = run.fills["units"][run.fills["order"] >= 0].sum()
    waiting = (run.cancelled["held"] == 0) & (run.cancelled["order"] >= 0)
    cancelled = run.cancelled["units"][waiting].sum()
    return run.demand.quantities.sum(), backordered, refused, fills, cancelled


@settings(LOOK, max_examples=40)
@given(lively())
def test_every_unit_that_was_asked_for_leaves_by_one_door(words):
    """All exits sum to demand: what waits is filled, cancelled or open; what does not wait was there or left."""
    try:
        scenario = words.scenario()
    except UserError:
        reject()
    name = next(iter(scenario.policies))
    try:
        run = simulate(scenario, name, 5, 1)
    except UserError:
        reject()
    asked, backordered, refused, fills, cancelled = exits(run)
    at_once = asked - backordered - refused
    still_open = sum(levels.backordered for levels in run.final)
    before = -sum(min(units, 0) for units in run.initial)
    late = run.fills["units"][run.fills["order"] < 0].sum()
    gone = run.cancelled["units"][(run.cancelled["order"] < 0) & (run.cancelled["held"] == 0)].sum()
    assert at_once >= 0
    assert backordered + before == fills + cancelled + late + gone + still_open
    by_exit = [run.refused["units"][run.refused["exit"] == k].sum() for k in range(6)]
    assert sum(by_exit) == refused


@pytest.mark.slow
@pytest.mark.timeout(3600)
@settings(LOOK, max_examples=2000)
@given(lively())
def test_two_thousand_lively_worlds_keep_the_laws(words):
    test_a_lively_world_keeps_the_laws_repeats_itself_and_never_moves_the_demand.hypothesis.inner_test(words)
