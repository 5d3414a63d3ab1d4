"""Atomic writes, and files with a checksum."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from simulator.foundation.errors import UserError
from simulator.foundation.signals import unbroken

PART = ".part"
"""Suffix of an unfinished file."""
MOST_BYTES = 64 << 20
"""Largest file that is read as a whole."""
SAFELY = sum(getattr(os, flag, 0) for flag in ("O_CLOEXEC", "O_NOFOLLOW", "O_BINARY"))
"""Flags with which files are opened, where the system has them: links are not followed, bytes stay as they are."""
_LINK = "is a link, which could lead out of the results folder; remove it"


@contextmanager
def os_errors_reported(path: Path, doing: str, instead: str = "") -> Iterator[None]:
    """Turn an error of the operating system into a one-line UserError; `instead` says how to name another place."""
    try:
        yield
    except OSError as error:
        hint = ""
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            again = "finished replications are kept: make room and run the same command again"
            hint = f" (make room, or {instead})" if instead else f" ({again})"
        elif error.errno in (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST) and instead:
            hint = f" ({instead})"
        raise UserError(f"{path}: cannot {doing}: {error.strerror or error}{hint}") from None


def make_subfolder(path: Path) -> None:
    """Create a folder in an existing one; unlike `make_folder`, this never recreates a removed results folder."""
    with os_errors_reported(path, "make the folder"):
        path.mkdir(exist_ok=True)


def make_folder(path: Path, instead: str = "") -> None:
    """Create the folder and its parents; raise UserError if it cannot be written, before anything is simulated."""
    with os_errors_reported(path, "make the folder", instead):
        path.mkdir(parents=True, exist_ok=True)
    with os_errors_reported(path, "write here", instead):
        if not os.access(path, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))


def check_writable(path: Path, option: str) -> None:
    """Raise UserError if the file of an option cannot be written, before anything is simulated; creates its folder."""
    instead = _another(option)
    make_folder(path.parent, instead)
    with os_errors_reported(path, "write", instead):
        if path.is_dir():
            raise UserError(f"{path}: is a folder; name a file")
        part = path.with_name(f".{path.name}{PART}")
        part.unlink(missing_ok=True)
        part.touch(exist_ok=False)
        part.unlink()


def write_file(path: Path, content: bytes | Iterable[bytes], option: str) -> None:
    """Write the file of an option, see `write_whole`."""
    write_whole({path: content}, _another(option))


def _another(option: str) -> str:
    return f"name another place with {option}"


def write_whole(
    contents: Mapping[Path, bytes | Iterable[bytes]], instead: str = "", durable: bool = True
) -> dict[Path, str]:
    """Write each file atomically: to a temporary file, flushed and renamed. Returns the SHA-256 of each path.

    All files must be in one folder. Signals wait until a file is complete, and a failure leaves no temporary file; only
    SIGKILL or a power cut can, see `sweep`. Large contents can be given in pieces. What is not `durable` can be made
    again, and is not flushed to the disk, for which the command would wait: a power cut may leave it empty.
    """
    hashes = {}
    for path, content in contents.items():
        digest = hashlib.sha256()
        part = path.with_name(f".{path.name}{PART}")
        with unbroken(), os_errors_reported(path, "write", instead):
            try:
                part.unlink(missing_ok=True)  # it may be a link to another file
                with part.open("xb") as file:
                    for piece in (content,) if isinstance(content, bytes) else content:
                        file.write(piece)
                        digest.update(piece)
                    file.flush()
                    if durable:
                        os.fsync(file.fileno())
                part.replace(path)
            finally:
                part.unlink(missing_ok=True)
        hashes[path] = digest.hexdigest()
    for folder in {path.parent for path in contents if durable}:
        with os_errors_reported(folder, "write", instead):
            _flush(folder)
    return hashes


def put_whole(part: Path, path: Path) -> None:
    """Move a file that another library wrote to a temporary path to its final place."""
    with unbroken(), os_errors_reported(path, "write"):
        try:
            with part.open("rb+") as file:  # Windows flushes only what may be written to
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        _flush(path.parent)


def _flush(folder: Path) -> None:
    if not hasattr(os, "O_DIRECTORY"):  # Windows does not flush folders
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(folder: Path) -> None:
    """Remove unfinished files that a killed process left behind."""
    for part in folder.glob(f".*{PART}"):
        with os_errors_reported(part, "remove the unfinished file"):
            part.unlink(missing_ok=True)


def sealed(content: Mapping[str, Any]) -> bytes:
    """JSON whose first entry is a SHA-256 of everything that follows, one entry per line."""
    body = json.dumps(content, indent=1, allow_nan=False)[1:].encode()
    return b'{\n "checksum": "' + hashlib.sha256(body).hexdigest().encode() + b'",' + body + b"\n"


def unsealed(path: Path, text: bytes) -> dict[str, Any]:
    """The content of a sealed file; UserError if it was edited or is incomplete."""
    head, _, body = text.removesuffix(b"\n").partition(b",")
    if head != b'{\n "checksum": "' + hashlib.sha256(body).hexdigest().encode() + b'"':
        raise UserError(
            f"{path}: was edited or damaged after it was written (checksum mismatch); "
            "remove this file and run the same command again"
        )
    return json_object(b"{" + body, str(path))


def json_object(text: bytes, place: str) -> dict[str, Any]:
    """A JSON object with finite numbers and valid text; UserError that names the place otherwise."""
    try:
        found = json.loads(text, parse_constant=_refuse)
        if re.search(rb"\\u[dD]", text):  # half of a surrogate pair cannot be written to a file or a terminal
            json.dumps(found, ensure_ascii=False).encode()
        if isinstance(found, dict):
            return found
    except (ValueError, RecursionError):
        pass
    raise UserError(f"{place}: is not a valid JSON object; remove it and run the same command again")


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def read_small(path: Path, most: int = MOST_BYTES) -> bytes:
    """The content of a file of a results folder; UserError if it is a link, a device or too large."""
    with os_errors_reported(path, "read"):
        try:
            handle = os.open(path, os.O_RDONLY | SAFELY | getattr(os, "O_NONBLOCK", 0))
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise UserError(f"{path}: {_LINK}") from None
            raise
        with os.fdopen(handle, "rb") as file:
            found = os.fstat(handle)
            if not stat.S_ISREG(found.st_mode):
                raise UserError(f"{path}: is not a file")
            if found.st_size > most:
                raise UserError(f"{path}: is larger than {most >> 20} MB, which no results folder needs")
            return file.read()


def check_contained(folder: Path, *subfolders: str) -> None:
    """Raise UserError if the folder or one of these subfolders holds a link or a device.

    Files would otherwise be read, written or removed elsewhere, when results come from someone else.
    """
    for place in (folder, *(folder / name for name in subfolders)):
        with os_errors_reported(place, "read the folder"):
            if not place.is_dir():
                continue
            with os.scandir(place) as entries:
                for entry in entries:
                    if entry.is_symlink():
                        raise UserError(f"{entry.path}: {_LINK}")
                    if not (entry.is_file() or entry.is_dir()):
                        raise UserError(f"{entry.path}: is neither a file nor a folder; remove it")
