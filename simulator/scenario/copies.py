"""Copies of examples to start from: the file, and every file that it reads."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from simulator.foundation.errors import UserError
from simulator.scenario.loader import load
from simulator.scenario.tree.examples import example_file, examples_folder
from simulator.scenario.tree.nodes import MappingNode, ScalarNode, parse

MOST_PARENTS = 20


def renamed(text: str, name: str) -> str:
    """The text of a scenario under another name, also in the commands of its comments.

    A name that YAML would read as a number or a boolean is quoted.
    """
    plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", name) and name.lower() not in {"true", "false", "null"}
    line = f"name: {name if plain else repr(name)}"
    old = re.search(r"^name: ([\w.-]+)", text, re.MULTILINE)
    if old:
        own_file = re.compile(rf"(?<=\s)scenarios/(?:[\w-]+/)*{re.escape(old[1])}\.yaml\b")
        text = re.sub(r"#.*", lambda comment: own_file.sub(lambda _: f"{name}.yaml", comment[0]), text)
    found, count = re.subn(r"^name: .*$", lambda _: line, text, count=1, flags=re.MULTILINE)
    return found if count else f"{line}\n{text}"


def copied(text: str, name: str, example: str) -> str:
    r"""The text of an example under another name; its title and description say whose copy it is.

    >>> print(copied("name: quiet\ntitle: A quiet shop\n", "mine", "quiet"), end="")
    name: mine
    title: A quiet shop (mine, a copy of quiet)
    description: A copy of the example quiet.
    """
    text = renamed(text, name)
    title = re.search(r"^title: (.*?)\s*$", text, re.MULTILINE)
    if title is None:
        return text
    end = title.end(1) - (title[1][:1] in {"'", '"'})  # before the closing quote
    text = f"{text[:end]} ({name}, a copy of {example}){text[end:]}"
    about = f"A copy of the example {example}"
    block = re.compile(r"^(description: \|\n)( +)", re.MULTILINE)
    if block.search(text):
        return block.sub(rf"\g<1>\g<2>{about}, which is about this:\n\g<2>", text, count=1)
    return re.sub(r"^(title: .*)$", rf"\g<1>\ndescription: {about}.", text, count=1, flags=re.MULTILINE)


def needed_files(name: str) -> dict[str, bytes]:
    """The files that an example reads beside its own, by their path relative to it: parents and data."""
    file = example_file(name)
    files = {parent.relative_to(file.parent).as_posix(): parent.read_bytes() for parent in _parents(file)}
    return files | {data: (file.parent / data).read_bytes() for data in load(file).data_digests}


def _parents(file: Path) -> Iterable[Path]:
    for _ in range(MOST_PARENTS):
        tree = parse(file.read_text(encoding="utf-8"), file.name)
        named = tree.get("extends") if isinstance(tree, MappingNode) else None
        if not isinstance(named, ScalarNode) or not isinstance(named.value, str):
            return
        file = Path(os.path.normpath(file.parent / named.value))
        yield file


def write_new(files: Mapping[Path, bytes]) -> None:
    """Write files that are not there; what is there must be the same.

    Raises:
        UserError: another file is in the way; nothing was written.
    """
    for path, content in files.items():
        try:
            if os.path.lexists(path) and path.read_bytes() != content:
                raise UserError(f"{path}: already exists; choose another name (nothing was written)")
        except OSError as error:
            raise UserError(f"{path}: already exists ({error.strerror}); nothing was written") from None
    for path, content in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                with path.open("xb") as file:
                    file.write(content)
        except OSError as error:
            raise UserError(f"{path}: cannot write: {error.strerror}") from None


def copies(names: Iterable[str], folder: Path) -> dict[Path, bytes]:
    """The files of examples, with their data, and where they go in a folder."""
    found: dict[Path, bytes] = {}
    for name in names:
        file = example_file(name)
        place = folder / file.relative_to(examples_folder())
        found[place] = file.read_bytes()
        found |= {place.parent / other: content for other, content in needed_files(name).items()}
    return found
