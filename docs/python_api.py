"""The page of what `import simulator` offers: signatures and docstrings; the tests run their examples."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import simulator
from simulator.foundation.plugin import Plugin

GROUPS = {
    "Scenarios": ("load", "from_dict", "fit", "validate", "Scenario"),
    "Runs": ("run", "simulate", "Player", "Results", "Run", "open_results"),
    "Studies": ("sweep", "factorial", "optimise", "recommend", "stress", "outlook", "Sweep"),
    "Output": ("scorecard", "write_report", "write_workbook"),
    "Promising": ("available_to_promise", "earliest_deliveries"),
    "Extending": ("use_plugin", "kpi", "Evidence", "Undefined", "Rhythm", "Buy", "StockView"),
}
"""Names by group; families of kinds and the rest follow."""
SECTIONS = {"Args:": "Arguments", "Returns:": "Returns", "Raises:": "Raises"}
MODELS = {"Scenario"}
"""Classes whose fields are keys of scenario files, which have a page of their own."""


def python_page(on_top: str) -> str:
    """The page as Markdown."""
    return "\n".join(_page(on_top)).rstrip() + "\n"


def _page(on_top: str) -> Iterator[str]:
    yield from ["# Python", "", on_top, "", "What `import simulator` offers. Every example runs in the tests.", ""]
    families = [name for name in simulator.__all__ if _is_family(getattr(simulator, name))]
    rest = [n for n in simulator.__all__ if n not in families and not any(n in names for names in GROUPS.values())]
    for group, names in {**GROUPS, "Errors and others": tuple(rest)}.items():
        if present := [name for name in names if name in simulator.__all__]:
            yield from [f"## {group}", ""]
            for name in present:
                yield from _entry(name, getattr(simulator, name), "###")
    yield from ["## Base classes of kinds", "", 'A class of your own with `kind="…"` adds a kind to its family.', ""]
    yield from ["| class | family | decides |", "| --- | --- | --- |"]
    for name in families:
        cls = getattr(simulator, name)
        yield f"| `{name}` | `{cls.family}` | {cls.meaning().rstrip('.')} |"
    yield ""


def _is_family(value: Any) -> bool:
    return inspect.isclass(value) and issubclass(value, Plugin)


def _entry(name: str, value: Any, level: str) -> Iterator[str]:
    yield from [f"{level} {name}", ""]
    if not inspect.isclass(value) or value.__init__ is not object.__init__:
        if name not in MODELS and not issubclass(value if inspect.isclass(value) else object, (tuple, Exception)):
            yield from ["```text", f"{name}{_signature(value)}", "```", ""]
    yield from _documented(inspect.getdoc(value) or "")
    if inspect.isclass(value) and not issubclass(value, Exception):
        for key, method in sorted(vars(value).items()):
            public = not key.startswith(("_", "model_")) and inspect.isfunction(method)
            if public and inspect.getdoc(method):
                yield from [f"**{name}.{key}{_signature(method)}**", ""]
                yield from _documented(inspect.getdoc(method) or "")


def _signature(value: Any) -> str:
    """The signature without types that only say where something is defined."""
    found = inspect.signature(value)
    parameters = [p for key, p in found.parameters.items() if key != "self"]
    text = ", ".join(_parameter(p) for p in parameters)
    return f"({text})"


def _parameter(parameter: inspect.Parameter) -> str:
    star = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
    default = "" if parameter.default is inspect.Parameter.empty else f"={parameter.default!r}"
    return f"{star}{parameter.name}{default}"


def _documented(text: str) -> Iterator[str]:
    """A docstring as Markdown: its sections as lists, its examples as sessions."""
    lines, number = text.splitlines(), 0
    while number < len(lines):
        line = lines[number]
        if line in SECTIONS:
            yield from [f"{SECTIONS[line]}:", ""]
            number += 1
            while number < len(lines) and (lines[number].startswith(" ") or not lines[number]):
                if match := re.match(r" {4}([\w, ]+): (.*)", lines[number]):
                    yield f"- `{match[1]}`: {match[2]}"
                elif lines[number].strip():
                    yield f"  {lines[number].strip()}"
                number += 1
            yield ""
            continue
        if line.startswith(">>> "):
            yield "```pycon"
            while number < len(lines) and lines[number]:
                yield lines[number]
                number += 1
            yield from ["```", ""]
            continue
        yield line
        number += 1
    yield ""
