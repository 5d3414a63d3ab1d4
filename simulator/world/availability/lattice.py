"""Joint samples of several random quantities: the points of a lattice, the same in every run."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from simulator.randomness.distribution import Floats

JOINT_SAMPLES = 1024
"""Joint samples of receipts, picking and transit from which a quantile is read."""
TURNS = tuple(math.sqrt(prime) % 1 for prime in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59))
"""Irrational turns: each random quantity takes the points of a lattice with a turn of its own."""
LATTICE: Floats = np.arange(JOINT_SAMPLES, dtype=np.float64) + 0.5


@cache
def points(turn: int) -> Floats:
    """Evenly spread probabilities for the random quantity with this number."""
    return np.mod(LATTICE * (TURNS[turn % len(TURNS)] if turn else 1 / JOINT_SAMPLES), 1.0)
