"""Tracking page and film in a real browser: they can be read, stepped, played, and ask for nothing from elsewhere."""

import re

import pytest
from click.testing import CliRunner

from simulator.cli.main import backorder
from tests.journeys.browser import DESKTOP, PHONE, chromium, fits, opened
from tests.unit.report.tracking.test_tracking import SHOP

DELAY = "scenarios/supplier-delay.yaml"


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The tracking page of an order that was split and came late, and a film of two policies."""
    folder = tmp_path_factory.mktemp("pages")
    shell = CliRunner()
    (folder / "shop.yaml").write_text(SHOP)
    order = ["trace", str(folder / "shop.yaml"), "--order", "0", "--html", str(folder / "order.html")]
    film = [
        "film",
        DELAY,
        "--policy",
        "single",
        "--policy",
        "dual",
        "--days",
        "20",
        "--html",
        str(folder / "film.html"),
    ]
    for arguments in (order, film):
        told = shell.invoke(backorder, arguments, catch_exceptions=False)
        assert told.exit_code == 0
    return folder


@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")])
def test_the_tracking_page_can_be_turned_back_to_any_day(browser, pages, size, scheme):
    with opened(browser, pages / "order.html", size, scheme) as page:
        assert page.locator("h1").inner_text() == "Order 0"
        assert page.locator("#headline").inner_text() == "Delivered"
        assert page.locator("#kept").inner_text().startswith("Missed by ")
        assert page.locator("#paid").inner_text() == "Paid: 42.00 EUR."
        assert page.locator("#options-card").is_hidden()
        assert page.locator("#parcels li").count() == 2
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowLeft")
        assert page.locator("#headline").inner_text() == "Partly delivered"
        assert "Later than promised (7 March)" in page.locator("#note").inner_text()
        assert page.locator("#lines li span").last.inner_text() == "waiting for stock"
        assert page.locator("#options b").all_inner_texts() == ["Keep", "Cancel"]
        assert page.locator("#behind .later").count() > 0
        assert "plate bought from maker" in page.locator("#behind li").first.inner_text()
        page.get_by_role("button", name="Next").click()
        assert page.locator("#headline").inner_text() == "On its way"
        page.locator("#time").fill("0")
        assert page.locator("#steps .done").all_inner_texts()[:1] == ["Ordered"]
        assert page.get_by_role("button", name="Earlier").is_disabled()
        assert fits(page)


def units_waiting(page):
    return [int(re.match(r"(\d+)", text)[1]) for text in page.locator(".numbers").all_inner_texts()]


@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "dark"), (PHONE, "light")])
def test_the_film_steps_and_plays_and_every_policy_meets_the_same_customers(browser, pages, size, scheme):
    with opened(browser, pages / "film.html", size, scheme) as page:
        assert page.locator("h1").inner_text() == "A supplier runs late"
        assert page.locator(".lane h2 span").all_inner_texts() == ["single", "dual"]
        start = page.locator("#clock").inner_text()
        page.get_by_role("button", name="Step").click()
        stepped = page.locator("#clock").inner_text()
        assert stepped != start
        assert all(page.locator(".said").all_inner_texts())
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowLeft")
        assert page.locator("#clock").inner_text() == stepped
        page.keyboard.press("r")
        assert any("received from" in text for text in page.locator(".said").all_inner_texts())
        page.keyboard.press("Home")
        assert page.locator("#clock").inner_text() == start
        page.keyboard.press(" ")
        page.wait_for_function("text => document.getElementById('clock').textContent !== text", arg=start)
        assert page.locator("#play").inner_text() == "Pause"
        page.get_by_role("button", name="Pause").click()
        page.locator("#time").evaluate(
            "slider => { slider.value = slider.max; slider.dispatchEvent(new Event('input')) }"
        )
        assert len(units_waiting(page)) == 2
        assert drawn(page) > 500
        assert fits(page)


def drawn(page):
    """Pixels of the first lane that are not transparent."""
    return page.evaluate(
        """() => { const c = document.querySelector(".lane canvas");
        const pixels = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
        return pixels.filter((v, k) => k % 4 === 3 && v > 0).length }"""
    )


def test_the_numbers_of_the_film_are_those_of_the_run(browser, pages):
    from simulator.scenario.loader import load
    from simulator.world.simulate import simulate

    scenario = load(DELAY)
    paths = [simulate(scenario, policy, scenario.experiment.seed).level("backlog") for policy in ("single", "dual")]
    with opened(browser, pages / "film.html") as page:
        for share in (0.2, 0.5, 0.8):
            day = page.evaluate(
                """share => { const s = document.getElementById("time"); s.value = +s.min + share * (s.max - s.min);
                s.dispatchEvent(new Event("input")); return Number(s.value) }""",
                share,
            )
            expected = [int(path.values[path.times.searchsorted(day, side="right") - 1]) for path in paths]
            assert units_waiting(page) == expected


@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark"), ((400, 900), "light")])
def test_the_outlook_can_be_read_sorted_and_searched_at_every_width(browser, tmp_path, size, scheme):
    path = tmp_path / "outlook.html"
    arguments = ["outlook", "scenarios/monday-morning.yaml", "--replications", "4", "--html", str(path)]
    assert CliRunner().invoke(backorder, arguments, catch_exceptions=False).exit_code == 0
    with opened(browser, path, size, scheme) as page:
        assert page.locator("h1").inner_text() == "Monday morning"
        assert page.locator("#items tbody tr").count() == 4
        assert page.locator("#lines tbody tr").count() == 15
        assert fits(page)
        page.locator("#find").fill("PO-2211")
        found = page.locator("#lines tbody tr").count()
        assert 0 < found < 15
        assert page.locator("#count").inner_text() == f"{found} of 15"
        page.locator("#find").fill("")
        page.get_by_role("button", name="hurry").click()
        assert page.get_by_role("button", name="hurry").get_attribute("aria-pressed") == "true"
        if size == DESKTOP:
            page.locator("#lines th button", has_text="Promised").click()
            assert page.locator("#lines tbody tr").first.locator("td").first.inner_text() == "SO-10452"
            assert page.locator("#lines th[aria-sort=ascending]").inner_text().startswith("Promised")
