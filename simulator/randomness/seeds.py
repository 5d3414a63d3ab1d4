"""Generators by the words of their seed, as numpy's `SeedSequence` makes them, in a quarter of its time."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import cached_property, partial
from typing import Any, cast

import numpy as np
from numpy.random.bit_generator import ISpawnableSeedSequence
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
        """The sequence of two 32-bit words, as numpy makes it."""
        return np.random.SeedSequence(self.seed, spawn_key=(self.replication, low, high))

    def generator(self, low: int, high: int) -> np.random.Generator:
        """The generator of the sequence of two 32-bit words."""
        if (fill := function_of("seed_words", 3)) is None:
            return np.random.Generator(np.random.PCG64(self.sequence(low, high)))
        self._last[:] = low, high
        fill(*self._arguments)
        given = cast(np.random.SeedSequence, _Given(self._state, partial(self.sequence, low, high)))  # as the stub asks
        return np.random.Generator(np.random.PCG64(given))


class _Given(ISpawnableSeedSequence):
    """A sequence whose first words are known: its generator reads them once, when it is made.

    Libraries that ask for more, for example to spawn other generators, get numpy's sequence.
    """

    def __init__(self, state: NDArray[np.uint64], make: Callable[[], np.random.SeedSequence]) -> None:
        self._state: NDArray[np.uint64] | None = state
        self._make = make

    @cached_property
    def _sequence(self) -> np.random.SeedSequence:
        return self._make()

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> NDArray[Any]:
        """The words of the sequence; PCG64 asks for four of 64 bits."""
        state, self._state = self._state, None  # the next generator has its own words in the same array
        if state is not None and (n_words, dtype) == (4, np.uint64):
            return state
        return self._sequence.generate_state(n_words, dtype)

    def spawn(self, n_children: int) -> list[Any]:
        """Sequences that no other is equal to, as numpy numbers them."""
        return self._sequence.spawn(n_children)

    def __reduce__(self) -> tuple[Any, ...]:
        return copy, (self._sequence,)  # numpy's, with the number of those that it has spawned


def _words(number: int) -> list[int]:
    """The 32-bit words of a number, the lowest first."""
    found = [number % WORD]
    while number := number // WORD:
        found.append(number % WORD)
    return found
