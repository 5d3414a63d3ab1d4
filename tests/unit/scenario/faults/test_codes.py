"""The codes of problems, which scripts rely on: one for each kind of mistake, and all of them on their page."""

import re
from pathlib import Path

import pytest

from simulator.foundation.errors import CODES, Problem, UserError
from simulator.scenario.loader import from_dict, load, load_text
from tests.unit.world.shops import shop

PAGE = Path(__file__).parents[4] / "docs" / "reference" / "errors.md"


def codes(read):
    with pytest.raises(UserError) as caught:
        read()
    return {problem.code for problem in caught.value.problems}


def test_the_page_lists_every_code_with_its_meaning():
    rows = re.findall(r"^\| (BO\d+) \| (.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert dict(rows) == CODES


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"items__mug__pric": 3}, "BO112"),
        ({"items__mug__price": "five"}, "BO114"),
        ({"items__mug__price": -5}, "BO114"),
        ({"customers__web__arrivals": {"kind": "pois", "rate": 1}}, "BO113"),
        ({"customers__web__arrivals": {"kind": "poisson"}}, "BO111"),
        (
            {
                "customers__web__arrivals": {
                    "kind": "trace",
                    "file": "orders",
                    "order": "o",
                    "time": "t",
                    "item": "i",
                    "quantity": "q",
                }
            },
            "BO115",
        ),
        ({"customers__web__basket": {"kind": "single", "item": "cup"}}, "BO121"),
        ({"extends": "base.yaml"}, "BO103"),
    ],
)
def test_every_kind_of_mistake_has_its_code(changes, code):
    assert code in codes(lambda: from_dict(shop(**changes)))


def test_mistakes_outside_the_keys_have_codes_too(tmp_path):
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("name: Café".encode("latin-1"))
    assert codes(lambda: load(latin)) == {"BO101"}
    assert codes(lambda: load_text("name: [")) == {"BO102"}
    assert codes(lambda: load("steady-shop", ["clock..horizon=3"])) == {"BO104"}
    factorial = {"who": {"one": {"items.mug.price": 1}, "none": {"items.mug.price": "much"}}}
    assert codes(lambda: from_dict(shop(experiment={"replications": 2, "factorial": factorial}))) == {"BO123"}
    warned = from_dict(shop(items__mug__unit_cost=50, items__mug__price=12))
    assert {problem.code for problem in warned.warnings} == {"BO122"}


def test_a_problem_is_the_same_whatever_its_code():
    assert Problem("a.yaml", 1, 1, "name", "is missing") == Problem("a.yaml", 1, 1, "name", "is missing", code="BO111")
