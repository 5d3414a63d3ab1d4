"""Likelihoods of the registered distributions, in the parameters that a scenario has for them."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from scipy import optimize

from simulator.experiment.fitting import known
from simulator.experiment.fitting.known import Evaluated
from simulator.experiment.fitting.sample import Sample

Theta = Sequence[float]
"""Unbounded parameters, for the search."""
WORST = 1e15
"""Stands for a likelihood of 0."""
UNRANKED = {
    "constant": "it has no spread",
    "discrete": "it can have as many parameters as values",
    "empirical": "it repeats the values themselves",
    "sequence": "it repeats the values themselves",
}
"""Registered kinds that are not fitted, and why."""


class Law:
    """A family of distributions: from unbounded parameters to scipy's, and to the words of a scenario."""

    kind: ClassVar[str] = ""
    parameters: ClassVar[int] = 0
    counts: ClassVar[bool] = False
    """Whether it is a law of whole numbers."""

    def suits(self, sample: Sample) -> bool:
        """Whether the sample can come from it."""
        return sample.rounding != "none" if self.counts else True

    @abstractmethod
    def starts(self, sample: Sample) -> Sequence[Theta]:
        """Where the search begins."""

    @abstractmethod
    def known(self, theta: Theta) -> Evaluated:
        """The distribution with these parameters."""

    @abstractmethod
    def words(self, theta: Theta) -> dict[str, Any]:
        """Its parameters in a scenario."""

    def log_likelihood(self, theta: Theta, sample: Sample) -> float:
        """Of all values; rounded ones count with the probability of their interval."""
        with np.errstate(all="ignore"):
            law = self.known(theta)
            if self.counts or sample.rounding == "none":
                each = law.log(sample.values)
            else:
                low, high = sample.interval()
                # The difference of the smaller of two pairs of probabilities keeps its digits in both tails.
                each = np.log(np.maximum(law.cdf(high) - law.cdf(low), law.sf(low) - law.sf(high)))
            found = float(sample.counts @ each)
            if sample.open_values.size:
                found += float(sample.open_counts @ np.log(law.sf(sample.open_values)))
        return found if math.isfinite(found) else -WORST

    def best(self, sample: Sample) -> tuple[Theta, float]:
        """The parameters of maximum likelihood, and its logarithm."""
        found = [
            optimize.minimize(
                lambda theta: -self.log_likelihood(theta, sample),
                np.array(start),
                method="Nelder-Mead",
                options={"xatol": 1e-6, "fatol": 1e-6, "maxiter": 4000, "maxfev": 4000},
            )
            for start in self.starts(sample)
        ]
        top = min(found, key=lambda result: result.fun)
        return [float(x) for x in top.x], -float(top.fun)


def spread(sample: Sample) -> tuple[float, float]:
    """Mean and coefficient of variation, both above 0."""
    mean = max(sample.mean, 1e-9)
    return mean, max(sample.sd / mean, 0.01)


class ExponentialFit(Law):
    """Memoryless."""

    kind, parameters = "exponential", 1

    def starts(self, sample: Sample) -> Sequence[Theta]:
        return [[math.log(spread(sample)[0])]]

    def known(self, theta: Theta) -> Evaluated:
        return known.exponential(**self.words(theta))

    def words(self, theta: Theta) -> dict[str, Any]:
        return {"mean": math.exp(theta[0])}


class MeanAndVariationFit(Law):
    """By mean and coefficient of variation."""

    parameters = 2

    def starts(self, sample: Sample) -> Sequence[Theta]:
        return [[math.log(value) for value in spread(sample)]]

    def words(self, theta: Theta) -> dict[str, Any]:
        return {"mean": math.exp(theta[0]), "cv": math.exp(theta[1])}


class GammaFit(MeanAndVariationFit):
    """Gamma."""

    kind = "gamma"

    def known(self, theta: Theta) -> Evaluated:
        return known.gamma(**self.words(theta))


