"""The teacher's guide: every lesson is complete, and its tables and pictures agree with the code."""

import re
from pathlib import Path

import pytest

from docs import lessons
from simulator.experiment.textbook.verify import CASES, trials
from simulator.report.terminal.verification import six_digits

TEACHING = lessons.TEACHING
NAMES = list(lessons.VALUES)


def test_there_are_nine_lessons_and_each_has_every_part():
    assert len(NAMES) == 9
    assert [p.stem.removeprefix("lesson-") for p in sorted(TEACHING.glob("lesson-*.md"))] == NAMES
    assert list(lessons.PICTURES) == NAMES
    for name in NAMES:
        text = (TEACHING / f"lesson-{name}.md").read_text(encoding="utf-8")
        assert f"(pictures/{name}.svg)" in text
        assert f"values/{name}.md" in text
        headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
        assert headings == ["The world", "The picture", "Why", "Theory beside measured", "To discuss"]
        assert "**Question.**" in text
        assert "```bash\nbackorder run" in text


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_is_small_and_asks_for_nothing(name):
    picture = (TEACHING / "pictures" / f"{name}.svg").read_text(encoding="utf-8")
    assert len(picture) < 150_000
    assert picture.count("<text") > 5
    assert not re.findall(r"(?:href|src)\s*=|url\((?!#)|@import", picture)


@pytest.mark.parametrize("name", NAMES)
def test_the_theory_of_a_lesson_is_that_of_the_formulas(name):
    """Without a run: the lesson's table has every value of its cases, and all of them agree."""
    rows = [
        line.split(" | ") for line in (TEACHING / "values" / f"{name}.md").read_text(encoding="utf-8").splitlines()[2:]
    ]
    shown = [(row[1].strip("`"), float(row[2].split()[0].replace(",", ""))) for row in rows]
    wanted = lessons.SHOWN.get(name)
    expected = [pair for case in lessons.VALUES[name] for trial in trials(CASES[case]) for pair in trial.theory.items()]
    expected = [(measure, value) for measure, value in expected if wanted is None or measure in wanted]
    assert [measure for measure, _ in shown] == [measure for measure, _ in expected]
    for (_, printed), (_, value) in zip(shown, expected, strict=True):
        assert printed == pytest.approx(value, abs=0.6 * 10.0 ** -six_digits(value))
    assert {row[-1].strip(" |") for row in rows} == {"agrees"}


@pytest.mark.parametrize("name", ["2-safety-stock", *(pytest.param(n, marks=pytest.mark.slow) for n in NAMES)])
def test_the_measured_values_are_those_of_the_runs(name):
    now = lessons.table(name)
    assert (TEACHING / "values" / f"{name}.md").read_text(encoding="utf-8") == now, "run: make lessons"


def test_a_picture_is_drawn_from_runs():
    chart = lessons.drawn("5-allocation").to_dict()
    (data,) = chart["datasets"].values()
    fifo = [row for row in data if row["rule"].startswith("first")]
    lifo = [row for row in data if row["rule"].startswith("last")]
    assert fifo[0]["share"] == pytest.approx(1 - 0.8645, abs=0.003), "those who wait at all"
    assert lifo[0]["share"] == fifo[0]["share"]
    assert lifo[-1]["days"] > fifo[-1]["days"], "the tail of last come, first served is longer"
    assert Path(lessons.__file__).name == "lessons.py"
