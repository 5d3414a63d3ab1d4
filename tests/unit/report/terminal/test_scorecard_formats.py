"""The scorecard as Markdown and as CSV says what the scorecard says."""

import csv
import io
import math

from simulator.kpis.kpi import Undefined
from simulator.report.terminal.scorecard import COLUMNS, scorecard_csv, scorecard_markdown
from simulator.report.text.shown_kpis import select_kpis


def rows(results, **choice):
    return list(csv.DictReader(io.StringIO(scorecard_csv(results, select_kpis(**choice)))))


def test_csv_has_a_row_for_each_policy_and_kpi_with_its_difference_to_the_first(results):
    made = results()
    found = {(row["policy"], row["kpi"]): row for row in rows(made, names=["fill_rate", "wait_backordered"])}
    assert list(found[("lean", "fill_rate")]) == list(COLUMNS)
    buffered = found["buffered", "fill_rate"]
    assert float(buffered["mean"]) == made.estimate("buffered", "fill_rate").mean
    assert math.isclose(float(buffered["difference"]), 0.04)
    assert (buffered["verdict"], buffered["unit"]) == ("better", "share")
    assert found["lean", "fill_rate"]["difference"] == ""
    assert isinstance(made.column("buffered", "wait_backordered")[0], Undefined)
    assert found["buffered", "wait_backordered"]["mean"] == ""


def test_markdown_marks_the_best_and_ends_with_sentences(results):
    lines = scorecard_markdown(results(), select_kpis()).splitlines()
    assert lines[0] == "# A corner shop"
    (row,) = [line for line in lines if line.startswith("| `fill_rate` | %")]
    assert row.endswith("| 91.00 ± 0.45 | 92.00 ± 0.45 | **95.00 ± 0.45** ★ |")
    assert "## Difference to lean, replication by replication" in lines
    assert lines[-1].startswith("- On contribution, `buffered` is best")
    width = {line.count("|") for line in lines[4:] if line.startswith("|") and "difference" not in line.lower()}
    assert width == {6, 5}


def test_one_policy_has_no_differences(results):
    made = results(("lean",))
    assert "Difference" not in scorecard_markdown(made, select_kpis())
    assert {row["difference"] for row in rows(made)} == {""}
