"""Events that trigger others, and stops after which nothing goes on."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import yaml

from simulator.foundation.errors import UserError
from simulator.kpis.evaluate import evaluate
from simulator.scenario.loader import load_text
from tests.unit.world.shops import play, shop

STORM = {"kind": "path_closed", "supplier": "pottery", "at": 5, "lasts": 2, "name": "storm"}
STRIKE = {"kind": "outage", "supplier": "pottery", "at": 3, "lasts": 4, "name": "strike"}


def happened(d, replication=0):
    run = play(d, replication=replication)
    names = [event.name for event in run.world.events]
    facts = zip(run.happened["event"].astype(int), run.happened["start"], run.happened["end"], strict=True)
    return [(names[k], float(start), float(end)) for k, start, end in facts]


def test_an_event_triggers_others_relative_to_its_start():
    shock = {"kind": "demand_spike", "customers": "web", "at": 1, "lasts": 2, "factor": 3, "name": "panic"}
    d = shop(events=[STORM | {"then": [STRIKE | {"then": shock}]}])
    assert happened(d) == [("storm", 5, 7), ("strike", 8, 12), ("panic", 9, 11)]
    assert len(play(d).demand.times) > 39


def test_what_recurs_triggers_every_time_and_overlapping_consequences_are_one():
    again = {"kind": "path_closed", "supplier": "pottery", "every": 10, "lasts": 1, "name": "storm"}
    d = shop(events=[again | {"then": STRIKE | {"lasts": 12}}])
    strikes = [(start, end) for name, start, end in happened(d) if name == "strike"]
    assert strikes[0][0] == 13
    assert all(one[1] < other[0] for one, other in pairwise(strikes))


def test_a_consequence_has_a_chance_of_its_own():
    d = shop(events=[STORM | {"then": STRIKE | {"chance": "40 %"}}])
    often = np.mean([len(happened(d, replication)) - 1 for replication in range(60)])
    assert 0.2 < often < 0.6


def test_a_consequence_moves_no_number_of_its_trigger():
    alone = shop(events=[STORM | {"lasts": {"kind": "exponential", "mean": 4}}])
    together = shop(events=[STORM | {"lasts": {"kind": "exponential", "mean": 4}, "then": STRIKE}])
    assert happened(together)[0] == happened(alone)[0]


def test_a_supplier_that_does_not_come_back():
    gone = shop(events=[STRIKE | {"resumes": "0 %"}])
    back = shop(events=[STRIKE | {"resumes": "100 %"}])
    assert happened(gone) == [("strike", 3, np.inf)]
    assert happened(back) == [("strike", 3, 7)]
    assert evaluate(play(gone))["open_share"] > evaluate(play(back))["open_share"]


@pytest.mark.parametrize("wrong", [{"every": 3}, {"until": 9, "lasts": None}])
def test_a_consequence_is_timed_by_its_trigger(wrong):
    child = {k: v for k, v in {**STRIKE, **wrong}.items() if v is not None}
    if "every" in wrong:
        del child["at"]
    with pytest.raises(UserError, match="from the start of the trigger"):
        load_text(yaml.safe_dump(shop(events=[STORM | {"then": child}])))


def test_a_consequence_strikes_something_known():
    with pytest.raises(UserError, match="no supplier 'potery'"):
        load_text(yaml.safe_dump(shop(events=[STORM | {"then": STRIKE | {"supplier": "potery"}}])))
