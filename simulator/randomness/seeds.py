"""Generators by the words of their seed, as numpy's `SeedSequence` makes them, in a quarter of its time."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.random.bit_generator import ISeedSequence
from numpy.typing import NDArray

from simulator.foundation.compiled.library import address, function_of

WORD = 2**32
POOL = 4
"""Words that the seed of the run has at least, as numpy pads it."""


class Seeds:
    """The generators of one seed and one replication: PCG64 over `SeedSequence(seed, spawn_key=(replication, *words))`.

    The compiled library computes the same bits where it was built.
    """

    def __init__(self, seed: int, replication: int) -> None:
        self.seed, self.replication = seed, replication
        own = _words(seed)
        entropy = [*own, *[0] * (POOL - len(own)), *_words(replication), 0, 0]
        self._entropy = np.array(entropy, dtype=np.uint32)
        self._last = self._entropy[-2:]
        self._state = np.empty(4, dtype=np.uint64)
        self._arguments = address(self._entropy), self._entropy.size, address(self._state)

    def sequence(self, low: int, high: int) -> np.random.SeedSequence:
        """The sequence of two 32-bit words, as numpy makes it; it can spawn others."""
        return np.random.SeedSequence(self.seed, spawn_key=(self.replication, low, high))

    def generator(self, low: int, high: int) -> np.random.Generator:
        """The generator of the sequence of two 32-bit words, to draw from."""
        if (fill := function_of("seed_words", 3)) is None:
            return np.random.Generator(np.random.PCG64(self.sequence(low, high)))
        self._last[:] = low, high
        fill(*self._arguments)
        given = cast(np.random.SeedSequence, _Given(self._state))  # PCG64 takes any ISeedSequence; its stub does not
        return np.random.Generator(np.random.PCG64(given))


class _Given(ISeedSequence):
    """A sequence whose words are known, and which spawns no others; a generator reads them once, when it is made."""

    def __init__(self, state: NDArray[np.uint64]) -> None:
        self.state = state

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> NDArray[Any]:
        """The words; PCG64 asks for four of 64 bits."""
        assert (n_words, dtype) == (4, np.uint64)
        return self.state


def _words(number: int) -> list[int]:
    """The 32-bit words of a number, the lowest first."""
    found = [number % WORD]
    while number := number // WORD:
        found.append(number % WORD)
    return found
