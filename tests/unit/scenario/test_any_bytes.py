"""Whatever bytes stand in a scenario file: a scenario or a UserError."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.foundation.errors import Problem, UserError
from simulator.scenario.loader import load_text, validate
from simulator.scenario.templates import template
from simulator.scenario.tree.nodes import dump, parse, to_plain
from simulator.scenario.tree.paths import with_changes

SHOP = template("shop")
TOKENS = sorted(
    {"{", "}", "[", "]", ": ", "- ", "&a ", "*a", "<<", "!!str ", "\n", " ", "#", "'", '"', "|", "0", "-1", "1e9"}
)
ODD = [
    None,
    True,
    -1,
    0,
    0.5,
    1e300,
    float("nan"),
    float("inf"),
    10**20,
    "",
    "x",
    "5 d",
    "1e5",
    "25 %",
    "2025-02-30",
    [],
    {},
]
ODD += [[1], {"a": 1}, {"kind": "none"}, {"kind": 5}, {"kind": "gamma", "mean": 1}, ["mug", 3], "mug", "lean", [[[]]]]


def paths_in(value: object, path: str = "") -> list[str]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] * bool(path) + [p for k, v in inner for p in paths_in(v, f"{path}.{k}" if path else str(k))]


PATHS = paths_in(to_plain(parse(SHOP, "f")))


def outcome(text: str) -> None:
    problems: tuple[Problem, ...] = ()
    try:
        scenario = load_text(text, file="f.yaml")
    except UserError as error:
        problems = error.problems
    else:
        assert load_text(scenario.source) == scenario
    assert not [p for p in problems if "cannot be read (" in p.message]


@given(st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None)
def test_random_bytes(tmp_path, content):
    path = Path(tmp_path) / "a.yaml"
    path.write_bytes(content)
    scenario, problems = validate(path)
    assert scenario is None
    assert problems


@given(
    st.lists(st.tuples(st.integers(0, len(SHOP)), st.integers(0, 3), st.sampled_from(TOKENS)), min_size=1, max_size=4)
)
@settings(max_examples=100, deadline=None)
def test_a_file_with_random_cuts_and_insertions(edits):
    text = SHOP
    for at, cut, token in edits:
        text = text[:at] + token + text[at + cut :]
    outcome(text)


@given(st.dictionaries(st.sampled_from(PATHS), st.sampled_from(ODD), min_size=1, max_size=3))
@settings(max_examples=120, deadline=None)
def test_a_file_with_odd_values(changes):
    try:
        root = with_changes(parse(SHOP, "f.yaml"), changes)
    except UserError:
        return  # one change took away what another one is in
    outcome(dump(to_plain(root)))
