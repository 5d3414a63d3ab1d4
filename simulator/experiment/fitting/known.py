"""Distributions with all parameters given: probabilities and quantiles, faster than scipy's own objects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import optimize, special, stats

OfValues = Callable[[Any], Any]


@dataclass(frozen=True)
class Evaluated:
    """Functions of one distribution, each of arrays."""

    cdf: OfValues
    """P(X <= x)."""
    sf: OfValues
    """P(X > x), to full precision in the tail."""
    log: OfValues
    """Logarithm of the density, or of the probability of a count."""
    ppf: OfValues
    """Quantiles of shares."""


def exponential(mean: float, low: float = 0.0) -> Evaluated:
    """Exponential above `low`."""

    def beyond(x: Any) -> Any:
        return np.maximum(x - low, 0.0) / mean

    return Evaluated(
        lambda x: -np.expm1(-beyond(x)),
        lambda x: np.exp(-beyond(x)),
        lambda x: np.where(x >= low, -beyond(x) - np.log(mean), -np.inf),
        lambda q: low - mean * np.log1p(-np.asarray(q)),
    )


def gamma(mean: float, cv: float) -> Evaluated:
    """Gamma by mean and coefficient of variation."""
    shape, scale = 1 / cv**2, mean * cv**2
    constant = special.gammaln(shape) + np.log(scale)
    return Evaluated(
        lambda x: special.gammainc(shape, x / scale),
        lambda x: special.gammaincc(shape, x / scale),
        lambda x: special.xlogy(shape - 1, x / scale) - x / scale - constant,
        lambda q: scale * special.gammaincinv(shape, q),
    )


def lognormal(mean: float, cv: float) -> Evaluated:
    """Lognormal by mean and coefficient of variation."""
    sd = np.sqrt(np.log1p(cv**2))
    middle = np.log(mean) - sd**2 / 2

    def z(x: Any) -> Any:
        with np.errstate(divide="ignore"):
            return (np.log(x) - middle) / sd

    constant = np.log(sd) + np.log(2 * np.pi) / 2
    return Evaluated(
        lambda x: special.ndtr(z(x)),
        lambda x: special.ndtr(-z(x)),
        lambda x: -(z(x) ** 2) / 2 - constant - np.log(x),
        lambda q: np.exp(middle + sd * special.ndtri(q)),
    )


def weibull(mean: float, shape: float) -> Evaluated:
    """Weibull by mean and shape."""
    scale = mean / special.gamma(1 + 1 / shape)

    def power(x: Any) -> Any:
        return (x / scale) ** shape

    return Evaluated(
        lambda x: -np.expm1(-power(x)),
        lambda x: np.exp(-power(x)),
        lambda x: np.log(shape / scale) + special.xlogy(shape - 1, x / scale) - power(x),
        lambda q: scale * (-np.log1p(-np.asarray(q))) ** (1 / shape),
    )


def normal(mean: float, sd: float) -> Evaluated:
    """Normal, truncated below 0."""
    there = special.ndtr(mean / sd)
    constant = np.log(sd * there) + np.log(2 * np.pi) / 2

    def sf(x: Any) -> Any:
        return np.minimum(special.ndtr((mean - x) / sd) / there, 1.0)

    return Evaluated(
        lambda x: 1 - sf(x),
        sf,
        lambda x: -(((x - mean) / sd) ** 2) / 2 - constant,
        lambda q: mean - sd * special.ndtri(there * (1 - np.asarray(q))),
    )


def uniform(low: float, high: float) -> Evaluated:
    """Uniform between two ends."""
    width = high - low
    return Evaluated(
        lambda x: np.clip((x - low) / width, 0.0, 1.0),
        lambda x: np.clip((high - x) / width, 0.0, 1.0),
        lambda x: np.where((x >= low) & (x <= high), -np.log(width), -np.inf),
        lambda q: low + width * np.asarray(q),
    )


def triangular(low: float, mode: float, high: float) -> Evaluated:
    """Triangular by lowest, most likely and highest value."""
    left, right, width = max(mode - low, 1e-300), max(high - mode, 1e-300), high - low

    def below(x: Any) -> Any:
        return np.maximum(x - low, 0.0) ** 2 / (width * left)

    def above(x: Any) -> Any:
        return np.maximum(high - x, 0.0) ** 2 / (width * right)

    def density(x: Any) -> Any:
        rising = np.where(x <= mode, (x - low) / left, (high - x) / right)
        return np.log(np.maximum(rising, 0.0) * 2 / width)

    return Evaluated(
        lambda x: np.where(x <= mode, below(x), 1 - above(x)),
        lambda x: np.where(x <= mode, 1 - below(x), above(x)),
        density,
        lambda q: stats.triang.ppf(q, left / width, low, width),
    )


def poisson(mean: float) -> Evaluated:
    """Poisson counts."""
    return Evaluated(
        lambda x: special.pdtr(np.floor(x), mean),
        lambda x: special.pdtrc(np.floor(x), mean),
        lambda x: special.xlogy(x, mean) - special.gammaln(x + 1) - mean,
        lambda q: stats.poisson.ppf(q, mean),
    )


def geometric(mean: float) -> Evaluated:
    """Geometric counts from 1."""
    stays = np.log1p(-1 / mean)
    return Evaluated(
        lambda x: -np.expm1(np.floor(x) * stays),
        lambda x: np.exp(np.floor(x) * stays),
        lambda x: (x - 1) * stays - np.log(mean),
        lambda q: stats.geom.ppf(q, 1 / mean),
    )


def negative_binomial(mean: float, variance: float) -> Evaluated:
    """Negative binomial counts by mean and variance."""
    p = mean / variance
    r = mean * p / (1 - p)
    return Evaluated(
        lambda x: special.betainc(r, np.floor(x) + 1, p),
        lambda x: special.betaincc(r, np.floor(x) + 1, p),
        lambda x: (
            special.gammaln(x + r) - special.gammaln(x + 1) - special.gammaln(r) + r * np.log(p) + x * np.log1p(-p)
        ),
        lambda q: stats.nbinom.ppf(q, r, p),
    )


def zero() -> Evaluated:
    """Always 0."""
    return Evaluated(
        lambda x: (np.asarray(x) >= 0) * 1.0,
        lambda x: (np.asarray(x) < 0) * 1.0,
        lambda x: np.where(np.asarray(x) == 0, 0.0, -np.inf),
        lambda q: np.zeros(np.shape(q)),
    )


def mixed(shares: Sequence[float], laws: Sequence[Evaluated]) -> Evaluated:
    """Several distributions by chance."""

    def summed(values: Sequence[Any]) -> Any:
        return sum(share * value for share, value in zip(shares, values, strict=True))

    def cdf(x: Any) -> Any:
        return summed([law.cdf(x) for law in laws])

    def ppf(q: Any) -> Any:
        found = np.atleast_1d(np.asarray(q, dtype=float))
        ends = np.array([law.ppf(found) for law in laws])
        low, high = ends.min(axis=0), ends.max(axis=0)
        for place, share in enumerate(found):
            if low[place] < high[place] and cdf(low[place]) < share:
                low[place] = optimize.brentq(lambda x, p=share: cdf(x) - p, low[place], high[place])
        return low

    return Evaluated(
        cdf,
        lambda x: summed([law.sf(x) for law in laws]),
        lambda x: np.logaddexp.reduce([np.log(share) + law.log(x) for share, law in zip(shares, laws, strict=True)]),
        ppf,
    )
