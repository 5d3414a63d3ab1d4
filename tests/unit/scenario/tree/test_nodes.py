from __future__ import annotations

import math

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.foundation.errors import UserError
from simulator.scenario.tree.nodes import (
    MappingNode,
    Place,
    ScalarNode,
    SequenceNode,
    dump,
    parse,
    to_plain,
)
from simulator.scenario.tree.plain import from_plain

HERE = Place("here", 1, 1)


def plain(text: str) -> object:
    return to_plain(parse(text, "f.yaml"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e5", 100000.0),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        (".5", 0.5),
        ("1.", 1.0),
        ("-3", -3),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("2025-01-06", "2025-01-06"),
        ("NO", "NO"),
        ("on", "on"),
        ("yes", "yes"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("'5'", "5"),
        ('"true"', "true"),
        ("!!str 5", "5"),
        (".inf", math.inf),
        ("14 d", "14 d"),
    ],
)
def test_values_follow_the_core_schema_of_yaml_1_2(text, value):
    found = plain(f"a: {text}")["a"]
    assert found == value
    assert type(found) is type(value)


def test_every_node_knows_its_place():
    root = parse("a: 1\nb:\n  - x\n  - {c: 2}\n", "f.yaml")
    assert isinstance(root, MappingNode)
    items = root.get("b")
    assert isinstance(items, SequenceNode)
    inner = items.items[1]
    assert isinstance(inner, MappingNode)
    assert inner.entries["c"] == (Place("f.yaml", 4, 6), inner.get("c"))
    assert inner.get("c").place == Place("f.yaml", 4, 9)


def test_keys_are_text_whatever_they_look_like():
    assert plain("1: a\ntrue: b\n1.0: c\n~: d\n") == {"1": "a", "true": "b", "1.0": "c", "~": "d"}


def test_aliases_stand_for_their_anchor_and_keep_its_place():
    root = parse("a: &x {k: 1}\nb: *x\n", "f.yaml")
    assert to_plain(root) == {"a": {"k": 1}, "b": {"k": 1}}
    assert root.get("b").place == Place("f.yaml", 1, 4)


def test_merge_keys_fill_in_what_the_mapping_does_not_say():
    text = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], z: 3}\n"
    assert plain(text)["c"] == {"z": 3, "x": 1, "y": 1}
    assert plain("'<<': 5") == {"<<": 5}


def test_all_duplicate_keys_are_reported_at_once():
    with pytest.raises(UserError) as caught:
        parse("a: 1\na: 2\nb: {c: 1, c: 2}\n", "f.yaml")
    assert [(p.line, p.column) for p in caught.value.problems] == [(2, 1), (3, 11)]


def test_the_python_parser_builds_the_same_nodes(monkeypatch):
    text = "a: &x {k: [1, '2', 3.5]}\nb: {<<: *x, l: ~}\n"
    quick = plain(text)
    monkeypatch.setattr("simulator.scenario.tree.nodes._LOADER", yaml.SafeLoader)
    assert plain(text) == quick


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20) | st.sampled_from(
    ["1e5", "010", "NO", "~", "", " ", "12:30", "0o7", "- a", "a: b", "# c", "a\nb\n", "\n", "true", "=", "<<", "\x85"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False) | texts,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(texts.map(lambda t: t.strip() + "x"), inner, max_size=3)
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(values)
def test_what_is_dumped_reads_as_the_same_values(value):
    assert plain(dump({"value": value})) == {"value": value}


def test_plain_data_of_any_kind_becomes_nodes_or_a_problem():
    import datetime as dt

    import numpy as np

    given_ = {"when": dt.date(2025, 1, 6), "n": np.int64(3), "x": np.float64(0.5), "t": (1, 2)}
    assert to_plain(from_plain(given_, HERE)) == {"when": "2025-01-06", "n": 3, "x": 0.5, "t": [1, 2]}
    for bad in (object(), {1, 2}, 10**5000, "\ud800", b"bytes"):
        with pytest.raises(UserError):
            from_plain({"a": bad}, HERE)
    nested: list[object] = []
    for _ in range(100):
        nested = [nested]
    with pytest.raises(UserError, match="deeper than 50"):
        from_plain(nested, HERE)


def test_scalars_keep_what_was_written():
    node = parse("5.50", "f.yaml")
    assert isinstance(node, ScalarNode)
    assert (node.value, node.text) == (5.5, "5.50")