class LognormalFit(MeanAndVariationFit):
    """Lognormal."""

    kind = "lognormal"

    def known(self, theta: Theta) -> Evaluated:
        return known.lognormal(**self.words(theta))


class WeibullFit(Law):
    """By mean and shape."""

    kind, parameters = "weibull", 2

    def starts(self, sample: Sample) -> Sequence[Theta]:
        mean, cv = spread(sample)
        return [[math.log(mean), -1.1 * math.log(cv)]]  # about the shape with this cv

    def known(self, theta: Theta) -> Evaluated:
        return known.weibull(**self.words(theta))

    def words(self, theta: Theta) -> dict[str, Any]:
        return {"mean": math.exp(theta[0]), "shape": math.exp(min(max(theta[1], -4.0), 5.0))}


class NormalFit(Law):
    """Truncated below 0; its mean before that is at most 3 standard deviations below 0, as in a scenario."""

    kind, parameters = "normal", 2

    def starts(self, sample: Sample) -> Sequence[Theta]:
        mean, cv = spread(sample)
        return [[math.log(1 / cv + 3), math.log(mean * cv)]]

    def known(self, theta: Theta) -> Evaluated:
        return known.normal(*self._both(theta))

    def words(self, theta: Theta) -> dict[str, Any]:
        mean, sd = self._both(theta)
        return {"mean": mean, "sd": sd}

    def _both(self, theta: Theta) -> tuple[float, float]:
        sd = math.exp(theta[1])
        return sd * (math.exp(theta[0]) - 2.99), sd


class UniformFit(Law):
    """Each end that is estimated counts as two parameters: the likelihood gains twice as much from it (Hogg 1956)."""

    kind, parameters = "uniform", 4

    def starts(self, sample: Sample) -> Sequence[Theta]:
        return [self._ends(sample)]

    def best(self, sample: Sample) -> tuple[Theta, float]:
        ends = self._ends(sample)
        return ends, self.log_likelihood(ends, sample)

    def known(self, theta: Theta) -> Evaluated:
        return known.uniform(*theta)

    def words(self, theta: Theta) -> dict[str, Any]:
        return {"low": theta[0], "high": theta[1]}

    @staticmethod
    def _ends(sample: Sample) -> Theta:
        low, high = sample.interval() if sample.rounding != "none" else (sample.values, sample.values)
        return [float(low.min()), float(high.max()) or 1.0]


class TriangularFit(Law):
    """Lowest, most likely and highest value."""

    kind, parameters = "triangular", 3

    def __init__(self) -> None:
        self._low, self._high, self._width = 0.0, 1.0, 1.0

    def starts(self, sample: Sample) -> Sequence[Theta]:
        self._low, self._high = UniformFit._ends(sample)
        self._width = max(self._high - self._low, 1e-9)
        return [[1.0, -2.0, mode] for mode in (-1.0, 1.0)]

    def known(self, theta: Theta) -> Evaluated:
        return known.triangular(*self._all(theta))

    def words(self, theta: Theta) -> dict[str, Any]:
        return dict(zip(("low", "mode", "high"), self._all(theta), strict=True))

    def _all(self, theta: Theta) -> tuple[float, float, float]:
        low = self._low * _share(theta[0])
        high = self._high + self._width * math.exp(min(theta[1], 20.0))
        return low, low + (high - low) * _share(theta[2]), high


class ShiftedExponentialFit(Law):
    """A fixed minimum, which counts as two parameters, and an exponential part."""

    kind, parameters = "shifted", 3

    def __init__(self) -> None:
        self._least = 0.0

    def suits(self, sample: Sample) -> bool:
        return bool(sample.values[0] > 0)

    def starts(self, sample: Sample) -> Sequence[Theta]:
        self._least = UniformFit._ends(sample)[0] if sample.rounding == "none" else float(sample.values[0])
        return [[3.0, math.log(max(sample.mean - self._least, 0.01 * sample.mean))]]

    def known(self, theta: Theta) -> Evaluated:
        return known.exponential(math.exp(theta[1]), self._least * _share(theta[0]))

    def words(self, theta: Theta) -> dict[str, Any]:
        return {"by": self._least * _share(theta[0]), "of": {"kind": "exponential", "mean": math.exp(theta[1])}}


