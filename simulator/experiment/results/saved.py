"""Saved results below a folder: the newest first, each with what differs from the one before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simulator.experiment.storage.files import json_object, os_errors_reported, read_small
from simulator.experiment.storage.manifest import MANIFEST, Manifest
from simulator.experiment.storage.store import SCENARIO, TIMING
from simulator.foundation.errors import UserError
from simulator.scenario.tree.nodes import parse, to_plain
from simulator.scenario.tree.textfile import LARGEST

RUN = "run"
NOWHERE = "nothing that decides the numbers"


@dataclass(frozen=True)
class SavedResult:
    """A results folder; `differs` says what is not as in the older results of the same scenario and command."""

    folder: Path
    manifest: Manifest
    started: str
    """Date and time at which the command was last run, UTC; '' if it is not known."""
    differs: tuple[str, ...] = field(default=())

    @property
    def replications(self) -> int | None:
        """None while it is unfinished."""
        return self.manifest.replications

    def to_plain(self) -> dict[str, Any]:
        """What `results --json` prints."""
        return {
            "results": str(self.folder),
            "command": self.manifest.verb,
            "scenario": self.manifest.scenario,
            "started": self.started or None,
            "replications": self.replications,
            "seed": self.manifest.seed,
            "policies": list(self.manifest.policies),
            "differs": list(self.differs),
        }


def saved_results(folder: Path) -> list[SavedResult]:
    """The results in this folder and in the two levels below it, newest first; those that cannot be read are left out.

    Raises:
        UserError: it is not a folder.
    """
    if not _is_folder(folder):
        raise UserError(f"{folder}: is not a folder")
    found = sorted(_read(folder), key=lambda dated: dated[0], reverse=True)
    results = [result for _, result in found]
    return [SavedResult(r.folder, r.manifest, r.started, _since(r, results[k + 1 :])) for k, r in enumerate(results)]


def newest_run(folder: Path) -> tuple[Path, int]:
    """The folder itself if it holds results, or the newest finished results of `run` below it, and how many there are.

    Where there are none, it is the only results folder below, or else the folder itself: opening it says why not.
    """
    if not _is_folder(folder) or (folder / MANIFEST).exists():
        return folder, 1
    found = saved_results(folder)
    runs = [r.folder for r in found if r.manifest.study is None and r.replications is not None]
    if runs:
        return runs[0], len(runs)
    below = list(_manifests(folder))
    return (below[0].parent, 1) if len(below) == 1 else (folder, 0)


def _is_folder(path: Path) -> bool:
    with os_errors_reported(path, "read the folder"):
        return path.is_dir()


def _manifests(folder: Path) -> Iterator[Path]:
    """The manifests in the folder and in the two levels below it; links, which may lead elsewhere, are not followed."""
    for pattern in (MANIFEST, f"*/{MANIFEST}", f"*/*/{MANIFEST}"):
        for path in folder.glob(pattern):
            if not any((folder / below).is_symlink() for below in [*path.relative_to(folder).parents][:-1]):
                yield path


def _read(folder: Path) -> Iterator[tuple[tuple[str, int], SavedResult]]:
    """Every result with the time to sort it by."""
    for path in _manifests(folder):
        try:
            manifest = Manifest.read(path.parent)
            changed = path.stat().st_mtime_ns
        except (UserError, OSError):
            continue
        if manifest is not None:
            started = _started(path.parent)
            yield (started, changed), SavedResult(path.parent, manifest, started)


def _started(folder: Path) -> str:
    try:
        found = json_object(read_small(folder / TIMING), TIMING).get("started", "")
    except UserError:
        return ""
    return found if isinstance(found, str) else ""


def _since(result: SavedResult, older: list[SavedResult]) -> tuple[str, ...]:
    """What is not as in the next older results of the same scenario and command; () without any."""
    mine = result.manifest
    before = next((o for o in older if (o.manifest.scenario, o.manifest.verb) == (mine.scenario, mine.verb)), None)
    if before is None:
        return ()
    theirs = before.manifest
    found = [
        f"{name}: {_shown(old)} -> {_shown(new)}"
        for name, old, new in (
            ("seed", theirs.seed, mine.seed),
            ("policies", ", ".join(theirs.policies), ", ".join(mine.policies)),
            ("replications", theirs.replications, mine.replications),
            ("light", _yes(theirs.light), _yes(mine.light)),
            ("code", theirs.versions.get("code", "")[:8], mine.versions.get("code", "")[:8]),
        )
        if old != new
    ]
    old, new = (_leaves(_plain(r.folder)) | _leaves(dict(r.manifest.study or {})) for r in (before, result))
    found += [
        f"{key}: {_shown(old.get(key))} -> {_shown(new.get(key))}"
        for key in dict.fromkeys([*new, *old])
        if old.get(key) != new.get(key)
    ]
    return tuple(found) or (NOWHERE,)


def _plain(folder: Path) -> Any:
    try:
        return to_plain(parse(read_small(folder / SCENARIO, LARGEST).decode(), SCENARIO))
    except (ValueError, UserError):
        return None


def _leaves(value: Any, path: str = "") -> dict[str, Any]:
    """Every value by its dotted path; a list is a value.

    >>> _leaves({"a": {"b": 1}, "c": [2]})
    {'a.b': 1, 'c': [2]}
    """
    if isinstance(value, Mapping) and value:
        return {k: v for key, inner in value.items() for k, v in _leaves(inner, f"{path}.{key}".lstrip(".")).items()}
    return {path: value} if path else {}


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _shown(value: Any) -> str:
    text = "none" if value is None else str(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
