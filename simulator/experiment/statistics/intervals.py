"""Estimates from replications: confidence intervals, paired differences and p-values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from statistics import NormalDist

from simulator.kpis.kpi import Undefined, Value

ALONE = "one replication has no interval"


@dataclass(frozen=True)
class Estimate:
    """The mean of one KPI over `n` replications; the interval goes from `low` to `high`.

    The interval is mean ± half_width, except for shares: theirs never leaves [0, 1], so it is asymmetric and
    `half_width` is half its length. `mean` is None if no replication has a value, `half_width` if fewer than two have
    one. `reason` says why, and how many replications have no value.
    """

    mean: float | None
    half_width: float | None
    n: int
    reason: str = ""
    bounds: tuple[float, float] | None = None
    """The ends of the interval, if it is not mean ± half_width."""

    @property
    def ends(self) -> tuple[float, float] | None:
        """The ends of the interval; None if there is none."""
        if self.bounds is not None or self.mean is None or self.half_width is None:
            return self.bounds
        return self.mean - self.half_width, self.mean + self.half_width

    @property
    def low(self) -> float | None:
        """Lower end of the interval; None if there is none."""
        return None if self.ends is None else self.ends[0]

    @property
    def high(self) -> float | None:
        """Upper end of the interval; None if there is none."""
        return None if self.ends is None else self.ends[1]

    @property
    def even(self) -> bool:
        """Whether mean ± half_width describes the interval well: its two arms differ by at most a third."""
        if self.bounds is None or self.mean is None or self.half_width is None:
            return True
        return abs(self.bounds[0] + self.half_width - self.mean) <= 0.15 * self.half_width

    @property
    def relative(self) -> float:
        """Half-width over |mean|: 0 for a constant, infinite if there is no interval or the mean is 0."""
        if self.mean is None or self.half_width is None:
            return math.inf
        if self.half_width == 0:
            return 0.0
        return self.half_width / abs(self.mean) if self.mean else math.inf


@dataclass(frozen=True)
class Difference(Estimate):
    """The mean difference of one KPI, policy minus reference, paired over replications in which both have a value."""

    p: float = field(default=1.0, compare=False)
    """Two-sided p-value of no difference; 1 if it cannot be computed."""

    @property
    def significant(self) -> bool:
        """True when the interval excludes 0."""
        return self.mean is not None and self.half_width is not None and abs(self.mean) > self.half_width


def estimate(values: Sequence[Value], confidence: float = 0.95, share: bool = False) -> Estimate:
    """Mean and Student interval, t(n-1) · s / √n; undefined values are left out and counted in `reason`.

    The interval of a share is computed on the scale of log(m / (1 - m)) and transformed back (delta method): it stays
    within [0, 1], and near the ends it covers the true share more often than mean ± half-width does.

    >>> estimate([1.0, 2.0, 3.0]).mean
    2.0
    >>> estimate([0.5, 0.5]).half_width
    0.0
    >>> found = estimate([0.97, 0.999, 1.0], share=True)
    >>> round(found.low, 3), round(found.high, 3)
    (0.604, 1.0)
    """
    found = _mean(values, confidence)
    bounded = share and found.half_width and all(isinstance(v, Undefined) or 0 <= v <= 1 for v in values)
    if not bounded or found.mean is None or not found.half_width:
        return found
    low, high = share_bounds(found.mean, found.half_width)
    return Estimate(found.mean, (high - low) / 2, found.n, found.reason, (low, high))


def share_bounds(mean: float, half_width: float) -> tuple[float, float]:
    """The interval of a share strictly between 0 and 1, on the logit scale, from its Student half-width."""
    middle, arm = math.log(mean / (1 - mean)), half_width / (mean * (1 - mean))
    return _share(middle - arm), _share(middle + arm)


def _share(logit: float) -> float:
    """The inverse of log(m / (1 - m)), without overflow."""
    return 1 / (1 + math.exp(-logit)) if logit >= 0 else 1 - 1 / (1 + math.exp(min(logit, 700.0)))


def difference(
    values: Sequence[Value], reference: Sequence[Value], confidence: float = 0.95, together: int = 1
) -> Difference:
    """`values` minus `reference`, replication by replication; a pair without both values is left out.

    Args:
        together: number of such differences. Their intervals hold simultaneously with `confidence`, however they depend
            on each other: each is computed at 1 - (1 - confidence) / together (Bonferroni).

    >>> difference([3.0, 4.5, 5.0], [1.0, 2.0, 3.0]).significant
    True
    """
    pairs = zip(values, reference, strict=True)
    found = _mean([minus(a, b) for a, b in pairs], at_once(confidence, together))
    p = _chance(found, at_once(confidence, together), found.n - 1)
    return Difference(found.mean, found.half_width, found.n, found.reason, p=p)


def unpaired(values: Sequence[Value], reference: Sequence[Value], confidence: float = 0.95) -> Difference:
    """`values` minus `reference` for independent samples (Welch 1947; degrees of freedom rounded down).

    >>> unpaired([3.0, 3.1, 2.9], [1.0, 1.3, 0.7, 1.0]).significant
    True
    """
    a, b = _mean(values, confidence), _mean(reference, confidence)
    reason = "; ".join(dict.fromkeys(filter(None, (a.reason, b.reason))))
    if a.mean is None or b.mean is None:
        return Difference(None, None, min(a.n, b.n), reason)
    mean, n = a.mean - b.mean, min(a.n, b.n)
    if a.half_width is None or b.half_width is None:
        return Difference(mean, None, n, reason)
    parts = [(e.half_width or 0.0) / t_quantile((1 + confidence) / 2, e.n - 1) for e in (a, b)]
    square = sum(part**2 for part in parts)
    if not square:
        return Difference(mean, 0.0, n, reason, p=float(mean == 0))
    df = int(square**2 / sum(part**4 / (e.n - 1) for part, e in zip(parts, (a, b), strict=True)))
    found = Difference(mean, t_quantile((1 + confidence) / 2, df) * math.sqrt(square), n, reason)
    return Difference(mean, found.half_width, n, reason, p=_chance(found, confidence, df))


def ratio(values: Sequence[float], base: Sequence[float], confidence: float = 0.95) -> Estimate:
    """Sum of `values` over sum of `base`, paired by replication, with the interval of a ratio of means: that of the
    residuals value - ratio x base over the mean base (delta method; Cochran 1977, Sampling Techniques, 6.3).

    >>> ratio([1.0, 2.0], [2.0, 4.0])
    Estimate(mean=0.5, half_width=0.0, n=2, reason='', bounds=None)
    """
    n, total = len(base), math.fsum(base)
    if not total:
        return Estimate(None, None, n, "the base is 0")
    mean = math.fsum(values) / total
    half_width = _mean([v - mean * b for v, b in zip(values, base, strict=True)], confidence).half_width
    if half_width is None:
        return Estimate(mean, None, n, ALONE)
    return Estimate(mean, half_width * n / abs(total), n)


def at_once(confidence: float, together: int) -> float:
    """The confidence of each of `together` intervals that are to hold simultaneously (Bonferroni)."""
    return 1 - (1 - confidence) / max(together, 1)


def holm(chances: Sequence[float]) -> list[float]:
    """p-values adjusted for multiple tests (Holm 1979), which controls the family-wise error rate.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(chances)), key=chances.__getitem__)
    found, worst = [0.0] * len(chances), 0.0
    for rank, place in enumerate(order):
        worst = max(worst, min(1.0, (len(chances) - rank) * chances[place]))
        found[place] = worst
    return found


