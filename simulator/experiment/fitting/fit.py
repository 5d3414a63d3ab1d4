"""Rank the registered distributions by how well they explain recorded values."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from pydantic import ValidationError

import simulator.randomness.distributions  # noqa: F401 - registers them
from simulator.experiment.fitting.sample import ROUNDINGS, Rounding, Sample
from simulator.experiment.fitting.words import flow, shortened
from simulator.foundation.errors import UserError, nearest
from simulator.randomness.distribution import Distribution
from simulator.record.ledger import Floats

FEW = 30
"""Values below which a ranking says little."""
CLOSE = 2.0
"""Laws whose AIC differs by less cannot be told apart (Burnham & Anderson 2002)."""
CLEAR = 10.0
"""Difference of BIC from which on the evidence is very strong (Kass & Raftery 1995)."""
FAR = 1.36
"""95 % point of sqrt(n) times the largest distance to a known law (Kolmogorov & Smirnov)."""
ALIKE = 3.0
"""Standard errors of the correlation of neighbours from which on they are not independent."""
APART = 2.0
"""Distance of the means of two groups in standard deviations of one, on the log scale (Ashman, Bird & Zepf 1994)."""
HEAPED = ((7, "weeks"), (5, "fives"))
SHARES = (0.5, 0.95)
MOST_POINTS = 80
"""Points of a Q-Q plot."""


@dataclass(frozen=True)
class FittedLaw:
    """A distribution with the parameters of maximum likelihood."""

    words: dict[str, Any]
    """As a scenario has it: kind and parameters."""
    parameters: int
    log_likelihood: float
    aic: float
    bic: float
    distance: float
    """Largest difference between its cumulative probabilities and those of the values."""
    mean: float
    quantile: Callable[[Any], Any]
    """Quantiles of shares, as an array."""

    @property
    def name(self) -> str:
        """Its kind, with those that it is made of: `mixture of 0 and gamma`."""
        kind = str(self.words["kind"])
        if kind == "shifted":
            return f"{kind} {self.words['of']['kind']}"
        if kind != "mixture":
            return kind
        kinds = [str(part["of"]["kind"]) if isinstance(part["of"], dict) else "0" for part in self.words["parts"]]
        return f"mixture of {kinds[0]}s" if len(set(kinds)) == 1 else f"mixture of {' and '.join(kinds)}"

    @property
    def yaml(self) -> str:
        """The text to paste into a scenario."""
        return flow(self.words)

    def to_plain(self) -> dict[str, Any]:
        """Plain data for JSON."""
        p50, p95 = (float(x) for x in np.ravel(self.quantile(np.array(SHARES))))
        numbers = {"aic": self.aic, "bic": self.bic, "distance": self.distance, "mean": self.mean}
        return {"law": self.words, **numbers, "p50": p50, "p95": p95, "yaml": self.yaml}


class QuantilePairs(NamedTuple):
    """Points of a Q-Q plot, by ascending share; each has shape (k,)."""

    law: Floats
    """Quantiles of the law."""
    values: Floats
    """Those of the recorded values."""
    low: Floats
    """Below here lies one value in 40 if the law is right …"""
    high: Floats
    """… and above here."""


@dataclass(frozen=True, repr=False)
class Fit:
    """The distributions that were fitted to a sample, the best first."""

    sample: Sample
    laws: tuple[FittedLaw, ...]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    """What was assumed."""
    label: str = "values"

    def __repr__(self) -> str:
        n, best = self.sample.size, self.best
        warned = f", {len(self.warnings)} warning{'s' * (len(self.warnings) != 1)}" if self.warnings else ""
        return f"<Fit of {n:,} {self.label}: best {best.name}, mean {best.mean:.4g}; {len(self.laws)} laws{warned}>"

    @property
    def best(self) -> FittedLaw:
        """The first of the ranking."""
        return self.laws[0]

    def quantiles(self, law: FittedLaw) -> QuantilePairs:
        """Quantiles of a law and of the values, for a Q-Q plot."""
        from scipy.special import betaincinv

        n = self.sample.counts.sum()
        shares = (np.arange(1, min(n, MOST_POINTS) + 1) - 0.5) / min(n, MOST_POINTS)
        # The share at which the k-th of n values lies has a beta distribution.
        ends = [betaincinv(n * shares + 0.5, n * (1 - shares) + 0.5, tail) for tail in (0.025, 0.975)]
        low, high = (np.ravel(law.quantile(end)) for end in ends)
        values = np.array([self.sample.quantile(share) for share in shares])
        return QuantilePairs(np.ravel(law.quantile(shares)), values, low, high)

    def to_plain(self) -> dict[str, Any]:
        """Plain data for JSON."""
        s = self.sample
        values = {"n": s.size, "open": int(s.open_counts.sum()), "mean": s.mean, "sd": s.sd, "zeros": s.zeros}
        quantiles = {f"p{100 * share:g}": s.quantile(share) for share in SHARES}
        return {
            "values": {**values, **quantiles, "rounded": s.rounding},
            "laws": [law.to_plain() for law in self.laws],
            "warnings": list(self.warnings),
            "notes": list(self.notes),
        }


def fit(
    values: Sequence[float] | Floats,
    *,
    rounded: Rounding = "auto",
    is_open: Sequence[bool] | None = None,
    by: str = "aic",
    label: str = "values",
) -> Fit:
    """Rank the registered distributions by maximum likelihood.

    Args:
        values: recorded values of at least 0, in the order in which they were recorded, shape (n,).
        rounded: how values were rounded to whole ones: `nearest`, `up`, `down`, or `none` if they are exact; `auto`:
            to the nearest, if all are whole.
        is_open: which values are only lower bounds, such as purchases that have not arrived, shape (n,).
        by: `aic` or `bic`.
        label: what the values are, for reports.

    Example:

    >>> import simulator
    >>> found = simulator.fit([3, 4, 4, 5, 5, 5, 6, 6, 7, 9])
    >>> found.best.name, round(found.best.mean, 1), len(found.warnings)
    ('lognormal', 5.4, 2)

    Raises:
        UserError: an argument is not valid, or scipy is not installed.
    """
    if rounded not in ROUNDINGS:
        raise UserError(f"rounded: {rounded!r} is unknown{nearest(str(rounded), ROUNDINGS)}; allowed: {_or(ROUNDINGS)}")
    if by not in ("aic", "bic"):
        raise UserError(f"by: {by!r} is unknown; allowed: aic, bic")
    found = _numbers(values)
    if is_open is not None and len(is_open) != found.size:
        raise UserError(f"is_open: {len(is_open)} marks for {found.size} values")
    sample = Sample.of(found, is_open, rounded)
    if sample.values.size == 1 and not sample.open_values.size:
        raise UserError(f"all {sample.size} values are {sample.values[0]:g}: there is nothing to fit; write that value")
    ranked = sorted(_fitted(sample), key=lambda law: (getattr(law, by), law.parameters))
    if not ranked:
        raise UserError("no distribution fits these values; sample them by kind: empirical")
    return Fit(sample, tuple(ranked), tuple(_warnings(sample, ranked)), tuple(_notes(sample, ranked)), label)


def _numbers(values: Sequence[float] | Floats) -> Floats:
    try:
        found = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise UserError("values: expected a sequence of numbers") from None
    if found.ndim != 1 or not np.isfinite(found).all():
        raise UserError("values: expected finite numbers in one dimension; leave out missing ones")
    if (found < 0).any():
        row = int(np.flatnonzero(found < 0)[0])
        raise UserError(f"value {row + 1} is {found[row]:g}; durations, quantities and shares are at least 0")
    return found


def _fitted(sample: Sample) -> Iterator[FittedLaw]:
    try:
        from simulator.experiment.fitting import known as known_laws
        from simulator.experiment.fitting import laws as families
    except ImportError:
        raise UserError(
            "fitting needs scipy, the extra `optimise`: pip install 'backorder-simulator[optimise]'"
        ) from None
    zeros = sample.zeros if sample.rounding == "none" else 0
    positive = sample.above_zero() if zeros else sample
    share = zeros / sample.size
    n = sample.size
    for law in families.laws():
        used = sample if law.counts else positive
        if used.values.size < 2 or not law.suits(used) or (zeros and law.kind == "mixture"):
            continue
        theta, likelihood = law.best(used)
        if likelihood <= -families.WORST:
            continue
        words, parameters, known = {"kind": law.kind, **law.words(theta)}, law.parameters, law.known(theta)
        if zeros and not law.counts:
            # The density of a continuous law cannot explain a value that comes again and again.
            parts = [{"share": round(share, 4), "of": 0.0}, {"share": round(1 - share, 4), "of": words}]
            words, parameters = {"kind": "mixture", "parts": parts}, parameters + 1
            known = known_laws.mixed((share, 1 - share), (known_laws.zero(), known))
            likelihood += zeros * math.log(share) + (n - zeros) * math.log1p(-share)
        words = shortened(words)
        try:
            mean = Distribution.parse(words).moments().mean
        except (ValidationError, ValueError):  # at the edge of what a scenario allows
            continue
        yield FittedLaw(
            words,
            parameters,
            likelihood,
            2 * parameters - 2 * likelihood,
            parameters * math.log(n) - 2 * likelihood,
            _distance(sample, known, law.counts),
            mean,
            known.ppf,
        )


def _distance(sample: Sample, known: Any, counts: bool) -> float:
    """The largest distance of cumulative probabilities, where the values say what they are."""
    below = sample.at_most()
    if counts or sample.rounding != "none":
        ends = sample.values if counts else sample.interval()[1]
        return float(np.max(np.abs(known.cdf(ends) - below)))
    there = known.cdf(sample.values)
    before = np.append(0.0, below[:-1])
    just_below = np.where(sample.values == 0, 0.0, there)
    return float(max(np.max(np.abs(there - below)), np.max(np.abs(just_below - before))))


def _warnings(sample: Sample, ranked: Sequence[FittedLaw]) -> Iterator[str]:
    n, best = sample.size, ranked[0]
    if n < FEW:
        yield f"{n} values are few: several laws explain them, and the tail is a guess; collect at least {FEW}"
    close = [law.name for law in ranked[1:] if law.aic - best.aic < CLOSE]
    if close:
        verb = "explains" if len(close) == 1 else "explain"
        yield f"{_or(close)} {verb} the values as well: the difference of AIC is below {CLOSE:g}"
    if best.distance > FAR / math.sqrt(n):
        yield (
            f"even the best law is off by {100 * best.distance:.0f} points of probability, more than chance explains; "
            "sample the values themselves by kind: empirical"
        )
    if (groups := _groups(ranked)) is not None:
        low, high = (part["of"]["mean"] for part in groups)
        shares = " and ".join(f"{100 * part['share']:.0f} %" for part in groups)
        means = f"means {low:g} and {high:g}"
        yield f"the values look like two groups, {shares} with {means}; find out what tells them apart"
    if sample.zeros and sample.zeros < n:
        yield f"{sample.zeros} of {n} values are 0: check that they mean no time, and not that nothing was recorded"
    if not math.isnan(sample.alike) and abs(sample.alike) > ALIKE / math.sqrt(n):
        yield (
            f"values that follow one another are alike (correlation {sample.alike:.2f}): independent draws lack that; "
            "kind: sequence replays them in their order"
        )
    for step, word in HEAPED if sample.whole else ():
        share = float(sample.counts[(sample.values % step == 0) & (sample.values > 0)].sum()) / sample.counts.sum()
        if share > 0.5 and sample.values.size > 2:
            yield f"{100 * share:.0f} % of the values are multiples of {step}: they were probably rounded to {word}"


def _groups(ranked: Sequence[FittedLaw]) -> Sequence[Any] | None:
    """The parts of a mixture of two groups that is clearly better than every single law and keeps them apart."""
    two = [law for law in ranked if law.words["kind"] == "mixture" and all(map(_is_group, law.words["parts"]))]
    single = [law.bic for law in ranked if law not in two]
    if not two or not single or min(single) - two[0].bic <= CLEAR:
        return None
    parts: Sequence[Any] = two[0].words["parts"]
    variances = [math.log1p(part["of"]["cv"] ** 2) for part in parts]
    means = [math.log(part["of"]["mean"]) - v / 2 for part, v in zip(parts, variances, strict=True)]
    return parts if abs(means[1] - means[0]) > APART * math.sqrt(sum(variances) / 2) else None


def _is_group(part: Any) -> bool:
    return isinstance(part["of"], dict) and part["of"]["kind"] == "lognormal"


def _notes(sample: Sample, ranked: Sequence[FittedLaw]) -> Iterator[str]:
    if sample.rounding == "none":
        yield "values count as exact"
    else:
        way = {"nearest": "to the nearest whole unit", "up": "up to whole units", "down": "down to whole units"}
        yield (
            f"values count as rounded {way[sample.rounding]}: continuous laws are fitted to the probabilities of these "
            "intervals, so that they compare with laws of counts"
        )
    if sample.open_values.size:
        yield f"{int(sample.open_counts.sum())} values are lower bounds and count with the probability to exceed them"
    if sample.zeros and sample.rounding == "none":
        yield "zeros have a part of their own in mixtures; the law is fitted to the others"
    if any(law.words["kind"] in ("uniform", "shifted") for law in ranked):
        yield "the ends of uniform and shifted laws count as two parameters each: they are those of the values"


def _or(words: Sequence[str]) -> str:
    return ", ".join(words)
