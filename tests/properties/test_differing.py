"""Random worlds whose policies differ by segment, item and date keep every law.

A failure names the number of its world; `mixed(NUMBER)` writes it again.
"""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest

from simulator.foundation.errors import UserError
from simulator.kpis.evaluate import evaluate
from simulator.kpis.kpi import Undefined
from simulator.record.story import story
from simulator.world.simulate import simulate
from tests.properties.models.books import Books
from tests.properties.models.laws import are_numbers, compare_totals
from tests.properties.models.storm import storm
from tests.properties.models.worlds import Plain, Words

WORLDS, SAMPLE = 120, 10
DECISIONS: dict[str, list[Plain]] = {
    "acceptance": [
        {"kind": "never"},
        {"kind": "always", "per_order": 2},
        {"kind": "limit", "units": 4, "whole_lines": True},
        {"kind": "eta_limit", "days": 6},
        {"kind": "always", "reject_after": 4},
        {"kind": "waitlist"},
        {"kind": "committed"},
    ],
    "promise": [
        {"kind": "none"},
        {"kind": "fixed", "within": 4},
        {"kind": "ctp", "repromise": "on_change"},
        {"kind": "atp", "repromise": "periodic", "every": 2},
        {"kind": "quantile", "p": 0.8},
    ],
    "communication": [
        {"kind": "silent"},
        {"kind": "heartbeat", "every": 3},
        {"kind": "before_breach", "lead": 2, "options": ["keep", "switch", "cancel"]},
        {"kind": "on_change", "also": ["order", "shipped", "held"]},
    ],
    "fulfilment": [
        {"kind": "as_available"},
        {"kind": "order_complete"},
        {"kind": "hold_until", "days": 3},
        {"kind": "ship_once"},
        {"kind": "minimum_split", "share": 0.5, "of": "line"},
        {"kind": "as_available", "must_arrive": True},
    ],
    "window": [
        {"kind": "none"},
        {"kind": "cancel_after", "days": 5},
        {"kind": "reconfirm", "after": 4},
        {"kind": "ftc", "lead": 1},
    ],
    "payment": [
        {"kind": "at_order"},
        {"kind": "at_shipment", "fails": 0.3, "reauth_days": 1},
        {"kind": "deposit", "share": 0.3, "fails": 0.2},
        {"kind": "at_delivery", "late_price": {"quoted": 2, "nothing": 9}},
    ],
}


def mixed(number: int) -> Words:
    """The world with a number, its policy changed at random."""
    dice, words = random.Random(number), storm(number)
    d: Any = words.document
    policy = d["policies"]["first"]
    policy.pop("preset", None)
    segments, items = list(d["customers"]), list(d["items"])

    def one(family: str) -> Plain:
        return copy.deepcopy(dice.choice(DECISIONS[family]))

    for family in DECISIONS:
        if dice.random() < 0.6:
            own = policy.get(family)
            found: Plain = {"default": own if own is not None and "kind" in own else one(family)}
            within = one(family) if dice.random() < 0.5 else {"items": {dice.choice(items): one(family)}}
            if dice.random() < 0.7:
                found["segments"] = {dice.choice(segments): within}
            if dice.random() < 0.5:
                found["items"] = {dice.choice(items): one(family)}
            policy[family] = found
    policy["schedule"] = [entry for k in range(dice.randint(0, 3)) if (entry := scheduled(dice, d, k, one))]
    return words


def scheduled(dice: random.Random, d: Plain, number: int, one: Any) -> Plain | None:
    """An entry of the schedule; None where nothing says when it is in force."""
    entry: Plain = {}
    if dice.random() < 0.7:
        entry["from"] = round(dice.uniform(0, 10), 2)
        entry["to"] = round(entry["from"] + dice.uniform(0.1, 9), 2)
    if d["suppliers"] and (not entry or dice.random() < 0.4):
        entry["while"] = {dice.choice(["late", "closed", "slowed"]): dice.choice(list(d["suppliers"]))}
    if not entry:
        return None
    family = dice.choice([*DECISIONS, "replenishment"])
    if family == "replenishment":
        change: Plain = dice.choice([{"kind": "base_stock", "S": 9}, {"kind": "R_S", "R": 1.5, "S": 12}])
    else:
        change = one(family) if dice.random() < 0.5 else {"segments": {dice.choice(list(d["customers"])): one(family)}}
    return entry | {"priority": number + 1, family: change}


def check(number: int) -> bool:
    """Plays a world and checks its laws; False: it is not a valid scenario."""
    try:
        scenario = mixed(number).scenario()
    except UserError:
        return False  # a schedule that changes forecasts, or buys what nobody sells
    run = simulate(scenario, "first", 11, 3)
    run.audit()
    reported = evaluate(run)
    are_numbers(reported)
    problems = [problem for problem in Books(run).problems() if not problem.startswith("the window closes")]
    assert not problems
    if not scenario.policies["first"].schedule:
        compare_totals(scenario, "first", reported)
    for order in range(min(3, len(run.demand.times))):
        assert story(run, order)
    shares = [value for name, value in reported.items() if name.startswith("refused_by_rule[")]
    if not any(isinstance(share, Undefined) for share in (*shares, reported["lost_at_checkout"])):
        assert sum(shares) <= reported["lost_at_checkout"] + 1e-9
    return True


@pytest.mark.parametrize("number", range(SAMPLE))
def test_a_world_with_decisions_that_differ_keeps_every_law(number):
    check(number)


@pytest.mark.slow
def test_many_worlds_with_decisions_that_differ_keep_every_law():
    assert sum(check(number) for number in range(SAMPLE, WORLDS)) > WORLDS / 2
