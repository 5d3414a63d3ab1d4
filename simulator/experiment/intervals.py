"""What replications say about a mean: Student intervals, paired differences, and when they are narrow enough."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

from simulator.kpis.kpi import Undefined, Value

ALONE = "one replication has no interval"


@dataclass(frozen=True)
class Estimate:
    """The mean of one KPI over `n` replications; the interval is mean ± half_width.

    `mean` is None where no replication has a value, `half_width` where fewer than two have one. `reason` says why, and
    how many replications had no value.
    """

    mean: float | None
    half_width: float | None
    n: int
    reason: str = ""

    @property
    def relative(self) -> float:
        """Half-width over |mean|: 0 for a constant, infinite where there is no interval or the mean is 0."""
        if self.mean is None or self.half_width is None:
            return math.inf
        if self.half_width == 0:
            return 0.0
        return self.half_width / abs(self.mean) if self.mean else math.inf


@dataclass(frozen=True)
class Difference(Estimate):
    """The mean paired difference of one KPI, policy minus reference, over replications where both have a value."""

    @property
    def significant(self) -> bool:
        """True when the interval excludes 0."""
        return self.mean is not None and self.half_width is not None and abs(self.mean) > self.half_width


def estimate(values: Sequence[Value], confidence: float = 0.95) -> Estimate:
    """Mean and Student interval, t(n-1) · s / √n; undefined replications are left out and counted in `reason`.

    >>> estimate([1.0, 2.0, 3.0]).mean
    2.0
    >>> estimate([0.5, 0.5]).half_width
    0.0
    """
    return Estimate(*_mean(values, confidence))


def difference(values: Sequence[Value], reference: Sequence[Value], confidence: float = 0.95) -> Difference:
    """`values` minus `reference`, replication by replication; a pair without both values is left out.

    >>> difference([3.0, 4.5, 5.0], [1.0, 2.0, 3.0]).significant
    True
    """
    pairs = zip(values, reference, strict=True)
    return Difference(*_mean([_minus(a, b) for a, b in pairs], confidence))


def _minus(a: Value, b: Value) -> Value:
    if isinstance(a, Undefined):
        return a
    return b if isinstance(b, Undefined) else a - b


def _mean(values: Sequence[Value], confidence: float) -> tuple[float | None, float | None, int, str]:
    known = [v for v in values if not isinstance(v, Undefined)]
    why = next((v.reason for v in values if isinstance(v, Undefined)), "no replications")
    n = len(known)
    if n == 0:
        return None, None, 0, why
    reasons = [f"no value in {len(values) - n} of {len(values)} replications: {why}"] if n < len(values) else []
    if n == 1:
        return known[0], None, 1, "; ".join([ALONE, *reasons])
    if min(known) == max(known):
        return known[0], 0.0, n, "; ".join(reasons)
    mean = math.fsum(known) / n
    spread = math.sqrt(math.fsum((v - mean) * (v - mean) for v in known) / (n - 1))
    return mean, t_quantile((1 + confidence) / 2, n - 1) * spread / math.sqrt(n), n, "; ".join(reasons)


@lru_cache(maxsize=4096)
def t_quantile(p: float, df: int) -> float:
    """Student's t: the value that is exceeded with probability 1 - p at `df` degrees of freedom.

    Up to 1000 degrees the tail is inverted by bisection; above, Cornish and Fisher's expansion is as exact
    (Abramowitz & Stegun 26.7.5).

    >>> round(t_quantile(0.975, 9), 4)
    2.2622
    """
    if not 0 < p < 1 or df < 1:
        raise ValueError(f"no t quantile at p = {p}, {df} degrees of freedom")
    if p < 0.5:
        return -t_quantile(1 - p, df)
    if p == 0.5:
        return 0.0
    z = NormalDist().inv_cdf(p)
    if df > 1000:
        z2 = z * z
        g1 = (z2 + 1) / 4
        g2 = ((5 * z2 + 16) * z2 + 3) / 96
        g3 = (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384
        g4 = ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92160
        return z * (1 + g1 / df + g2 / df**2 + g3 / df**3 + g4 / df**4)
    low, high = z, 2 * z  # Student's tails are the heavier ones
    while _upper_tail(high, df) > 1 - p:
        low, high = high, 2 * high
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if _upper_tail(middle, df) > 1 - p else (low, middle)
    return high


def _upper_tail(t: float, df: int) -> float:
    """P(T > t) = I(df / (df + t²); df / 2, 1 / 2) / 2 for t > 0, I by Lentz's continued fraction."""
    square = t * t
    x, y = df / (df + square), square / (df + square)
    a, b = df / 2, 0.5
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log(y))
    if x < (a + 1) / (a + b + 2):
        return front * _beta_fraction(x, a, b) / a / 2
    return (1 - front * _beta_fraction(y, b, a) / b) / 2


def _beta_fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of the incomplete beta function (Abramowitz & Stegun 26.5.8)."""
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    found = d
    for m in range(1, 1000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            c, d = 1 + term / c, 1 / (1 + term * d)
            found *= c * d
        if abs(c * d - 1) < 1e-16:
            break
    return found
