"""Named random streams: a stream is a function of (seed, replication, name) and of nothing else."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np

from simulator.randomness.seeds import WORD, Seeds

IDLE = np.random.Generator(np.random.PCG64(0))
"""For laws that use no random numbers: making a stream takes longer than drawing a block."""


class Streams:
    """Independent generators by name; a name gives owner and purpose and can be used once.

    The generator is PCG64 over `SeedSequence(seed, spawn_key=(replication, two 32-bit words of blake2b(name)))`, so
    adding, renaming or reordering an object leaves every other object's numbers unchanged.
    """

    def __init__(self, seed: int, replication: int = 0) -> None:
        self.seed, self.replication = seed, replication
        self._seeds = Seeds(seed, replication)
        self._given: set[tuple[str, ...]] = set()

    def stream(self, *name: str) -> np.random.Generator:
        """The stream with this name, for example `stream("lead_time", "pottery", "mug")`.

        Raises:
            ValueError: the name was used before; two owners of one stream would share their numbers.
        """
        if name in self._given:
            raise ValueError(f"stream {'/'.join(name)} was handed out before")
        self._given.add(name)
        return self._seeds.generator(*_words(name))

    def keyed(self, *name: str) -> np.random.Generator:
        """Like `stream`, without the check, for entities with at most one draw (an order's extra parcel)."""
        return self._seeds.generator(*_words(name))


def _words(name: tuple[str, ...]) -> tuple[int, int]:
    """Two 32-bit words that stand for a name."""
    number = int.from_bytes(blake2b("\x1f".join(name).encode(), digest_size=8).digest(), "little")
    return number % WORD, number // WORD
