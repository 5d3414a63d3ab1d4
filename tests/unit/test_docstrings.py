"""The examples in docstrings are true: each is run, none is skipped."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = [path for path in sorted((ROOT / "simulator").rglob("*.py")) if ">>> " in path.read_text(encoding="utf-8")]


def test_the_package_itself_shows_an_example():
    assert ROOT / "simulator" / "__init__.py" in FILES


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_examples_run(path, monkeypatch):
    monkeypatch.chdir(ROOT)
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    found = doctest.testmod(import_module(name))
    assert "+SKIP" not in path.read_text(encoding="utf-8")
    assert found.attempted > 0
    assert found.failed == 0
