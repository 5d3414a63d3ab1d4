"""The page to play with in a real browser: sliders move to points, and what stands there is what the sweep found."""

import pytest

from simulator.experiment.studies.sweep import sweep
from simulator.report.interactive.play import play
from simulator.report.text.numbers import decimals, written
from tests.journeys.browser import DESKTOP, PHONE, chromium, fits, opened
from tests.unit.report.interactive.test_play import LEAD, VARY, S, shop


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def made():
    return sweep(shop(), VARY)


@pytest.fixture(scope="module")
def pages(made, tmp_path_factory):
    folder = tmp_path_factory.mktemp("play")
    (folder / "grid.html").write_text(play(made, command="backorder run tiny.yaml"))
    sampled = sweep(shop(), {LEAD: "2 d..9 d"}, samples=4, replications=2)
    (folder / "sampled.html").write_text(play(sampled))
    (folder / "once.html").write_text(play(sweep(shop(), VARY, replications=1)))
    problem = sweep(shop(), {LEAD: ["4 d", "never"]}, replications=2)
    (folder / "problem.html").write_text(play(problem))
    return folder


def card(page, kpi="operating_cost"):
    return page.locator(f'[data-kpi="{kpi}"]')


def said_of(made, a, b, kpi):
    """The difference as the page writes it."""
    d = made.study.difference(a, b, kpi)
    places = decimals([d])
    text = f"{written(d.mean, places, sign=True)} ± {written(d.half_width, places)} EUR"
    return f"{text}, {'worse' if d.mean > 0 else 'better'}" if d.significant else f"no difference found ({text})"


@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")])
def test_a_slider_moves_to_a_point_and_its_values_and_paired_differences_are_shown(browser, pages, made, size, scheme):
    points = {tuple(point.values.values()): point for point in made.points}
    start, there = points[9, "4 d"], points[5, "4 d"]

    def value(point, policy="lots"):
        e = made.study.estimate(point, policy, "operating_cost")
        every = [made.study.estimate(p, name, "operating_cost") for p in made.points for name in made.study.policies]
        return f"{written(e.mean, decimals(every))} EUR"

    with opened(browser, pages / "grid.html", size, scheme) as page:
        assert page.locator("h1").inner_text() == "A <b>tiny</b> shop</script>"
        assert card(page).locator(".value").inner_text() == value(start)
        assert card(page).locator(".moved").inner_text() == "pinned here"
        page.get_by_label("s", exact=True).focus()
        page.keyboard.press("ArrowLeft")
        assert card(page).locator(".value").inner_text() == value(there) != value(start)
        assert card(page).locator(".moved").inner_text() == said_of(
            made, (there, "lots"), (start, "lots"), "operating_cost"
        )
        assert page.locator("#line").inner_text() == (
            f"backorder run tiny.yaml --policy lots --set '{S}=5' --set '{LEAD}=4 d' --replications 4 --seed 3"
        )
        page.get_by_role("button", name="Pin this point").click()
        assert card(page).locator(".moved").inner_text() == "pinned here"
        page.get_by_label("more", exact=True).check()
        assert card(page).locator(".value").inner_text() == value(there, "more")
        told = said_of(made, (there, "more"), (there, "lots"), "operating_cost")
        assert card(page).locator(".moved").inner_text() == told
        page.get_by_role("button", name="Back to the pin").click()
        assert card(page).locator(".value").inner_text() == value(there)
        assert page.locator("#along .dt").count() == 3
        assert page.locator("#against .now").count() == 1
        page.locator("#along .hit").last.click()
        assert page.get_by_label("s", exact=True).get_attribute("aria-valuetext") == "9"
        assert card(page).locator(".value").inner_text() == value(start)
        page.locator("#kpi").select_option("Fill rate")
        page.locator("#over").select_option("lead_time")
        assert page.locator("#along .dt").count() == 2
        assert fits(page)


def test_between_the_points_of_a_sample_the_page_names_the_nearest(browser, pages):
    with opened(browser, pages / "sampled.html") as page:
        page.get_by_role("slider").fill("9")
        assert (
            page.locator("#where").inner_text().startswith("No point was run exactly there. Showing the nearest of 4")
        )
        page.locator("#against .hit").last.click()
        assert page.locator("#where").inner_text().startswith("Point ")


def test_one_replication_judges_nothing(browser, pages):
    with opened(browser, pages / "once.html") as page:
        page.get_by_label("s", exact=True).focus()
        page.keyboard.press("ArrowLeft")
        assert card(page).locator(".moved").inner_text() == ""
        assert "differences cannot be judged" in page.locator("#judged").inner_text()


def test_a_point_that_was_not_played_says_why(browser, pages):
    with opened(browser, pages / "problem.html") as page:
        page.get_by_label("never").check()
        assert "not a valid scenario" in page.locator("#where").inner_text()
        assert card(page).locator(".value").inner_text() == "–"
        assert page.get_by_role("button", name="Pin this point").is_disabled()
        page.get_by_role("button", name="Back to the pin").click()
        assert card(page).locator(".value").inner_text() != "–"
