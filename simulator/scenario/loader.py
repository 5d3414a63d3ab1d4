"""Load a scenario: read the YAML file, merge its parents, override, validate, check; report all faults at once."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from simulator.foundation.collector import quiet_gc
from simulator.foundation.datafiles import NO_TABLES, DataFiles, data_files
from simulator.foundation.errors import Problem, UserError, is_out_of_memory
from simulator.foundation.quantities import item_sizes, size_or_one
from simulator.foundation.tables.frames import FrameTable, check_used, frame_tables
from simulator.foundation.units import clock_start, date
from simulator.foundation.validators import build
from simulator.scenario.checks.check import checked
from simulator.scenario.faults.explain import Fault, distinct, explained, faults, shown
from simulator.scenario.faults.shape import Walk
from simulator.scenario.faults.stand_ins import with_stand_ins
from simulator.scenario.schema.origin import Origin
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.tree import nodes
from simulator.scenario.tree.examples import file_or_example
from simulator.scenario.tree.inherit import Folders, file_with_parents, with_policies_resolved
from simulator.scenario.tree.nodes import Node, at
from simulator.scenario.tree.paths import KeyPath, dotted, with_changes, with_settings
from simulator.scenario.tree.plain import from_plain
from simulator.scenario.tree.textfile import read

NO_FOLDER = Path(os.devnull)
"""The folder of a text without one: it contains no files."""
PLAIN = nodes.Place("scenario", 0, 0)
"""Where a scenario is that was not read from a text."""
Tables = Mapping[str, FrameTable]
Loadable = Scenario | str | os.PathLike[str]
"""A scenario, or the file or example that holds it."""


class Sources(NamedTuple):
    """Where the data files of a scenario are."""

    folder: Path | None = None
    """The scenario file's own folder."""
    more: tuple[Path, ...] = ()
    tables: Tables = NO_TABLES
    """Tables in memory, by the name of the file that they replace."""

    def files(self) -> DataFiles:
        """A reader that has read nothing yet."""
        return DataFiles(*([self.folder] if self.folder else []), *self.more, tables=self.tables)


def load(
    path: str | Path,
    overrides: Sequence[str] = (),
    data: Sequence[Path] = (),
    tables: Mapping[str, Any] | None = None,
) -> Scenario:
    """The scenario in a file, or an example of the package.

    Args:
        path: the file, or the name of an example such as `flash-sale`.
        overrides: changes to its keys, each `PATH=VALUE`.
        data: further folders for its data files.
        tables: frames of pandas or polars (or mappings of columns to values) by name; a table takes the place of the
            file of that name, so that the scenario says `file: orders` for `tables={"orders": frame}`.

    >>> import simulator
    >>> simulator.load("flash-sale", ["clock.horizon=90 d"])
    <Scenario 'flash-sale': 2 items, 90 d; policies lean, buffered, cafes-first, capped, blocked>

    A table takes the place of a file: `simulator.load("shop.yaml", tables={"orders": frame})`.

    Raises:
        UserError: every fault with its file, line and column.
    """
    file = file_or_example(Path(path))
    sources = Sources(file.parent.absolute(), tuple(data), frame_tables(tables or {}))
    return _with_tables_used(_scenario(lambda: _tree_of_file(file, overrides, data), sources), sources)


def loaded(scenario: Loadable) -> Scenario:
    """The scenario itself, or the one that is loaded from this file or example.

    Raises:
        UserError: it is neither, or every fault of the file.
    """
    given: Any = scenario
    if isinstance(given, Scenario):
        return given
    if isinstance(given, str | os.PathLike):
        return load(Path(given))
    hint = "; simulator.from_dict makes a scenario of a mapping" if isinstance(given, Mapping) else ""
    kind = type(given).__name__
    raise UserError(f"scenario: expected a Scenario, a file or the name of an example, got {kind}{hint}")


def load_text(
    text: str,
    folder: Path | None = None,
    overrides: Sequence[str] = (),
    data: Sequence[Path] = (),
    file: str = "<text>",
    tables: Mapping[str, Any] | None = None,
) -> Scenario:
    """The scenario in a text; data files and parents are in `folder`, and without one there are none.

    Raises:
        UserError: every fault with its line and column.
    """
    home = folder or NO_FOLDER

    def tree() -> Node:
        root = file_with_parents(nodes.parse(text, file), home / "<text>", file, Folders(home, tuple(data)))
        return with_settings(root, overrides)

    sources = Sources(folder, tuple(data), frame_tables(tables or {}))
    return _with_tables_used(_scenario(tree, sources), sources)


