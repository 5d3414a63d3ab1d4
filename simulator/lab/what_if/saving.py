"""Saving what the page shows as a scenario file that extends the one that was opened."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from simulator.foundation.errors import UserError
from simulator.lab.server.answers import Refused
from simulator.lab.what_if.jobs import State, asked
from simulator.lab.what_if.sources import ScenarioSource, shown_path
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.tree.nodes import MappingNode, Place, dump, parse, to_plain
from simulator.scenario.tree.paths import steps, with_changes

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")
ABOUT = "# Written by the lab; `backorder run {name}.yaml --policy {policy}` repeats what the page showed.\n"


def save(state: State, source: ScenarioSource, plain: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Writes NAME.yaml and never over an existing file.

    A file that lies below the working directory is extended by one beside it; of any other one the whole scenario is
    written to the working directory.
    """
    q = asked(state, source, plain)
    name = plain.get("name")
    if not isinstance(name, str) or not NAME.fullmatch(name.removesuffix(".yaml")):
        raise Refused(422, "A file name has letters, digits, '-' and '_', and no folder.")
    name = name.removesuffix(".yaml")
    changes = q.b.changes(q.opened.scenario)
    beside = extends_there(source)
    text = ABOUT.format(name=name, policy=q.b.policy) + "\n"
    if beside is not None and not source.settings:
        text += dump(_short(source.path, name, changes, q.opened.scenario))
    else:
        text += dump({**_whole(q.opened.scenario, changes), "name": name})
    path = (beside or Path()) / f"{name}.yaml"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise Refused(409, f"{path.name}: already exists; choose another name. Nothing was written.") from None
    except OSError as error:
        raise UserError(f"{path.name}: cannot write: {error.strerror}") from None
    lacks = beside is None and source.path is not None and bool(q.opened.scenario.data_digests)
    yield {"file": shown_path(path), "data": shown_path(source.path.parent) if lacks and source.path else None}


def yaml_text(state: State, source: ScenarioSource, plain: Mapping[str, Any]) -> Iterator[str]:
    """The whole scenario as B has it, as one file."""
    q = asked(state, source, plain)
    yield dump(_whole(q.opened.scenario, q.b.changes(q.opened.scenario)))


def extends_there(source: ScenarioSource) -> Path | None:
    """The folder of the file that was opened, if it lies below the working directory."""
    if source.path is None:
        return None
    folder = source.path.resolve().parent
    return folder if folder.is_relative_to(Path.cwd().resolve()) else None


def _short(path: Path | None, name: str, changes: Mapping[str, Any], scenario: Scenario) -> dict[str, Any]:
    """`extends`, the name, and the keys that were changed; lists as a whole, because a list replaces its parent's."""
    assert path is not None
    before = parse(scenario.source, "scenario")
    after = with_changes(before, changes)
    own: dict[str, Any] = {}
    for dotted_path in changes:
        _copy(own, _steps(dotted_path), to_plain(after))
    return {"extends": path.name, "name": name, **json.loads(json.dumps(own, default=str))}


def _copy(into: dict[str, Any], path: list[str], whole: Any) -> None:
    """Copies the value at a path; from the first list on its way downwards all of it."""
    for number, step in enumerate(path):
        whole = whole[step]
        if isinstance(whole, list) or number + 1 == len(path):
            into[step] = whole
            return
        into = into.setdefault(step, {})


def _steps(path: str) -> list[str]:
    return steps(path, Place("lab", 1, 1))


def _whole(scenario: Scenario, changes: Mapping[str, Any]) -> dict[str, Any]:
    root = with_changes(parse(scenario.source, "scenario"), changes)
    assert isinstance(root, MappingNode)
    found = to_plain(root)
    assert isinstance(found, dict)
    return found
