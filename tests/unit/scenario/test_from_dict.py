"""Scenarios from Python data, and back to the text of a file."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

import simulator
from simulator.foundation.errors import UserError
from simulator.scenario.identity import fingerprint
from simulator.scenario.loader import from_dict, load, load_text
from simulator.scenario.schema.schema import Scenario

SCENARIOS = Path(__file__).parents[3] / "scenarios"
BUY = {"kind": "s_S", "s": 10, "S": 20}
SMALL = {
    "name": "small",
    "clock": {"start": dt.date(2025, 1, 6), "horizon": "90 d"},
    "items": {"mug": {"price": 12, "unit_cost": 5}, 7: {"price": 2, "unit_cost": 1}},
    "customers": {
        "web": {"arrivals": {"kind": "poisson", "rate": "4 / d"}, "basket": {"kind": "single", "item": "mug"}}
    },
    "suppliers": {"maker": {"items": ["mug", "7"], "lead_time": "5 d"}},
    "policies": {"lean": {"replenishment": {"kind": "s_S", "s": np.int64(10), "S": np.float64(20)}}},
}


def changed(**keys):
    return {**SMALL, **keys}


def refused(mapping, **more):
    with pytest.raises(UserError) as caught:
        from_dict(mapping, **more)
    return str(caught.value)


def test_a_mapping_is_the_scenario_that_a_file_with_its_keys_is():
    text = """
        name: small
        clock: {start: 2025-01-06, horizon: 90 d}
        items: {mug: {price: 12, unit_cost: 5}, 7: {price: 2, unit_cost: 1}}
        customers: {web: {arrivals: {kind: poisson, rate: 4 / d}, basket: {kind: single, item: mug}}}
        suppliers: {maker: {items: [mug, "7"], lead_time: 5 d}}
        policies: {lean: {replenishment: {kind: s_S, s: 10, S: 20}}}
    """
    assert fingerprint(simulator.from_dict(SMALL)) == fingerprint(load_text(text))


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        (
            changed(items={"mug": {"price": -1, "unit_cots": 5}}),
            ["items.mug.price: -1 is out of range; must be at least 0", "items.mug.unit_cots: unknown key 'unit_cots'"],
        ),
        (changed(suppliers={"maker": {"items": ["mgu"], "lead_time": "5 d"}}), ["suppliers.maker.items.0: no item"]),
        (changed(events=[{"kind": "outage", "at": object()}]), ["events.0.at: expected plain data, got object"]),
        (changed(items={"a": {}, " a": {}}), ["items: the keys 'a' and ' a' are the same"]),
        (changed(items={1: {}, "1": {}}), ["items: the keys 1 and '1' are the same"]),
        (changed(items={("a", "b"): {}}), ["items: ('a', 'b') is not a key"]),
        (changed(title="\x00"), ["title: control character U+0000"]),
        (changed(extends="base.yaml"), ["extends: the parent of a mapping needs the `folder` in which it is"]),
        ([1], ["expected a mapping of keys (name, clock, …), got list"]),
    ],
    ids=lambda value: value[0][:50] if isinstance(value, list) and isinstance(value[0], str) else "",
)
def test_faults_of_a_mapping_name_the_path_of_the_key(mapping, said):
    found = refused(mapping)
    for text in said:
        assert text in found
    assert "Traceback" not in found


def test_a_frame_in_a_mapping_is_refused_with_the_way_that_works():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"t": [1, 2], "o": ["a", "b"], "i": ["mug", "mug"], "q": [1, 3]})
    arrivals = {"kind": "trace", "time": "t", "order": "o", "item": "i", "quantity": "q"}
    inside = changed(customers={"web": {"arrivals": {**arrivals, "file": frame}}})
    assert "customers.web.arrivals.file: expected plain data, got DataFrame; pass tables by name" in refused(inside)
    named = changed(customers={"web": {"arrivals": {**arrivals, "file": "orders"}}})
    assert len(from_dict(named, tables={"orders": frame}).customers["web"].arrivals.book) == 2


def test_a_mapping_can_extend_a_file_and_read_the_data_of_its_folder():
    found = from_dict({"extends": "monday-morning.yaml", "name": "mine"}, folder=SCENARIOS)
    assert found.data_digests == load(SCENARIOS / "monday-morning.yaml").data_digests != {}


@pytest.mark.parametrize("name", ["flash-sale", "monday-morning", "hardware-shop", "silence-or-delay"])
def test_the_text_of_a_scenario_reads_as_a_scenario_with_its_fingerprint(name):
    scenario = load(SCENARIOS / f"{name}.yaml")
    assert fingerprint(load_text(scenario.to_yaml(), folder=SCENARIOS)) == fingerprint(scenario)


def test_the_text_of_a_mapping_is_the_text_of_a_file(tmp_path):
    scenario = from_dict(SMALL).edit({"policies.lean.replenishment.S": 25})
    (tmp_path / "small.yaml").write_text(scenario.to_yaml(), encoding="utf-8")
    assert fingerprint(load(tmp_path / "small.yaml")) == fingerprint(scenario)
    with pytest.raises(UserError, match="make it with"):
        Scenario.model_validate(
            {**SMALL, "items": {"mug": {"price": 12, "unit_cost": 5}}, "policies": {"a": {"replenishment": BUY}}}
        ).to_yaml()


def test_a_table_that_was_not_passed_is_asked_for():
    web = {"arrivals": {"kind": "trace", "file": "orders", "order": "o", "time": "t", "item": "i", "quantity": "q"}}
    text = refused(changed(customers={"web": web}))
    assert "customers.web.arrivals: 'orders': no such table" in text
    assert "pass tables={'orders': frame}" in text
    assert "(did you mean 'order'?)" in refused(changed(customers={"web": web}), tables={"order": {"o": [1]}})
