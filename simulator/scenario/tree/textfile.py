"""Read a scenario file as text: a regular file of limited size, in UTF-8."""

from __future__ import annotations

import errno
import os
import stat
from itertools import islice
from pathlib import Path

from simulator.foundation.errors import Problem, UserError, nearest
from simulator.scenario.tree.examples import like_example

MOST_NAMES = 1000
"""Names in a folder that are compared with one that does not exist."""
LARGEST = 5_000_000
"""Bytes of a scenario file; larger tables belong in data files."""


def read(path: Path, label: str) -> str:
    """The text of a file; `label` names it in problems.

    Raises:
        UserError: the file cannot be read; says why.
    """
    try:
        info = path.stat()
        if stat.S_ISDIR(info.st_mode):
            raise refused(label, "is a folder; expected a scenario file")
        if not stat.S_ISREG(info.st_mode):
            raise refused(label, "is not a regular file")
        if info.st_size > LARGEST:
            size = f"{info.st_size / 1e6:,.1f} MB; a scenario file has at most {LARGEST / 1e6:.0f} MB"
            raise refused(label, f"is too large ({size}; tables belong in data files)")
        content = path.read_bytes()
    except OSError as error:
        raise refused(label, in_words(error, path)) from None
    except ValueError:  # a NUL in the name
        raise refused(label, "is not a valid file name") from None
    return _decoded(content, label)


def in_words(error: OSError, path: Path) -> str:
    """The system's error in a few words."""
    if error.errno == errno.ENOENT:
        return "is a broken symbolic link" if path.is_symlink() else f"no such file{_like(path) or like_example(path)}"
    if error.errno == errno.ELOOP:
        return "is a loop of symbolic links"
    return (error.strerror or os.strerror(error.errno or errno.EIO)).lower()


def _like(path: Path) -> str:
    """' (did you mean …?)' with a scenario file of a similar name in the same folder."""
    try:
        names = [entry.name for entry in islice(os.scandir(path.parent), MOST_NAMES)]
    except (OSError, ValueError):
        return ""
    names = [name for name in names if name.endswith((".yaml", ".yml"))]
    by_stem = {Path(name).stem: name for name in reversed(names)}
    stem = path.stem if path.suffix in {".yaml", ".yml"} else path.name
    found = nearest(stem, by_stem)
    name = next((name for other, name in by_stem.items() if found and repr(other) in found), None)
    if name is None:
        return ""
    return f" (did you mean {name if str(path.parent) == '.' else str(path.parent / name)!r}?)"


def refused(label: str, message: str) -> UserError:
    """A problem that concerns the whole file."""
    return UserError([Problem(label, 0, 0, "", message, code="BO101")])


def _decoded(content: bytes, label: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        utf_16 = content[:2] in {b"\xff\xfe", b"\xfe\xff"}
        hint = "it looks like UTF-16; " if utf_16 else ""
        message = f"not UTF-8: byte {error.start} is 0x{content[error.start]:02X} ({hint}save the file as UTF-8)"
        raise UserError([Problem(label, line, column, "", message, code="BO101")]) from None
    if not text.strip():
        raise refused(label, "the file is empty")
    return text
