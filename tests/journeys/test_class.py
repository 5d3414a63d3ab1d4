"""The class in a real browser: eight phones and a teacher play whole games on one server."""

import re

import pytest

from simulator.scenario.loader import load
from tests.journeys.browser import PHONE, chromium, fits
from tests.journeys.class_server import running

NARROW = (360, 740)
EVIL = "<img src=x onerror=pwned=1>"


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running(tmp_path_factory.mktemp("class") / "rooms") as found:
        yield found


@pytest.fixture
def visit(browser, server):
    """Opens pages, each in a browser of its own; in the end consoles were silent and nobody else was asked."""
    contexts, said, asked = [], [], []

    def open_one(path="", size=PHONE, **options):
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce", locale="en-GB", **options
        )
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(server.link + path)
        contexts.append(context)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert [text for text in said if "net::ERR_" not in text] == []  # a lost connection is told on the page, too
    assert {url for url in asked if not url.startswith((server.link, "data:", "blob:"))} == set()


def teacher_of(visit, server, code, size=(1280, 900)):
    page = visit(f"teacher?token={server.token}", size)
    page.goto(f"{server.link}teacher/{code}")
    page.locator("#board").wait_for()
    return page


def join(page, name, team="", role=""):
    page.locator("#name").fill(name)
    if team:
        page.locator("#choose summary").click()
        page.locator("#team").select_option(team)
        page.locator("#role").select_option(role)
    page.get_by_role("button", name="Join").click()
    page.locator("#game").wait_for()


