"""The what-if page in a real browser: its twelve interactions, by mouse and keyboard, on a desktop and on a phone."""

import base64
import contextlib
import json
import re
import shlex

import pytest
from click.testing import CliRunner

from simulator.cli.main import backorder
from tests.journeys.browser import DESKTOP, chromium, fits
from tests.journeys.lab_server import lab

EVIL = '<img src=x onerror="document.title=1">'
SHOP = f"""
name: tiny
title: 'A <b>tiny</b> shop</script>'
description: '{EVIL}'
clock: {{start: 2025-01-06, horizon: 120 d, warm_up: 10 d}}
items:
  '{EVIL}': {{price: 10, unit_cost: 4, demand: 3 / d}}
  plate: {{price: 12, unit_cost: 5, demand: 2 / d}}
customers:
  web:
    arrivals: {{kind: poisson, rate: 3 / d}}
    basket: {{kind: weighted, items: {{'{EVIL}': 2, plate: 1}}}}
    patience: {{kind: exponential, mean: 20 d}}
  trade:
    arrivals: {{kind: poisson, rate: 1 / d}}
    basket: {{kind: single, item: plate}}
suppliers: {{pottery: {{items: all, lead_time: {{kind: gamma, mean: 8 d, cv: 0.4}}}}}}
carriers: {{van: {{transit: 2 d}}}}
policies:
  lean: {{replenishment: {{kind: s_S, s: 8 d, S: 16 d}}}}
  safe: {{extends: lean, replenishment: {{s: 14 d, S: 22 d}}}}
experiment: {{replications: 4, seed: 3}}
"""
SETTLED = "#numbers[aria-busy=false]"


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    found = tmp_path_factory.mktemp("lab")
    (found / "tiny.yaml").write_text(SHOP)
    return found


@pytest.fixture(scope="module")
def address(folder):
    with lab("tiny.yaml", folder=folder) as link:
        yield link


@pytest.fixture
def visit(browser, address):
    """Opens the page; in the end its console was silent, and nothing but this server was asked."""
    with contextlib.ExitStack() as stack:

        def opened(link=address, size=DESKTOP, settled=True, **options):
            context = browser.new_context(
                viewport={"width": size[0], "height": size[1]},
                reduced_motion="reduce",
                **{"locale": "en-US", "accept_downloads": True, **options},
            )
            stack.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(20_000)
            page.said, page.asked = [], []
            page.on("console", lambda message: page.said.append(message.text))
            page.on("pageerror", lambda error: page.said.append(str(error)))
            page.on("request", lambda request: page.asked.append(request.url))
            page.goto(link)
            if settled:
                page.wait_for_selector(SETTLED)
            pages.append(page)
            return page

        pages = []
        yield opened
        for page in pages:
            elsewhere = [url for url in page.asked if not url.startswith((address, "data:", "blob:"))]
            assert (page.said, elsewhere) == ([], [])


def until(page, condition, seconds=20):
    """Waits until an expression is true; elements with an id are known by it. (A function: the page allows no eval.)"""
    page.wait_for_function(f"() => {condition}", timeout=1000 * seconds)


def changed(page, act):
    """Does something that asks for new numbers, and waits until they are settled."""
    before = page.locator("#command").text_content()
    act()
    until(page, f"command.textContent !== {json.dumps(before)} && document.querySelector('{SETTLED}')")


def card(page, kpi, part="b"):
    return page.locator(f'[data-kpi="{kpi}"] {part}')


def turn(page, name, value):
    """Types a value into the field of a control."""
    field = page.get_by_role("spinbutton", name=name, exact=True).locator("visible=true").first
    field.fill(str(value))
    field.press("Enter")


def test_the_numbers_are_those_of_the_command_that_the_page_shows(visit, folder, monkeypatch):
    page = visit()
    assert page.locator("h1").inner_text() == "A <b>tiny</b> shop</script>"
    changed(page, lambda: turn(page, "reorder point s", 11))
    command = page.locator("#command").text_content()
    assert "'policies.lean.replenishment.s=11 d'" in command
    monkeypatch.chdir(folder)
    ran = CliRunner().invoke(backorder, [*shlex.split(command)[1:], "--json"], catch_exceptions=False)
    mean = json.loads(ran.stdout)["policies"]["lean"]["fill_rate"]["mean"]
    shown = card(page, "fill_rate").inner_text()
    assert float(shown) == pytest.approx(100 * mean, abs=0.6 * 10 ** -len(shown.partition(".")[2]))


