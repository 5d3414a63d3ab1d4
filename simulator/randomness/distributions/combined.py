"""Distributions made of other distributions or of recorded values: mixture, shifted, empirical, sequence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PrivateAttr

from simulator.foundation.datafiles import current_files
from simulator.foundation.plugin import Spec
from simulator.foundation.units import Amount, PositiveNumber, Share, Text, wrong
from simulator.randomness.distribution import Distribution, Floats, Moments, in_blocks
from simulator.randomness.distributions.discrete import choose


class Component(Spec):
    """One distribution of a mixture and its share."""

    share: Share
    """Share of the draws; the shares sum to 1."""
    of: Distribution
    """The distribution."""


class Mixture(Distribution, kind="mixture"):
    """One of several distributions by chance: on time with some probability, late otherwise."""

    example: ClassVar = {
        "kind": "mixture",
        "parts": [{"share": 0.85, "of": 14}, {"share": 0.15, "of": {"kind": "exponential", "mean": 30}}],
    }

    parts: Annotated[list[Component], Field(min_length=1)]
    """The distributions with their shares."""

    def model_post_init(self, context: object) -> None:
        if abs(sum(p.share for p in self.parts) - 1) > 1e-9:
            raise wrong(f"the shares sum to {sum(p.share for p in self.parts):g}, not to 1 (within 1e-9)")

    def block(self, rng: np.random.Generator, n: int) -> Floats:
        return self._mix(rng, n, [p.of.drawer(rng) for p in self.parts])

    def drawer(self, rng: np.random.Generator) -> Callable[[int], Floats]:
        parts = [p.of.drawer(rng) for p in self.parts]
        return in_blocks(lambda n: self._mix(rng, n, parts))

    def _mix(self, rng: np.random.Generator, n: int, parts: list[Callable[[int], Floats]]) -> Floats:
        chosen = choose(rng, np.array([p.share for p in self.parts]), n)
        found = np.empty(n)
        for k, draw in enumerate(parts):
            mine = chosen == k
            found[mine] = draw(int(mine.sum()))
        return found

    def moments(self) -> Moments:
        parts = [(p.share, p.of.moments()) for p in self.parts]
        mean = sum(w * m.mean for w, m in parts)
        return Moments(mean, sum(w * (m.variance + m.mean**2) for w, m in parts) - mean**2)

    @property
    def portable(self) -> bool:
        return all(p.of.portable for p in self.parts)

    @property
    def least(self) -> float:
        return min(p.of.least for p in self.parts)

    @property
    def most(self) -> float:
        return max(p.of.most for p in self.parts)


class Shifted(Distribution, kind="shifted"):
    """Another distribution plus a constant: a fixed minimum and a random part."""

    example: ClassVar = {"kind": "shifted", "by": 5, "of": {"kind": "exponential", "mean": 9}}

    by: Amount
    """Added to every draw."""
    of: Distribution
    """The distribution that is shifted."""

    def block(self, rng: np.random.Generator, n: int) -> Floats:
        return self.of.block(rng, n) + self.by

    def drawer(self, rng: np.random.Generator) -> Callable[[int], Floats]:
        draw = self.of.drawer(rng)
        return lambda n: draw(n) + self.by

    def moments(self) -> Moments:
        inner = self.of.moments()
        return Moments(inner.mean + self.by, inner.variance)

    @property
    def portable(self) -> bool:
        return self.of.portable

    @property
    def least(self) -> float:
        return self.of.least + self.by

    @property
    def most(self) -> float:
        return self.of.most + self.by


class RecordedValues(Distribution):
    """Recorded values: `values`, or a column of a table."""

    file: Text | None = None
    """CSV, Parquet or .xlsx file, relative to the scenario file, or the name of a table that is passed from Python."""
    sheet: Text | None = None
    """Sheet of a workbook; needed where it has several."""
    column: Text | None = None
    """The column of the file."""
    values: list[Amount] | None = None
    """The values themselves, instead of a file."""
    scale: PositiveNumber = 1.0
    """Factor that every value is multiplied by."""
    _values: Floats = PrivateAttr()

    def model_post_init(self, context: object) -> None:
        if (self.file is None) == (self.values is None) or (self.file is None) != (self.column is None):
            raise wrong("give `file` and `column`, or `values`")
        if self.sheet is not None and self.file is None:
            raise wrong("`sheet` needs `file`")
        if self.file is not None and self.column is not None:
            found = current_files().numbers(self.file, self.column, self.sheet)
        else:
            found = np.array(self.values, dtype=np.float64)
        if not found.size:
            raise wrong("`values` is empty; must have at least one value")
        self._values = found * self.scale

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RecordedValues) and self.model_dump() == other.model_dump()

    __hash__ = None  # type: ignore[assignment]

    def moments(self) -> Moments:
        return Moments(float(self._values.mean()), float(self._values.var()))

    @property
    def least(self) -> float:
        return float(self._values.min())

    @property
    def most(self) -> float:
        return float(self._values.max())


class Empirical(RecordedValues, kind="empirical"):
    """Recorded values, sampled with equal chance."""

    example: ClassVar = {"kind": "empirical", "values": [9, 12, 14, 30]}

    @property
    def size(self) -> int:
        """Number of recorded values."""
        return self._values.size

    def take(self, chosen: NDArray[np.intp]) -> None:
        """Keep the values at these places, with repetitions: another sample that might have been recorded."""
        self._values = self._values[chosen]

    def block(self, rng: np.random.Generator, n: int) -> Floats:
        found: Floats = self._values[(rng.random(n) * self._values.size).astype(np.intp)]
        return found


class RecordedSequence(RecordedValues, kind="sequence"):
    """Recorded values in their order, starting over at the end: a replay without randomness."""

    example: ClassVar = {"kind": "sequence", "values": [9, 12, 14, 30]}

    def block(self, rng: np.random.Generator, n: int) -> Floats:
        return np.resize(self._values, n)

    def drawer(self, rng: np.random.Generator) -> Callable[[int], Floats]:
        taken = 0

        def draw(n: int) -> Floats:
            nonlocal taken
            found: Floats = self._values[(np.arange(n) + taken) % self._values.size]
            taken = (taken + n) % self._values.size
            return found

        return draw
