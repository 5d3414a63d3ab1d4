"""What the shipped scenarios say of themselves is so, and their results are those that were reviewed last."""

from pathlib import Path

import pytest

from simulator.experiment.results.baseline import Baseline, baseline_file
from simulator.experiment.results.check import checked
from simulator.experiment.run import run
from simulator.report.terminal.comparison import failures
from simulator.scenario.loader import load

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(ROOT.glob("results/baselines/*.json"))


def test_some_baselines_are_committed():
    assert len(FILES) >= 3


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_a_scenario_holds_to_its_expectations_and_to_its_baseline(path):
    """After a wanted change: `backorder check scenarios/NAME.yaml --replications 10 --update`, and review the diff."""
    scenario = load(ROOT / "scenarios" / f"{path.stem}.yaml")
    assert path == baseline_file(path.parent, scenario.name)
    assert scenario.expect
    assert path.stat().st_size < 20_000
    found = checked(scenario, run(scenario, replications=5), path, ())
    assert Baseline.read(path).replications == 10
    assert found.passed, "\n".join(failures(found))
