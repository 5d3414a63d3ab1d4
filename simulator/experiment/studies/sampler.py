"""Proposals of new points by optuna's samplers, seeded and in batches."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

from simulator.experiment.studies.design import FactorLevels, FactorRange, StudyFactor
from simulator.foundation.errors import UserError
from simulator.randomness.streams import Streams
from simulator.scenario.tree.paths import unknown

SAMPLERS = ("tpe", "cmaes", "nsga2", "qmc", "random")
BATCH = 8
"""Proposals made at once, before any of their results is known. A constant: the number of workers must not change
the outcome."""
_EXCESS = "excess"


class Proposer:
    """Asks optuna for values and reports their results; depends only on the seed and on the reported results."""

    def __init__(self, sampler: str, factors: Sequence[StudyFactor], goals: int, bounds: int, seed: int) -> None:
        if sampler not in SAMPLERS:
            raise UserError(unknown(sampler, SAMPLERS, "sampler"))
        if sampler == "cmaes" and (goals > 1 or bounds):
            raise UserError("the sampler cmaes supports one goal and no bounds; choose tpe or nsga2")
        if sampler == "cmaes" and not all(isinstance(f, FactorRange) for f in factors):
            raise UserError("the sampler cmaes supports ranges only; choose tpe or nsga2")
        self.sampler, self.factors, self.bounds = sampler, factors, bounds
        number = int(Streams(seed, 0).stream("optimise", sampler).integers(2**31))
        with quiet_optuna() as optuna:
            made = _sampler(optuna, sampler, number, bounds)
            self._study: Any = optuna.create_study(sampler=made, directions=["minimize"] * goals)
            self._space = {f"x{k}": _distribution(optuna, f) for k, f in enumerate(factors)}

    def ask(self, count: int) -> list[tuple[Any, dict[str, Any]]]:
        """`count` proposals, each a handle and {path: value}."""
        with quiet_optuna():
            trials = [self._study.ask(self._space) for _ in range(count)]
        return [
            (trial, {f.path: _value(f, trial.params[f"x{k}"]) for k, f in enumerate(self.factors)}) for trial in trials
        ]

    def tell(self, handle: Any, losses: Sequence[float] | None, excess: Sequence[float]) -> None:
        """Report a proposal's losses (less is better; None: not simulated) and its excess over each bound."""
        with quiet_optuna() as optuna:
            handle.set_user_attr(_EXCESS, list(excess))
            if losses is None:
                self._study.tell(handle, state=optuna.trial.TrialState.FAIL)
            else:
                self._study.tell(handle, list(losses))


def packages() -> dict[str, str]:
    """Versions of the packages that decide which points are proposed."""
    return {name: version(name) for name in ("optuna", "cmaes", "scipy")}


def _sampler(optuna: Any, name: str, seed: int, bounds: int) -> Any:
    samplers = optuna.samplers
    kept = {"constraints_func": _excess} if bounds else {}
    if name == "tpe":
        return samplers.TPESampler(seed=seed, multivariate=True, constant_liar=True, **kept)
    if name == "nsga2":
        return samplers.NSGAIISampler(seed=seed, population_size=2 * BATCH, **kept)
    if name == "cmaes":
        return samplers.CmaEsSampler(seed=seed)
    if name == "qmc":
        return samplers.QMCSampler(seed=seed, qmc_type="sobol", scramble=True)
    return samplers.RandomSampler(seed=seed)


def _excess(trial: Any) -> Sequence[float]:
    return list(trial.user_attrs[_EXCESS])


def _distribution(optuna: Any, f: StudyFactor) -> Any:
    if isinstance(f, FactorLevels):
        return optuna.distributions.CategoricalDistribution(range(len(f.values)))
    if f.step:
        return optuna.distributions.IntDistribution(0, f.count - 1)
    if f.whole:
        return optuna.distributions.IntDistribution(int(f.low), int(f.high))
    return optuna.distributions.FloatDistribution(f.low, f.high)


def _value(f: StudyFactor, found: Any) -> Any:
    if isinstance(f, FactorLevels):
        return f.values[found]
    if f.step:
        return f.nth(int(found))
    return int(found) if f.whole else f.of(float(found))


@contextmanager
def quiet_optuna() -> Iterator[Any]:
    """optuna, without its messages, for example about experimental features."""
    try:
        import optuna
    except ImportError:
        raise UserError("optimise needs the extra `pip install 'backorder-simulator[optimise]'`") from None
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield optuna
    finally:
        optuna.logging.set_verbosity(before)
