"""The initial transient of a run: MSER-5 on its net stock, and advice on the warm-up and the horizon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from simulator.randomness.arrivals.profile import Profile
from simulator.randomness.arrivals.trace import Trace
from simulator.record.run import Run
from simulator.scenario.schema.schema import Scenario

Floats = NDArray[np.float64]

BATCHES = 200
"""Number of batch means for MSER: each of 5 observations, 1000 in the whole run."""
LEAST = 0.02
"""Advice is given only if the warm-up is too short by at least this share of the horizon."""


def mser(batches: Floats) -> int:
    """The number of batch means to delete at the start, so that the mean of the rest is estimated best.

    MSER-5 (White, Cobb & Spratt 2000): the d that minimises sum((y_k - mean)² for k > d) / (n - d)², for d up to n - 5.
    A value in the second half means that the series has not reached a steady state.

    >>> mser(np.array([9.0, 5.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0]))
    2
    """
    left = np.arange(len(batches), 0, -1, dtype=np.float64)
    centred = (batches - batches.mean())[::-1]
    sums, squares = np.cumsum(centred)[::-1], np.cumsum(centred**2)[::-1]
    error = np.maximum(squares - sums**2 / left, 0.0) / left**2
    return int(np.argmin(error[: max(len(batches) - 5, 1)]))


def settled(run: Run) -> float | None:
    """End of the initial transient of the net stock (on hand minus backlog, all items), days.

    The horizon if the transient reaches into the second half; None for a run that kept no records.
    """
    if run.totals is not None:
        return None
    horizon = run.world.horizon
    batches = _means(run, "on_hand", horizon) - _means(run, "backlog", horizon)
    cut = mser(batches)
    return horizon if cut > BATCHES / 2 else cut * horizon / BATCHES


def _means(run: Run, level: str, horizon: float) -> Floats:
    """Time averages of a level over equal intervals of the run, shape (BATCHES,)."""
    path = run.level(level)  # type: ignore[arg-type]
    area = np.concatenate(([0.0], np.cumsum(path.values[:-1] * np.diff(path.times))))
    ends = np.linspace(0.0, horizon, BATCHES + 1)
    place = np.searchsorted(path.times, ends, side="right") - 1
    whole = area[place] + path.values[place] * (ends - path.times[place])
    found: Floats = np.diff(whole) * (BATCHES / horizon)
    return found


def advice(scenario: Scenario, days: Mapping[str, Sequence[float]]) -> list[str]:
    """Advice on warm-up and horizon, from the transients of the replications of every policy.

    A scenario that changes by the calendar (events with a date, recorded orders, months of a profile) has no steady
    state, and gets no advice.
    """
    known = {policy: float(np.median(found)) for policy, found in days.items() if len(found)}
    if not known or _on_a_calendar(scenario):
        return []
    horizon, warm_up = scenario.clock.horizon, scenario.clock.warm_up
    policy = max(known, key=known.__getitem__)
    latest, n = known[policy], len(days[policy])
    median = f"MSER-5, median of {n} replications" if n > 1 else "MSER-5, one replication"
    if latest >= horizon:
        said = f"the horizon is too short for a steady state: the stock under {policy} is still on its way at half time"
        return [f"{said} ({median}); lengthen clock.horizon"]
    if latest > warm_up + LEAST * horizon:
        said = (
            f"the stock under {policy} settles after {np.ceil(latest):g} d ({median}); clock.warm_up is {warm_up:g} d"
        )
        return [f"{said}. Lengthen it, unless the start is part of the question"]
    return []


def _on_a_calendar(scenario: Scenario) -> bool:
    if any(event.at is not None for event in scenario.all_events()):
        return True
    arrivals = [customers.arrivals for customers in scenario.customers.values()]
    return any(isinstance(a, Trace) or (isinstance(a, Profile) and a.month) for a in arrivals)
