"""Differences of scenarios in words: by meaning, with what matters to results."""

import json

import pytest
from click.testing import CliRunner

from simulator.cli.main import backorder
from simulator.scenario.differences import scenario_diff
from simulator.scenario.loader import load, load_text
from simulator.scenario.templates import template

SHOP = template("shop")


def told(*replacements):
    text = SHOP
    for old, new in replacements:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    found = scenario_diff(load_text(SHOP), load_text(text))
    return [str(d) for d in found.found], found


def test_another_notation_and_comments_are_no_difference():
    lines, found = told(("horizon: 365 d", "horizon: 8760 h"), ("# orders; or", "# or"))
    assert (lines, found.same_results, found.conclusion) == ([], True, "No difference.")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("price: 12", "price: 15", "item mug: price rises from 12 to 15 (+25%)"),
        ("rate: 40 / d", "rate: 30 / d", "customers web: arrivals.rate falls from 40 / d to 30 / d (-25%)"),
        (
            "patience: {kind: exponential, mean: 30 d}",
            "patience: {kind: constant, value: 20 d}",
            "customers web: patience changes from exponential (mean 30 d) to constant (value 20 d)",
        ),
        ("influencer, customers", "star, customers", "event 0: name changes from influencer to star"),
        ("minimum: 50 ", "minimum: 60 ", "supplier pottery: minimum rises from 50 to 60 (+20%)"),
        ("title: Three", "title: Four", None),
    ],
)
def test_each_change_is_a_sentence(old, new, said):
    lines, found = told((old, new))
    if said is None:
        assert found.same_results
        assert not found.found[0].matters
        assert found.conclusion == "Results are the same."
    else:
        assert lines == [said]
        assert not found.same_results


def test_the_title_of_a_policy_differs_without_changing_results():
    lines, found = told(("  lean:\n", "  lean:\n    title: As it is today\n"))
    assert lines == ["policy lean: title is now As it is today (before: nothing)"]
    assert (found.same_results, found.found[0].matters) == (True, False)


def test_entries_that_come_and_go_are_named():
    renamed = [("  plate: {", "  bowl: {"), ("plate: 3", "bowl: 3"), ("plate: 500", "bowl: 500")]
    lines, _ = told(*renamed, ("[mug, plate]", "[mug, bowl]"))
    assert {"item plate is gone", "item bowl is new"} <= set(lines)


def test_inherited_decisions_count():
    found = scenario_diff(load("steady-shop"), load("steady-shop", ["policies.lean.replenishment.default.S=60 d"]))
    assert found.found[0].path == "policies.lean.replenishment.default.S"
    assert "policy lean: replenishment.S rises from " in str(found.found[0])
    assert " to 60 d (+" in str(found.found[0])


def test_the_command_prints_words_json_and_markdown(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text(SHOP, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(SHOP.replace("price: 12", "price: 15"), encoding="utf-8")
    runner = CliRunner()
    words = runner.invoke(backorder, ["diff", "a.yaml", "b.yaml"]).stdout
    assert "item mug: price rises from 12 to 15 (+25%)" in words
    assert words.splitlines()[-1] == "Results may differ: run both and compare them."
    plain = json.loads(runner.invoke(backorder, ["diff", "a.yaml", "b.yaml", "--json"]).stdout)
    assert plain["differences"] == [
        {"path": "items.mug.price", "subject": "item mug", "said": "price rises from 12 to 15 (+25%)", "matters": True}
    ]
    markdown = runner.invoke(backorder, ["diff", "a.yaml", "b.yaml", "--markdown"]).stdout
    assert "- item mug: price rises from 12 to 15 (+25%)" in markdown