def from_dict(
    mapping: Mapping[str, Any],
    folder: str | Path | None = None,
    data: Sequence[Path] = (),
    tables: Mapping[str, Any] | None = None,
) -> Scenario:
    """A scenario from plain Python data with the keys and values that a file would have.

    Args:
        mapping: the keys of the scenario; text with units, numbers, dates, lists and mappings.
        folder: the folder of its data files and of the parent that `extends` names; without one there are none.
        data: further folders for its data files.
        tables: as for `load`.

    >>> import simulator
    >>> simulator.from_dict({
    ...     "name": "kiosk",
    ...     "clock": {"horizon": "90 d"},
    ...     "items": {"mug": {"price": 12, "unit_cost": 5}},
    ...     "customers": {"all": {"arrivals": {"kind": "poisson", "rate": "4 / d"},
    ...                           "basket": {"kind": "single", "item": "mug"}}},
    ...     "suppliers": {"pottery": {"items": ["mug"], "lead_time": "7 d"}},
    ...     "policies": {"lean": {"replenishment": {"kind": "base_stock", "S": 40}}},
    ... })
    <Scenario 'kiosk': 1 item, 90 d; policies lean>

    Raises:
        UserError: every fault with the path of its key.
    """
    home = NO_FOLDER if folder is None else Path(folder).absolute()

    def tree() -> Node:
        root = from_plain(dict(mapping), PLAIN)
        if folder is None and "extends" in mapping:
            raise UserError(
                [at(PLAIN, "the parent of a mapping needs the `folder` in which it is", "extends", "BO103")]
            )
        return file_with_parents(root, home / "<mapping>", PLAIN.file, Folders(home, tuple(data)))

    if not isinstance(mapping, Mapping):
        raise UserError(f"expected a mapping of keys (name, clock, …), got {type(mapping).__name__}")
    sources = Sources(None if folder is None else home, tuple(data), frame_tables(tables or {}))
    return _with_tables_used(_scenario(tree, sources), sources)


def _with_tables_used(scenario: Scenario, sources: Sources) -> Scenario:
    check_used(sources.tables, scenario.data_digests)
    return scenario


def validate(
    path: str | Path, overrides: Sequence[str] = (), data: Sequence[Path] = ()
) -> tuple[Scenario | None, list[Problem]]:
    """The scenario (None where it has faults) and every problem and warning, in the order of the file.

    >>> import simulator
    >>> found, problems = simulator.validate("steady-shop", ["items.mug.price=-1"])
    >>> found, len(problems) > 0
    (None, True)
    """
    try:
        scenario = load(path, overrides, data)
    except UserError as error:
        return None, list(error.problems)
    return scenario, sorted(scenario.warnings)


def _read_again(origin: Origin, changes: Mapping[str, Any]) -> Scenario:
    def tree() -> Node:
        root = from_plain(origin.data, PLAIN)
        return with_changes(root, changes)

    plan = any(path.startswith("experiment") for path in changes)  # otherwise the levels were tried before
    return _scenario(tree, Sources(origin.folder, origin.more_folders, origin.tables), plan)


def _tree_of_file(path: Path, overrides: Sequence[str], data: Sequence[Path]) -> Node:
    label = os.fsencode(path).decode("utf-8", "replace")
    for folder in data:
        if not folder.is_dir():
            raise UserError([Problem(f"--data {folder}", 0, 0, "", "is not a folder", code="BO101")])
    root = file_with_parents(nodes.parse(read(path, label), label), path, label, Folders(path.parent, tuple(data)))
    return with_settings(root, overrides)


def _scenario(tree: Callable[[], Node], sources: Sources, plan: bool = True) -> Scenario:
    """Build the tree and read it; whatever the input, only a UserError is raised."""
    try:
        with quiet_gc():  # the first scenario of a process builds the schema of all keys
            return _read(tree(), sources, plan)
    except UserError:
        raise
    except Exception as error:  # no input may cause a traceback
        if is_out_of_memory(error):
            raise
        cause = f"{type(error).__name__}: {error}"[:200]
        raise UserError([Problem("scenario", 0, 0, "", f"cannot be read ({cause})", code="BO102")]) from error


def _read(root: Node, sources: Sources, plan: bool) -> Scenario:
    if not isinstance(root, nodes.MappingNode):
        if isinstance(root, nodes.ScalarNode) and root.value is None:
            raise UserError([Problem(root.place.file, 0, 0, "", "the file is empty", code="BO102")])
        raise UserError([at(root.place, f"expected a mapping of keys (`name:`, `clock:`, …), got {shown(root)}")])
    whole, problems, orphans = with_policies_resolved(root)
    changed: set[KeyPath] = {("policies", name, "extends") for name in orphans}
    files = sources.files()
    scenario: Scenario | None
    tree: Node = whole
    with clock_start(_start(whole)), data_files(files), item_sizes(_sizes(whole)):
        try:
            build(Scenario)
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
        if wrong := list(_levels(scenario, root, tree, sources)):
            raise UserError([*problems, *wrong])
    scenario._origin = Origin(
        nodes.to_plain(root),
        sources.folder,
        sources.more,
        files.digests,
        tuple(problems),
        _read_again,
        sources.tables,
    )
    return scenario


def _levels(scenario: Scenario, root: Node, tree: Node, sources: Sources) -> Iterator[Problem]:
    """Problems of the factorial experiment: levels that make the scenario invalid, each tried separately."""
    for factor, levels in scenario.experiment.factorial.items():
        for level, changes in levels.items():
            try:
                _read(with_changes(root, changes), sources, plan=False)
            except UserError as error:
                walk = Walk(tree, ("experiment", "factorial", factor, level))
                messages = [f"{p.key}: {p.message}" if p.key else p.message for p in error.problems] or [error.text]
                said = "; ".join(dict.fromkeys(messages))
                yield Problem(*walk.key_place, dotted(walk.path), said, code="BO123")


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


def _sizes(root: nodes.MappingNode) -> dict[str, float]:
    """The granularities other than 1 of the items in the file, read first because quantities depend on them."""
    items, found = root.get("items"), {}
    for name, (_, node) in items.entries.items() if isinstance(items, nodes.MappingNode) else ():
        given = node.get("granularity") if isinstance(node, nodes.MappingNode) else None
        if isinstance(given, nodes.ScalarNode) and (size := size_or_one(given.value)) != 1.0:
            found[name] = size
    return found


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
