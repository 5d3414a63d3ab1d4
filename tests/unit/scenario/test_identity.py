from __future__ import annotations

import random
import re

import pytest

from simulator.scenario.identity import fingerprint, slug
from simulator.scenario.loader import load_text
from simulator.scenario.templates import template
from simulator.scenario.tree.nodes import MappingNode, Node, dump, parse, to_plain

SHOP, TEXTBOOK = template("shop"), template("textbook")


def shuffled(node: Node, rng: random.Random) -> Node:
    """The same tree with the keys of every mapping in another order; that of the policies means something."""
    if not isinstance(node, MappingNode):
        return node
    keys = list(node.entries)
    rng.shuffle(keys)
    first = [key for key in ("lean",) if key in keys]
    keys = first + [key for key in keys if key not in first]
    return MappingNode(node.place, {k: (node.entries[k][0], shuffled(node.entries[k][1], rng)) for k in keys})


def test_the_order_of_keys_makes_no_difference():
    for seed in range(5):
        text = dump(to_plain(shuffled(parse(SHOP, "f"), random.Random(seed))))
        assert text != load_text(SHOP).source
        assert fingerprint(load_text(text)) == fingerprint(load_text(SHOP))


def test_comments_anchors_and_the_way_of_writing_make_no_difference():
    same = TEXTBOOK.replace("horizon: 20000 d", "horizon: 480000 h")
    same = same.replace("lead_time: 5 d", "lead_time: {kind: constant, value: 5}")
    same = same.replace("{widget: 14}", "{widget: &s 14.0}").replace("S: 14}", "S: *s}")
    same = re.sub(r"#.*", "# another comment", same).replace("title: Base", "title: Another")
    assert fingerprint(load_text(same)) == fingerprint(load_text(TEXTBOOK))


def test_the_title_of_a_policy_makes_no_difference():
    titled = SHOP.replace("  lean:\n", "  lean:\n    title: As it is today\n")
    assert load_text(titled).policies["lean"].title == "As it is today"
    assert fingerprint(load_text(titled)) == fingerprint(load_text(SHOP))


def test_policies_written_out_are_those_that_extend():
    flat = SHOP.replace(
        "    extends: lean                                     # same as `lean`, except for these keys\n"
        "    replenishment: {s: 21 d, S: 28 d}\n",
        "    replenishment: {kind: s_S, s: 21 d, S: 28 d}\n    window: {kind: cancel_after, days: 60 d}\n",
    )
    assert flat != SHOP
    assert fingerprint(load_text(flat)) == fingerprint(load_text(SHOP))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("price: 12,", "price: 13,"),
        ("S: 21 d}", "S: 21}"),
        ("holding: 25 % / y", "holding: 0.1 / d"),
        ("seed: 7", "seed: 8"),
        ("start: 2025-01-06", "start: 2025-01-07"),
        ("factor: 3", "factor: 3.5"),
    ],
)
def test_whatever_moves_numbers_makes_a_difference(old, new):
    assert old in SHOP
    text = SHOP.replace(old, new).replace("s: 14 d", "s: 14" if new == "S: 21}" else "s: 14 d")
    assert fingerprint(load_text(text)) != fingerprint(load_text(SHOP))


def test_the_first_supplier_counts_and_the_order_of_the_others_keys_does_not():
    second = "  other: {items: [widget], lead_time: 9 d}\n"
    after = TEXTBOOK.replace("policies:", f"{second}policies:")
    before = TEXTBOOK.replace("suppliers:\n", f"suppliers:\n{second}")
    assert fingerprint(load_text(after)) != fingerprint(load_text(before))


def test_the_content_of_data_files_counts(tmp_path):
    text = TEXTBOOK.replace("lead_time: 5 d", "lead_time: {kind: empirical, file: d.csv, column: a}")
    found = set()
    for content in ("a\n5\n", "a\n6\n", "a\n5\n"):
        (tmp_path / "d.csv").write_text(content)
        found.add(fingerprint(load_text(text, folder=tmp_path)))
    assert len(found) == 2


@pytest.mark.parametrize("name", ["flash-sale", "Shop_2.1", "a", "x" * 60])
def test_a_safe_name_is_its_own_slug(name):
    assert slug(name) == name


NAMES = [
    "🍵",
    "مخزن",
    "x" * 300,
    "..",
    ".",
    "a/b",
    "con",
    "CON.txt",
    "-rf",
    "",
    "two\nlines",
    "a,b",
    '"',
    "=1+1",
    "a b",
    "a.",
]


def test_other_names_get_a_safe_short_slug_of_their_own():
    found = {name: slug(name) for name in NAMES}
    assert len(set(found.values())) == len(NAMES)
    for name, safe in found.items():
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}", safe)
        assert safe == slug(name)
        assert safe not in {"con", "CON.txt"}
