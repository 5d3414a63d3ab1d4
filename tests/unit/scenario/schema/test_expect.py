from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from simulator.experiment.storage.fingerprint import fingerprint
from simulator.foundation.errors import UserError
from simulator.scenario.json_schema import json_schema
from simulator.scenario.loader import load_text
from simulator.scenario.templates import template
from simulator.scenario.tree.nodes import parse, to_plain

SHOP = template("shop")


def shop(*expectations):
    return SHOP + "\nexpect:\n" + "".join(f"  - {{{e}}}\n" for e in expectations)


def said(expectation):
    with pytest.raises(UserError) as error:
        load_text(shop(expectation), file="f.yaml")
    return "\n".join(str(p) for p in error.value.problems)


def test_bounds_are_read_in_the_unit_of_the_kpi():
    scenario = load_text(
        shop(
            "policy: lean, kpi: fill_rate, at_least: 90 %, at_most: 0.99",
            "policy: lean, kpi: wait_p95, at_most: 1 w",
            "better: buffered, than: lean, kpi: fill_rate, by: 2 %",
            "policy: lean, kpi: 'age_buckets[0-3 d]', at_least: 1 %",
            "policy: lean, kpi: 'wait_mean_by_segment[web]', at_most: 9",
        )
    )
    assert scenario.expect[0].bounds == {"at_least": 0.9, "at_most": 0.99}
    assert scenario.expect[1].bounds == {"at_most": 7.0}
    assert [str(e) for e in scenario.expect[:3]] == [
        "fill_rate of lean at least 90 % and at most 99 %",
        "wait_p95 of lean at most 7 d",
        "buffered better than lean on fill_rate by 2 %",
    ]


@pytest.mark.parametrize(
    ("expectation", "message"),
    [
        ("policy: laen, kpi: fill_rate, at_least: 1", "expect.0.policy: no policy 'laen' (did you mean 'lean'?)"),
        (
            "better: lean, than: bufered, kpi: fill_rate",
            "expect.0.than: no policy 'bufered' (did you mean 'buffered'?)",
        ),
        ("policy: lean, kpi: filrate, at_least: 1", "expect.0.kpi: no KPI 'filrate' (did you mean 'fill_rate'?)"),
        ("policy: lean, kpi: age_buckets, at_least: 1", "has several rows; name one, for example 'age_buckets[0-3 d]'"),
        ("policy: lean, kpi: fill_rate, at_least: 95", "95 is not between 0 and 1; write 95 %"),
        ("policy: lean, kpi: wait_mean, at_most: 5 %", "5 % is a share, and 'wait_mean' is measured in d"),
        ("policy: lean, kpi: fill_rate, at_least: 3 d", "3 d is a duration, and 'fill_rate' is a share"),
        ("policy: lean, kpi: fill_rate, at_least: lots", "write a number in the KPI's unit, 95 % or 3 d"),
        ("policy: lean, kpi: fill_rate, at_least: 0.9, at_most: 0.8", "at_least (0.9) is more than at_most (0.8)"),
        ("policy: lean, kpi: fill_rate, atleast: 0.9", "unknown key 'atleast' (did you mean 'at_least'?)"),
        ("policy: lean, kpi: fill_rate", "expected one statement"),
        ("better: lean, kpi: fill_rate", "expected one statement"),
        ("better: lean, than: lean, kpi: fill_rate", "'lean' cannot be better than itself"),
        ("better: lean, than: buffered, kpi: fill_rate, by: -0.1", "`by` must be at least 0"),
        ("better: lean, than: buffered, kpi: on_hand_mean", "'on_hand_mean' has no better direction"),
    ],
)
def test_what_cannot_be_checked_is_said_at_its_place(expectation, message):
    told = said(expectation)
    assert message in told
    assert told.startswith("f.yaml:")
    assert len(told.splitlines()) == 1


def test_an_unknown_policy_is_not_reported_where_the_policies_themselves_are_faulty():
    text = shop("policy: nobody, kpi: fill_rate, at_least: 1").replace("kind: never", "kind: nevr")
    with pytest.raises(UserError) as error:
        load_text(text, file="f.yaml")
    assert any("unknown kind 'nevr'" in str(p) for p in error.value.problems)


def test_editors_know_expectations():
    validator = Draft202012Validator(json_schema())
    good = to_plain(parse(shop("policy: lean, kpi: fill_rate, at_least: 90 %"), "f.yaml"))
    assert not list(validator.iter_errors(good))
    for wrong in ("policy: lean, kpi: fill_rate, at_least: lots", "policy: lean, kpi: fill_rate, atleast: 1"):
        assert list(validator.iter_errors(to_plain(parse(shop(wrong), "f.yaml"))))


def test_what_is_expected_moves_no_number():
    plain, expecting = load_text(SHOP), load_text(shop("policy: lean, kpi: fill_rate, at_least: 90 %"))
    assert fingerprint(plain, 7, ["lean"]) == fingerprint(expecting, 7, ["lean"])
