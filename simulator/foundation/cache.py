"""Arrays that were expensive to make, kept between commands in the user's cache folder.

The folder is `$XDG_CACHE_HOME/backorder`, or `~/.cache/backorder`. The environment variable BACKORDER_CACHE names
another one; `off` switches the cache off. Without a cache everything works as well, only slower: what cannot be read is
made again, and what cannot be written is not kept.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

VARIABLE = "BACKORDER_CACHE"
OFF = "off"
MOST = 500_000_000
"""Bytes of all files; the ones that were not used for longest are removed."""
ENDING = ".npz"
_UNREADABLE = (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error, NotImplementedError)

Arrays = Mapping[str, NDArray[Any]]


def cache_folder() -> Path | None:
    """The folder of the cache, which need not exist; None if there is no cache."""
    named = os.environ.get(VARIABLE, "")
    if named:
        return None if named == OFF else Path(named).absolute()
    home = Path(os.environ.get("XDG_CACHE_HOME", ""))
    try:
        return (home if home.is_absolute() else Path.home() / ".cache") / "backorder"
    except RuntimeError:  # there is no home
        return None


def kept_arrays(key: str) -> Arrays | None:
    """The arrays that were kept under a key; None if there are none, or if their file is damaged."""
    path = _path(key)
    if path is None:
        return None
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:  # every array has a checksum
            found = {name: file[name] for name in file.files}
        os.utime(path)
    except _UNREADABLE:
        return None
    return found


def keep_arrays(key: str, arrays: Arrays) -> None:
    """Keep arrays under a key, if that is possible; a reader sees all of them or none."""
    path = _path(key)
    if path is None or sum(array.nbytes for array in arrays.values()) > MOST:
        return
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=".")
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(file, **dict[str, Any](arrays))
            Path(part).replace(path)
        except BaseException:
            Path(part).unlink(missing_ok=True)
            raise
        _shrink(path.parent)


def _path(key: str) -> Path | None:
    folder = cache_folder()
    return None if folder is None else folder / (hashlib.sha256(key.encode()).hexdigest() + ENDING)


def _shrink(folder: Path) -> None:
    """Remove the files that were not used for longest, until the others are within the bound."""
    files = [(path.stat().st_mtime, path.stat().st_size, path) for path in folder.glob(f"*{ENDING}")]
    total = 0
    for _, size, path in sorted(files, reverse=True):
        total += size
        if total > MOST:
            path.unlink(missing_ok=True)
