"""What follows from an object that never changes, worked out once as long as the object lives."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

Answer = TypeVar("Answer")

_known: dict[int, tuple[weakref.ref[Any], dict[Hashable, Any]]] = {}
"""Answers by the identity of the object: models cannot be hashed, and equal ones need not be compared."""


def remembered(thing: object, question: Hashable, answer: Callable[[], Answer]) -> Answer:
    """The answer to a question about a thing, asked for the first time or remembered."""
    known = _known.get(number := id(thing))
    if known is None or known[0]() is not thing:
        known = _known[number] = weakref.ref(thing, lambda gone: _forget(number, gone)), {}
    answers = known[1]
    if question not in answers:
        answers[question] = answer()
    found: Answer = answers[question]
    return found


def _forget(number: int, gone: weakref.ref[Any]) -> None:
    if number in _known and _known[number][0] is gone:
        del _known[number]
