"""Charts: round ticks, dates, places on paper, and a file that stands on its own."""

import datetime as dt
import re
from xml.etree import ElementTree

import pytest

from simulator.report.drawing.plot import NARROW, WIDE, Axis, Box, Plot, svg
from simulator.report.drawing.scale import Scale, plain_ticks, reach, steps, time_ticks
from simulator.report.drawing.style import DASHES, LIGHT, marker


@pytest.mark.parametrize("ends", [(0, 1), (0, 97), (-4.4, 0.4), (80.123, 80.127), (0, 3e7), (-1e-9, 1e-9)])
def test_ticks_are_round_few_and_inside(ends):
    found = steps(*ends, 6)
    assert 2 <= len(found) <= 7
    assert all(ends[0] - 1e-9 * abs(ends[0]) <= v <= ends[1] + 1e-9 * abs(ends[1]) for v in found)
    labels = [t.label for t in plain_ticks(*ends, 6)]
    assert len(set(labels)) == len(labels)


def test_a_year_is_named_by_its_months():
    assert [t.label for t in time_ticks(0, 365, dt.date(2025, 1, 6), 8)] == [
        "Mar 2025",
        "May",
        "Jul",
        "Sep",
        "Nov",
        "Jan 2026",
    ]
    assert [t.value for t in time_ticks(0, 365, None, 5)] == [0, 100, 200, 300]


def test_a_scale_maps_its_ends_to_its_ends():
    scale = Scale(10, 20, 300, 0)
    assert (scale(10), scale(15), scale(20)) == (300, 150, 0)


def test_an_axis_reaches_beyond_what_it_shows_even_where_that_is_one_value():
    low, high = reach(5, 5, zero=False)
    assert low < 5 < high
    assert reach(3, 10)[0] == 0


def test_policies_differ_in_shape_and_dash_not_only_in_colour():
    shapes = {re.sub(r"[-0-9.]+", "", marker(k, 0, 0)) + marker(k, 0, 0) for k in range(6)}
    assert len(shapes) == 6
    assert len(set(DASHES)) == len(DASHES) == len(set(LIGHT))


def plot(size=WIDE):
    x, y = Axis(0, 10, plain_ticks(0, 10)), Axis(0, 5, plain_ticks(0, 5), "units <&>")
    drawn = Plot(size, x, y, [(0, "lean"), (1, "<safe>")])
    drawn.line(0, [0, 10], [1, 2])
    drawn.ribbon(1, [0, 10], [0, 1], [3, 4])
    drawn.point(1, 5, 3, (4, 6), (2, 4), "<safe>", "told & more")
    return drawn


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_a_figure_on_its_own_is_well_formed_and_stays_on_its_paper(size):
    root = ElementTree.fromstring(svg(plot(size), "A title <b>", alone=True))
    assert root.find("{*}title").text == "A title <b>"
    _, top, width, height = map(float, root.attrib["viewBox"].split())
    for text in root.iter("{http://www.w3.org/2000/svg}text"):
        assert 0 <= float(text.attrib["x"]) <= width
        assert top <= float(text.attrib["y"]) <= height


def test_names_of_points_cover_neither_each_other_nor_a_point():
    drawn = plot()
    for k in range(5):
        drawn.point(k, 5, 3, label=f"policy-{k}")
    drawn.point(5, 5.5, 3.2, x_ends=(2, 9), y_ends=(1, 5), label="another")
    root = ElementTree.fromstring(svg(drawn, "names", alone=True))
    names = [
        t
        for t in root.iter("{http://www.w3.org/2000/svg}text")
        if t.attrib["class"] == "nm" and (t.text or "").startswith(("policy", "ano"))
    ]
    boxes = [
        Box(x := float(t.attrib["x"]), y := float(t.attrib["y"]) - 10, x + 7.2 * len(t.text), y + 10) for t in names
    ]
    assert len(boxes) == 6
    assert not any(a.meets(b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert not any(a.meets(sign) for a in boxes for sign in drawn._signs)
    assert Box(0, 0, 2, 2).meets(Box(1, 1, 3, 3))
