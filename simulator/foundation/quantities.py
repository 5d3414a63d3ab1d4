"""Quantities of items: whole units, or whole steps of a granularity such as 0.25 kg."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from fractions import Fraction
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator
from pydantic_core import PydanticCustomError, PydanticKnownError

from simulator.foundation.units import number, plain, shown, whole, wrong

Sizes = Mapping[str, float]
"""Item -> its granularity, the units in one step; 1 for items that are not in it."""
FINEST, COARSEST = 1e-6, 1e6
PLACES = 1_000_000
"""The largest denominator of a granularity: six decimal places."""
NOISE = 1e-6
"""Steps by which a quantity may be beside a whole number of steps: what programs that wrote it lost by rounding."""
LARGEST_WHOLE = 2**53

_sizes: ContextVar[dict[str, float] | None] = ContextVar("sizes", default=None)


@contextmanager
def item_sizes(sizes: Mapping[str, float]) -> Iterator[None]:
    """Inside the block, quantities of these items are read in steps of their granularity; `note_sizes` adds more."""
    token = _sizes.set(dict(sizes))
    try:
        yield
    finally:
        _sizes.reset(token)


def known_sizes() -> Sizes:
    """The granularities, other than 1, of the scenario that is being read."""
    return _sizes.get() or {}


def note_sizes(sizes: Mapping[str, float]) -> None:
    """Adds granularities, other than 1, that a table of items gives."""
    found = _sizes.get()
    if found is not None:
        found.update(sizes)


def granularity(value: object) -> float:
    """The units in one step: a decimal number from 1e-6 to 1e6 with at most six decimal places.

    >>> granularity(0.25)
    0.25
    """
    found = plain(value)
    if not FINEST <= found <= COARSEST:
        raise wrong(f"{shown(value)} is out of range; must be from {FINEST:g} to {COARSEST:g}")
    if as_fraction(found).denominator > PLACES:
        raise wrong(f"{shown(value)} has more than six decimal places; write 0.333333 for a third")
    return found


def as_fraction(size: float) -> Fraction:
    """A granularity as it was written.

    >>> as_fraction(0.1)
    Fraction(1, 10)
    """
    return Fraction(repr(float(size)))


def steps_in(units: float, size: float) -> int | None:
    """The steps of this size in a quantity; None if they are no whole number.

    >>> steps_in(0.75, 0.25), steps_in(0.3, 0.1), steps_in(0.8, 0.25)
    (3, 3, None)
    """
    found = units if size == 1.0 else float(Fraction(repr(float(units))) / as_fraction(size))
    near = round(found)
    return near if abs(found - near) <= NOISE else None


def whole_steps(units: NDArray[Any], sizes: Any) -> NDArray[np.int64]:
    """The steps in quantities that are known to be whole numbers of them."""
    found: NDArray[np.int64] = np.rint(units / sizes).astype(np.int64)
    return found


def as_steps(units: float, item: str, sizes: Sizes) -> int:
    """The steps in a quantity of an item that is known to be a whole number of them."""
    return round(units / sizes.get(item, 1.0))


def neat(units: float) -> float:
    """A quantity without what adding fractions leaves over, as a whole number if it is one.

    >>> neat(12.0), neat(0.1 + 0.2)
    (12, 0.3)
    """
    found = round(units, 9)
    return int(found) if found == int(found) else found


def no_multiple(units: float, size: float, owner: str) -> str:
    """What is wrong with a quantity, and the nearest ones that are right; it follows the quantity itself.

    >>> no_multiple(0.8, 0.25, "'beans'")
    "is not a whole multiple of 0.25, the granularity of 'beans'; write 0.75 or 1"
    """
    if size == 1.0:
        return f"is not a whole number, and {owner} has no `granularity`"
    step, low = as_fraction(size), Fraction(repr(float(units))) // as_fraction(size)
    near = " or ".join(f"{float(k * step):.12g}" for k in (low, low + 1))
    return f"is not a whole multiple of {size:.12g}, the granularity of {owner}; write {near}"


def quantity(value: object) -> int:
    """Units of an item: a whole number, unless some item of the scenario has a granularity.

    Typed as whole because what is played is in whole steps; before that, it may be a fraction.
    """
    if not known_sizes():
        return whole(value)
    found = number(value, "a quantity")
    if abs(found) > LARGEST_WHOLE:
        raise wrong(f"{shown(value)} is out of range; the largest quantity is 2^53")
    return int(found) if found == int(found) else found  # type: ignore[return-value]


def _positive(value: int) -> int:
    if value <= 0 and not known_sizes():
        raise PydanticKnownError("greater_than_equal", {"ge": 1})
    if value <= 0:
        raise PydanticKnownError("greater_than", {"gt": 0})
    return value


_READ = PlainValidator(quantity, json_schema_input_type=float)
Quantity = Annotated[int, _READ]
"""Units of an item, also below 0."""
Units = Annotated[int, _READ, Field(ge=0)]
PositiveUnits = Annotated[int, _READ, AfterValidator(_positive), Field(gt=0)]
Granularity = Annotated[float, BeforeValidator(granularity, json_schema_input_type=Annotated[float, Field(gt=0)])]


def size_or_one(value: object) -> float:
    """A granularity, or 1 for what is none: that is reported at its place."""
    try:
        return granularity(value)
    except PydanticCustomError:
        return 1.0
