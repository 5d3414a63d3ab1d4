from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from simulator.cli.main import backorder
from simulator.foundation.plugin import FAMILIES
from simulator.scenario.json_schema import Schema, json_schema
from simulator.scenario.templates import template, template_names
from simulator.scenario.tree.nodes import parse, to_plain

ROOT = Path(__file__).parents[3]
SHIPPED = sorted((ROOT / "scenarios").rglob("*.yaml"))


@pytest.fixture(scope="module")
def schema() -> Schema:
    return json_schema()


@pytest.fixture(scope="module")
def validator(schema) -> Draft202012Validator:
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def faults(validator: Draft202012Validator, text: str) -> list[str]:
    return [error.message for error in validator.iter_errors(to_plain(parse(text, "f.yaml")))]


@pytest.mark.parametrize("name", template_names())
def test_templates_fit_the_schema(name, validator):
    assert faults(validator, template(name)) == []


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_shipped_scenarios_fit_the_schema(path, validator):
    assert faults(validator, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("horizon:", "horzon:"),
        ("kind: poisson", "kind: pois"),
        ("kind: poisson, ", ""),
        ("lead_time: 5 d", "lead_time: [5]"),
        ("rate: 2 / d", "rate: 2 d"),
        ("S: 14", "S: lots"),
        ("price: 1,", "price: -1,"),
        ("name: textbook", "name: ''"),
        ("replications: 10", "replications: 0"),
    ],
)
def test_faults_show_in_the_editor(old, new, validator):
    text = template("textbook")
    assert old in text
    assert faults(validator, text.replace(old, new, 1))


def test_a_missing_key_shows_in_the_default_of_a_decision_by_item(validator):
    by_item = "replenishment: {default: {kind: base_stock, S: 14}}"
    text = template("textbook").replace("replenishment: {kind: base_stock, S: 14}", by_item)
    assert by_item in text
    assert faults(validator, text) == []
    assert faults(validator, text.replace(", S: 14}}", "}}"))


def test_a_missing_key_shows_unless_a_parent_may_bring_it(validator):
    assert faults(validator, "name: a\n")
    assert faults(validator, "name: a\nextends: base.yaml\n") == []
    assert faults(validator, "items: {mug: {price: 1}}\n") == []
    assert faults(validator, "extends: base.yaml\nitems: {mug: {prise: 1}}\n")
    assert faults(validator, "extends: base.yaml\nsuppliers: {a: {lead_time: {cv: 2}}}\n") == []


def test_policies_may_be_partial_where_they_extend(validator):
    text = template("shop")
    assert faults(validator, text.replace("    extends: lean", "    # extends: lean", 1))
    assert faults(validator, text.replace("acceptance: {kind: never}", "acceptance: {kind: nver}"))


def test_every_kind_of_every_family_fits_with_its_example(schema):
    definitions = schema["$defs"]
    kinds = (each["properties"]["kind"] for each in definitions.values() if "kind" in each.get("properties", {}))
    found = {kind["const"] for kind in kinds}
    for name, family in FAMILIES.items():
        assert set(family.kinds) <= found, name
        for member in family.kinds.values():
            one = {"$ref": f"#/$defs/{member.__name__}", "$defs": definitions}
            assert list(Draft202012Validator(one).iter_errors(member.example)) == []


def test_every_key_has_a_description(schema):
    """A key's own, or that of the schema which it refers to."""
    definitions = schema["$defs"]

    def described(key):
        target = key.get("$ref", "").rpartition("/")[2]
        return key.get("description") or (target and described(definitions[target]))

    missing = [
        f"{name}.{key}"
        for name, each in definitions.items()
        # Others are parts of definitions, or say what one asks for beyond another, which describes the keys.
        if "allOf" not in each and not re.fullmatch(r"s\d+", name)
        for key, value in each.get("properties", {}).items()
        if key != "kind" and not described(value)
    ]
    assert missing == []


def test_the_schema_is_small_enough_for_editors(schema):
    text = CliRunner().invoke(backorder, ["schema"]).stdout
    assert len(text.encode()) < 200_000
    assert json.loads(text) == json.loads(json.dumps(schema))


def test_a_key_shows_its_meaning_unit_and_default(schema):
    definitions = schema["$defs"]

    def whole(key):
        while "$ref" in key:
            key = {**definitions[key["$ref"].rpartition("/")[2]], **{k: v for k, v in key.items() if k != "$ref"}}
        return key

    clock = definitions["ClockSpec_"]["properties"]
    warm_up = whole(clock["warm_up"])
    assert warm_up["description"] == "Days at the start that are simulated but not counted."
    assert warm_up["default"] == 0.0
    assert [branch.get("pattern", "")[-18:] for branch in map(whole, warm_up["anyOf"])] == [
        "",
        "(s|min|h|d|w|y)?\\s*$"[-18:],
    ]
