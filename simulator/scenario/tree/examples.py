"""The examples that come with the package: scenarios with their data, by name."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

from simulator.foundation.errors import UserError, nearest, some

PACKAGE = Path(__file__).resolve().parents[2]
PLACES = (PACKAGE / "scenarios", PACKAGE.parent / "scenarios")
"""In an installed package, then in the repository."""
PARTS = "base"
"""The folder of files that examples extend; they are not scenarios themselves."""


@cache
def examples_folder() -> Path:
    """The folder of the examples.

    Raises:
        UserError: they are not installed.
    """
    for place in PLACES:
        if (place / "textbook").is_dir():
            return place
    raise UserError(f"the examples are not in this installation (looked in {', '.join(map(str, PLACES))})")


@cache
def example_names() -> tuple[str, ...]:
    """The names of the examples, such as `flash-sale` and `strategies/kits`: those at the top first."""
    folder = examples_folder()
    names = (path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.yaml"))
    return tuple(sorted((name for name in names if not name.startswith(f"{PARTS}/")), key=lambda n: (n.count("/"), n)))


def example_file(name: str) -> Path:
    """The file of an example.

    Raises:
        UserError: there is no example of this name.
    """
    known = example_names()
    if name not in known:
        raise UserError(f"no example {name!r}{nearest(name, known)}; `backorder examples` lists them: {some(known)}")
    return examples_folder() / f"{name}.yaml"


def example_title(name: str) -> str:
    """The title of an example, or the first line of its comment."""
    text = example_file(name).read_text(encoding="utf-8")
    titled = re.search(r"^title: +(.+)$", text, re.MULTILINE) or re.match(r"# (.+)", text)
    return titled[1].strip("'\" ") if titled else ""


def file_or_example(path: Path) -> Path:
    """The file, or the example of this name where there is no such file.

    A file of the same name with its ending, such as ./flash-sale.yaml for flash-sale, is not overlooked in favour of
    the example: then the file is missing, and the error names the other one.
    """
    name = path.as_posix()
    if any(os.path.lexists(f"{path}{ending}") for ending in ("", ".yaml", ".yml")):
        return path
    try:
        return example_file(name) if name in example_names() else path
    except UserError:  # they are not installed
        return path


def like_example(path: Path) -> str:
    """' (did you mean the example …?)' for what looks like the name of one."""
    try:
        names = example_names()
    except UserError:
        return ""
    word = path.with_suffix("").as_posix() if path.suffix in {".yaml", ".yml"} else path.as_posix()
    word = word.removeprefix("scenarios/")
    found = word if word in names else next((name for name in names if name.rpartition("/")[2] == word), None)
    if found is None and (close := nearest(word, names)):
        found = close.split("'")[1]
    return f" (did you mean the example {found!r}? `backorder examples` lists all)" if found else ""