def _chance(found: Estimate, confidence: float, df: int) -> float:
    """The two-sided p-value of a mean of 0, from its interval."""
    if found.mean is None or found.half_width is None:
        return 1.0
    if found.half_width == 0:
        return float(found.mean == 0)
    if found.mean == 0:
        return 1.0
    return min(1.0, 2 * _upper_tail(t_quantile((1 + confidence) / 2, df) * abs(found.mean) / found.half_width, df))


def minus(a: Value, b: Value) -> Value:
    """a - b; the one without a value, if there is one."""
    if isinstance(a, Undefined):
        return a
    return b if isinstance(b, Undefined) else a - b


def _mean(values: Sequence[Value], confidence: float) -> Estimate:
    known = [v for v in values if not isinstance(v, Undefined)]
    why = next((v.reason for v in values if isinstance(v, Undefined)), "no replications")
    n = len(known)
    if n == 0:
        return Estimate(None, None, 0, why)
    reasons = [f"no value in {len(values) - n} of {len(values)} replications: {why}"] if n < len(values) else []
    if n == 1:
        return Estimate(known[0], None, 1, "; ".join([ALONE, *reasons]))
    if min(known) == max(known):
        return Estimate(known[0], 0.0, n, "; ".join(reasons))
    mean = math.fsum(known) / n
    spread = math.sqrt(math.fsum((v - mean) * (v - mean) for v in known) / (n - 1))
    half_width = t_quantile((1 + confidence) / 2, n - 1) * spread / math.sqrt(n)
    return Estimate(mean, half_width, n, "; ".join(reasons))


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
    low, high = z, 2 * z  # Student's tails are heavier than the normal ones
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
