"""Messages: typical slips are explained, nothing of the input can hide in them, and little of it is repeated."""

from __future__ import annotations

import re

import pytest

from simulator.foundation.errors import Problem, UserError, short, some, visible
from simulator.scenario.loader import load, load_text
from tests.contracts.test_bad_input import SMALL, problems_of

SLIPS = {
    "acceptance: no": (
        "S: 20}}",
        "S: 20}, acceptance: no}",
        "got 'no'; write for example {kind: never}; kinds: ",
    ),
    "acceptance: always": ("S: 20}}", "S: 20}, acceptance: always}", "write for example {kind: always}"),
    "promise: atp": (
        "S: 20}}",
        "S: 20}, promise: atp}",
        "expected a mapping, got 'atp'; write for example {kind: atp}",
    ),
    "decimal comma": ("mean: 5 d", "mean: 1,4", "a comma separates keys here: a number has a decimal point"),
    "thousands": ("price: 12", "price: 1,200", "a comma separates keys here: a number has a decimal point"),
    "comma in a block": ("holding: 25 % / y", "holding: '0,5 / d'", "a number has a decimal point, and no separators"),
    "stock with a comma": ("{mug: 10", "{mug: 1,5", "nothing is not a whole number"),
    "month as a list": (
        "kind: poisson, rate: 2 / d",
        "kind: profile, rate: 2 / d, month: [1, 2, 3]",
        "expected a mapping, got a list; write a value for each key, such as {jan: 1.5}: jan, feb, mar",
    ),
    "German date": (
        "start: 2025-01-06",
        "start: 06.01.2025",
        "'06.01.2025' is not a date; write 2025-01-06 (year",
    ),
    "German date of a closure": ("from: 2025-02-01", "from: 1.2.2025", "'1.2.2025' is not a date; write 2025-02-01"),
    "American date": ("from: 2025-02-01", "from: 2/1/2025", "'2/1/2025' is not a date; write 2025-01-31"),
    "date for a duration": ("horizon: 100 d", "horizon: 2025-04-01", "looks like a date, not a duration"),
    "no indentation": (
        "  stock: {mug",
        "stock: {mug",
        "expected a mapping, got nothing; its keys must be indented",
    ),
    "too much indentation": (
        "    basket:",
        "      basket:",
        "check the indentation: the keys of a mapping",
    ),
    "no space": ("price: 12,", "price:12,", "unknown key 'price:12' (did you mean 'price'?); a space must follow the"),
    "one for a list": ("items: [mug, plate]", "items: mug", "expected a list, got 'mug'; write [mug]"),
}


@pytest.mark.parametrize("slip", SLIPS.values(), ids=SLIPS)
def test_typical_slips_are_explained(slip):
    old, new, said = slip
    assert old in SMALL
    assert any(said in line for line in problems_of(SMALL.replace(old, new, 1)))


@pytest.mark.parametrize("name", ["my-shop", "my-shop.yml", "my-shp.yaml", "My-Shop.yaml"])
def test_a_file_that_does_not_exist_is_compared_with_those_beside_it(name, tmp_path, monkeypatch):
    (tmp_path / "my-shop.yaml").write_text(SMALL)
    with pytest.raises(UserError, match=re.escape(f"{name}: no such file (did you mean '{tmp_path}/my-shop.yaml'?)")):
        load(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=re.escape(f"{name}: no such file (did you mean 'my-shop.yaml'?)")):
        load(name)


HIDDEN = ["\x1b", "\x07", "\x9b", "\u200b", "\u200d", "\u200e", "\u202e", "\u2066", "\u2060", "\ufeff", "\u00ad"]
HIDDEN += ["\U000e0041", "\ud800"]


@pytest.mark.parametrize("mark", HIDDEN)
def test_control_direction_and_zero_width_characters_are_shown_as_escapes(mark):
    for text in (
        str(Problem(f"f{mark}.yaml", 1, 1, f"a{mark}b", f"wrong {mark}")),
        str(UserError(f"wrong {mark}")),
        visible(f"a{mark}"),
    ):
        assert mark not in text
        assert re.search(r"\\(x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})", text)
    assert visible("Ärger 🍵 مخزن e\u0301") == "Ärger 🍵 مخزن e\u0301"
    assert UserError("two\nlines").text == "two\nlines"


@pytest.mark.parametrize("filler", ["x", "x y ", "=", "ä", "x.", "x'", "(("])
def test_messages_repeat_at_most_200_characters_of_the_input(filler):
    """In every place of a value or a key."""
    text = (filler * 5000)[:5000]
    for old in ("small", "2025-01-06", "100 d", "12,", "poisson", "bundle", "25 % / y", "s_S", "web", "mug, plate"):
        for new in (f'"{text}"', f'{{"{text}": 1}}'):
            try:
                load_text(SMALL.replace(old.rstrip(","), new, 1), file="f.yaml")
            except UserError as error:
                for line in str(error).splitlines():
                    assert text[:201] not in line, line[:400]


def test_long_words_and_quotations_are_cut_and_short_ones_are_not():
    assert short("no item 'mug'; items: plate") == "no item 'mug'; items: plate"
    assert len(short(f"no item '{'a b ' * 100}'")) < 170
    assert len(short("x" * 5000)) < 170
    assert some(["mug", "plate"]) == "mug, plate"
    assert len(some(["m" * 55 + str(k) for k in range(50)])) < 200
