"""Standard streams that cannot disturb a run: closed ones are replaced, and stderr never fails."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any


@contextmanager
def standing_streams() -> Iterator[None]:
    """Replace closed standard streams by the null device while the block runs.

    Otherwise the next file or pipe that is opened gets the descriptor of the closed stream, and a worker would use it
    as that stream.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)
    os.close(number)
    with Path(os.devnull).open("w") as nowhere, ExitStack() as stack:
        if sys.stdout is None:
            stack.enter_context(redirect_stdout(nowhere))
        if sys.stderr is None:
            stack.enter_context(redirect_stderr(nowhere))
        yield


@contextmanager
def unfailing_stderr() -> Iterator[None]:
    """Drop what cannot be written to stderr (a full disk, a closed pipe), so that a message never ends a run."""
    own = sys.__stderr__
    if own is None or sys.stderr is not own:  # replaced already, for example by a test
        yield
        return
    raw = _Unfailing(own.fileno(), "w", closefd=False)
    with redirect_stderr(io.TextIOWrapper(io.BufferedWriter(raw), own.encoding, "replace", line_buffering=True)):
        yield


class _Unfailing(io.FileIO):
    """A text stream that never fails: what cannot be written is lost."""

    def write(self, data: Any, /) -> int:
        """Write what can be written; returns the size of the data."""
        try:
            return super().write(data)
        except OSError:
            return len(data)
