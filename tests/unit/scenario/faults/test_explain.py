from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from simulator.foundation.errors import UserError
from simulator.scenario.faults.shape import Walk, family_of, is_model, keys_of, places
from simulator.scenario.loader import load, load_text
from simulator.scenario.templates import template, template_names
from simulator.scenario.tree.nodes import MappingNode, Node, Place, SequenceNode, dump, parse, to_plain
from simulator.scenario.tree.paths import dotted

ROOT = Path(__file__).parents[4]
BASE = template("textbook")
RECORDED = """
    arrivals:
      {kind: trace, file: o.csv, time: t, order: o, item: i, quantity: q, customer: i, priority: q, patience: q,
       one_parcel: q, transit: [q], cancel_time: q, cancel_quantity: q}
"""
FILES = {f"template {name}": template(name) for name in template_names()}
FILES["recorded orders"] = BASE[: BASE.index("    arrivals:")] + RECORDED[1:] + BASE[BASE.index("warehouse:") :]
SHIPPED = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "scenarios").rglob("*.yaml"))}
FILES |= {
    name: text for name, text in SHIPPED.items() if "name:" in text and "file:" not in text and "\nextends:" not in text
}


def keys_in(node: Node, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths of all keys of the schema (not of the user's own names)."""
    if isinstance(node, MappingNode):
        for key, (_, inner) in node.entries.items():
            yield (*path, key)
            yield from keys_in(inner, (*path, key))
    elif isinstance(node, SequenceNode):
        for k, inner in enumerate(node.items):
            yield from keys_in(inner, (*path, k))


def renamed(node: Node, path: tuple[str | int, ...], new: str) -> Node:
    step, rest = path[0], path[1:]
    if isinstance(node, SequenceNode):
        assert isinstance(step, int)
        items = [renamed(item, rest, new) if k == step else item for k, item in enumerate(node.items)]
        return SequenceNode(node.place, items)
    assert isinstance(node, MappingNode)
    entries = {}
    for key, (place, inner) in node.entries.items():
        if key != step:
            entries[key] = (place, inner)
        elif rest:
            entries[key] = (place, renamed(inner, rest, new))
        else:
            entries[new] = (place, inner)
    return MappingNode(node.place, entries)


def typo(key: str) -> str:
    """Two letters changed places, or one too many."""
    return key[0] + key[2] + key[1] + key[3:] if len(key) > 3 and key[1] != key[2] else key + "x"


def is_word_of_the_schema(root: Node, path: tuple[str | int, ...]) -> bool:
    """Whether the key belongs to a mapping with fixed keys, other than `extends` of the file."""
    above = Walk(root, path[:-1])
    if path == ("extends",) or not isinstance(path[-1], str):
        return False
    fixed = [t for t in above.types if is_model(t)]
    if not fixed:
        return False
    families = [f for t in fixed if (f := family_of(t))]
    return bool(families) or any(path[-1] in keys_of(t) for t in fixed)


@cache
def first_places() -> dict[str, list[tuple[str | int, ...]]]:
    """The paths of keys by file, each key of a type only in the first file that has it, and one of every file."""
    seen: set[tuple[str, str]] = set()
    found: dict[str, list[tuple[str | int, ...]]] = {}
    for name, text in FILES.items():
        root = parse(text, name)
        paths = [path for path in keys_in(root) if is_word_of_the_schema(root, path)]
        found[name] = paths[-1:]
        for path in paths[:-1]:
            kind = (str(Walk(root, path[:-1]).types), str(path[-1]))
            if kind not in seen:
                seen.add(kind)
                found[name].append(path)
    return found


def test_most_keys_of_the_schema_are_somewhere_in_the_files():
    assert sum(map(len, first_places().values())) > 300


@pytest.mark.parametrize("name", FILES)
def test_a_typo_in_any_key_is_answered_with_the_key(name, tmp_path):
    (tmp_path / "o.csv").write_text("t,o,i,q\n1,1,widget,1\n")
    root = parse(FILES[name], name)
    for path in first_places()[name]:
        key = str(path[-1])
        text = dump(to_plain(renamed(root, path, typo(key))))
        with pytest.raises(UserError) as caught:
            load_text(text, folder=tmp_path, file="f.yaml")
        said = "\n".join(map(str, caught.value.problems))
        assert f"did you mean {key!r}?" in said, (dotted(path), said)


def lines_of(text: str) -> list[str]:
    with pytest.raises(UserError) as caught:
        load_text(text, file="f.yaml")
    return str(caught.value).splitlines()


def changed(old: str, new: str) -> list[str]:
    assert old in BASE
    return lines_of(BASE.replace(old, new, 1))


def test_a_typo_is_one_problem_and_not_also_a_missing_key():
    assert changed("horizon: 20000 d", "horzion: 20000 d") == [
        "f.yaml:8:9: clock.horzion: unknown key 'horzion' (did you mean 'horizon'?); allowed: start, horizon, warm_up"
    ]


def test_a_missing_key_is_explained_at_its_mapping():
    assert changed("price: 1, ", "") == ["f.yaml:11:11: items.widget.price: is missing (Price of one unit, currency.)"]


def test_a_key_at_the_wrong_level_is_told_where_it_belongs():
    found = changed("experiment:", "warm_up: 5 d\nexperiment:")[0]
    assert "it belongs at clock.warm_up; allowed: extends, name" in found
    assert "policies.NAME.replenishment" in changed("experiment:", "replenishment: {}\nexperiment:")[0]
    assert "it belongs at costs.holding" in changed("price: 1,", "price: 1, holding: 1 / d,")[0]


def test_of_a_union_only_the_branch_that_was_meant_is_reported():
    assert changed("S: 14}", "S: 14, supplier: {maker: 2}}")[0].endswith(
        "supplier.maker: 2 is out of range; must be at most 1; write 2 % if it is in percent"
    )
    assert changed("S: 14}", "S: 14, supplier: 5}") == [
        "f.yaml:26:56: policies.base.replenishment.supplier: 5 is not text; quote it to get text"
    ]
    event = "events: [{kind: outage, supplier: [maker, 3], at: 5 d, lasts: 1 d}]\nexperiment:"
    assert changed("experiment:", event) == ["f.yaml:28:43: events.0.supplier.1: 3 is not text; quote it to get text"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("items: [widget]", "items: widget", "suppliers.maker.items: expected a list, got 'widget'"),
        ("items: [widget]", "items: []", "suppliers.maker.items: a list with no entries; must have at least 1"),
        ("{horizon: 20000 d, warm_up: 500 d}", "5", "clock: expected a mapping, got 5"),
        ("{horizon: 20000 d, warm_up: 500 d}", "", "clock: expected a mapping, got nothing"),
        ("{horizon: 20000 d, warm_up: 500 d}", "[1]", "clock: expected a mapping, got a list"),
        (
            "lead_time: 5 d",
            "lead_time: 5 d, crossing: fifi",
            "'fifi' is not a valid value (did you mean 'fifo'?); allowed",
        ),
        ("seed: 1", "confidence: 0.5", "experiment.confidence: 0.5 is out of range; must be more than 0.5"),
        ("seed: 1", "confidence: 100 %", "experiment.confidence: '100 %' is out of range; must be less than 1"),
        ("name: textbook", f"name: {'x' * 301}", "name: 301 characters; must have at most 300"),
        ("widget: {price", f"{'x' * 301}: {{price", "the name has 301 characters; must have at most 300"),
        ("kind: poisson, rate: 2 / d", "kind: every, interval: 1e-9", "must be at least 1e-06"),
        (
            "kind: poisson, rate: 2 / d",
            "kind: profile, rate: 2, weekday: {mo: 1}",
            "unknown key 'mo' (did you mean 'mon'?)",
        ),
    ],
)
def test_faults_of_shape_are_put_in_the_users_words(old, new, said):
    assert any(said in line for line in changed(old, new)), changed(old, new)


def test_arithmetic_that_fails_is_a_problem_of_its_place():
    law = "arrivals: {kind: renewal, gap: {kind: weibull, mean: 5, shape: 0.001}}"
    assert "f.yaml:15:15: customers.all.arrivals" in changed("arrivals: {kind: poisson, rate: 2 / d}", law)[0]
    assert (
        "no numbers can be drawn from this distribution"
        in changed("5 d}", "{kind: weibull, mean: 5, shape: 0.001}}")[0]
    )


def test_of_problems_inherited_by_policies_one_is_shown(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(template("shop").replace("demand: 50 / d", ""), encoding="utf-8")
    with pytest.raises(UserError) as caught:
        load(path)
    assert [p.key for p in caught.value.problems] == [
        "policies.lean.replenishment.s",
        "policies.buffered.replenishment.s",
    ]


def test_a_location_is_followed_in_file_and_schema_at_once():
    root = parse("policies: {a: {replenishment: {kind: s_S, s: 1}}}", "f")
    walk = Walk(root, ("policies", "a", "replenishment", "default", "s_S", "s"))
    assert walk.path == ("policies", "a", "replenishment", "s")
    assert walk.place == Place("f", 1, 46)
    assert "warehouse.picking.workers" in places()["workers"]
