"""The plug-in mechanism: what pydantic does for each kind, and when."""

import json
import subprocess
import sys

import pytest
from pydantic import ValidationError

from simulator.foundation.plugin import FAMILIES, Spec, whole_json_schema
from simulator.scenario.json_schema import json_schema
from simulator.scenario.loader import load

FILE = "scenarios/textbook/base-stock.yaml"


def test_class_variables_are_not_evaluated_again_for_every_member_of_a_family():
    for family in FAMILIES.values():
        for member in (family, *family.kinds.values()):
            assert not set(member.__annotations__) & member.__class_vars__
            assert not set(member.model_fields) & member.__class_vars__


class Share(Spec):
    """Of a whole."""

    of: "Share | None" = None
    part: "float"


def test_an_annotation_that_names_its_own_class_or_a_local_one_means_what_pydantic_takes_it_to_mean():
    class Share(Spec):
        whole: "int" = 3

    class Local(Spec):
        share: "Share"

    outer = globals()["Share"]
    assert Local.model_validate({"share": {"whole": 4}}).share.whole == 4
    assert outer.model_validate({"part": 0.5, "of": {"part": 0.25}}).of.part == 0.25
    assert outer.__annotations__["part"] is float


def test_a_file_builds_the_validators_of_the_kinds_that_it_uses_and_of_no_others():
    code = f"""
import json, simulator
scenario = simulator.load("{FILE}")
from simulator.foundation.plugin import FAMILIES
built = {{name: [k for k, m in f.kinds.items() if m.__pydantic_complete__] for name, f in FAMILIES.items()}}
print(json.dumps([built, {{name: len(f.kinds) for name, f in FAMILIES.items()}}]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    built, known = json.loads(done.stdout)
    assert "base_stock" in built["replenishment"]
    assert "poisson" in built["arrivals"]
    assert 3 * sum(map(len, built.values())) < sum(known.values())


def test_importing_the_schema_builds_no_validator():
    code = """
import simulator.scenario.schema.schema
from simulator.foundation.plugin import Spec, _specs
print(*(spec.__name__ for spec in _specs(Spec) if spec.__pydantic_complete__))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"


def test_the_json_schema_has_all_kinds_and_leaves_the_validators_as_they_were():
    load(FILE)
    before = {spec: spec.__pydantic_core_schema__ for spec in (Spec, FAMILIES["replenishment"].kinds["base_stock"])}
    titles = set(json_schema()["$defs"])
    for family in FAMILIES.values():
        if family.family in ("arrivals", "replenishment", "distribution", "event"):
            assert {member.__name__ for member in family.kinds.values()} <= titles
    assert all(spec.__pydantic_core_schema__ is schema for spec, schema in before.items())
    assert load(FILE).name


class Inner(Spec):
    """Within another model."""

    units: int


class Outer(Spec):
    """Holds models of its own."""

    name: str
    inner: Inner | None = None
    more: dict[str, Inner] = {}


def test_a_model_within_another_is_built_when_its_first_value_is_read():
    assert Outer.model_validate({"name": "a"}).inner is None
    assert Outer.__pydantic_complete__
    assert not Inner.__pydantic_complete__
    found = Outer.model_validate({"name": "a", "inner": {"units": 2}, "more": {"b": Inner(units=3)}})
    assert (found.inner, found.more) == (Inner(units=2), {"b": Inner(units=3)})
    assert found.model_dump() == {"name": "a", "inner": {"units": 2}, "more": {"b": {"units": 3}}}
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate({"inner": {"units": "x"}, "more": {"b": {"size": 1}, "c": 5}})
    assert {(error["loc"], error["type"]) for error in caught.value.errors()} == {
        (("name",), "missing"),
        (("inner", "units"), "int_parsing"),
        (("more", "b", "units"), "missing"),
        (("more", "b", "size"), "extra_forbidden"),
        (("more", "c"), "model_type"),
    }
    assert whole_json_schema(Outer)["$defs"]["Inner"]["properties"]["units"]["type"] == "integer"