def test_a_pin_a_slider_and_a_key_compare_two_sides_by_keyboard_alone(visit):
    page = visit()
    before = card(page, "fill_rate").inner_text()
    page.keyboard.press("p")
    page.wait_for_selector("#flip:not([hidden])")
    page.wait_for_selector(SETTLED)
    assert card(page, "fill_rate", ".moved").inner_text() == "No difference at all"
    slider = page.get_by_role("slider", name="reorder point s", exact=True).locator("visible=true").first
    slider.focus()
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    until(page, f"command.textContent.includes('=9.2 d') && document.querySelector('{SETTLED}')")
    after = card(page, "fill_rate").inner_text()
    assert after != before
    assert re.match(r"Better: \+.* ± .* points", card(page, "fill_rate", ".moved").inner_text())
    page.keyboard.press("f")
    assert card(page, "fill_rate").inner_text() == before
    assert slider.get_attribute("aria-valuetext") == "8 d"
    page.keyboard.press("f")
    assert card(page, "fill_rate").inner_text() == after
    assert "20" not in page.locator("#count").inner_text()
    assert "4 of 4 replications" in page.locator("#spoken").text_content()
    changed(page, lambda: page.keyboard.press("Control+z"))
    assert card(page, "fill_rate").inner_text() == before


def test_a_small_change_is_said_to_make_no_difference(visit):
    page = visit()
    page.get_by_role("button", name="Pin as A").click()
    page.wait_for_selector("#flip:not([hidden])")
    changed(page, lambda: turn(page, "pottery · lead time", 8.01))
    words = page.locator(".kpi .moved").all_inner_texts()
    assert any(text.startswith("No difference found (") for text in words)
    pottery = page.get_by_role("spinbutton", name="pottery · lead time", exact=True).locator("visible=true").first
    page.keyboard.press("f")  # the field that was typed into has the focus
    assert pottery.input_value() == "8"
    page.keyboard.press("f")
    pottery.select_text()
    page.keyboard.type("9")
    page.keyboard.press("f")
    page.keyboard.press("f")
    assert pottery.input_value() == "9", "what was typed is taken"
    assert "no value: the policy promises no date" in page.locator('[data-kpi="otif_first_promise"]').inner_text()


def test_unsettled_numbers_look_unsettled(visit):
    page = visit()
    page.route("**/api/play", lambda route: None)  # never answered
    turn(page, "reorder point s", 12)
    page.wait_for_selector(".kpi.unsettled")
    style = "getComputedStyle(document.querySelector('.kpi b'))"
    assert page.evaluate(f"[{style}.fontStyle, Number({style}.opacity) < 1]") == ["italic", True]
    page.unroute_all()


def test_trouble_is_dragged_onto_the_axis_added_by_keyboard_and_undone(visit):
    page = visit()
    chart = page.locator("#backlog svg")
    chart.evaluate("chart => chart.scrollIntoView({block: 'center'})")
    changed(page, lambda: page.get_by_role("button", name="Supplier 30 d late").drag_to(chart))
    assert page.locator("#happens li").count() == 1
    assert "supplier_delay" in page.locator("#command").text_content()
    page.get_by_role("button", name="Demand × 5").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Day", exact=True).fill("40")
    changed(page, lambda: page.keyboard.press("Enter"))
    assert "demand of all × 5" in page.locator("#happens li").last.inner_text()
    assert page.locator("#backlog .here").count() == 2
    changed(page, lambda: page.get_by_role("button", name="Undo").click())
    assert page.locator("#happens li").count() == 1
    changed(page, lambda: page.get_by_role("button", name=re.compile("Remove")).click())
    assert "supplier_delay" not in page.locator("#command").text_content()


