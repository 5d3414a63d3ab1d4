"""The interface of distributions: blocks of draws, exact moments, a buffered sampler."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Annotated, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator

from simulator.foundation.plugin import Plugin
from simulator.foundation.units import duration, fraction, measured_in, plain, wrong

Floats = NDArray[np.float64]
BLOCK = 1024
FIRST_BLOCK = 16
"""Draws in a sampler's first block; of ten thousand items most are bought only a few times."""


class Moments(NamedTuple):
    """Mean and variance of one draw, in the unit of the field (and its square)."""

    mean: float
    variance: float


class Distribution(Plugin, family="distribution"):
    """A distribution of durations, quantities or shares; a plain value such as `14 d` is a constant."""

    whole: ClassVar[bool] = False
    """Whether draws are whole numbers."""
    random: ClassVar[bool] = True
    """Whether draws use random numbers."""

    @staticmethod
    def plain_value(value: Any) -> Distribution:  # type: ignore[override]
        return Distribution.kinds["constant"].model_validate({"kind": "constant", "value": value})  # type: ignore[return-value]

    @abstractmethod
    def block(self, rng: np.random.Generator, n: int) -> Floats:
        """n independent draws, shape (n,)."""

    @abstractmethod
    def moments(self) -> Moments:
        """Exact mean and variance."""

    @property
    def portable(self) -> bool:
        """Whether draws have the same bits on every CPU (no libm function whose last bit differs)."""
        return True

    @property
    def least(self) -> float:
        """The infimum of the support: `low` of a distribution that has it, otherwise 0."""
        return float(getattr(self, "low", 0.0))

    @property
    def most(self) -> float:
        """The supremum of the support: `high` of a distribution that has it, otherwise infinity."""
        return float(getattr(self, "high", np.inf))

    def drawer(self, rng: np.random.Generator) -> Callable[[int], Floats]:
        """A function that returns the next n draws; the numbers do not depend on how many are drawn per call."""
        return lambda n: self.block(rng, n)

    def sampler(self, rng: np.random.Generator) -> Callable[[], float]:
        """A function that returns the next draw as a float; it draws in blocks, which are small at first."""
        draw = self.drawer(rng)

        def blocks() -> Iterator[list[float]]:
            size = FIRST_BLOCK
            while True:
                yield draw(size).tolist()
                size = min(4 * size, BLOCK)

        return chain.from_iterable(blocks()).__next__


def in_blocks(draw: Callable[[int], Floats]) -> Callable[[int], Floats]:
    """Draw in blocks of fixed size and keep the rest, so that the numbers do not depend on how many are drawn per call.

    Needed where the size of a block changes its numbers (rejected draws, several distributions on one stream).
    """
    rest = np.empty(0)

    def take(n: int) -> Floats:
        nonlocal rest
        parts, size = [rest], rest.size
        while size < n:
            parts.append(draw(BLOCK))
            size += BLOCK
        found = np.concatenate(parts)
        rest = found[n:]
        return found[:n]

    return take


def never_negative(law: Distribution) -> Distribution:
    """Validate that a distribution gives no negative numbers."""
    if law.least < 0:
        raise wrong(f"may become negative (down to {law.least:g}); must be at least 0")
    return law


Durations = Annotated[Distribution, measured_in(duration)]
Waits = Annotated[Durations, AfterValidator(never_negative)]
Quantities = Annotated[Distribution, measured_in(plain), AfterValidator(never_negative)]
Shares = Annotated[Distribution, measured_in(fraction)]
