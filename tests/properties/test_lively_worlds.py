"""Whatever customers do and are told, in any world: the laws hold, KPIs are numbers, and no policy moves the demand."""

import numpy as np
import pytest
from hypothesis import event, given, reject, settings
from hypothesis import strategies as st

from simulator.foundation.errors import UserError
from simulator.kpis.evaluate import evaluate
from simulator.world.simulate import simulate
from tests.properties.models.laws import are_numbers, compare_totals, played
from tests.properties.models.worlds import LOOK, Words, worlds

PROMISES = [
    {"kind": "atp", "repromise": "on_infeasible"},
    {"kind": "atp", "look_ahead": False, "no_supply": "5 d"},
    {"kind": "ctp", "repromise": "on_change", "margin": "1 d"},
    {"kind": "ctp", "repromise": "periodic", "every": "2 d", "horizon": "9 d"},
    {"kind": "quantile", "p": "80 %", "repromise": "on_infeasible"},
    {"kind": "fixed", "within": "3 d", "repromise": "on_infeasible"},
    {"kind": "none"},
]
COMMUNICATIONS = [
    {"kind": "on_request", "tracking_page": 0.5},
    {"kind": "on_change", "channel": "sms", "options": ["keep", "switch", "cancel"], "lag": "6 h"},
    {"kind": "before_breach", "lead": "1 d", "options": ["cancel", "keep"]},
    {"kind": "heartbeat", "every": "1 d", "also": ["order", "shipped", "held", "follow_up"], "options": ["switch"]},
    {"kind": "silent"},
]
WINDOWS = [
    {"kind": "ftc", "lead": "1 d"},
    {"kind": "reconfirm", "after": "3 d", "grace": "1 d"},
    {"kind": "cancel_after", "days": "4 d"},
    {"kind": "none"},
]
ACCEPTANCES = [
    {"kind": "eta_limit", "days": "4 d"},
    {"kind": "eta_rule", "days": "9 d", "cv": 0.5, "waitlist": True},
    {"kind": "committed"},
    {"kind": "indefinite"},
    {"kind": "waitlist"},
    {"kind": "limit", "units": 4, "waitlist": True},
    {"kind": "always"},
]
SHOPPERS = {
    "join": [{"kind": "logit"}, {"kind": "share", "share": 0.5}, {"kind": "always"}],
    "otherwise": [{}, {"switch": 0, "walk": 0, "waitlist": 1}],
    "waitlist": [{"convert": 0.9}],
    "impatience": [{}, {"no_date": 1, "per_slip": 2, "after_promise": 5}],
    "contact": [{"per_day_waiting": 0.5}],
    "offer": [{"keep": 1, "switch": 2, "cancel": 1}],
}


@st.composite
def lively(draw: st.DrawFn) -> Words:
    """A random world with the customer's side laid over it."""
    words = draw(worlds())
    d = words.document
    names = list(d["items"])
    for name, spec in d["items"].items():
        others = [other for other in names if other != name]
        if others and draw(st.booleans()):
            spec["substitutes"] = {draw(st.sampled_from(others)): draw(st.sampled_from([0.3, 1]))}
    for spec in d.get("customers", {}).values():
        for key, choices in SHOPPERS.items():
            if draw(st.booleans()):
                spec[key] = draw(st.sampled_from(choices))
    for policy in d["policies"].values():
        for key, choices in (
            ("promise", PROMISES),
            ("communication", COMMUNICATIONS),
            ("window", WINDOWS),
            ("acceptance", ACCEPTANCES),
        ):
            if draw(st.booleans()):
                policy[key] = draw(st.sampled_from(choices))
    if draw(st.booleans()):
        d["support"] = {"agents": 1, "time": "3 h", "tolerance": "6 h"}
    return words


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
