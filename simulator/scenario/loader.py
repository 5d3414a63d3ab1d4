"""Load a scenario: read the YAML file, merge its parents, override, validate, check; report all faults at once."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from simulator.foundation.collector import quiet_gc
from simulator.foundation.datafiles import DataFiles, data_files
from simulator.foundation.errors import Problem, UserError, is_out_of_memory
from simulator.foundation.units import clock_start, date
from simulator.scenario.checks.check import checked
from simulator.scenario.faults.explain import Fault, distinct, explained, faults, shown
from simulator.scenario.faults.shape import Walk
from simulator.scenario.faults.stand_ins import with_stand_ins
from simulator.scenario.schema.schema import Origin, Scenario
from simulator.scenario.tree import nodes
from simulator.scenario.tree.inherit import Folders, file_with_parents, with_policies_resolved
from simulator.scenario.tree.nodes import Node, at
from simulator.scenario.tree.paths import KeyPath, dotted, with_changes, with_settings
from simulator.scenario.tree.textfile import read

NO_FOLDER = Path(os.devnull)
"""The folder of a text without one: it contains no files."""


def load(path: str | Path, overrides: Sequence[str] = (), data: Sequence[Path] = ()) -> Scenario:
    """The scenario in a file; `overrides` are `PATH=VALUE`, `data` are further folders for its files.

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
    """The scenario in a text; data files and parents are in `folder`, and without one there are none.

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
    """The scenario (None where it has faults) and every problem and warning, in the order of the file."""
    try:
        scenario = load(path, overrides, data)
    except UserError as error:
        return None, list(error.problems)
    return scenario, sorted(scenario.warnings)


def _read_again(origin: Origin, changes: Mapping[str, Any]) -> Scenario:
    def tree() -> Node:
        root = nodes.from_plain(origin.data, nodes.Place("scenario", 0, 0))
        return with_changes(root, changes)

    plan = any(path.startswith("experiment") for path in changes)  # otherwise the levels were tried before
    return _scenario(tree, origin.folder, origin.more_folders, plan)


def _tree_of_file(path: Path, overrides: Sequence[str], data: Sequence[Path]) -> Node:
    label = os.fsencode(path).decode("utf-8", "replace")
    for folder in data:
        if not folder.is_dir():
            raise UserError([Problem(f"--data {folder}", 0, 0, "", "is not a folder")])
    root = file_with_parents(nodes.parse(read(path, label), label), path, label, Folders(path.parent, tuple(data)))
    return with_settings(root, overrides)


def _scenario(tree: Callable[[], Node], folder: Path | None, data: Iterable[Path], plan: bool = True) -> Scenario:
    """Build the tree and read it; whatever the input, only a UserError is raised."""
    try:
        with quiet_gc():  # the first scenario of a process builds the schema of all keys
            return _read(tree(), folder, tuple(data), plan)
    except UserError:
        raise
    except Exception as error:  # no input may cause a traceback
        if is_out_of_memory(error):
            raise
        cause = f"{type(error).__name__}: {error}"[:200]
        raise UserError([Problem("scenario", 0, 0, "", f"cannot be read ({cause})")]) from error


def _read(root: Node, folder: Path | None, data: tuple[Path, ...], plan: bool) -> Scenario:
    if not isinstance(root, nodes.MappingNode):
        if isinstance(root, nodes.ScalarNode) and root.value is None:
            raise UserError([Problem(root.place.file, 0, 0, "", "the file is empty")])
        raise UserError([at(root.place, f"expected a mapping of keys (`name:`, `clock:`, …), got {shown(root)}")])
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
            problems += explained(fault for fault in found if not _may_come_from_parent(fault, orphans))
            scenario, tree, elsewhere = with_stand_ins(whole, found)
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
    """Problems of the factorial experiment: levels that make the scenario invalid, each tried separately."""
    for factor, levels in scenario.experiment.factorial.items():
        for level, changes in levels.items():
            try:
                _read(with_changes(root, changes), folder, data, plan=False)
            except UserError as error:
                walk = Walk(tree, ("experiment", "factorial", factor, level))
                messages = [f"{p.key}: {p.message}" if p.key else p.message for p in error.problems] or [error.text]
                yield Problem(*walk.key_place, dotted(walk.path), "; ".join(dict.fromkeys(messages)))


def _may_come_from_parent(fault: Fault, orphans: frozenset[str]) -> bool:
    """Whether a policy only lacks a key that its parent, which is faulty itself, might provide."""
    path, node = fault.walk.path, fault.walk.node
    if path[:1] != ("policies",) or path[1:2] == () or path[1] not in orphans:
        return False
    return (
        fault.type == "missing"
        or path[2:] == ("extends",)
        or (isinstance(node, nodes.MappingNode) and not node.get("kind"))
    )


def _start(root: nodes.MappingNode) -> dt.datetime | None:
    """`clock.start`, read first because dates depend on it; a wrong one is reported later, at its place."""
    clock = root.get("clock")
    start = clock.get("start") if isinstance(clock, nodes.MappingNode) else None
    if start is None or (isinstance(start, nodes.ScalarNode) and start.value is None):
        return None
    try:
        return date(start.value if isinstance(start, nodes.ScalarNode) else None)
    except PydanticCustomError:
        return dt.datetime(2000, 1, 1)
