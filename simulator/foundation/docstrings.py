"""The docstrings below the attributes of a class, read from the source when somebody asks: no run needs them."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator, Mapping
from functools import cache

LIBRARIES = frozenset({"builtins", "pydantic"})
"""Packages whose classes are bases of ours, and have no keys of files; the source of pydantic's takes long to read."""


@cache
def attribute_docstrings(cls: type) -> Mapping[str, str]:
    """The docstring below each annotated attribute, by name, with those that the class inherits.

    An attribute that a class annotates again loses the docstring of its base. Classes without readable source, such
    as those typed at a prompt, have none.
    """
    found: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        for name, text in _by_class(base.__module__).get(base.__qualname__, {}).items():
            found.pop(name, None)
            if text:
                found[name] = text
    return found


def is_mentioned(word: str, cls: type) -> bool:
    """Whether the modules of the class or of its bases have a word: looking for it is far faster than parsing them."""
    return any(word in _source(base.__module__) for base in cls.__mro__)


@cache
def _source(module: str) -> str:
    """The source of a module of ours, or of a user; '' where it cannot be read."""
    if module.partition(".")[0] in LIBRARIES:
        return ""
    try:
        return inspect.getsource(sys.modules[module])
    except (KeyError, OSError, TypeError):
        return ""


@cache
def _by_class(module: str) -> Mapping[str, Mapping[str, str]]:
    try:
        tree = ast.parse(_source(module))
    except SyntaxError:
        return {}
    return dict(_classes(tree.body, ""))


def _classes(body: list[ast.stmt], outer: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield outer + node.name, _attributes(node.body)
            yield from _classes(node.body, f"{outer}{node.name}.")


def _attributes(body: list[ast.stmt]) -> Mapping[str, str]:
    """The docstring below each annotated assignment; empty where there is none."""
    found = {}
    for node, below in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            match below:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    found[node.target.id] = inspect.cleandoc(text)
                case _:
                    found[node.target.id] = ""
    return found
