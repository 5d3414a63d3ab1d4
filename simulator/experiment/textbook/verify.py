"""Comparison of simulated values with textbook values, case by case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from simulator.experiment.running.progress import progress_bar
from simulator.experiment.running.runner import run_all
from simulator.experiment.textbook.case import CASES as CASES
from simulator.experiment.textbook.case import RESOLUTION, Case, Trial
from simulator.experiment.textbook.sample import FEWEST, Mean, sample
from simulator.foundation.errors import UserError, nearest
from simulator.scenario.textbook import textbook

# the order in which the cases are listed
for room in ("stock", "leaving", "lots", "planning", "chains", "production", "service", "sites"):
    import_module(f"simulator.experiment.textbook.{room}")

WIDTH = 4.0
"""Standard errors on each side of a mean: a correct value lies outside in 1 of 16,000 cases."""
ROUNDING = 1e-9
AGREES, DIFFERS, VAGUE = "agrees", "differs", "vague"


@dataclass(frozen=True)
class CaseCheck:
    """One textbook value and the measured value of the same quantity."""

    case: str
    policy: str
    label: str
    measure: str
    theory: float
    mean: float
    half_width: float
    """Four standard errors."""
    replications: int
    within: float
    """Relative error that the interval must be able to detect."""
    grain: float = 0.0
    """Relative error allowed because the book's quantities are continuous and the simulated ones are whole units."""

    @property
    def verdict(self) -> str:
        """agrees; differs; or vague, if the value lies in an interval that is too wide to be informative."""
        slack = self.grain * abs(self.theory) + ROUNDING * max(1.0, abs(self.theory))
        if not abs(self.mean - self.theory) <= self.half_width + slack:
            return DIFFERS
        return AGREES if self.half_width <= self.within * abs(self.theory) + ROUNDING else VAGUE

    def to_plain(self) -> dict[str, Any]:
        """Plain data for JSON."""
        known = {k: v for k, v in vars(self).items() if k not in {"within", "grain"}}
        return {**known, "verdict": self.verdict}


def chosen_cases(names: Sequence[str] = ()) -> list[Case]:
    """The cases with these names; all cases if no name is given.

    Raises:
        UserError: there is no such case.
    """
    for name in names:
        if name not in CASES:
            raise UserError(f"no textbook case {name!r}{nearest(name, CASES)}; `backorder verify --list` shows all")
    return [CASES[name] for name in dict.fromkeys(names)] if names else list(CASES.values())


def trials(case: Case) -> list[Trial]:
    """The trials of a case, in order."""
    return list(case.trials(textbook(case.scenario)))


def verify(
    names: Sequence[str] = (),
    replications: int | None = None,
    seed: int | None = None,
    workers: int = 1,
    progress: bool = False,
) -> list[CaseCheck]:
    """Simulate textbook cases and compare the measurements with theory.

    Args:
        names: names of cases; all by default.
        replications: of each random trial, at least 10; the trial's own number by default.
        seed: seed of all random streams; the scenario's own by default.
        workers: number of processes; they do not change the results.

    Raises:
        UserError: no such case, or too few replications.
        AuditError: a run broke a conservation law.
    """
    if replications is not None and replications < FEWEST:
        raise UserError(f"replications: {replications} are too few for an interval; must be at least {FEWEST}")
    keys = [(case.name, number) for case in chosen_cases(names) for number in range(len(trials(case)))]
    found: dict[tuple[str, int], list[CaseCheck]] = {}
    work = partial(_check, replications=replications, seed=seed)
    with progress_bar(progress, len(keys), "trial") as bar:
        run_all(work, lambda: keys, found.update, workers, bar=bar)
    return [check for key in keys for check in found[key]]


def _check(key: tuple[str, int], replications: int | None, seed: int | None) -> list[CaseCheck]:
    name, number = key
    case = CASES[name]
    return check(case, trials(case)[number], replications, seed)


def check(case: Case, trial: Trial, replications: int | None = None, seed: int | None = None) -> list[CaseCheck]:
    """Simulate one trial and compare each theoretical value with its measurement."""
    scenario = textbook(case.scenario)
    own = trial.replications or scenario.experiment.replications
    n = own if replications is None or own < FEWEST else replications
    scenario = scenario.edit(trial.changes) if trial.changes else scenario
    kpis = [name for name in trial.theory if name not in trial.measures]
    play = partial(
        sample, scenario, kpis=kpis, measures=trial.measures, controls=trial.controls, replications=n, seed=seed
    )
    played = play(trial.policy)
    if trial.against is not None:
        other = play(trial.against)
        played.values = {name: values - other[name] for name, values in played.values.items()}
    policy = trial.policy if trial.against is None else f"{trial.policy} - {trial.against}"
    found = []
    for name, value in trial.theory.items():
        mean = played.mean(name) if np.ptp(played[name]) else Mean(float(played[name][0]), 0.0)
        within, grain = trial.within.get(name, RESOLUTION), trial.grain.get(name, 0.0)
        width = WIDTH * mean.error
        found.append(CaseCheck(case.name, policy, trial.label, name, value, mean.mean, width, n, within, grain))
    return found
