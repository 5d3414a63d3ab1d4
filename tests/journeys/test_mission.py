"""The mission table: every key, KPI and scenario it names exists, and turning the key moves the KPI as it says."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import yaml

from simulator.experiment.statistics.intervals import difference
from simulator.kernel.lanes import simulate
from simulator.kpis.evaluate import evaluate
from simulator.kpis.kpi import KPIS
from simulator.scenario.loader import load

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "explanation" / "mission.md"
LOOKS = ((1 / 6, 6, 0.98), (1, 6, 0.96))
"""Share of the horizon, replications, and the confidence that a difference must have with them: one to the side that
the table says comes about by chance in at most 3 of 100 rows, all looks together."""
UNSET = "unset"
MOST_RUNS = 26
"""Two looks at both sides of a row, and some more."""


class Row(NamedTuple):
    """One row of the table."""

    row: str
    what: str
    key: str
    turn: str
    kpi: str
    moves: str
    policy: str
    scenario: str


def table():
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip().strip("`") for cell in line.strip().strip("|").split(" | ")]
        if re.fullmatch(r"M\d\d+", cells[0]):
            yield Row(*cells)


ROWS = list(table())
TURNS = [row for row in ROWS if "→" in row.turn]
SHOWN = [row for row in ROWS if "→" not in row.turn]


def named(rows):
    return pytest.mark.parametrize("row", rows, ids=[f"{r.row} {r.key}" for r in rows])


@lru_cache(maxsize=8)
def scenario_of(name):
    return load(ROOT / "scenarios" / f"{name}.yaml")


def cut(scenario, share):
    """The first part of the scenario."""
    clock = scenario.clock
    spans = {"horizon": share * clock.horizon, "warm_up": share * clock.warm_up}
    return scenario.model_copy(update={"clock": clock.model_copy(update=spans)})


@lru_cache(maxsize=16)
def begun(name, share):
    return cut(scenario_of(name), share)


@lru_cache(maxsize=64)
def turned(name, key, words, share):
    """The first part of the scenario in which the key has the value; of equal ones always the same object."""
    value, scenario = yaml.safe_load(words.strip("` ")), scenario_of(name)
    changed = scenario if value == UNSET else scenario.edit({key: value})
    return begun(name, share) if changed == scenario else cut(changed, share)


RUNS = {}
"""The last runs by scenario (kept, so that its identity is its own), policy and replication."""


def measured(scenario, policy, kpi, number):
    """The KPI of one replication; rows of the same file share the runs of what they start from."""
    place = id(scenario), policy, number
    if place not in RUNS:
        run = simulate(scenario, policy, scenario.experiment.seed, number)
        run.audit()
        while len(RUNS) >= MOST_RUNS:
            del RUNS[next(iter(RUNS))]
        RUNS[place] = scenario, run
    return evaluate(RUNS[place][1], [kpi.split("[")[0]])[kpi]


@named(TURNS)
def test_turning_the_key_moves_the_kpi_as_the_table_says(row):
    assert row.kpi.split("[")[0] in KPIS
    assert row.moves in ("up", "down")
    before, after = row.turn.split("→")
    for share, replications, confidence in LOOKS:
        sides = [turned(row.scenario, row.key, words, share) for words in (after, before)]
        values = [[measured(side, row.policy, row.kpi, k) for k in range(replications)] for side in sides]
        moved = difference(*values, confidence)
        if moved.significant and np.sign(moved.mean) == (1 if row.moves == "up" else -1):
            return
    assert moved.mean is not None, moved.reason
    assert moved.significant, f"{row.kpi} moves by {moved.mean} ± {moved.half_width}"
    raise AssertionError(f"{row.kpi} moves by {moved.mean}")


def test_a_row_that_is_no_key_names_a_test_that_exists():
    for row in SHOWN:
        file, name = row.turn.strip("`").split("::")
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), row


def test_a_row_stands_once_or_more_and_the_rows_are_in_order():
    numbers = [int(row.row[1:]) for row in ROWS]
    assert numbers == sorted(numbers)
