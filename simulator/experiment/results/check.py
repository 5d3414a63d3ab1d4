"""A scenario held to what is expected of it: its `expect:` block and its baseline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.experiment.results.baseline import Baseline
from simulator.experiment.results.comparison import Comparison, compare
from simulator.experiment.results.expectations import HOLDS, Judgement, judged
from simulator.experiment.results.results import Results
from simulator.scenario.schema.schema import Scenario


@dataclass(frozen=True)
class Checked:
    """What became of a scenario's expectations and its baseline."""

    results: Results
    judgements: tuple[Judgement, ...]
    path: Path
    """Where the baseline lies, or would."""
    comparison: Comparison | None
    """With the baseline; None where there is none."""
    updated: bool = False
    """The baseline was written anew: what moved is accepted."""

    @property
    def moved(self) -> bool:
        """Something differs from the baseline significantly, or a policy is gone, and that is not accepted."""
        found = self.comparison
        return not self.updated and found is not None and bool(found.left or any(m.significant for m in found.moves))

    @property
    def passed(self) -> bool:
        """Something was checked (or written to be checked next time), every expectation holds, and nothing moved."""
        something = self.updated or not self.empty
        return something and not self.moved and all(j.outcome == HOLDS for j in self.judgements)

    @property
    def empty(self) -> bool:
        """There was nothing to check."""
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


def checked(scenario: Scenario, results: Results, path: Path, kpis: Iterable[str], update: bool = False) -> Checked:
    """Hold results to the scenario's expectations and to the baseline at `path`; with `update`, write it anew."""
    kept = list(kpis)
    before = Baseline.read(path)
    comparison = None if before is None else compare(before, results, confidence=results.confidence)
    if update:
        now = Baseline.of(results, kept)
        if before is None or before.text() != now.text():
            now.write(path)
    return Checked(results, tuple(judged(results, scenario.expect)), path, comparison, update)
