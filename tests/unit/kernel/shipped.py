"""The shipped scenarios, each of them loaded once for all tests: nothing changes a scenario."""

from functools import cache
from pathlib import Path

from simulator.scenario.loader import load
from simulator.scenario.schema.schema import Scenario

SCENARIOS = Path(__file__).parents[3] / "scenarios"


def shipped() -> list[str]:
    """Every file that is a scenario of its own."""
    files = sorted(SCENARIOS.rglob("*.yaml"))
    return [str(file.relative_to(SCENARIOS)) for file in files if file.parent.name != "base"]


@cache
def scenario_of(file: str) -> Scenario:
    """The scenario of a file below `scenarios/`."""
    return load(SCENARIOS / file)
