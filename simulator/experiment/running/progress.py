"""The progress bar of an experiment, in a terminal or a notebook."""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from simulator.foundation.collector import is_ours

BRIEF = 0.5
"""Seconds after which a finished progress bar stays on the screen."""


class Bar(Protocol):
    """A progress bar of tqdm, which is imported only where a bar is shown."""

    total: float | None

    def update(self, n: float | None = 1) -> Any:
        """Advance by n tasks."""

    def set_postfix_str(self, s: str = "") -> Any:
        """Show a text behind the bar."""


@contextmanager
def progress_bar(shown: bool | None, total: int, unit: str = "replication") -> Iterator[Bar | None]:
    """A bar on stderr if it is a terminal, or below the cell of a notebook; otherwise None, and tqdm is not imported.

    With `shown` None, a bar is shown in notebooks but not in terminals.
    """
    notebook = shown is not False and in_notebook()
    terminal = bool(shown) and sys.stderr is not None and not sys.stderr.closed and sys.stderr.isatty()
    if not notebook and not terminal:
        yield None
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about missing widgets: it then writes text
        from tqdm.auto import tqdm

    if is_ours():
        tqdm.monitor_interval = 0  # no thread that watches the bar: workers can be copies of a process without any
    began = time.monotonic()
    shape = "{n_fmt} of {total_fmt} {unit}s |{bar}| {rate_fmt}, {remaining} left"
    with tqdm(total=total, unit=unit, file=sys.stderr, dynamic_ncols=True, bar_format=shape, miniters=1) as bar:
        yield bar
        bar.leave = time.monotonic() - began > BRIEF


def in_notebook() -> bool:
    """Whether this runs in a notebook's kernel; does not import IPython."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return "IPKernelApp" in getattr(shell, "config", {})


def advance(bar: Bar | None, total: int, more: int) -> None:
    """Set the total of the bar and advance it by `more` tasks; do nothing without a bar."""
    if bar is not None:
        bar.total = total
        bar.update(more)