def test_the_queue_plays_two_lanes_and_a_token_tells_its_story(visit):
    page = visit()
    page.keyboard.press("p")
    page.wait_for_selector("#flip:not([hidden])")
    changed(page, lambda: turn(page, "reorder point s", 3))
    page.get_by_role("tab", name="Queue").click()
    page.wait_for_selector("#lanes .lane:nth-child(2)")
    day = page.locator("#clock").inner_text()
    page.get_by_role("button", name="Next receipt").click()
    assert page.locator("#clock").inner_text() != day
    assert "received from pottery" in page.locator(".happened").all_inner_texts()[0] + "".join(
        page.locator(".happened").all_inner_texts()
    )
    box = page.locator("#lanes canvas").first.bounding_box()
    found = False
    for x in range(int(box["width"] * 0.55), int(box["width"] * 0.1), -9):  # the mark at the head of the queue
        page.mouse.click(box["x"] + x, box["y"] + 34)
        if page.locator("#dialog[open]").count() or page.wait_for_timeout(60) or page.locator("#dialog[open]").count():
            found = True
            break
    assert found
    assert page.locator("#dialog h3").count() == 2
    assert "placed by" in page.locator("#dialog li").first.inner_text()
    page.get_by_role("button", name="What the customer sees").first.click()
    framed = page.frame_locator("#dialog iframe")
    assert framed.locator(".status h2").inner_text()
    page.keyboard.press("Escape")


def test_a_click_on_who_waits_narrows_every_number(visit):
    page = visit()
    whole = card(page, "backlog_mean").inner_text()
    page.get_by_role("tab", name="Who waits").click()
    page.locator("#segments").get_by_role("button", name="trade").click()
    page.wait_for_selector("#part:not([hidden])")
    page.wait_for_selector(SETTLED)
    until(page, f"document.querySelector('[data-kpi=backlog_mean] b').textContent !== '{whole}'")
    assert page.locator('[data-kpi="contribution"]').is_hidden()
    assert page.locator("#worst").get_by_role("button", name=EVIL).is_visible()
    page.locator("#part").click()
    until(page, f"document.querySelector('[data-kpi=backlog_mean] b').textContent === '{whole}'")


def test_what_matters_most_and_the_best_values_are_found(visit):
    page = visit()
    page.get_by_role("tab", name="What matters most").click()
    page.get_by_role("button", name="Find out").click()
    page.wait_for_selector("#tornado rect.up")
    page.get_by_role("tab", name="Best values").click()
    page.locator("#goal").select_option("on_hand_mean")
    page.locator("#limit").fill("60")
    page.locator("#budget").select_option("24")
    page.get_by_role("button", name="Search", exact=True).click()
    until(page, "/^(Found|No values|No proposal)/.test(document.getElementById('best-said').textContent)", 60)
    page.wait_for_selector(SETTLED)


def test_a_number_is_explained(visit):
    page = visit()
    page.get_by_role("button", name="Fill rate", exact=True).click()
    page.wait_for_selector("#dialog[open] dl")
    text = page.locator("#dialog").inner_text()
    assert "Units filled from stock at once" in text
    assert "units demanded" in text
    assert "No closed form describes this world." in text
    page.get_by_role("button", name="Close", exact=True).first.click()


def test_it_is_taken_home_as_file_picture_report_and_link(visit, folder):
    page = visit()
    changed(page, lambda: turn(page, "order-up-to level S", 20))
    with page.expect_download() as svg:
        page.get_by_role("button", name="Save this chart as SVG").locator("visible=true").first.click()
    assert svg.value.path().read_text().startswith("<svg")
    with page.expect_download() as png:
        page.get_by_role("button", name="Save this chart as PNG").locator("visible=true").first.click()
    assert png.value.path().read_bytes().startswith(b"\x89PNG")
    page.get_by_role("tab", name="Take home").click()
    page.get_by_label("Save as", exact=True).fill("mine")
    page.get_by_role("button", name="Save scenario").click()
    until(page, "document.getElementById('home-said').textContent === 'Saved as mine.yaml.'")
    assert "extends: tiny.yaml" in (folder / "mine.yaml").read_text()
    page.get_by_role("button", name="Save scenario").click()
    until(page, "document.getElementById('home-said').textContent.includes('already exists')")
    page.said.clear()  # Chromium tells of the answer 409
    value = card(page, "fill_rate").inner_text()
    again = visit(page.url)
    assert card(again, "fill_rate").inner_text() == value
    assert again.locator("#command").text_content() == page.locator("#command").text_content()
    assert again.get_by_role("tab", name="Take home").get_attribute("aria-selected") == "true"


