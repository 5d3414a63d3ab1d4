from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.foundation.errors import UserError
from simulator.scenario.tree.nodes import Place, parse, to_plain
from simulator.scenario.tree.paths import dotted, steps, with_changes, with_settings

HERE = Place("here", 1, 1)
TREE = "a: {b: 1, c: [x, {d: 2}]}\nitems: {m.1: {price: 3}}\nempty:\n"


def after(*settings: str) -> object:
    return to_plain(with_settings(parse(TREE, "f.yaml"), settings))


@settings(deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=5))
def test_a_path_that_was_written_is_read_again(path):
    assert steps(dotted(path), HERE) == path


def test_settings_replace_and_values_are_yaml():
    assert after("a.b=5 d")["a"]["b"] == "5 d"
    assert after("a.b={x: [1, 2]}")["a"]["b"] == {"x": [1, 2]}
    assert after("a.c.1.d=3")["a"]["c"] == ["x", {"d": 3}]
    assert after('items."m.1".price=4')["items"] == {"m.1": {"price": 4}}
    assert after("a.b=x=y")["a"]["b"] == "x=y"
    assert after("a.b=")["a"]["b"] is None
    assert after("a.b=1", "a.b=2")["a"]["b"] == 2


def test_mappings_on_the_way_are_made():
    assert after("x.y.z=1")["x"] == {"y": {"z": 1}}
    assert after("empty.z=1")["empty"] == {"z": 1}


def test_the_tree_itself_is_left_alone():
    root = parse(TREE, "f.yaml")
    with_settings(root, ["a.b=5", "a.c.0=5"])
    assert to_plain(root) == to_plain(parse(TREE, "f.yaml"))


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("a.b", "--set a.b:1:1: expected PATH=VALUE, got 'a.b'"),
        ("=5", "expected PATH=VALUE"),
        ("a..b=5", "--set a..b:1:1: 'a..b' is not a valid path"),
        (".a=5", "is not a valid path"),
        ("a.=5", "is not a valid path"),
        ("a.b.c=5", "--set a.b.c:1:1: a.b.c: a.b is '1' and has no key 'c'"),
        ("a.c.2=5", "a.c.2: a.c is a list, and '2' is not a valid index (must be 0 to 1)"),
        ("a.c.x=5", "'x' is not a valid index"),
        ("a.b=[1", "--set a.b:1:3: not YAML"),
        ("a.b=!!python/name:os.system", "--set a.b:1:1: the tag"),
        (".".join("a" * 60) + "=1", "a path of 60 steps"),
    ],
)
def test_what_cannot_be_set_is_said(setting, said):
    with pytest.raises(UserError) as caught:
        after(setting)
    assert said in str(caught.value)


def test_changes_are_plain_values():
    root = with_changes(parse(TREE, "f.yaml"), {"a.b": "010", "a.c.0": 1.5})
    assert to_plain(root)["a"] == {"b": "010", "c": [1.5, {"d": 2}]}
