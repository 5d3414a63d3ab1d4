"""Standard streams that cannot disturb a run: closed ones are replaced, and whatever is printed can be printed."""

from __future__ import annotations

import codecs
import io
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

PLAIN = {
    "±": "+/-", "×": "x", "–": "-", "—": "-", "−": "-", "…": "...", "→": "->", "≥": ">=", "≤": "<=", "≈": "~",
    "·": "*", "•": "*", "“": '"', "”": '"', "‘": "'", "’": "'", "µ": "u", "€": "EUR", "£": "GBP",
    "─": "-", "━": "-", "│": "|", "┃": "|", "█": "#", "▏": "|",
}  # fmt: skip
"""What is shown on a terminal that has no such character; for others, '?'."""
READABLE = "backorder.readable"
"""The name of the error handler of text streams."""


def _in_plain(error: UnicodeError) -> tuple[str, int]:
    """What to write in place of characters that the encoding of a stream does not have."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(PLAIN.get(sign, "?") for sign in error.object[error.start : error.end]), error.end


codecs.register_error(READABLE, _in_plain)


@contextmanager
def standing_streams() -> Iterator[None]:
    """Replace closed standard streams by the null device while the block runs.

    Otherwise the next file or pipe that is opened gets the descriptor of the closed stream, and a worker would use it
    as that stream.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)
    os.close(number)
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, ExitStack() as stack:
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
    with redirect_stderr(io.TextIOWrapper(io.BufferedWriter(raw), own.encoding, READABLE, line_buffering=True)):
        yield


class _Unfailing(io.FileIO):
    """A text stream that never fails: what cannot be written is lost."""

    def write(self, data: Any, /) -> int:
        """Write what can be written; returns the size of the data."""
        try:
            return super().write(data)
        except OSError:
            return len(data)
