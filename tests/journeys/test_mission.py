"""The mission table: every key, KPI and scenario it names exists, and turning the key moves the KPI as it says."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import yaml

import simulator.kpis.evaluate  # noqa: F401 - registers the KPIs
from simulator.experiment.running.replicate import replicate
from simulator.experiment.statistics.intervals import difference
from simulator.kpis.kpi import KPIS
from simulator.scenario.loader import load

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "explanation" / "mission.md"
LOOKS = ((3, 0.99), (6, 0.96))
"""Replications, and the confidence that a difference must have with them: 95 % over both looks together."""
UNSET = "unset"


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


@lru_cache(maxsize=64)
def turned(name, key, words):
    value = yaml.safe_load(words.strip("` "))
    scenario = scenario_of(name)
    return scenario if value == UNSET else scenario.edit({key: value})


@lru_cache(maxsize=512)
def played(number, policy, *turn):
    """All KPIs of one replication; `turn`: scenario, key and value."""
    scenario = turned(*turn)
    return replicate(scenario, [policy], scenario.experiment.seed, number).values[policy]


@named(TURNS)
def test_turning_the_key_moves_the_kpi_as_the_table_says(row):
    assert row.kpi.split("[")[0] in KPIS
    assert row.moves in ("up", "down")
    before, after = ((row.policy, row.scenario, row.key, words) for words in row.turn.split("→"))
    for replications, confidence in LOOKS:
        values = [[played(k, *turn)[row.kpi] for k in range(replications)] for turn in (after, before)]
        moved = difference(*values, confidence)
        if moved.significant:
            break
    assert moved.mean is not None, moved.reason
    assert moved.significant, f"{row.kpi} moves by {moved.mean} ± {moved.half_width}"
    assert np.sign(moved.mean) == (1 if row.moves == "up" else -1), moved.mean


def test_a_row_that_is_no_key_names_a_test_that_exists():
    for row in SHOWN:
        file, name = row.turn.strip("`").split("::")
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), row


def test_a_row_stands_once_or_more_and_the_rows_are_in_order():
    numbers = [int(row.row[1:]) for row in ROWS]
    assert numbers == sorted(numbers)
