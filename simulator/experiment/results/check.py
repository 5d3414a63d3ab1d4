"""Check of a scenario against its `expect:` block and its baseline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.experiment.results.baseline import Baseline
from simulator.experiment.results.comparison import Comparison, compare
from simulator.experiment.results.expectations import HOLDS, ExpectationResult, check_expectations
from simulator.experiment.results.results import Results
from simulator.foundation.errors import UserError
from simulator.scenario.schema.schema import Scenario


@dataclass(frozen=True)
class CheckResult:
    """The outcome of a check: expectations and comparison with the baseline."""

    results: Results
    judgements: tuple[ExpectationResult, ...]
    path: Path
    """The path of the baseline file, whether or not it exists."""
    comparison: Comparison | None
    """Comparison with the baseline; None if there is none."""
    updated: bool = False
    """A new baseline was written, so that all changes are accepted."""

    @property
    def moved(self) -> bool:
        """Whether, without being accepted, something differs significantly from the baseline or a policy is missing."""
        found = self.comparison
        return not self.updated and found is not None and bool(found.left or any(m.significant for m in found.moves))

    @property
    def passed(self) -> bool:
        """Whether something was checked (or a baseline written), every expectation holds, and nothing moved."""
        something = self.updated or not self.empty
        return something and not self.moved and all(j.outcome == HOLDS for j in self.judgements)

    @property
    def empty(self) -> bool:
        """Whether there was nothing to check."""
        return not self.judgements and self.comparison is None

    def to_plain(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "scenario": self.results.scenario_name,
            "passed": self.passed,
            "replications": self.results.replications,
            "expectations": [j.to_plain() for j in self.judgements],
            "baseline": None
            if self.comparison is None and not self.updated
            else {
                "file": str(self.path),
                "updated": self.updated,
                **({} if self.comparison is None else self.comparison.to_plain()),
            },
            "results": None if self.results.folder is None else str(self.results.folder),
        }


def checked(scenario: Scenario, results: Results, path: Path, kpis: Iterable[str], update: bool = False) -> CheckResult:
    """Check results against the scenario's expectations and the baseline at `path`; with `update`, write a new one."""
    kept = list(kpis)
    before = _before(path, update)
    comparison = None if before is None else compare(before, results, confidence=results.confidence)
    if update:
        now = Baseline.of(results, kept)
        if before is None or before.text() != now.text():
            now.write(path)
    return CheckResult(results, tuple(check_expectations(results, scenario.expect)), path, comparison, update)


def _before(path: Path, update: bool) -> Baseline | None:
    """The baseline so far; one that cannot be read is replaced by an update."""
    try:
        return Baseline.read(path)
    except UserError:
        if update:
            return None
        raise
