"""The library made of the C sources of `kernel/`: it plays the compiled lane, and helps where numpy would be slow."""

from __future__ import annotations

import ctypes
import hashlib
import sys
from functools import cache
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

LIBRARY = Path(__file__).parents[2] / "kernel" / ("kernel.dll" if sys.platform == "win32" else "kernel.so")
_BYTE = ctypes.c_char


@cache
def compiled_library(path: Path = LIBRARY) -> ctypes.CDLL | None:
    """The library; None where it was not built, or was built from other sources than those beside it."""
    try:
        found = ctypes.CDLL(str(path))
        found.sources.restype = ctypes.c_int64
        return found if found.sources() == sources(path.parent) else None
    except (OSError, AttributeError):
        return None


def sources(folder: Path) -> int:
    """A number for the C sources of a folder, as the build hook computes it."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.[ch]")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return int.from_bytes(digest.digest()[:7], "big")


@cache
def function_of(name: str, arguments: int) -> Any:
    """A function of the library, which takes addresses and whole numbers; None without a library."""
    found = compiled_library()
    if found is None:
        return None
    function = getattr(found, name)
    function.argtypes, function.restype = [ctypes.c_int64] * arguments, ctypes.c_int64
    return function


def address(array: NDArray[Any]) -> int:
    """Where the numbers of an array begin, for a function of the library."""
    try:
        return ctypes.addressof(_BYTE.from_buffer(array))  # type: ignore[arg-type]  # four times as fast as below
    except (TypeError, ValueError):  # nobody may write to it, it is empty, or its numbers do not follow one another
        found: int = array.__array_interface__["data"][0]
        return found
