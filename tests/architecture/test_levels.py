"""The levels of a shelf belong to the engine: nobody else assigns them."""

from __future__ import annotations

import ast
from pathlib import Path

import simulator

PACKAGE = Path(simulator.__file__).parent
LEVELS = {"on_hand", "position", "phantom", "backordered", "backlog", "limit", "trigger"}


def assigned(tree):
    """Levels that are set on anything but `self`, with their lines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del) and node.attr in LEVELS:
            if not (isinstance(node.value, ast.Name) and node.value.id == "self"):
                yield f"line {node.lineno}: {ast.unparse(node)}"
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"setattr", "object.__setattr__"}:
            if len(node.args) > 1 and isinstance(node.args[1], ast.Constant) and node.args[1].value in LEVELS:
                yield f"line {node.lineno}: {ast.unparse(node)}"


def test_only_the_engine_sets_the_levels_of_a_shelf():
    modules = [path for path in PACKAGE.rglob("*.py") if "engine" not in path.relative_to(PACKAGE).parts]
    assert {str(path): found for path in modules if (found := list(assigned(ast.parse(path.read_text()))))} == {}


def test_the_check_finds_an_assignment():
    assert list(assigned(ast.parse("shelf.limit = 0\nline.shelf.on_hand -= 1"))) == [
        "line 1: shelf.limit",
        "line 2: line.shelf.on_hand",
    ]
