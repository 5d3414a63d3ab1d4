"""The grid of series over time: cells of equal length from 0 to the horizon."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from simulator.kpis.evidence.evidence import Evidence
from simulator.model.nouns import World
from simulator.record.ledger import Floats, Ints
from simulator.record.levels import Change, Level, changes, initial

CELLS = 240


def width_of(world: World) -> float:
    """Length of a cell, days."""
    return world.horizon / CELLS


def cell_of(world: World, times: Floats) -> Ints:
    """Number of the cell of each time; orders from before the start belong to the first."""
    return np.clip((times / width_of(world)).astype(np.int64), 0, CELLS - 1)


def per_cell(world: World, times: Floats, weights: NDArray[np.generic]) -> Floats:
    """Sum of the weights in each cell."""
    return np.bincount(cell_of(world, times), weights=weights, minlength=CELLS).astype(np.float64)


def area_per_cell(e: Evidence, level: Level, rates: Floats | None = None, start: float = 0.0) -> Floats:
    """Integral of a level over each cell from `start` on, summed over items, each item's units times its rate."""
    first = initial(e.facts.initial, level)
    rates = np.ones(first.size) if rates is None else rates
    if not rates.any():
        return np.zeros(CELLS)
    begin: Change = np.full(first.size, start), np.arange(first.size, dtype=np.float64), first
    parts = (begin, *(e.on_hand_changes if level == "on_hand" else changes(e.facts, level)))
    pairs = [(np.maximum(when, start), units * rates[which.astype(np.int64)]) for when, which, units in parts]
    return integral(e.world, pairs)


def integral(world: World, changes: Iterable[tuple[Floats, Floats]]) -> Floats:
    """Integral over each cell of a quantity that begins at 0 and changes at these times by these values.

    A change counts in its own cell with the time left there, and in every later cell in full: nothing is sorted.
    """
    width, inside, steps = width_of(world), np.zeros(CELLS), np.zeros(CELLS + 1)
    for when, value in changes:
        cell = cell_of(world, when)
        inside += np.bincount(cell, weights=value * ((cell + 1) * width - when), minlength=CELLS)
        steps += np.bincount(cell + 1, weights=value, minlength=CELLS + 1)
    found: Floats = inside + np.cumsum(steps[:-1]) * width
    return found
