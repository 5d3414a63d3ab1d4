"""The results folder on disk: a journal of finished replications, then the tables; an interrupted run resumes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from simulator.experiment.storage.columns import Columns
from simulator.experiment.storage.files import (
    PART,
    check_contained,
    make_folder,
    os_errors_reported,
    read_small,
    sealed,
    sweep,
    write_whole,
)
from simulator.experiment.storage.item_files import FOLDER as ITEMS
from simulator.experiment.storage.journal import JOURNAL, Journal, Task
from simulator.experiment.storage.kept_files import ENDINGS, KEPT
from simulator.experiment.storage.lock import LOCK, OWNER, locked
from simulator.experiment.storage.manifest import MANIFEST, Manifest
from simulator.experiment.storage.replication import Replication
from simulator.experiment.storage.series_files import FOLDER as SERIES
from simulator.foundation.errors import ResultsLost, UserError

SCENARIO = "scenario.yaml"
TIMING = "timing.json"
REPORT = "report.html"
SUBFOLDERS = (*KEPT, SERIES, ITEMS)


class Store:
    """A results folder that this process writes to."""

    def __init__(self, folder: Path, manifest: Manifest, source: str) -> None:
        self.folder, self.manifest = folder, manifest
        self.journal = Journal(folder / JOURNAL, manifest.fingerprint)
        self.source = source.encode("utf-8", "backslashreplace")
        self.unfinished = b""
        """The manifest that this process wrote when it began the folder."""

    @classmethod
    @contextmanager
    def opened(cls, folder: Path, manifest: Manifest, source: str, force: bool = False) -> Iterator[Store]:
        """Lock the folder and check that it is empty or holds this experiment; `force` empties it first.

        Raises:
            UserError: it cannot be written, is locked, holds something else, or was edited.
        """
        make_folder(folder, "choose another folder with --out")
        check_contained(folder, *SUBFOLDERS)
        with locked(folder) as is_ours:
            store = cls(folder, manifest, source)
            emptied = force and store._remove()
            before = Manifest.read(folder)
            if before is None and not emptied:
                store._check_empty()
            elif before is not None:
                store._check(before)
            for place in (folder, *(folder / name for name in SUBFOLDERS)):
                sweep(place)
            if before is None:
                store.unfinished = sealed(replace(manifest, files={SCENARIO: _sha(store.source)}).to_plain())
                store._write({SCENARIO: store.source, MANIFEST: store.unfinished})
            store.journal = Journal.read(store.journal.path, manifest.fingerprint)
            store.journal.drop_torn_end()
            try:
                yield store
                if not is_ours():
                    raise UserError(f"{folder}: does not exist")
            except UserError as error:
                if is_ours():
                    raise
                raise ResultsLost(
                    f"{folder}: was removed or replaced while this command was writing to it; "
                    f"{store.journal.count} finished replications are lost: run the same command again"
                ) from error
            finally:
                store.journal.flush()

    def _check(self, before: Manifest) -> None:
        if before.fingerprint != self.manifest.fingerprint:
            raise UserError(
                f"{self.folder}: holds results of another experiment (fingerprint {before.fingerprint[:8]}, "
                f"this one has {self.manifest.fingerprint[:8]}); choose another folder with --out"
            )
        if other := [f"{k} {v}" for k, v in before.versions.items() if self.manifest.versions.get(k) != v]:
            raise UserError(
                f"{self.folder}: was created with {', '.join(other)}, which differs from the versions now in use; "
                "start over with --force or choose another folder with --out"
            )
        path = self.folder / SCENARIO
        with os_errors_reported(path, "read"):
            found = path.read_bytes() if path.exists() else None
        if found is not None and found != self.source and _sha(found) != before.files.get(SCENARIO):
            raise UserError(
                f"{path}: was edited after the run began; remove it and run the same command again "
                "(or edit the original scenario file, which creates a new folder)"
            )

    def _remove(self) -> bool:
        """Remove everything that an experiment wrote here, and nothing else; False if this is not a results folder."""
        if not (self.folder / MANIFEST).exists():
            return False
        ours = [self.folder / name for name in (JOURNAL, TIMING, REPORT, SCENARIO)]
        ours += [
            *self.folder.glob("*.csv"),
            *(path for kind in KEPT for end in ENDINGS[kind] for path in (self.folder / kind).glob(f"*.{end}")),
            *(self.folder / SERIES).glob("*.json"),
            *(self.folder / ITEMS).glob("*.json"),
            *self.folder.glob("plots/*.svg"),
        ]
        for path in [*ours, self.folder / MANIFEST]:  # the manifest last: it marks the folder as a results folder
            with os_errors_reported(path, "remove"):
                path.unlink(missing_ok=True)
        return True

    def _check_empty(self) -> None:
        for path in sorted(self.folder.iterdir()):
            ours = path.name in (LOCK, OWNER) or path.name.endswith(PART)
            ours = ours or (path.name in SUBFOLDERS and all(map(_is_kept, path.glob("*"))))
            ours = ours or (path.name == SCENARIO and path.is_file() and path.read_bytes() == self.source)
            if not ours:
                raise UserError(
                    f"{self.folder}: is neither empty nor a results folder (it holds {path.name!r} and no {MANIFEST}); "
                    "choose another folder with --out"
                )

    def finish(self, manifest: Manifest, tables: Mapping[str, bytes | Iterable[bytes]]) -> None:
        """Write the tables, then the manifest, which is therefore never ahead of the files that it lists."""
        if not self._is_begun() and (before := Manifest.read(self.folder)) is not None:
            self._write({MANIFEST: sealed(replace(before, replications=None).to_plain())})
        self.journal.put_in_order()
        self.manifest = manifest
        hashes = self._write({SCENARIO: self.source, **tables})
        self._write({MANIFEST: sealed(replace(manifest, files=hashes).to_plain())})

    def _is_begun(self) -> bool:
        """Whether the manifest is the one that this process wrote: reading it costs more than finishing the folder."""
        path = self.folder / MANIFEST
        return bool(self.unfinished) and os.path.lexists(path) and read_small(path) == self.unfinished

    def write_timing(self, timing: Mapping[str, Any]) -> None:
        """The one file that differs between two runs of the same command."""
        self._write({TIMING: json.dumps(timing, indent=1).encode() + b"\n"})

    def _write(self, contents: Mapping[str, bytes | Iterable[bytes]]) -> dict[str, str]:
        hashes = write_whole({self.folder / name: content for name, content in contents.items()})
        return {path.name: sha for path, sha in hashes.items()}


def read_finished(folder: Path, tables: bool = True) -> tuple[Manifest, str, Columns]:
    """Manifest, scenario text and KPI values of a finished results folder, all checked against their hashes.

    Without `tables`, tables are not checked: they may be missing or edited.

    Raises:
        UserError: it is not a results folder, is not finished, or a file in it is missing or was edited.
    """
    check_contained(folder, SERIES, ITEMS)
    manifest = Manifest.read(folder)
    if manifest is None:
        raise UserError(f"{folder}: is not a results folder (no {MANIFEST})")
    if manifest.study is not None:
        raise UserError(f"{folder}: holds a study ({manifest.verb}), not a run; its results are the tables there")
    if manifest.replications is None:
        raise UserError(f"{folder}: the run was interrupted; run the same command again to resume it")
    source = read_small(folder / SCENARIO)
    if _sha(source) != manifest.files.get(SCENARIO):
        raise UserError(f"{folder / SCENARIO}: was edited after it was written; run the same command again")
    for name, sha in manifest.files.items():
        path = folder / name
        with os_errors_reported(path, "read"):
            if tables and name != SCENARIO and _sha_of_file(path) != sha:
                raise UserError(f"{path}: was edited after it was written; run the same command again to restore it")
    journal = Journal.read(folder / JOURNAL, manifest.fingerprint)
    tasks = [Task("", number) for number in range(manifest.replications)]
    for task in tasks:
        if task not in journal:
            raise UserError(f"{journal.path}: replication {task} is missing; run the same command again to restore it")
    known = set(manifest.policies)

    def replications() -> Iterator[Replication]:
        for task, replication in journal.load(tasks):
            if not set(replication.values) <= known:
                raise UserError(f"{journal.path}: replication {task} has other policies than {MANIFEST}")
            yield replication

    return manifest, source.decode("utf-8", "replace"), Columns.of(replications())


def _is_kept(path: Path) -> bool:
    """Whether this may be a file of records, series or items; a removed folder can leave some behind."""
    return path.suffix in (".json", ".parquet", ".xes", PART)


def _sha_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
