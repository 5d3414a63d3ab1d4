"""Expectations that a test states on a scenario's policies, and their failure messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from pydantic import ValidationError

from simulator.experiment.results.expectations import HOLDS, UNCLEAR, ExpectationResult, check_expectation
from simulator.experiment.results.results import Results
from simulator.experiment.run import run
from simulator.experiment.statistics.intervals import Difference, Estimate
from simulator.foundation.errors import UserError
from simulator.foundation.validators import build
from simulator.report.terminal.comparison import interval
from simulator.report.text.numbers import decimals, unit
from simulator.scenario.identity import slug
from simulator.scenario.loader import load
from simulator.scenario.schema.expect import Expectation, faults
from simulator.scenario.schema.schema import Scenario


class PolicyResults:
    """The results of a scenario; expectations can be chained, and raise AssertionError if they do not hold."""

    def __init__(self, scenario: Scenario, results: Results) -> None:
        self.scenario, self.results = scenario, results

    @classmethod
    def of(
        cls,
        path: Path,
        kept: Path,
        replications: int | None = None,
        seed: int | None = None,
        workers: int = 1,
        policies: Sequence[str] | None = None,
        edit: Mapping[str, Any] | None = None,
    ) -> PolicyResults:
        """Run the scenario in a file; replications saved in the folder `kept` are not simulated again."""
        scenario = load(path)
        if edit:
            scenario = scenario.edit(edit)
        with _locked(kept / f"{slug(scenario.name)}.lock"):
            return cls(scenario, run(scenario, replications, policies, seed=seed, workers=workers, out=kept))

    def expect(
        self, policy: str, *, kpi: str, at_least: float | str | None = None, at_most: float | str | None = None
    ) -> Self:
        """Expect the whole interval of a KPI to be within bounds; a bound is a number, '95 %' or '3 d'."""
        __tracebackhide__ = True
        return self._hold({"policy": policy, "kpi": kpi, "at_least": at_least, "at_most": at_most})

    def expect_better(self, policy: str, *, than: str, kpi: str, by: float | str | None = None) -> Self:
        """Expect a policy to be better than another on a KPI by at least `by`, paired by replication."""
        __tracebackhide__ = True
        return self._hold({"better": policy, "than": than, "kpi": kpi, "by": by})

    def expect_stated(self) -> Self:
        """Expect everything in the scenario's own `expect:` block to hold."""
        __tracebackhide__ = True
        if not self.scenario.expect:
            raise UserError(f"{self.scenario.name}: has no `expect:` block")
        for expectation in self.scenario.expect:
            self._check(expectation)
        return self

    def _hold(self, plain: Mapping[str, Any]) -> Self:
        __tracebackhide__ = True
        try:
            build(Expectation)
            expectation = Expectation.model_validate({k: v for k, v in plain.items() if v is not None})
        except ValidationError as error:
            raise UserError("; ".join(str(e["msg"]) for e in error.errors())) from None
        for key, message in faults(expectation):
            raise UserError(f"{key}: {message}")
        self._check(expectation)
        return self

    def _check(self, expectation: Expectation) -> None:
        __tracebackhide__ = True
        try:
            judgement = check_expectation(self.results, expectation)
        except UserError as error:
            raise error.with_traceback(None) from None
        if judgement.outcome != HOLDS:
            raise AssertionError(self._failure(judgement))

    def _failure(self, judgement: ExpectationResult) -> str:
        """The failure message: what was measured and expected, then one line per interval."""
        wanted = judgement.expectation
        how = unit(wanted.kpi, self.results.manifest.labels)
        named: dict[str, Estimate] = dict(judgement.estimates)
        if judgement.difference is not None:
            named["difference"] = judgement.difference
        places, widest = decimals(named.values(), how.factor), max(map(len, named))
        shown = {
            name: interval(e, places, how.factor, how.of_difference if isinstance(e, Difference) else how.name)
            for name, e in named.items()
        }
        # The measured value comes first, because pytest's summary has room for the first words only.
        whose = wanted.policy or f"{wanted.better} - {wanted.than}"
        wish = str(wanted).removeprefix(f"{wanted.kpi} of {wanted.policy} ")
        why = " (undecided: the interval includes the limit, more replications may decide)"
        head = f"{list(shown.values())[-1]} {wanted.kpi} of {whose}; expected {wish}"
        head += why if judgement.outcome == UNCLEAR else ""
        lines = [f"  {name:<{widest}}  {value}" for name, value in shown.items()]
        n, level = self.results.replications, f"{self.results.confidence * 100:g} %"
        return "\n".join(
            [head, *lines, f"  {self.scenario.name}, {n} replications, seed {self.results.seed}, {level} intervals"]
        )


@contextmanager
def _locked(lock: Path) -> Iterator[None]:
    """Let one process at a time run a scenario; the others wait and then load its replications."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    from filelock import FileLock

    with FileLock(lock):
        yield
