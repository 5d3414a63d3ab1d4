"""Continuous distributions: constant, exponential, gamma, lognormal, Weibull, uniform, triangular, normal."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from simulator.foundation.units import Amount, PositiveNumber, wrong
from simulator.randomness.distribution import Distribution, Floats, Moments, in_blocks

Positive = Annotated[Amount, Field(gt=0)]


class Constant(Distribution, kind="constant"):
    """Always the same value."""

    example: ClassVar = {"kind": "constant", "value": 14}
    random = False

    value: Amount
    """The value."""

    def block(self, rng: np.random.Generator, n: int) -> Floats:
        return np.full(n, self.value)

    def moments(self) -> Moments:
        return Moments(self.value, 0.0)

    @property
    def least(self) -> float:
        return self.value

    @property
    def most(self) -> float:
        return self.value


class Exponential(Distribution, kind="exponential"):
    """Memoryless: the time to the next event of a Poisson process."""

    example: ClassVar = {"kind": "exponential", "mean": 14}

    mean: Positive
    """Mean."""

    def block(self, rng: np.random.Generator, n: int) -> Floats:
        return rng.standard_exponential(n) * self.mean

    def moments(self) -> Moments:
        return Moments(self.mean, self.mean**2)


class MeanAndVariation(Distribution):
    """A distribution given by its mean and coefficient of variation."""

    mean: Positive
    """Mean."""
    cv: PositiveNumber
    """Standard deviation over mean."""

    def moments(self) -> Moments:
        return Moments(self.mean, (self.mean * self.cv) ** 2)


class Gamma(MeanAndVariation, kind="gamma"):
    """Gamma by mean and coefficient of variation; the usual distribution of lead times."""

    example: ClassVar = {"kind": "gamma", "mean": 14, "cv": 0.4}

    def block(self, rng: np.random.Generator, n: int) -> Floats:
        shape = 1 / (self.cv * self.cv)  # not cv**2: a power has different bits on different CPUs
        return rng.standard_gamma(shape, n) * (self.mean / shape)

    @property
    def portable(self) -> bool:
        return self.cv <= 1


class Lognormal(MeanAndVariation, kind="lognormal"):
    """Lognormal by mean and coefficient of variation; a long right tail."""

    example: ClassVar = {"kind": "lognormal", "mean": 2, "cv": 0.5}
    portable: ClassVar = False

    def block(self, rng: np.random.Generator, n: int) -> Floats:
        variance = math.log1p(self.cv**2)
        return np.exp(rng.standard_normal(n) * math.sqrt(variance) - variance / 2) * self.mean


class Weibull(Distribution, kind="weibull"):
    """Weibull by mean and shape; shape below 1 has a falling hazard, above 1 a rising one."""

    example: ClassVar = {"kind": "weibull", "mean": 30, "shape": 1.5}
    portable: ClassVar = False

    mean: Positive
    """Mean."""
    shape: PositiveNumber
    """Shape k; 1 is the exponential."""

    def block(self, rng: np.random.Generator, n: int) -> Floats:
        return rng.weibull(self.shape, n) * (self.mean / math.gamma(1 + 1 / self.shape))

    def moments(self) -> Moments:
        g1, g2 = math.gamma(1 + 1 / self.shape), math.gamma(1 + 2 / self.shape)
        return Moments(self.mean, self.mean**2 * (g2 / g1**2 - 1))


class Uniform(Distribution, kind="uniform"):
    """Equally likely between two bounds."""

    example: ClassVar = {"kind": "uniform", "low": 5, "high": 10}

    low: Amount
    """Lower bound, included."""
    high: Amount
    """Upper bound, excluded."""

    def model_post_init(self, context: object) -> None:
        if self.high < self.low:
            raise wrong("high must be at least low")

    def block(self, rng: np.random.Generator, n: int) -> Floats:
        return self.low + rng.random(n) * (self.high - self.low)

    def moments(self) -> Moments:
        return Moments((self.low + self.high) / 2, (self.high - self.low) ** 2 / 12)


class Triangular(Distribution, kind="triangular"):
    """Lowest, most likely and highest value: an expert's guess."""

    example: ClassVar = {"kind": "triangular", "low": 5, "mode": 8, "high": 20}

    low: Amount
    """Lowest value."""
    mode: Amount
    """Most likely value."""
    high: Amount
    """Highest value."""

    def model_post_init(self, context: object) -> None:
        if not self.low <= self.mode <= self.high or self.low == self.high:
            raise wrong("must satisfy low <= mode <= high and low < high")

    def block(self, rng: np.random.Generator, n: int) -> Floats:
        return rng.triangular(self.low, self.mode, self.high, n)

    def moments(self) -> Moments:
        a, c, b = self.low, self.mode, self.high
        return Moments((a + b + c) / 3, (a * a + b * b + c * c - a * b - a * c - b * c) / 18)


class Normal(Distribution, kind="normal"):
    """Normal, truncated below `low` (0 unless given) by drawing again; `mean` and `sd` are those before truncation."""

    example: ClassVar = {"kind": "normal", "mean": 50, "sd": 8}

    mean: Amount
    """Mean before truncation."""
    sd: Positive
    """Standard deviation before truncation."""
    low: Amount = 0.0
    """Lower bound of the draws."""

    def model_post_init(self, context: object) -> None:
        if (self.low - self.mean) / self.sd > 3:
            raise wrong("low is more than 3 sd above the mean: almost every draw would be rejected")

    def block(self, rng: np.random.Generator, n: int) -> Floats:
        found = rng.standard_normal(n) * self.sd + self.mean
        while (bad := np.flatnonzero(found < self.low)).size:
            found[bad] = rng.standard_normal(bad.size) * self.sd + self.mean
        return found

    def drawer(self, rng: np.random.Generator) -> Callable[[int], Floats]:
        return in_blocks(lambda n: self.block(rng, n))

    def moments(self) -> Moments:
        a = (self.low - self.mean) / self.sd
        density = math.exp(-a * a / 2) / math.sqrt(2 * math.pi)
        ratio = density / (0.5 * math.erfc(a / math.sqrt(2)))
        return Moments(self.mean + self.sd * ratio, self.sd**2 * (1 + a * ratio - ratio**2))
