"""Decisions that were played round by round: the same as a schedule by hand, and never known before."""

import pytest
import yaml

from simulator.foundation.errors import UserError
from simulator.kpis.evaluate import evaluate
from simulator.scenario.loader import load_text
from simulator.world.simulate import simulate
from tests.unit.world.shops import shop

PROMISES = [{"kind": "fixed", "within": "3 d"}, {"kind": "none"}, {"kind": "fixed", "within": "9 d"}]
KPIS = ["fill_rate", "backlog_mean", "contribution", "refused_rate", "wait_mean", "promise_error_mean"]


def loaded(policy, **changes):
    words = shop(**changes)
    words["policies"] = {"first": policy}
    return load_text(yaml.safe_dump(words, sort_keys=False))


def played(decisions, every="7 d"):
    return {"kind": "played", "R": every, "decisions": decisions}


def facts(scenario):
    run = simulate(scenario, "first", 1)
    run.audit()
    return {key: str(value) for key, value in evaluate(run).items()}


def test_played_decisions_are_a_schedule_without_a_word_of_it():
    base = {"replenishment": {"kind": "R_S", "R": "7 d", "S": 12}}
    by_round = {
        **base,
        "acceptance": played([{"kind": "always"}, {"kind": "limit", "units": 2}, {"kind": "limit", "units": 2}]),
        "promise": played(PROMISES),
        "fulfilment": {"default": played([{"kind": "as_available"}, {"kind": "order_complete"}])},
    }
    by_hand = {
        **base,
        "acceptance": {"kind": "always"},
        "promise": PROMISES[0],
        "schedule": [
            {"from": "7 d", "acceptance": {"kind": "limit", "units": 2}},
            {"from": "7 d", "to": "14 d", "promise": PROMISES[1]},
            {"from": "14 d", "promise": PROMISES[2]},
            {"from": "7 d", "fulfilment": {"kind": "order_complete"}},
        ],
    }
    changes = {"warehouse__stock": {"mug": 3}, "clock": {"horizon": "40 d"}}
    found = loaded(by_round, **changes)
    assert len(found.policies["first"].schedule) == 4, "rounds without a change make no entry"
    assert facts(found) == facts(loaded(by_hand, **changes))
    never = loaded({**by_round, "promise": PROMISES[0]}, **changes)
    assert facts(never) != facts(found)


def test_a_played_default_leaves_the_decision_of_a_segment_alone():
    policy = loaded(
        {
            "replenishment": {"kind": "none"},
            "acceptance": {
                "default": played([{"kind": "always"}, {"kind": "never"}]),
                "items": {"mug": {"kind": "always"}},
            },
        }
    ).policies["first"]
    (entry,) = policy.schedule
    assert {key.split("\x1f")[-1]: one.kind for key, one in entry.acceptance.items()} == {
        "default": "never",
        "mug": "always",
    }


def test_levels_by_round_are_those_of_a_schedule():
    levels = [{"kind": "s_S", "s": 2, "S": 9}, {"kind": "s_S", "s": 6, "S": 30}]
    by_round = {"replenishment": {"kind": "played", "R": "14 d", "decisions": levels}}
    by_hand = {"replenishment": levels[0], "schedule": [{"from": "14 d", "replenishment": levels[1]}]}
    changes = {"warehouse__stock": {"mug": 9}, "clock": {"horizon": "60 d"}}
    assert facts(loaded(by_round, **changes)) == facts(loaded(by_hand, **changes))


def test_purchases_that_are_still_to_be_decided_move_no_date_that_was_promised_before():
    promise = {"kind": "ctp", "repromise": "never"}
    dates = {}
    for units in ([0, 0], [0, 50]):
        buys = {"kind": "played", "R": "10 d", "first": "0 d", "units": units}
        scenario = loaded(
            {"replenishment": buys, "promise": promise}, warehouse__stock={"mug": 0}, clock={"horizon": "9 d"}
        )
        run = simulate(scenario, "first", 1)
        dates[tuple(units)] = run.promises["date"].tolist()
    assert dates[0, 0] == dates[0, 50]


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ({"acceptance": {**played([{"kind": "always"}]), "waitlist": True}}, "no effect here"),
        ({"promise": played([played(PROMISES)])}, "cannot be `played` itself"),
        ({"allocation": played([{"kind": "critical_level", "units": 3}])}, "cannot change from round to round"),
        ({"replenishment": {"kind": "played", "R": "7 d"}}, "either `units`"),
        ({"replenishment": {"kind": "played", "R": "7 d", "units": {"nobody": [1]}}}, "no supplier 'nobody'"),
        ({"procurement": played([{"kind": "spot_buy", "supplier": "nobody"}])}, "no supplier 'nobody'"),
        (
            {"procurement": played([{"kind": "wait"}, {"kind": "spot_buy", "supplier": "nobody"}])},
            "no supplier 'nobody'",
        ),
    ],
)
def test_a_wrong_round_is_an_error_with_its_place(policy, words):
    with pytest.raises(UserError, match=words):
        loaded({"replenishment": {"kind": "none"}, **policy})


def test_a_played_allocation_serves_by_the_rule_of_the_round_in_which_goods_arrive():
    waits = {}
    for rules in (["fifo", "lifo"], ["fifo", "fifo"], ["lifo", "lifo"]):
        policy = {
            "replenishment": {"kind": "played", "R": "5 d", "first": "5 d", "units": [2, 0, 0, 4]},
            "allocation": played([{"kind": rule} for rule in rules], "12 d"),
        }
        run = simulate(loaded(policy, warehouse__stock={"mug": 0}, clock={"horizon": "40 d"}), "first", 1)
        run.audit()
        waits["".join(rule[0] for rule in rules)] = list(zip(run.fills["time"], run.fills["order"], strict=True))
    early = [pair for pair in waits["fl"] if pair[0] < 12]
    assert early == [pair for pair in waits["ff"] if pair[0] < 12]
    late = [pair for pair in waits["fl"] if pair[0] > 12]
    assert late != [pair for pair in waits["ff"] if pair[0] > 12]
    assert late[0][1] == waits["ll"][-1][1] or late[0][1] > early[-1][1]
