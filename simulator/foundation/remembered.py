"""What follows from an object that never changes, worked out once as long as the object lives."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any, TypeVar

Answer = TypeVar("Answer")

Known = dict[int, tuple[weakref.ref[Any], dict[Hashable, Any]]]
_known: Known = {}
"""Answers by the identity of the object: models cannot be hashed, and equal ones need not be compared."""


def remembered(thing: object, question: Hashable, answer: Callable[[], Answer]) -> Answer:
    """The answer to a question about a thing, asked for the first time or remembered."""
    known = _known.get(number := id(thing))
    if known is None or known[0]() is not thing:
        known = _known[number] = weakref.ref(thing, partial(_forget, _known, number)), {}
    answers = known[1]
    if question not in answers:
        answers[question] = answer()
    found: Answer = answers[question]
    return found


def _forget(known: Known, number: int, gone: weakref.ref[Any]) -> None:
    # Bound to what is known: at the end of the process, the names of this module are gone before the objects are.
    if number in known and known[number][0] is gone:
        del known[number]
