"""`backorder list --defaults`: what the shipped numbers claim, and how far they can be trusted."""

import json

import pytest
from click.testing import CliRunner

from simulator.cli.main import backorder

shown = CliRunner().invoke


def test_every_default_that_claims_something_comes_with_its_grade():
    found = {d["key"]: d for d in json.loads(shown(backorder, ["list", "--defaults", "--json"]).stdout)}
    assert found["customers.NAME.otherwise.switch"]["grades"] == "A"
    assert found["customers.NAME.waitlist.convert"]["grades"] == "C"
    assert found["costs.contact"]["default"] == "8.01"
    assert all(d["grades"] for d in found.values())
    assert len(found) > 30


def test_the_table_names_key_value_grade_and_what_the_grades_mean():
    text = shown(backorder, ["list", "--defaults"], env={"COLUMNS": "200"}).stdout
    assert "join: logit.at_7d" in text
    assert "our own assumption" in text


@pytest.mark.parametrize("words", [["list", "event", "--defaults"]])
def test_a_family_and_defaults_do_not_go_together(words):
    assert shown(backorder, words).exit_code == 2
