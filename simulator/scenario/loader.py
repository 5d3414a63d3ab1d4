"""From a YAML file to a checked scenario: read, merge with parents, override, validate, check; faults all at once."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from simulator.foundation.datafiles import DataFiles, data_files
from simulator.foundation.errors import Problem, UserError
from simulator.foundation.units import clock_start, date
from simulator.scenario.checks.check import checked
from simulator.scenario.faults.explain import Fault, distinct, explained, faults, shown
from simulator.scenario.faults.shape import Walk
from simulator.scenario.faults.stand_ins import mended
from simulator.scenario.schema.schema import Origin, Scenario
from simulator.scenario.tree import nodes
from simulator.scenario.tree.inherit import Folders, file_with_parents, with_policies_resolved
from simulator.scenario.tree.nodes import Node, at
from simulator.scenario.tree.paths import KeyPath, dotted, with_changes, with_settings
from simulator.scenario.tree.textfile import read

NO_FOLDER = Path(os.devnull)
"""Stands for the folder of a text that has none: nothing lies in it."""


def load(path: str | Path, overrides: Sequence[str] = (), data: Sequence[Path] = ()) -> Scenario:
    """The scenario in a file; `overrides` are `PATH=VALUE`, `data` other folders that its files may lie in.

    Raises:
        UserError: every fault with its file, line and column.
    """
    return _scenario(lambda: _tree_of_file(Path(path), overrides, data), Path(path).parent.absolute(), data)


def load_text(
    text: str,
    folder: Path | None = None,
    overrides: Sequence[str] = (),
    data: Sequence[Path] = (),
    file: str = "<text>",
) -> Scenario:
    """The scenario in a text; data files and parents lie in `folder`, without one there are none.

    Raises:
        UserError: every fault with its line and column.
    """
    home = folder or NO_FOLDER

    def tree() -> Node:
        root = file_with_parents(nodes.parse(text, file), home / "<text>", file, Folders(home, tuple(data)))
        return with_settings(root, overrides)

    return _scenario(tree, folder, data)


def validate(
    path: str | Path, overrides: Sequence[str] = (), data: Sequence[Path] = ()
) -> tuple[Scenario | None, list[Problem]]:
    """The scenario (None where it has faults) and every problem, warnings among them, in the order of the file."""
    try:
        scenario = load(path, overrides, data)
    except UserError as error:
        return None, list(error.problems)
    return scenario, sorted(scenario.warnings)


def edit(scenario: Scenario, changes: Mapping[str, Any]) -> Scenario:
    """`scenario.edit(changes)`."""
    return scenario.edit(changes)


def _read_again(origin: Origin, changes: Mapping[str, Any]) -> Scenario:
    def tree() -> Node:
        root = nodes.from_plain(origin.data, nodes.Place("scenario", 0, 0))
        return with_changes(root, changes)

    plan = any(path.startswith("experiment") for path in changes)  # else it was tried before
    return _scenario(tree, origin.folder, origin.more_folders, plan)


def _tree_of_file(path: Path, overrides: Sequence[str], data: Sequence[Path]) -> Node:
    label = os.fsencode(path).decode("utf-8", "replace")
    for folder in data:
        if not folder.is_dir():
            raise UserError([Problem(f"--data {folder}", 0, 0, "", "is not a folder")])
    root = file_with_parents(nodes.parse(read(path, label), label), path, label, Folders(path.parent, tuple(data)))
    return with_settings(root, overrides)


def _scenario(tree: Callable[[], Node], folder: Path | None, data: Iterable[Path], plan: bool = True) -> Scenario:
    """Builds the tree and reads it; whatever the user's bytes do, only a UserError comes out."""
    try:
        return _read(tree(), folder, tuple(data), plan)
    except UserError:
        raise
    except Exception as error:  # the promise: no traceback, whatever the input
        said = f"{type(error).__name__}: {error}"[:200]
        raise UserError([Problem("scenario", 0, 0, "", f"cannot be read ({said})")]) from error


def _read(root: Node, folder: Path | None, data: tuple[Path, ...], plan: bool) -> Scenario:
    if not isinstance(root, nodes.MappingNode):
        if isinstance(root, nodes.ScalarNode) and root.value is None:
            raise UserError([Problem(root.place.file, 0, 0, "", "the file is empty")])
        raise UserError([at(root.place, f"a mapping of keys (`name:`, `clock:`, …) is due, not {shown(root)}")])
    whole, problems, orphans = with_policies_resolved(root)
    changed: set[KeyPath] = {("policies", name, "extends") for name in orphans}
    files = DataFiles(*([folder] if folder else []), *data)
    scenario: Scenario | None
    tree: Node = whole
    with clock_start(_start(whole)), data_files(files):
        try:
            scenario = Scenario.model_validate(nodes.to_plain(whole))
        except ValidationError as error:
            found = faults(error, whole)
            problems += explained(fault for fault in found if not _is_due_to_parent(fault, orphans))
            scenario, tree, elsewhere = mended(whole, found)
            changed |= elsewhere
    if scenario:
        problems += checked(scenario, tree, changed)
    if scenario is None or not all(problem.warning for problem in problems):
        raise UserError(distinct(problems))
    if plan and scenario.experiment.factorial:
        if wrong := list(_levels(scenario, root, tree, folder, data)):
            raise UserError([*problems, *wrong])
    origin = Origin(nodes.to_plain(root), folder, data, files.digests, tuple(problems), _read_again)
    scenario._origin = origin
    return scenario


def _levels(
    scenario: Scenario, root: Node, tree: Node, folder: Path | None, data: tuple[Path, ...]
) -> Iterator[Problem]:
    """Levels of the factorial experiment that would make the scenario invalid, each tried by itself."""
    for factor, levels in scenario.experiment.factorial.items():
        for level, changes in levels.items():
            try:
                _read(with_changes(root, changes), folder, data, plan=False)
            except UserError as error:
                walk = Walk(tree, ("experiment", "factorial", factor, level))
                said = [f"{p.key}: {p.message}" if p.key else p.message for p in error.problems] or [error.text]
                yield Problem(*walk.key_place, dotted(walk.path), "; ".join(dict.fromkeys(said)))


def _is_due_to_parent(fault: Fault, orphans: frozenset[str]) -> bool:
    """Whether a policy lacks only what the one it extends, which cannot be told, might bring."""
    path, node = fault.walk.path, fault.walk.node
    if path[:1] != ("policies",) or path[1:2] == () or path[1] not in orphans:
        return False
    return (
        fault.type == "missing"
        or path[2:] == ("extends",)
        or (isinstance(node, nodes.MappingNode) and not node.get("kind"))
    )


def _start(root: nodes.MappingNode) -> dt.datetime | None:
    """`clock.start`, read ahead of everything so that dates can be; a wrong one is reported in its place later."""
    clock = root.get("clock")
    start = clock.get("start") if isinstance(clock, nodes.MappingNode) else None
    if start is None or (isinstance(start, nodes.ScalarNode) and start.value is None):
        return None
    try:
        return date(start.value if isinstance(start, nodes.ScalarNode) else None)
    except PydanticCustomError:
        return dt.datetime(2000, 1, 1)
