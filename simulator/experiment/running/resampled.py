"""Replications with other data: recorded values drawn again, as another sample of the same size might have been."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from simulator.experiment.running.replicate import replicate
from simulator.experiment.storage.replication import Replication
from simulator.kernel.lanes import Lane
from simulator.randomness.arrivals.trace import Trace
from simulator.randomness.streams import Streams
from simulator.scenario.recorded_data import recorded_laws
from simulator.scenario.schema.schema import Scenario

PER_SAMPLE = 2
"""Replications with the same data: what they have in common comes from the data, what differs is chance."""
FEWEST = 20
"""Samples of data that are drawn at least."""


def sizes_of_data(scenario: Scenario) -> dict[str, int]:
    """Number of recorded values by the name of their data."""
    return {name: law.size for name, law in recorded_laws(scenario)}


def with_other_data(scenario: Scenario, seed: int, sample: int) -> Scenario:
    """The scenario with every set of recorded values drawn again from itself, with replacement (Efron 1979).

    Args:
        sample: number of the sample; its draws are from streams named by the data, so that further data do not change
            them. Laws that share data share the draws.
    """
    kept = [scenario._origin, *(s.arrivals for s in scenario.customers.values() if isinstance(s.arrivals, Trace))]
    found = copy.deepcopy(scenario, {id(value): value for value in kept})  # what no draw changes is shared
    streams = Streams(seed, sample)
    chosen: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.intp]]] = {}
    for name, law in recorded_laws(found):
        if name not in chosen:
            draws = streams.stream("resampled data", name).random(law.size)
            chosen[name] = (draws * law.size).astype(np.intp)
        law.take(chosen[name])
    return found


@lru_cache(maxsize=1)
def _with_other_data(scenario: _ById, seed: int, sample: int) -> Scenario:
    return with_other_data(scenario.scenario, seed, sample)


class _ById:
    """A scenario as a key: itself, not what it contains."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ById) and other.scenario is self.scenario

    def __hash__(self) -> int:
        return id(self.scenario)


def replicate_with_other_data(
    scenario: Scenario,
    policies: Sequence[str],
    seed: int,
    number: int,
    lane: Lane = "auto",
    requested: Sequence[str] = (),
    records: bool = True,
) -> Replication:
    """A replication with the data of sample number // 2; see `replicate`."""
    other = _with_other_data(_ById(scenario), seed, number // PER_SAMPLE)
    return replicate(other, policies, seed, number, lane=lane, requested=requested, records=records)
