"""The points of a study: levels and ranges of a scenario's keys, and designs that choose among them."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.foundation.errors import Problem, UserError
from simulator.randomness.streams import Streams
from simulator.scenario.tree.nodes import Place, parse, to_plain
from simulator.scenario.tree.paths import EDIT, path_and_value, steps, unknown

MOST_POINTS = 10_000
AS_IT_IS = "as it is"
"""Value of every factor at the point that is the unchanged scenario."""
SAMPLES = 64
"""Default number of points of a sampled design."""
DESIGNS = ("grid", "lhs", "sobol", "saltelli")
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_RANGE = re.compile(rf"\s*({_NUMBER})\s*([^\d\s.]?[^.]*?)\s*\.\.\s*({_NUMBER})\s*(.*?)\s*")
Unit = NDArray[np.float64]
"""Points of the unit cube, shape (points, factors)."""


@dataclass(frozen=True)
class FactorLevels:
    """A key of the scenario and the values to try."""

    path: str
    values: tuple[Any, ...]
    """Plain data."""

    def at(self, u: float) -> Any:
        """The value for a number in [0, 1); all values are equally likely."""
        return self.values[min(int(u * len(self.values)), len(self.values) - 1)]

    def to_plain(self) -> Any:
        """Plain data for the manifest."""
        return list(self.values)


@dataclass(frozen=True)
class FactorRange:
    """A key of the scenario and the range of its values, ends included."""

    path: str
    low: float
    high: float
    unit: str = ""
    whole: bool = False
    """Whole numbers only."""
    step: float = 0.0
    """Only `low`, and so many more, and so on; 0: every number."""

    @property
    def count(self) -> int:
        """Values of a range with a step."""
        return int((self.high - self.low) / self.step + 1e-9) + 1

    def nth(self, place: int) -> Any:
        """A value of a range with a step, from 0 on."""
        value = self.low + place * self.step
        return round(value) if self.whole else self.of(value)

    def at(self, u: float) -> Any:
        """The value for a number in [0, 1)."""
        if self.step:
            return self.nth(min(int(u * self.count), self.count - 1))
        if self.whole:
            count = int(self.high) - int(self.low) + 1
            return int(self.low) + min(int(u * count), count - 1)
        return self.of(self.low + (self.high - self.low) * u)

    def of(self, value: float) -> Any:
        """A number as written in a scenario, rounded to six digits."""
        number = float(f"{value:.6g}")
        return f"{number:g} {self.unit}" if self.unit else number

    def to_plain(self) -> Any:
        """Plain data for the manifest."""
        end = "" if not self.unit else f" {self.unit}"
        return f"{self.low:g}..{self.high:g}{end}" + (f" by {self.step:g}" if self.step else "")


StudyFactor = FactorLevels | FactorRange


@dataclass(frozen=True)
class Point:
    """A variant of the scenario: some of its keys have other values."""

    number: int
    values: Mapping[str, Any]
    """Values by path or by factor, for tables."""
    changes: str
    """{path: value} as JSON."""
    problem: str = ""
    """Why the scenario is not valid; such a point is not simulated."""
    key: str = field(init=False)
    """Identifies the changes, independently of the point's number."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", hashlib.sha256(self.changes.encode()).hexdigest()[:12])


def as_changes(values: Mapping[str, Any]) -> str:
    """The changes as JSON; dates in ISO format."""
    return json.dumps(values, default=lambda value: value.isoformat(), allow_nan=False)


def factor(text: str) -> StudyFactor:
    """What `--vary` says: PATH=a,b,c (values as in a scenario) or PATH=low..high, with a unit if the key needs one;
    `by` allows round numbers only.

    >>> factor("policies.lean.replenishment.s=5..20")
    FactorRange(path='policies.lean.replenishment.s', low=5.0, high=20.0, unit='', whole=True, step=0.0)
    >>> factor("suppliers.maker.lead_time=5 d,9 d").values
    ('5 d', '9 d')
    >>> factor("suppliers.maker.lead_time=5..9 d by 2").at(0.5)
    '7 d'

    Raises:
        UserError: the text has neither form.
    """
    path, equals, said = path_and_value(text)
    label = f"--vary {path}"
    if not equals or not path or not said.strip():
        raise UserError(f"--vary {text!r}: expected PATH=a,b,c or PATH=low..high")
    steps(path, Place(label, 1, 1))
    if match := _RANGE.fullmatch(said):
        return _range(path, match, label)
    values = to_plain(parse(f"[{said}]", label))
    if len(values) < 1 or any(value is None for value in values):
        raise UserError(f"{label}: {said!r}: expected values separated by commas")
    if len({as_changes({"": value}) for value in values}) < len(values):
        raise UserError(f"{label}: {said!r} names a value twice")
    return FactorLevels(path, tuple(values))


