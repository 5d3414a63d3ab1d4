"""The plug-in mechanism: what pydantic does for each kind, and when."""

import json
import subprocess
import sys

from simulator.foundation.plugin import FAMILIES, Spec
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
