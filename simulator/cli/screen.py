"""Where results are read: how wide it is, and whether it shows colour."""

from __future__ import annotations

import os
import shutil
import sys

WIDTH = 100
"""Columns of what does not go to a terminal."""


def width() -> int:
    """Columns to fill: the terminal's, or 100 where there is none; the variable COLUMNS wins."""
    return shutil.get_terminal_size((WIDTH, 24)).columns if is_terminal() or "COLUMNS" in os.environ else WIDTH


def in_colour() -> bool:
    """Colour is for terminals; NO_COLOR turns it off."""
    return is_terminal() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def is_terminal() -> bool:
    """Whether stdout is one."""
    return sys.stdout is not None and sys.stdout.isatty()
