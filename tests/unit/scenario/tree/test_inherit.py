from __future__ import annotations

from pathlib import Path

import pytest

from simulator.foundation.errors import UserError
from simulator.scenario.identity import fingerprint
from simulator.scenario.loader import load, load_text
from simulator.scenario.templates import template
from simulator.scenario.tree.inherit import merged, with_policies_resolved
from simulator.scenario.tree.nodes import parse, to_plain

SHOP = template("shop")


def merge(parent: str, child: str, *path: str) -> object:
    return to_plain(merged(parse(parent, "p"), parse(child, "c"), path))


def resolved(policies: str) -> object:
    return to_plain(with_policies_resolved(parse(policies, "f")).root)["policies"]


def test_the_childs_keys_win_mappings_merge_lists_are_replaced():
    assert merge("{a: 1, b: {c: 1, d: 1}, l: [1, 2]}", "{b: {c: 2}, l: [3]}") == {
        "a": 1,
        "b": {"c": 2, "d": 1},
        "l": [3],
    }


def test_a_mapping_of_another_kind_replaces_the_parents_whole():
    parent = "{lead_time: {kind: gamma, mean: 5 d, cv: 0.5}}"
    assert merge(parent, "{lead_time: {kind: constant, value: 3}}") == {"lead_time": {"kind": "constant", "value": 3}}
    assert merge(parent, "{lead_time: {kind: gamma, cv: 1}}")["lead_time"] == {"kind": "gamma", "mean": "5 d", "cv": 1}
    assert merge(parent, "{lead_time: {cv: 1}}")["lead_time"] == {"kind": "gamma", "mean": "5 d", "cv": 1}
    assert merge(parent, "{lead_time: 3 d}") == {"lead_time": "3 d"}


def test_a_mapping_by_item_keeps_the_parents_decision_as_default():
    found = resolved("""
        policies:
          lean: {replenishment: {kind: s_S, s: 1, S: 2}}
          more: {extends: lean, replenishment: {mug: {kind: s_S, s: 5, S: 6}}}
          most: {extends: more, replenishment: {mug: {S: 9}, cup: {kind: none}}}
        """)
    lean = {"kind": "s_S", "s": 1, "S": 2}
    assert found["more"]["replenishment"] == {"default": lean, "mug": {"kind": "s_S", "s": 5, "S": 6}}
    assert found["most"]["replenishment"] == {
        "default": lean,
        "mug": {"kind": "s_S", "s": 5, "S": 9},
        "cup": {"kind": "none"},
    }


def test_fields_of_the_parents_kind_are_no_items():
    found = resolved("""
        policies:
          lean: {replenishment: {kind: base_stock, S: 2}}
          dual: {extends: lean, replenishment: {supplier: {one: 0.5, two: 0.5}}}
        """)
    assert found["dual"]["replenishment"] == {"kind": "base_stock", "S": 2, "supplier": {"one": 0.5, "two": 0.5}}


def test_one_decision_for_all_replaces_decisions_by_item():
    found = resolved("""
        policies:
          lean: {replenishment: {mug: {kind: none}, default: {kind: base_stock, S: 2}}}
          flat: {extends: lean, replenishment: {kind: base_stock, S: 5}}
        """)
    assert found["flat"]["replenishment"] == {"kind": "base_stock", "S": 5}


def test_policies_may_extend_one_that_stands_below():
    found = resolved("policies: {b: {extends: a, window: {kind: none}}, a: {replenishment: {kind: none}}}")
    assert found["b"] == {"replenishment": {"kind": "none"}, "extends": "a", "window": {"kind": "none"}}


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_chain_of_files_flattened_by_hand_is_the_same_scenario(tmp_path):
    write(
        tmp_path, "base/world.yaml", SHOP.replace("horizon: 365 d", "horizon: 100 d").replace("name: shop", "name: x")
    )
    write(tmp_path, "base/year.yaml", "extends: world.yaml\nclock: {horizon: 365 d}\n")
    top = write(tmp_path, "top.yaml", "name: shop\nextends: base/year.yaml\ncurrency: EUR\n")
    assert load(top) == load_text(SHOP)
    assert fingerprint(load(top)) == fingerprint(load_text(SHOP))


def test_a_fault_of_the_parent_is_reported_in_the_parent(tmp_path):
    write(tmp_path, "base/world.yaml", SHOP.replace("price: 12,", "prise: 12,"))
    top = write(tmp_path, "top.yaml", "extends: base/world.yaml\nname: top\nclock: {horizon: x}\n")
    with pytest.raises(UserError) as caught:
        load(top)
    places = [(Path(p.file).name, p.line, p.column, p.key) for p in caught.value.problems]
    assert places == [("world.yaml", 14, 11, "items.mug.prise"), ("top.yaml", 3, 18, "clock.horizon")]
    assert caught.value.problems[0].file == str(tmp_path / "base/world.yaml")


def test_parents_in_other_folders_need_the_data_folder(tmp_path):
    write(tmp_path, "base/world.yaml", SHOP)
    kind = write(tmp_path, "kinds/one.yaml", "extends: ../base/world.yaml\nname: one\n")
    with pytest.raises(UserError, match="--data DIR"):
        load(kind)
    assert load(kind, data=[tmp_path / "base"]).name == "one"
    with pytest.raises(UserError, match="is not a folder"):
        load(kind, data=[tmp_path / "bse"])


def test_data_files_are_named_relative_to_the_scenario_that_is_loaded(tmp_path):
    write(tmp_path, "days.csv", "days\n1\n2\n3\n")
    law = "{kind: empirical, file: days.csv, column: days}"
    write(tmp_path, "base/world.yaml", SHOP.replace("{kind: gamma, mean: 14 d, cv: 0.4}", law))
    top = write(tmp_path, "top.yaml", "extends: base/world.yaml\nname: top\n")
    assert list(load(top).data_digests) == ["days.csv"]


def test_a_policy_does_not_inherit_the_title_of_the_one_that_it_extends():
    found = resolved(
        "policies: {a: {title: little, window: {kind: none}}, b: {extends: a}, c: {extends: a, title: much}}"
    )
    assert [policy.get("title") for policy in found.values()] == ["little", None, "much"]
