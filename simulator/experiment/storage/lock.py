"""A lock so that only one process writes to a folder, on every system; the lock of a process that died is free."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.experiment.storage.files import os_errors_reported, read_small
from simulator.foundation.errors import UserError
from simulator.foundation.signals import unbroken

if TYPE_CHECKING:  # imported where something is locked
    from filelock import BaseFileLock

LOCK = ".lock"
OWNER = ".owner"
"""The name of the process that has the lock; a locked file cannot be read on Windows."""
SOMEONE = "another process"


class FolderInUse(UserError):
    """Another process writes to the results folder (exit status 75, as for any temporary failure)."""

    exit_code = 75


@contextmanager
def locked(folder: Path) -> Iterator[Callable[[], bool]]:
    """Lock a folder for writing by this process.

    Yields a function that tells whether the lock still holds; it does not once the folder was removed or replaced.

    Raises:
        FolderInUse: another process has the lock; names it.
    """
    lock, taken = _take(folder)
    try:
        yield lambda: _is_still(folder / LOCK, taken)
    finally:
        with unbroken(), suppress(OSError):
            if _is_still(folder / LOCK, taken):
                (folder / OWNER).unlink(missing_ok=True)
                if os.name == "posix":  # elsewhere a file in use cannot be removed; releasing the lock removes it
                    (folder / LOCK).unlink(missing_ok=True)
        lock.release(force=True)


def _take(folder: Path) -> tuple[BaseFileLock, os.stat_result]:
    from filelock import FileLock, Timeout

    path = folder / LOCK
    while True:
        lock = FileLock(path)
        with os_errors_reported(path, "lock the results folder"):
            try:
                lock.acquire(timeout=0)
            except Timeout:
                raise FolderInUse(
                    f"{folder}: {_owner(folder)} is writing here; wait for it (--wait) or choose another --out"
                ) from None
            try:
                taken = path.stat()
                (folder / OWNER).unlink(missing_ok=True)  # it may be a link to another file
                (folder / OWNER).write_text(f"process {os.getpid()} on {platform.node()}\n", encoding="utf-8")
                return lock, taken
            except FileNotFoundError:  # the owner removed the file between our open and our lock: try again
                lock.release(force=True)
            except BaseException:
                lock.release(force=True)
                raise


def _owner(folder: Path) -> str:
    with suppress(UserError):
        return read_small(folder / OWNER, most=300).decode("utf-8", "replace").strip() or SOMEONE
    return SOMEONE


def _is_still(path: Path, taken: os.stat_result) -> bool:
    try:
        return os.path.samestat(path.stat(), taken)
    except (FileNotFoundError, NotADirectoryError):
        return False
