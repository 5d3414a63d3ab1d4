"""The grid of series over time: cells of equal length from 0 to the horizon."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.foundation.compiled.changes import Changes
from simulator.kpis.evidence.evidence import MOST_KEPT, Evidence
from simulator.model.nouns import World
from simulator.record.ledger import Floats, Ints
from simulator.record.levels import Change, Level, changes, gathered, initial

CELLS = 240
NO_ITEMS = np.empty(0, dtype=np.int32)
"""Of changes of no level."""


def width_of(world: World) -> float:
    """Length of a cell, days."""
    return world.horizon / CELLS


def cell_of(world: World, times: Floats) -> Ints:
    """Number of the cell of each time; orders from before the start belong to the first."""
    found: Ints = (times / width_of(world)).astype(np.int64)
    np.minimum(np.maximum(found, 0, out=found), CELLS - 1, out=found)
    return found


def line_cells(e: Evidence) -> Ints:
    """Number of the cell of every line, worked out once except in a long run, shape (L,)."""
    facts = e.facts
    if line_cells in e.derived:
        known: Ints = e.derived[line_cells]
        return known
    found: Ints = np.repeat(cell_of(e.world, facts.demand.times), facts.demand.counts)
    if facts.demand.times.size <= MOST_KEPT:
        e.derived[line_cells] = found
    return found


def in_cells(cells: Ints, weights: NDArray[np.generic]) -> Floats:
    """Sum of the weights in each cell."""
    return np.bincount(cells, weights=weights, minlength=CELLS).astype(np.float64)


def per_cell(world: World, times: Floats, weights: NDArray[np.generic]) -> Floats:
    """Sum of the weights in the cell of each time."""
    found = np.zeros(CELLS)
    if Changes([(times, NO_ITEMS, weights)]).by_cell(None, -np.inf, width_of(world), found, None):
        return found
    return in_cells(cell_of(world, times), weights)


def area_per_cell(e: Evidence, level: Level, rates: Floats | None = None, start: float = 0.0) -> Floats:
    """Integral of a level over each cell from `start` on, summed over items, each item's units times its rate."""
    first = initial(e.facts.initial, level)
    rates = np.ones(first.size) if rates is None else rates
    if not rates.any():
        return np.zeros(CELLS)
    inside, steps = np.zeros(CELLS), np.zeros(CELLS)
    begin = Changes([(np.full(first.size, start), np.arange(first.size), first)])
    every = begin, gathered(e.facts, level)
    if all(part.by_cell(rates, start, width_of(e.world), steps, inside) for part in every):
        return _over_time(e.world, inside, steps)
    moves = ((placed, units * rates[items]) for placed, items, units in _moves(e, level, start, first))
    return _integral(e.world, moves)


class _Placed(NamedTuple):
    """Times on the grid."""

    cells: Ints
    """The cell of each time."""
    left: Floats
    """Days from each time to the end of its cell."""


def _placed(world: World, when: Floats) -> _Placed:
    cell = cell_of(world, when)
    return _Placed(cell, (cell + 1) * width_of(world) - when)


def _moves(e: Evidence, level: Level, start: float, first: Floats) -> Iterable[tuple[_Placed, Ints, Floats]]:
    """When, of which item and by how many units a level changes from `start` on, for all rates that it is asked for."""
    if (known := e.derived.get((_moves, level, start))) is not None:
        found: list[tuple[_Placed, Ints, Floats]] = known
        return found
    begin: Change = np.full(first.size, start), np.arange(first.size, dtype=np.float64), first
    parts = (begin, *changes(e.facts, level))
    moves = (
        (_placed(e.world, np.maximum(when, start)), which.astype(np.int64), units)
        for when, which, units in parts
        if when.size
    )
    if e.facts.demand.times.size > MOST_KEPT:
        return moves
    e.derived[_moves, level, start] = [*moves]
    return _moves(e, level, start, first)


def integral(world: World, changes: Iterable[tuple[Floats, Floats]]) -> Floats:
    """Integral over each cell of a quantity that begins at 0 and changes at these times by these values.

    A change counts in its own cell with the time left there, and in every later cell in full: nothing is sorted.
    """
    return _integral(world, ((_placed(world, when), value) for when, value in changes))


def _integral(world: World, changes: Iterable[tuple[_Placed, Floats]]) -> Floats:
    inside, steps = np.zeros(CELLS), np.zeros(CELLS)
    for placed, value in changes:
        inside += np.bincount(placed.cells, weights=value * placed.left, minlength=CELLS)
        steps += np.bincount(placed.cells, weights=value, minlength=CELLS)
    return _over_time(world, inside, steps)


def _over_time(world: World, inside: Floats, steps: Floats) -> Floats:
    """The integral over each cell, of what its own changes come to there and what those before it do."""
    found: Floats = inside + np.concatenate(([0.0], np.cumsum(steps)[:-1])) * width_of(world)
    return found
