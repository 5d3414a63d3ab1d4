"""The shared scripts of the pages in a real browser: their numbers and axes are those of the report."""

import pytest

from simulator.report.drawing.scale import plain_ticks
from simulator.report.templates.bundle import bundle_script
from tests.journeys.browser import chromium


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A page on which the shared functions can be called, as properties of the window."""
    source = tmp_path_factory.mktemp("scripts") / "page.js"
    source.write_text(
        "// include: chart, formats\nObject.assign(window, {steps, written, decimals, calendar, frame});\n"
    )
    with chromium() as browser:
        found = browser.new_page()
        found.set_content("<!doctype html><html lang='en'><body><div id='box'></div></body></html>")
        found.add_script_tag(content=bundle_script(source))
        yield found


ENDS = [(0, 97, 5), (-3, 12.5, 6), (0, 0.02, 4), (1200, 98000, 6), (-0.4, -0.1, 5), (0, 1, 3)]


@pytest.mark.parametrize(("low", "high", "most"), ENDS)
def test_axes_of_the_pages_have_the_labels_of_the_report(page, low, high, most):
    expected = [(tick.value, tick.label) for tick in plain_ticks(low, high, most)]
    found = page.evaluate("([low, high, most]) => steps(low, high, most)", [low, high, most])
    assert [label for _, label in found] == [label for _, label in expected]
    assert [value for value, _ in found] == pytest.approx([value for value, _ in expected])


def test_numbers_and_dates_follow_the_language_of_the_page(page):
    def shown(language):
        return page.evaluate(
            """language => {
              document.documentElement.lang = language;
              const found = [written(12345.6, 1), written(-0.01, 1), written(3, 0, true)];
              found.push(calendar("2025-03-01").long(6), calendar(null).long(6));
              document.documentElement.lang = "en";
              return found }""",
            language,
        )

    assert shown("en") == ["12,345.6", "0.0", "+3", "7 March 2025, 00:00", "day 6.0"]
    assert shown("es")[:4] == ["12.345,6", "0,0", "+3", "7 de marzo de 2025, 00:00"]


def test_an_axis_without_extent_is_drawn(page):
    page.evaluate(
        """() => { const axis = value => ({ends: [value - 1, value + 1], ticks: steps(value, value, 5), title: "a"});
        frame(document.getElementById("box"), axis(0), axis(3)) }"""
    )
    assert page.locator("#box text").all_text_contents() == ["a", "a", "3.0", "0"]
