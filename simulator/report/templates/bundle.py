"""Scripts and styles of pages, put together from shared parts.

A file names in its first line what it includes: `// include: elements, chart` in a script, `/* include: look */` in a
style. Parts lie in `shared/` or beside the file, include parts themselves, and appear once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

from simulator.report.drawing.style import figure_rules, token_rules

SHARED = files("simulator.report.templates").joinpath("shared")
_INCLUDE = re.compile(r"\A(?://|/\*) include: ([\w, -]+?)(?: \*/)?\n")


def bundle_script(file: Traversable, *places: Traversable) -> str:
    """A script and its parts in a scope of their own.

    Args:
        file: the script.
        places: folders with parts, searched before the shared ones.

    Raises:
        ValueError: a part that is included does not exist.
    """
    return '"use strict";\n(() => {\n' + "".join(_texts(file, ".js", places)) + "})();\n"


def bundle_style(file: Traversable, *places: Traversable) -> str:
    """A style sheet and its parts, after the colours of the product and the rules of its figures.

    Raises:
        ValueError: a part that is included does not exist.
    """
    return token_rules() + figure_rules(literal=False) + "\n" + "".join(_texts(file, ".css", places))


def _texts(file: Traversable, ending: str, places: tuple[Traversable, ...]) -> list[str]:
    found: dict[str, str] = {}
    shelves = (*places, SHARED)

    def part(name: str) -> Traversable:
        for shelf in shelves:
            if (place := shelf.joinpath(name + ending)).is_file():
                return place
        raise ValueError(f"{file.name}: no part {name}{ending}")

    def collect(place: Traversable) -> None:
        text = place.read_text(encoding="utf-8")
        for name in included(text):
            if name + ending not in found:
                collect(part(name))
        found[place.name] = _INCLUDE.sub("", text)

    collect(file)
    return list(found.values())


def included(text: str) -> Iterator[str]:
    """The parts that a script or style includes.

    >>> list(included("// include: elements, chart\\n"))
    ['elements', 'chart']
    """
    match = _INCLUDE.match(text)
    return (name.strip() for name in match[1].split(",")) if match else iter(())
