"""Problems and lives as a terminal shows them."""

from simulator.foundation.errors import Problem
from simulator.report.cards.terminal import on_terminal
from simulator.report.terminal.lines import life_card, problems_card

TEXT = "name: x\nitems: {mug: {price: 3, unit_cst: 2}}\n"
PROBLEM = Problem("a.yaml", 2, 25, "items.mug.unit_cst", "unknown key 'unit_cst'")


def test_a_problem_stands_above_its_line_with_a_mark_at_the_place():
    first, line, mark = on_terminal(problems_card([PROBLEM], {"a.yaml": TEXT}, 100)).splitlines()
    assert first == str(PROBLEM)
    assert line == "    2 │ items: {mug: {price: 3, unit_cst: 2}}"
    assert line[mark.index("^")] == "u"


def test_a_problem_without_a_place_or_file_is_one_line():
    for problem in (Problem("a.yaml", 0, 0, "", "is empty"), PROBLEM):
        assert on_terminal(problems_card([problem], {}, 100)) == str(problem)


def test_many_problems_are_counted():
    assert on_terminal(problems_card([PROBLEM] * 25, {}, 100)).splitlines()[-1] == "… and 5 more"


def test_a_long_happening_goes_on_below_itself():
    rows = [("2025-05-05 21:16", "placed", "order 4600 placed by web"), ("2025-05-06 09:24", "cancelled", "word " * 20)]
    heading, first, second, third = on_terminal(life_card("shop", rows), 80).splitlines()
    assert (heading, first) == ("shop", "2025-05-05 21:16  order 4600 placed by web")
    assert second.startswith("2025-05-06 09:24  word")
    assert third.startswith(" " * 18 + "word")


def test_colour_is_used_only_where_it_is_wanted():
    assert "\x1b" in on_terminal(life_card("shop", [("day 1", "cancelled", "gone")]), 80, True)
    assert "\x1b" not in on_terminal(life_card("shop", [("day 1", "cancelled", "gone")]), 80, False)