def test_eight_phones_play_a_whole_beer_game(visit, server):
    code = server.opened(teams=2, rounds=2)
    teacher = teacher_of(visit, server, code)
    phones = [visit(code, NARROW if k == 0 else PHONE) for k in range(8)]
    for k, phone in enumerate(phones):
        join(phone, f"Student {k}")
    assert phones[5].locator("#about").inner_text() == "Student 5 · Wholesaler, team 2"
    teacher.get_by_text("8 players", exact=True).wait_for()
    teacher.get_by_role("button", name="Start").click()
    orders = [[4, 12], [8, 8]]
    for number in range(2):
        for k, phone in enumerate(phones):
            phone.get_by_text(f"Round {number + 1} of 2").wait_for()
            phone.get_by_label("Order (cases)").fill(str(orders[k // 4][number]))
            phone.get_by_role("button", name="Decide").click()
            if (number, k) == (0, 6):
                phone.get_by_text("Waiting for 1 player").wait_for()
            if k < 7:
                phone.get_by_text(f"You decided: Order {orders[k // 4][number]}.").wait_for()
        if number == 0:
            phones[0].locator("#round").get_by_text("Round 2").wait_for()
            assert phones[0].locator("#happened li").count() > 0
            assert phones[0].locator("#chart svg path.ln").count() >= 3
            assert fits(phones[0])
            assert fits(phones[1])
    phones[0].get_by_text("The game has ended").wait_for()
    teacher.get_by_text("The game has ended").wait_for()
    assert teacher.locator("#ranking tbody tr").count() == 2
    phones[0].get_by_role("link", name="Debrief").click()
    phones[0].locator("#page").wait_for()
    assert fits(phones[0])
    teacher.get_by_role("link", name="Debrief").click()
    teacher.locator("#page").wait_for()
    rows = teacher.locator("#ranking tbody tr").all_inner_texts()
    assert len(rows) >= 4
    assert any("base stock" in row for row in rows)
    assert teacher.locator("#questions li").count() == 3
    assert teacher.locator("#theory li").count() >= 3
    with teacher.expect_download() as found:
        teacher.get_by_role("link", name="All decisions").click()
    text = found.value.path().read_text()
    assert text.count(",player,") == 16


def test_eight_phones_play_a_whole_backorder_desk(visit, server):
    code = server.opened(game="backorder-desk", teams=2, rounds=2)
    teacher = teacher_of(visit, server, code)
    phones = [visit(code, NARROW if k < 4 else PHONE) for k in range(8)]
    for k, phone in enumerate(phones):
        join(phone, f"Student {k}")
    phones[0].get_by_text("ask for about 70 lamps").wait_for()  # the rules are open as long as players wait
    server.act(code, "start")
    for number in range(2):
        for k, phone in enumerate(phones):
            phone.get_by_text(f"Round {number + 1} of 2").wait_for()
            if k == 4:
                phone.locator("#field-overseas").fill("80")
            if number == 1:
                assert phone.locator("#happened li").count() > 0
                assert phone.locator("#now dd").count() == 6
                assert phone.locator("#why tbody tr").count() > 0
                assert re.fullmatch(r"Why trust moved: 80 → [\d.]+", phone.locator("#why-title").inner_text())
                assert fits(phone)
                if k == 3:
                    phone.locator(".choice").last.click()
            phone.get_by_role("button", name="Decide").click()
            if k < 7:
                phone.locator("#decision.done").wait_for()
    teacher.get_by_text("The game has ended").wait_for()
    for phone in phones[:4]:
        words = phone.locator("body").inner_text()
        assert re.findall(r"\b(?:desk|see|class|bot)\.[a-z_.-]+\b", words) == []
    phones[3].get_by_role("link", name="Debrief").click()
    phones[3].locator("#page").wait_for()
    assert fits(phones[3])
    rows = phones[3].locator("#ranking tbody tr").all_inner_texts()
    assert any("planner" in row for row in rows)
    phones[3].locator("#team").select_option("2")
    assert phones[3].locator("#moments li").count() > 0


def test_two_phones_play_a_whole_order_book(visit, server, tmp_path):
    code = server.opened(game="order-book", teams=1, rounds=2)
    phones = [visit(code, NARROW), visit(code)]
    for name, phone in zip(("Ana", "Ben"), phones, strict=True):
        join(phone, name)
    server.act(code, "start")
    for number in (1, 2):
        for k, phone in enumerate(phones):
            phone.get_by_text(f"Round {number} of 2").wait_for()
            if number == 2:
                assert phone.locator("#items tbody tr").count() == 5
                assert phone.locator("#happened li").count() > 0
                assert fits(phone)
            if k == 0:
                phone.get_by_label("Doormat: buy at s (units)").fill(str(150 * number))
            phone.get_by_role("button", name="Decide").click()
    phones[0].get_by_text("The game has ended").wait_for()
    words = phones[0].locator("body").inner_text()
    assert re.findall(r"\b(?:book|see|class|bot)\.[a-z_.-]+\b", words) == []
    phones[0].get_by_role("link", name="Debrief").click()
    phones[0].locator("#page").wait_for()
    assert fits(phones[0])
    assert phones[0].locator("#moments li").count() > 0
    phones[0].locator("#family").select_option("backlog")
    assert phones[0].locator("#one .chart path.ln").count() == 10
    with phones[0].expect_download() as found:
        phones[0].locator("#scenario").click()
    saved = tmp_path / "saved.yaml"
    found.value.save_as(saved)
    levels = load(saved).policies["team"].schedule[0].replenishment
    assert [one.s for key, one in levels.items() if key.endswith("doormat")] == [300]


def test_names_and_messages_never_become_markup(visit, server):
    code = server.opened(teams=[EVIL, "b"], rounds=2)
    teacher = teacher_of(visit, server, code)
    phone = visit(code)
    join(phone, EVIL, EVIL, "retailer")
    teacher.locator("#news").fill(EVIL)
    teacher.get_by_role("button", name="Send").click()
    phone.locator("#news").get_by_text(EVIL).wait_for()
    teacher.get_by_role("button", name="Start").click()
    phone.locator("#decide:enabled").wait_for()
    teacher.get_by_role("button", name="End the round").click()
    phone.get_by_text("Round 2").first.wait_for()
    teacher.get_by_role("button", name="End the game").click()
    phone.get_by_text("The game has ended").wait_for()
    debrief = teacher.context.new_page()
    debrief.goto(f"{server.link}debrief/{code}")
    debrief.locator("#page").wait_for()
    assert EVIL in phone.locator("#about").inner_text()
    assert EVIL in teacher.locator("#seats").inner_text()
    assert EVIL in debrief.locator("#players").inner_text() + debrief.locator("#ranking").inner_text()
    for page in (phone, teacher, debrief):
        assert page.locator("img[src=x]").count() == 0
        assert page.evaluate("typeof pwned") == "undefined"


def test_a_phone_whose_seat_is_freed_is_asked_to_join_again(visit, server):
    code = server.opened(teams=1, rounds=2)
    teacher = teacher_of(visit, server, code)
    phone = visit(code)
    join(phone, "Ana")
    teacher.get_by_role("button", name="Free the seat of Ana").click()
    phone.locator("#join").wait_for()
    join(phone, "Ana")


def test_the_keyboard_alone_joins_and_decides(visit, server):
    code = server.opened(teams=1, rounds=2)
    phone = visit()
    phone.keyboard.type(code.lower())
    phone.get_by_role("heading", name="Beer game").wait_for()
    phone.keyboard.press("Tab")
    phone.keyboard.type("Ana")
    phone.keyboard.press("Enter")
    phone.get_by_text("Waiting for the start").wait_for()
    server.act(code, "start")
    phone.locator("#decide:enabled").wait_for()
    for _ in range(12):
        if phone.evaluate("document.activeElement.id") == "field-order":
            break
        phone.keyboard.press("Tab")
    phone.keyboard.press("Control+a")
    phone.keyboard.type("7")
    phone.keyboard.press("Enter")
    phone.get_by_text("Round 2 of 2").wait_for()
    phone.locator("#chart .chart").focus()
    phone.keyboard.press("ArrowRight")
    assert phone.locator("#chart .readout b").inner_text() == "Period 1"


NAMELESS = """() => [...document.querySelectorAll("input, select, textarea, button, a, img, table")].filter(one => {
  if (!one.checkVisibility()) return false;
  const label = one.labels && one.labels.length ? one.labels[0].textContent : "";
  const region = one.tagName === "TABLE" ? one.closest("[aria-label], [aria-labelledby]") !== null : false;
  return !(one.getAttribute("aria-label") || label || one.textContent.trim() || one.alt || region);
}).map(one => one.outerHTML)"""
SMALL = """() => [...document.querySelectorAll("#game, #join")].flatMap(
  part => [...part.querySelectorAll("button, input, select")]).filter(
  one => one.checkVisibility() && one.getBoundingClientRect().height < 40).map(one => one.outerHTML)"""


def test_every_control_has_a_name_and_room_for_a_finger_and_nothing_moves(visit, server):
    code = server.opened(teams=2, rounds=2)
    phone = visit(code, NARROW)
    teacher = teacher_of(visit, server, code, PHONE)
    start = visit(f"teacher?token={server.token}", PHONE)
    start.locator("#create").wait_for()
    for page in (phone, teacher, start):
        assert page.evaluate(NAMELESS) == []
        assert fits(page)
    assert phone.evaluate(SMALL) == []
    join(phone, "Ana Wilhelmina van der Longname")
    server.act(code, "start")
    phone.locator("#decide:enabled").wait_for()
    assert phone.evaluate(NAMELESS) == []
    assert phone.evaluate(SMALL) == []
    assert fits(phone)
    for page in (phone, teacher):
        assert page.evaluate("document.getAnimations().length") == 0


def test_the_language_is_switched_and_remembered(visit, server):
    code = server.opened(teams=1, rounds=2)
    phone = visit(code)
    phone.get_by_role("button", name="Español").click()
    phone.locator("#name").fill("José")
    phone.get_by_role("button", name="Entrar").click()
    phone.get_by_text("A la espera del comienzo").wait_for()
    assert phone.evaluate("document.documentElement.lang") == "es"
    phone.reload()
    phone.get_by_text("José · Minorista, equipo 1").wait_for()
    server.act(code, "start")
    phone.locator("#decide:enabled").wait_for()
    untranslated = re.findall(r"\b[a-z]+\.[a-z_.-]+\b", phone.locator("main").inner_text())
    assert untranslated == []


@pytest.mark.slow
def test_the_report_of_a_team_opens_without_a_word_in_the_console(visit, server):
    code = server.opened(teams=1, rounds=4)
    for what in ("start", "next", "next", "end"):
        assert server.act(code, what) == 200
    page = visit(f"teacher?token={server.token}", (1280, 900))
    page.goto(f"{server.link}api/debrief/{code}/report/0")
    assert "beer-game, team 1" in page.title()
    assert page.locator("svg.wide").count() > 0


@pytest.mark.slow
def test_phones_find_their_seats_when_the_server_comes_back(visit, server):
    code = server.opened(teams=1, rounds=2, timer=300)
    phone = visit(code)
    join(phone, "Ana")
    server.act(code, "start")
    phone.locator("#decide:enabled").wait_for()
    server.kill()
    phone.get_by_text("The connection is lost").wait_for()
    server.start()
    phone.locator("#broken").wait_for(state="hidden")
    phone.get_by_text("The clock is stopped").wait_for()
    phone.get_by_role("button", name="Decide").click()
    phone.get_by_text("You decided: Order 4.").wait_for()