class PoissonFit(Law):
    """Counts whose variance is their mean."""

    kind, parameters, counts = "poisson", 1, True

    def starts(self, sample: Sample) -> Sequence[Theta]:
        return [[math.log(spread(sample)[0])]]

    def known(self, theta: Theta) -> Evaluated:
        return known.poisson(**self.words(theta))

    def words(self, theta: Theta) -> dict[str, Any]:
        return {"mean": math.exp(theta[0])}


class GeometricFit(Law):
    """Counts from 1."""

    kind, parameters, counts = "geometric", 1, True

    def suits(self, sample: Sample) -> bool:
        return super().suits(sample) and bool(sample.values[0] >= 1)

    def starts(self, sample: Sample) -> Sequence[Theta]:
        return [[math.log(max(sample.mean - 1, 1e-3))]]

    def known(self, theta: Theta) -> Evaluated:
        return known.geometric(**self.words(theta))

    def words(self, theta: Theta) -> dict[str, Any]:
        return {"mean": 1 + math.exp(theta[0])}


class NegativeBinomialFit(Law):
    """Counts that vary more than Poisson."""

    kind, parameters, counts = "negative_binomial", 2, True

    def starts(self, sample: Sample) -> Sequence[Theta]:
        mean, cv = spread(sample)
        return [[math.log(mean), math.log(max(cv**2 * mean - 1, 1e-3))]]

    def known(self, theta: Theta) -> Evaluated:
        return known.negative_binomial(**self.words(theta))

    def words(self, theta: Theta) -> dict[str, Any]:
        mean, beyond = math.exp(theta[0]), math.exp(theta[1])
        return {"mean": mean, "variance": mean * (1 + beyond)}


class TwoGroupsFit(Law):
    """A mixture of two lognormal groups."""

    kind, parameters = "mixture", 5

    def suits(self, sample: Sample) -> bool:
        return bool(sample.values[-1] > 0 and sample.counts.sum() >= 20)

    def starts(self, sample: Sample) -> Sequence[Theta]:
        found = []
        for share in (0.3, 0.5, 0.7):
            cut = sample.quantile(share)
            low, high = sample.values <= cut, sample.values > cut
            if high.any():
                means = [float(np.average(sample.values[k], weights=sample.counts[k])) or 0.1 for k in (low, high)]
                found.append([math.log(share / (1 - share)), math.log(means[0]), -1.2, math.log(means[1]), -1.2])
        return found or [[0.0, math.log(sample.mean), -1.0, math.log(2 * sample.mean), -1.0]]

    def known(self, theta: Theta) -> Evaluated:
        share = _share(theta[0])
        return known.mixed((share, 1 - share), (LognormalFit().known(theta[1:3]), LognormalFit().known(theta[3:5])))

    def words(self, theta: Theta) -> dict[str, Any]:
        share = round(_share(theta[0]), 4)
        groups = [{"kind": "lognormal", **LognormalFit().words(theta[k : k + 2])} for k in (1, 3)]
        parts = [{"share": s, "of": g} for s, g in zip((share, round(1 - share, 4)), groups, strict=True)]
        return {"parts": sorted(parts, key=lambda part: part["of"]["mean"])}


def laws() -> list[Law]:
    """One of each family that is ranked."""
    found = (
        ExponentialFit,
        GammaFit,
        LognormalFit,
        WeibullFit,
        NormalFit,
        UniformFit,
        TriangularFit,
        ShiftedExponentialFit,
    )
    return [make() for make in (*found, PoissonFit, GeometricFit, NegativeBinomialFit, TwoGroupsFit)]


def _share(x: float) -> float:
    return 1 / (1 + math.exp(-max(min(x, 700.0), -700.0)))
