"""Atomic writes, files with a checksum, and a lock so that only one process writes to a folder."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from simulator.foundation.errors import UserError
from simulator.foundation.signals import unbroken

PART = ".part"
"""Suffix of an unfinished file."""
LOCK = ".lock"


@contextmanager
def os_errors_reported(path: Path, doing: str) -> Iterator[None]:
    """Turn an error of the operating system into a one-line UserError."""
    try:
        yield
    except OSError as error:
        hint = ""
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            hint = " (finished replications are kept: make room and run the same command again)"
        elif error.errno in (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST):
            hint = " (choose another folder with --out)"
        raise UserError(f"{path}: cannot {doing}: {error.strerror or error}{hint}") from None


def make_folder(path: Path) -> None:
    """Create the folder and its parents; raise UserError if it cannot be written, before anything is simulated."""
    with os_errors_reported(path, "make the folder"):
        path.mkdir(parents=True, exist_ok=True)
    with os_errors_reported(path, "write here"):
        if not os.access(path, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))


def write_whole(contents: Mapping[Path, bytes | Iterable[bytes]]) -> dict[Path, str]:
    """Write each file atomically: to a temporary file, flushed and renamed. Returns the SHA-256 of each path.

    All files must be in one folder. Signals wait until a file is complete, and a failure leaves no temporary file; only
    SIGKILL or a power cut can, see `sweep`. Large contents can be given in pieces.
    """
    hashes = {}
    for path, content in contents.items():
        digest = hashlib.sha256()
        part = path.with_name(f".{path.name}{PART}")
        with unbroken(), os_errors_reported(path, "write"):
            try:
                with part.open("wb") as file:
                    for piece in (content,) if isinstance(content, bytes) else content:
                        file.write(piece)
                        digest.update(piece)
                    file.flush()
                    os.fsync(file.fileno())
                part.replace(path)
            finally:
                part.unlink(missing_ok=True)
        hashes[path] = digest.hexdigest()
    for folder in {path.parent for path in contents}:
        with os_errors_reported(folder, "write"):
            _flush(folder)
    return hashes


def put_whole(part: Path, path: Path) -> None:
    """Move a file that another library wrote to a temporary path to its final place."""
    with unbroken(), os_errors_reported(path, "write"):
        try:
            with part.open("rb") as file:
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        _flush(path.parent)


def _flush(folder: Path) -> None:
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
    return cast(dict[str, Any], json.loads(b"{" + body))


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock a folder for writing by this process; the lock of a process that died is taken over."""
    path = folder / LOCK
    handle = _take(path)
    try:
        yield
    finally:
        with unbroken():
            path.unlink(missing_ok=True)
            os.close(handle)


def _take(path: Path) -> int:
    while True:
        with os_errors_reported(path, "lock the results folder"):
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if _is_still(path, handle):
                    os.ftruncate(handle, 0)
                    os.write(handle, f"process {os.getpid()} on {socket.gethostname()}\n".encode())
                    return handle
            except BlockingIOError:
                owner = os.pread(handle, 300, 0).decode(errors="replace").strip()
                os.close(handle)
                raise UserError(
                    f"{path.parent}: {owner or 'another process'} is writing here; wait for it or choose another --out"
                ) from None
            except BaseException:
                os.close(handle)
                raise
            os.close(handle)  # the owner removed the file between our open and our lock: try again


def _is_still(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False
