"""Discrete distributions: Poisson, geometric, negative binomial, and weighted values."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from simulator.foundation.units import Amount, Number, PositiveNumber, wrong
from simulator.randomness.distribution import Distribution, Floats, Moments


class Poisson(Distribution, kind="poisson"):
    """Poisson counts from 0."""

    example: ClassVar = {"kind": "poisson", "mean": 6}
    whole: ClassVar = True

    mean: PositiveNumber
    """Mean and variance."""

    def block(self, rng: np.random.Generator, n: int) -> Floats:
        return rng.poisson(self.mean, n).astype(np.float64)

    def moments(self) -> Moments:
        return Moments(self.mean, self.mean)


class Geometric(Distribution, kind="geometric"):
    """Geometric counts from 1, by their mean: trials until the first success."""

    example: ClassVar = {"kind": "geometric", "mean": 1.6}
    whole: ClassVar = True

    mean: Annotated[Number, Field(ge=1)]
    """Mean, at least 1; the chance of success is 1 / mean."""

    def block(self, rng: np.random.Generator, n: int) -> Floats:
        return rng.geometric(1 / self.mean, n).astype(np.float64)

    def moments(self) -> Moments:
        return Moments(self.mean, self.mean * (self.mean - 1))

    @property
    def portable(self) -> bool:
        return self.mean <= 3  # beyond, numpy inverts a logarithm

    @property
    def least(self) -> float:
        return 1.0


class NegativeBinomial(Distribution, kind="negative_binomial"):
    """Counts from 0 that vary more than Poisson, by mean and variance."""

    example: ClassVar = {"kind": "negative_binomial", "mean": 6, "variance": 15}
    whole: ClassVar = True

    mean: PositiveNumber
    """Mean."""
    variance: PositiveNumber
    """Variance, above the mean."""

    def model_post_init(self, context: object) -> None:
        if self.variance <= self.mean:
            raise wrong("variance must be above the mean (if equal, use kind poisson)")

    def block(self, rng: np.random.Generator, n: int) -> Floats:
        p = self.mean / self.variance
        return rng.negative_binomial(self.mean * p / (1 - p), p, n).astype(np.float64)

    def moments(self) -> Moments:
        return Moments(self.mean, self.variance)

    @property
    def portable(self) -> bool:
        return self.mean**2 >= self.variance - self.mean  # its gamma has shape >= 1


class Discrete(Distribution, kind="discrete"):
    """Given values with given weights."""

    example: ClassVar = {"kind": "discrete", "values": [1, 2, 3, 4], "weights": [1, 2, 2, 1]}

    values: Annotated[list[Amount], Field(min_length=1)]
    """The values."""
    weights: list[Annotated[Number, Field(ge=0)]] | None = None
    """Their relative weights; equal unless given."""

    def model_post_init(self, context: object) -> None:
        if self.weights is not None:
            if len(self.weights) != len(self.values):
                raise wrong(
                    f"expected as many weights as values, got {len(self.weights)} weights and {len(self.values)} values"
                )
            if not sum(self.weights) > 0:
                raise wrong("the weights are all 0")

    def _chances(self) -> Floats:
        weights = np.array(self.weights or [1.0] * len(self.values))
        chances: Floats = weights / weights.sum()
        return chances

    def block(self, rng: np.random.Generator, n: int) -> Floats:
        found: Floats = np.array(self.values, dtype=np.float64)[choose(rng, self._chances(), n)]
        return found

    def moments(self) -> Moments:
        values, chances = np.array(self.values), self._chances()
        mean = float(values @ chances)
        return Moments(mean, float((values - mean) ** 2 @ chances))

    @property
    def least(self) -> float:
        return min(self.values)

    @property
    def most(self) -> float:
        return max(self.values)


def choose(rng: np.random.Generator, chances: Floats, n: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """n independent indices drawn with the given chances, with one uniform number each."""
    edges = np.cumsum(chances)
    return np.searchsorted(edges[:-1] / edges[-1], rng.random(n), side="right")