def _range(path: str, match: re.Match[str], label: str) -> FactorRange:
    low, first, high, unit = match.groups()
    unit, by, step = unit.partition("by ") if unit.startswith("by ") else unit.partition(" by ")
    first, unit = first.strip(), unit.strip()
    if first and first != unit:
        raise UserError(f"{label}: {low} {first} to {high} {unit}: both ends need the same unit")
    if by and not (re.fullmatch(_NUMBER, step.strip()) and 0 < float(step) < math.inf):
        raise UserError(f"{label}: by {step[:40]}: expected a number above 0, in the unit of the range")
    numbers = [low, high, step.strip()] if by else [low, high]
    whole = not unit and all(re.fullmatch(r"[-+]?\d+", n) for n in numbers)
    found = FactorRange(path, float(low), float(high), unit, whole, float(step) if by else 0.0)
    if not found.low < found.high or not math.isfinite(found.high - found.low):
        raise UserError(f"{label}: {low}..{high}: the second end must be above the first")
    return found


def factors(texts: Sequence[str]) -> tuple[StudyFactor, ...]:
    """The factors of all `--vary` options; each path may occur once."""
    found = tuple(factor(text) for text in texts)
    for k, f in enumerate(found):
        if f.path in [other.path for other in found[:k]]:
            raise UserError(f"--vary {f.path}: is given twice; list all values in one option: {f.path}=a,b,c")
    return found


def varied(error: UserError) -> UserError:
    """The errors of a variant, located at the option that gave the values."""
    return UserError([_at_option(p) for p in error.problems] or error.text)


def _at_option(problem: Problem) -> Problem:
    said, _, path = problem.file.partition(" ")
    if said != EDIT:
        return problem
    return replace(problem, file=f"--vary {path}", line=0, column=0, key="" if problem.key == path else problem.key)


def points(found: Sequence[StudyFactor], design: str, samples: int, seed: int) -> tuple[Point, ...]:
    """The points of a design, in its order.

    Args:
        found: what is varied.
        design: `grid`: every combination; `lhs`: a Latin hypercube; `sobol`: scrambled Sobol' points; `saltelli`: the
            points that Sobol' indices of sensitivity need, samples x (factors + 2).
        samples: number of points, except for the grid.
        seed: seed of the sampled designs.
    """
    if not found:
        raise UserError("nothing to vary: give --vary PATH=a,b,c")
    if design not in DESIGNS:
        raise UserError(unknown(design, DESIGNS, "design"))
    if design == "grid":
        levels = [_every(f) for f in found]
        if (count := math.prod(map(len, levels))) > MOST_POINTS:
            raise UserError(f"a grid of {count:,} points; at most {MOST_POINTS:,} are allowed (choose --design lhs)")
        rows = list(itertools.product(*levels))
    else:
        cube = _CUBES[design](len(found), samples, Streams(seed, 0).stream("design", design))
        if len(cube) > MOST_POINTS:
            raise UserError(f"a design of {len(cube):,} points; at most {MOST_POINTS:,} are allowed (fewer --samples)")
        rows = [tuple(f.at(u) for f, u in zip(found, row, strict=True)) for row in cube.tolist()]
    named = [{f.path: value for f, value in zip(found, row, strict=True)} for row in rows]
    return tuple(Point(k, values, as_changes(values)) for k, values in enumerate(named))


def _every(f: StudyFactor) -> Sequence[Any]:
    if isinstance(f, FactorLevels):
        return f.values
    if not f.whole:
        raise UserError(f"--vary {f.path}: a grid needs values: {f.path}=a,b,c (or choose --design lhs)")
    if f.high - f.low >= MOST_POINTS:
        raise UserError(f"--vary {f.path}: {f.high - f.low + 1:,.0f} values; at most {MOST_POINTS:,} points allowed")
    return range(int(f.low), int(f.high) + 1)


def latin_hypercube(dimensions: int, n: int, rng: np.random.Generator) -> Unit:
    """One point in each of n slices of every dimension (McKay, Beckman & Conover 1979)."""
    slices = np.stack([rng.permutation(n) for _ in range(dimensions)], axis=1)
    return (slices + rng.random((n, dimensions))) / n


def sobol(dimensions: int, n: int, rng: np.random.Generator) -> Unit:
    """The first n points of Sobol's sequence, scrambled (Owen 1998); n is a power of two."""
    if n < 2 or n & (n - 1):
        raise UserError(f"--samples {n}: must be a power of two (16, 32, 64, …) to keep the points balanced")
    try:
        from scipy.stats import qmc
    except ImportError:
        raise UserError("this design needs the extra `pip install 'backorder-simulator[optimise]'`") from None
    found: Unit = qmc.Sobol(dimensions, scramble=True, rng=rng).random_base2(n.bit_length() - 1)
    return found


def saltelli(dimensions: int, n: int, rng: np.random.Generator) -> Unit:
    """A, B, then A with each column of B in turn (Saltelli et al. 2010), n rows each."""
    both = sobol(2 * dimensions, n, rng)
    a, b = both[:, :dimensions], both[:, dimensions:]
    mixed = [np.where(np.arange(dimensions) == k, b, a) for k in range(dimensions)]
    return np.concatenate([a, b, *mixed])


_CUBES: dict[str, Callable[[int, int, np.random.Generator], Unit]] = {
    "lhs": latin_hypercube,
    "sobol": sobol,
    "saltelli": saltelli,
}