def test_a_link_that_makes_no_sense_opens_the_scenario_as_it_is(visit, address):
    plain = {"id": "file", "sides": {"A": {"policy": {}}, "B": {"policy": "lean", "edits": {"x": [1]}, "trouble": 3}}}
    text = base64.urlsafe_b64encode(json.dumps({**plain, "n": "1e9", "seed": -1, "part": EVIL, "view": {}}).encode())
    page = visit(f"{address}#{text.decode().rstrip('=')}")
    assert page.locator("#flip").is_hidden()
    assert page.locator("#command").text_content().endswith("--policy lean --replications 4 --seed 3")
    assert visit(f"{address}#nonsense").locator("#wrong").is_hidden()


def test_a_file_is_opened_by_hand_and_an_example_by_name(visit, folder):
    page = visit()
    page.get_by_role("button", name="Open…").click()
    page.locator("#file").set_input_files(folder / "tiny.yaml")
    page.wait_for_selector(SETTLED)
    until(page, "document.getElementById('command').textContent.includes('FILE.yaml')")
    again = visit(page.url)  # a short text travels in the link
    assert again.locator("h1").inner_text() == "A <b>tiny</b> shop</script>"
    page.evaluate(
        """text => {
          const data = new DataTransfer();
          data.items.add(new File([text], 'mine.yaml'));
          document.body.dispatchEvent(new DragEvent('drop', {bubbles: true, cancelable: true, dataTransfer: data}));
        }""",
        SHOP.replace("<b>tiny</b>", "dropped"),
    )
    until(page, "title.textContent.includes('A dropped shop')")
    page.get_by_role("button", name="Open…").click()
    page.get_by_role("searchbox", name="Search the examples").fill("base-stock")
    page.get_by_role("button", name="textbook/base-stock").click()
    until(page, "document.getElementById('command').textContent.includes('textbook/base-stock')")


def test_a_faulty_file_is_an_error_with_its_place_and_never_markup(visit, tmp_path):
    page = visit()
    (tmp_path / "bad.yaml").write_text(f"name: x\nclock: {{horizon: '{EVIL}'}}\n")
    page.get_by_role("button", name="Open…").click()
    page.locator("#file").set_input_files(tmp_path / "bad.yaml")
    page.wait_for_selector("#wrong:not([hidden])")
    assert "the dropped file:2:" in page.locator("#wrong").inner_text()
    assert page.locator("img").count() == 0
    page.said.clear()  # Chromium tells of the answer 422


@pytest.mark.parametrize("width", [390, 360])
def test_a_phone_shows_everything_without_scrolling_sideways_and_speaks_spanish(visit, width):
    page = visit(size=(width, 780), locale="es-ES", has_touch=True)
    assert page.locator("html").get_attribute("lang") == "es"
    for tab in page.get_by_role("tab").all():
        tab.click()
        page.wait_for_timeout(50)
        assert fits(page)
    assert page.get_by_role("button", name="Fijar como A").is_visible()
    page.get_by_role("button", name="Tasa de servicio", exact=True).click()
    page.get_by_text("Unidades servidas al momento desde el stock").wait_for()
    assert fits(page)
    page.get_by_role("button", name="Cerrar", exact=True).first.click()
    page.get_by_role("button", name="English").click()
    assert page.get_by_role("button", name="Pin as A").is_visible()


def test_every_control_has_a_name_for_screen_readers(visit):
    page = visit()
    nameless = """() => [...document.querySelectorAll('button, input, select, canvas, svg[role=img], progress')]
      .filter(e => e.getClientRects().length && !e.closest('[aria-hidden=true]'))
      .filter(e => !(e.textContent.trim() || e.getAttribute('aria-label') || e.labels?.length || e.title))
      .map(e => e.outerHTML)"""
    for tab in page.get_by_role("tab").all():
        tab.click()
        page.wait_for_timeout(50)
        assert page.evaluate(nameless) == []
