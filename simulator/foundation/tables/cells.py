"""Values of other programs as the text that a CSV file would have for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any

LARGEST_WHOLE = 1e15
"""Up to here every whole number that is stored as a float is written without a decimal point."""


def texts(values: Sequence[Any]) -> list[str]:
    """One column as text. Equal cells share theirs, so that repetitive tables stay small in memory.

    A value is missing where it is None or not equal to itself. Numbers are whole where they are stored as floats
    without a fraction, as they are in columns with gaps; truth is 1 or 0. Moments are dates where all in the column
    are at midnight.

    >>> texts([1001.0, None, 2.5, True])
    ['1001', '', '2.5', '1']
    """
    different = _different(values)
    moments = [value for value in different if isinstance(value, dt.datetime) and value == value]
    dated = all(value.time() == dt.time() and value.tzinfo is None for value in moments)
    write = _writer(dated)
    try:
        known = {value: write(value) for value in different}
        return [known[value] for value in values]
    except TypeError:  # a value that cannot be a key
        return [write(value) for value in values]


def _different(values: Sequence[Any]) -> Iterable[Any]:
    try:
        return set(values)
    except TypeError:
        return values


def _writer(dated: bool) -> Callable[[Any], str]:
    def write(value: Any) -> str:
        if isinstance(value, str):
            return value
        if value is None or _missing(value):
            return ""
        if isinstance(value, bool):
            return str(int(value))
        if isinstance(value, int):
            return str(value)
        if isinstance(value, float):
            return str(int(value)) if abs(value) < LARGEST_WHOLE and value == int(value) else repr(value)
        if isinstance(value, dt.datetime):
            return value.date().isoformat() if dated else _moment(value)
        if isinstance(value, dt.timedelta):
            return write(value / dt.timedelta(days=1))
        return str(value.isoformat() if hasattr(value, "isoformat") else value)

    return write


def _moment(value: dt.datetime) -> str:
    """With microseconds at most: some libraries count nanoseconds."""
    return value.isoformat(timespec="microseconds" if value.microsecond else "seconds")


def _missing(value: Any) -> bool:
    try:
        return bool(value != value)
    except (TypeError, ValueError):  # pandas.NA says neither
        return type(value).__name__ == "NAType"
