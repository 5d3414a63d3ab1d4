"""The report in a real browser: it opens offline, says its answer, and works with mouse, keys and screen reader."""

import csv
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from simulator.experiment.run import run
from simulator.report.page.page import view_of
from simulator.report.page.write import write_report
from simulator.report.sections.answer import answer
from simulator.scenario.loader import load
from tests.journeys.browser import chromium

LEAN = re.compile(r"^lean\b")
"""Its chip bears the title of the policy, too."""


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A short flash sale: two segments, an event, a closure, five policies."""
    scenario = load("scenarios/flash-sale.yaml", ["clock.horizon=180 d"])
    results = run(scenario, replications=3, out=tmp_path_factory.mktemp("results"))
    return results, write_report(results).page


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture
def opened(browser, written):
    """`opened(width, …)`: the page in a window, with a list of everything it asked for or complained about."""
    contexts = []

    def show(width=1280, **options):
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.heard = []
        page.on("console", lambda message: page.heard.append(message.text))
        page.on("pageerror", lambda error: page.heard.append(str(error)))
        page.on("request", lambda request: page.heard.append(request.url))
        page.goto(Path(written[1]).as_uri())
        return page

    yield show
    for context in contexts:
        context.close()


def test_the_page_opens_with_the_answer_asks_for_nothing_and_is_silent(opened, written):
    page = opened()
    headline = page.locator(".headline").inner_text().replace("\u00a0", " ")
    assert headline == answer(view_of(written[0]))[0].replace("`", "")
    page.wait_for_timeout(100)
    assert page.heard == [Path(written[1]).as_uri()]


def test_a_policy_can_be_hidden_in_all_charts_and_shown_again(opened):
    page = opened()
    chart = page.locator("#f-backlog-over-time svg.wide")
    line = chart.locator(".s.p0 path.ln").last
    assert line.is_visible()
    chip = page.get_by_role("button", name=LEAN)
    chip.click()
    assert chip.get_attribute("aria-pressed") == "false"
    assert not line.is_visible()
    assert not page.locator("#f-tradeoff .s.p0").first.is_visible()
    chip.press("Enter")
    assert line.is_visible()


def test_a_chart_reads_its_values_to_mouse_and_keys(opened):
    page = opened()
    chart, readout = page.locator("#f-backlog-over-time .chart"), page.locator("#f-backlog-over-time .readout")
    chart.scroll_into_view_if_needed()
    chart.hover()
    first = readout.inner_text()
    assert "lean" in first
    assert "2025" in first
    chart.press("ArrowRight")
    assert readout.inner_text() != first
    assert page.heard[1:] == []


def test_light_and_dark_follow_the_system_and_the_button(opened):
    def ground(page):
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    light, dark = ground(opened(color_scheme="light")), ground(opened(color_scheme="dark"))
    assert light != dark
    page = opened(color_scheme="light")
    page.get_by_role("button", name="Dark").click()
    assert ground(page) == dark


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_sticks_out_of_the_window(opened, width):
    page = opened(width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    shown = [page.locator(f"#f-backlog-over-time svg.{name}").is_visible() for name in ("wide", "narrow")]
    assert shown == [width == 1280, width == 390]
    small = page.evaluate(
        """() => [...document.querySelectorAll("figure svg text")].filter(t => t.getBoundingClientRect().width)
        .map(t => parseFloat(getComputedStyle(t).fontSize) * t.getScreenCTM().a)"""
    )
    assert min(small) > 9


def test_everything_has_a_name_for_those_who_do_not_see_it(opened):
    page = opened()
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("button, a, svg[role=img], [role=region], section:not(#answer)")]
        .filter(e => !(e.textContent.trim() || e.getAttribute("aria-label") || e.getAttribute("aria-labelledby")))
        .length"""
    )
    assert nameless == 0
    assert page.get_by_role("heading", level=1).count() == 1
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the answer"


def test_the_page_prints(opened, tmp_path):
    page = opened(color_scheme="dark")
    assert page.pdf(path=tmp_path / "report.pdf", format="A4")[:4] == b"%PDF"
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.locator(".policies").is_visible()


def saved(page, place, name, path):
    page.evaluate("document.querySelectorAll('details').forEach(folded => { folded.open = true; })")
    with page.expect_download() as found:
        page.locator(place).get_by_role("button", name=name).first.click()
    found.value.save_as(path)
    return found.value.suggested_filename


def test_a_table_is_saved_as_numbers_and_copied(opened, written, tmp_path):
    page, results = opened(), written[0]
    assert saved(page, "#scorecard", "Save the table as CSV", tmp_path / "t.csv") == "flash-sale-scorecard-1.csv"
    with (tmp_path / "t.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row[0]: row for row in csv.reader(file)}
    assert rows["KPI"][:5] == ["KPI", "unit", "lean", "lean ±", "buffered"]
    found = results.estimate("lean", "fill_rate")
    assert rows["fill_rate"][1] == "%"
    assert float(rows["fill_rate"][2]) == pytest.approx(100 * found.mean, abs=0.06)
    assert float(rows["operating_cost"][2]) == pytest.approx(results.estimate("lean", "operating_cost").mean, abs=1)
    saved(page, "#differences", "Save the table as CSV", tmp_path / "d.csv")
    with (tmp_path / "d.csv").open(encoding="utf-8-sig", newline="") as file:
        (head, *rest) = csv.reader(file)
    assert head[2:5] == ["buffered", "buffered ±", "buffered note"]
    float(rest[0][2])
    assert {row[4] for row in rest} <= {"better", "worse", "unclear", "same", "higher", "lower", "no backorders"}
    button = page.locator("#scorecard").get_by_role("button", name="Copy the table").first
    button.click()
    page.wait_for_function("button => button.textContent !== 'Copy'", arg=button.element_handle())
    assert button.text_content() == "Copied"
    assert page.heard[1:] == []


def test_a_figure_is_saved_as_shown_as_svg_and_as_png(opened, tmp_path):
    page = opened(color_scheme="dark")
    page.get_by_role("button", name=LEAN).click()
    assert saved(page, "#f-tradeoff", "Save the figure as SVG", tmp_path / "f.svg") == "flash-sale-tradeoff.svg"
    root = ElementTree.parse(tmp_path / "f.svg").getroot()
    texts = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts[0] == "Operating cost against fill rate"
    assert "buffered" in texts
    assert "lean" not in texts
    style = root.find("{http://www.w3.org/2000/svg}style").text
    assert "var(" not in style
    saved(page, "#f-backlog-over-time", "Save the figure as PNG", tmp_path / "f.png")
    assert (tmp_path / "f.png").read_bytes()[:4] == b"\x89PNG"


def test_every_table_has_a_caption_and_a_point_a_single_mark(opened):
    page = opened()
    captions = [caption.text_content() for caption in page.locator("main table caption").all()]
    assert all(captions)
    assert len(captions) == page.locator("main table").count()
    marks = page.locator("#f-tradeoff svg path.dt")
    assert marks.count() == page.locator(".chip").count()
