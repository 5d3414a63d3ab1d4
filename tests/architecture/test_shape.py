"""The shape of the package: small folders, files and signatures, one meaning per class name, plain English.

Each table lists the accepted exceptions with a reason. A test fails on a new exception, and also if a listed one is no
longer needed: remove it from the table then.
"""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "simulator"
FILES = sorted(PACKAGE.rglob("*.py"))

MOST_FILES = 15
MOST_LINES = 350
MOST_PARAMETERS = 8

LONG_FILES = {
    "simulator/record/audit.py": "one concept: the laws that every run keeps",
    "simulator/kpis/evidence/evidence.py": "one concept: the quantities that KPIs share, each a cached property",
}
"""Files of more than MOST_LINES lines, and why."""

LONG_SIGNATURES = {
    "simulator/experiment/running/replicate.py:replicate": "which replication, who plays it, and all that may be kept",
    "simulator/world/customers/shop.py:Inflow.__init__": "the customers of a shop and everything that they meet",
}
"""Functions of more than MOST_PARAMETERS parameters (self and cls not counted), and why."""

SHARED_NAMES = {
    "Carrier": "the YAML section (scenario); its port in the simulation (world)",
    "Line": "an order line (engine); a line of text (report)",
}
"""Class names that are used more than once, and why."""

OLD_PHRASES = re.compile(r"\b(is due|are due|stands twice|anew|whoever|in the mean)\b", re.IGNORECASE)
CLEAN = (
    "cli",
    "events",
    "experiment",
    "foundation",
    "kpis",
    "lab",
    "policies",
    "randomness",
    "report",
    "scenario",
    "testing",
)
"""Packages without these phrases."""
TEXTS = (".css", ".html", ".js", ".py", ".yaml")
PROSE = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "scenarios").rglob("*.yaml")),
    *sorted(path for package in CLEAN for path in (PACKAGE / package).rglob("*") if path.suffix in TEXTS),
]
REFERENCE = ROOT / "docs" / "reference"
GENERATED = {
    REFERENCE / "cli.md",
    REFERENCE / "defaults.md",
    REFERENCE / "python.md",
    REFERENCE / "kinds.md",
    *(REFERENCE / "kinds").glob("*"),
}
"""Pages that repeat texts of the package."""


def name(path):
    return path.relative_to(ROOT).as_posix()


def definitions(tree, kinds, above=()):
    """(qualified name, node) of every definition of these kinds in a module."""
    for node in ast.iter_child_nodes(tree):
        inside = above
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            inside = (*above, node.name)
            if isinstance(node, kinds):
                yield ".".join(inside), node
        yield from definitions(node, kinds, inside)


@pytest.fixture(scope="module")
def trees():
    return {name(path): ast.parse(path.read_text(encoding="utf-8")) for path in FILES}


def test_a_folder_has_few_files():
    folders = defaultdict(list)
    for path in FILES:
        if path.name != "__init__.py":
            folders[name(path.parent)].append(path.name)
    assert {folder: len(files) for folder, files in folders.items() if len(files) > MOST_FILES} == {}


def test_a_file_is_short_or_has_a_reason():
    lines = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert {path for path, count in lines.items() if count > MOST_LINES} == set(LONG_FILES)


def parameters(function):
    """Number of parameters, without the first one of a method."""
    given = function.args
    positional = [p.arg for p in (*given.posonlyargs, *given.args)]
    method = positional[:1] in (["self"], ["cls"])
    return len(positional) - method + len(given.kwonlyargs) + (given.vararg is not None) + (given.kwarg is not None)


def test_a_function_has_few_parameters_or_a_reason(trees):
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    long = {
        f"{path}:{function}"
        for path, tree in trees.items()
        for function, node in definitions(tree, functions)
        if parameters(node) > MOST_PARAMETERS
    }
    assert long == set(LONG_SIGNATURES)


def test_a_class_name_has_one_meaning(trees):
    places = defaultdict(list)
    for path, tree in trees.items():
        for _, node in definitions(tree, ast.ClassDef):
            places[node.name].append(path)
    assert {cls for cls, found in places.items() if len(found) > 1} == set(SHARED_NAMES)


def test_prose_is_in_plain_english():
    texts = {name(path): path.read_text(encoding="utf-8") for path in PROSE if path not in GENERATED}
    assert {path: found for path, text in texts.items() if (found := OLD_PHRASES.findall(text))} == {}
