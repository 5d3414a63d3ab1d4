"""Advice item by item: an item that earns is allowed, one that loses with every order is blocked."""

import json

import pytest
import yaml
from click.testing import CliRunner

from simulator.cli.main import backorder
from simulator.experiment.studies.recommend import recommend
from simulator.foundation.errors import UserError
from simulator.scenario.loader import load_text

SHOP = """
name: two
clock: {horizon: 120 d, warm_up: 20 d}
items: {gem: {price: 20, unit_cost: 5}, dud: {price: 3, unit_cost: 5}, still: {price: 9, unit_cost: 1}}
customers:
  all: {arrivals: {kind: poisson, rate: 4 / d}, basket: {kind: weighted, items: {gem: 1, dud: 1}, lines: 1}}
warehouse: {stock: {gem: 4, dud: 4}}
suppliers: {maker: {items: all, lead_time: {kind: gamma, mean: 6 d, cv: 0.5}}}
policies:
  shop:
    replenishment: {kind: base_stock, S: 4}
    acceptance: {default: {kind: limit, units: 90}, dud: {kind: never}}
experiment: {replications: 6, seed: 1}
"""


@pytest.fixture(scope="module")
def made():
    return recommend(load_text(SHOP))


def test_what_earns_is_allowed_what_loses_is_blocked_and_what_nobody_asks_for_is_left(made):
    assert {a.item: a.verdict for a in made.advice} == {
        "gem": "allow",
        "dud": "block",
        "still": "no difference found",
    }


def test_the_block_to_paste_keeps_the_policy_s_own_limits_and_is_a_valid_acceptance(made):
    assert made.block == {"default": {"kind": "limit", "units": 90}, "dud": {"kind": "never"}}
    assert "&" not in yaml.safe_dump(made.block)
    load_text(SHOP).edit({"policies.shop.acceptance": made.block})


def test_following_the_advice_beats_taking_all_and_taking_none(made):
    for gain in made.gains.values():
        assert gain.significant
        assert gain.mean > 0


def test_the_gain_of_an_item_is_the_paired_difference_of_two_runs(made):
    from simulator.experiment.run import run

    scenario = load_text(SHOP)
    words = {"default": {"kind": "limit", "units": 90}, "dud": {"kind": "always"}}
    with_all = run(scenario.edit({"policies.shop.acceptance": words}), policies=["shop"])
    without = run(scenario.edit({"policies.shop.acceptance": {**words, "gem": {"kind": "never"}}}), policies=["shop"])
    difference = with_all.values("shop", "contribution") - without.values("shop", "contribution")
    gem = next(a for a in made.advice if a.item == "gem")
    assert gem.gain.mean == pytest.approx(difference.mean())


def test_only_items_that_are_named_are_asked_about_and_unknown_ones_get_a_hint():
    found = recommend(load_text(SHOP), items=["gem"], replications=2)
    assert [a.item for a in found.advice] == ["gem"]
    with pytest.raises(UserError, match=r"no item 'gen' \(did you mean 'gem'\?\)"):
        recommend(load_text(SHOP), items=["gen"])


def test_the_command_prints_the_same_as_json_and_a_list_to_paste(tmp_path):
    file = tmp_path / "two.yaml"
    file.write_text(SHOP, encoding="utf-8")
    words = ["recommend", str(file), "--out", str(tmp_path / "out"), "--replications", "3", "--quiet"]
    plain = json.loads(CliRunner().invoke(backorder, [*words, "--json"]).stdout)
    assert plain["items"]["dud"]["verdict"] == "block"
    text = CliRunner().invoke(backorder, words).stdout
    assert yaml.safe_load(text[text.index("acceptance:") : text.index("Results:")])["acceptance"] == plain["acceptance"]
