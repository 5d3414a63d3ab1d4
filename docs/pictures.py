"""The pictures of the README and the documentation: `make pictures` takes them from running pages with Chromium.

`python -m docs.pictures desk book` takes those of some groups only.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from click.testing import CliRunner
from playwright.sync_api import Browser, Page

from simulator.cli.main import backorder
from tests.journeys.browser import chromium, opened
from tests.journeys.class_server import running
from tests.journeys.lab_server import lab

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
SCENARIO = ROOT / "scenarios" / "flash-sale.yaml"
SIZE = (1120, 640)


def command(*arguments: str) -> str:
    """Run `backorder` and return what it prints."""
    told = CliRunner().invoke(backorder, arguments, catch_exceptions=False)
    assert told.exit_code == 0, told.stderr
    return told.stdout


def film(page: Page) -> None:
    """The sale under two policies, on a day on which many customers wait."""
    page.locator("#time").evaluate(
        "(slider, day) => { slider.value = day; slider.dispatchEvent(new Event('input')); }", 125.5
    )
    page.wait_for_timeout(1200)


def class_pictures(browser: Browser, home: Path) -> dict[str, bytes]:
    """A beer game of three teams in mid-game and at its end: the board, a phone and the debrief."""
    teams = {"Amber": (0, 4, 2), "Bock": (4, 8, 0), "Cider": (2, 2, 6)}  # what each adds to the orders that it sees
    found = {}
    with running(home) as server:
        code = server.opened(
            teams=list(teams), rounds=14, timer=300, bots={"brewery": "people", "distributor": "people"}
        )

        teacher = opened_page(browser, f"{server.link}teacher?token={server.token}", (1120, 900))
        teacher.goto(f"{server.link}teacher/{code}")
        phones = []
        for number, team in enumerate(team for team in teams for _ in range(2)):
            name = ("Ana", "Ben", "Chen", "Dora", "Emil", "Fay")[number]
            phone = joined_phone(browser, server.link + code, 760, name)
            if number % 2:
                server.act(code, "say", text="Do not tell the others your numbers.")
            phones.append((team, phone))
        server.act(code, "start")
        for number in range(14):
            for seat, (team, phone) in enumerate(phones):
                phone.get_by_text(f"Round {number + 1} of 14").wait_for()
                if number == 9 and seat == 0:
                    found["class-phone"] = phone.screenshot()
                if number == 9 and seat == 4:
                    phone.wait_for_timeout(800)
                    found["class-board"] = teacher.screenshot(full_page=False)
                asked = phone.evaluate("fetch(`/api/rooms${location.pathname}/view`).then(a => a.json())")["now"]
                order = asked["order_in"] + asked["backlog"] // 2 + teams[team][number % 3]
                phone.get_by_label("Order (cases)").fill(str(min(order, 200)))
                phone.get_by_role("button", name="Decide").click()
                if seat < len(phones) - 1:
                    phone.get_by_text("You decided").wait_for()
        teacher.goto(f"{server.link}debrief/{code}")
        teacher.locator("#page").wait_for()
        teacher.locator("#series").select_option("ordered.distributor")
        found["class-debrief"] = teacher.screenshot()
    return found


def lab_pictures(browser: Browser) -> dict[str, bytes]:
    """The lab with two sides of the flash sale: numbers with differences, the queue, and what matters most."""
    found = {}
    with lab("flash-sale", folder=ROOT) as link:
        page = browser.new_context(viewport={"width": 1280, "height": 960}, reduced_motion="reduce").new_page()
        page.goto(link)
        settled = "#numbers[aria-busy=false]"
        page.wait_for_selector(settled)
        page.keyboard.press("p")
        page.wait_for_selector("#flip:not([hidden])")
        page.get_by_role("spinbutton", name="reorder point s").locator("visible=true").fill("22")
        page.keyboard.press("Enter")
        page.wait_for_selector(".kpi .better")
        page.wait_for_selector(settled)
        found["lab"] = page.screenshot()
        page.set_viewport_size({"width": 1280, "height": 2000})  # nothing covers a part of it
        page.get_by_role("tab", name="Queue").click()
        page.locator("#film-from").fill("118")
        page.keyboard.press("Enter")
        page.wait_for_selector("#lanes .lane:nth-child(2)")
        page.locator("#film-day").evaluate(
            "(slider) => { slider.value = 125.5; slider.dispatchEvent(new Event('input')); }"
        )
        page.wait_for_timeout(1200)
        found["lab-queue"] = page.locator("#view-queue").screenshot()
        page.get_by_role("tab", name="What matters most").click()
        page.get_by_role("button", name="Find out").click()
        page.locator("#tornado-done").wait_for(state="hidden")
        found["lab-matters"] = page.locator("#view-matters").screenshot()
    return found


def desk_pictures(browser: Browser, home: Path) -> dict[str, bytes]:
    """A Backorder desk of three teams, whose promiser and storefront each have one idea: a phone, and the debrief."""
    ideas = {"Lumen": (7, 300), "Watt": (14, 60), "Volt": (30, 120)}  # days that are promised, most lamps on backorder
    found = {}
    with running(home) as server, contextlib.ExitStack() as stack:
        code = server.opened(game="backorder-desk", teams=list(ideas), rounds=12)

        players = []
        for team, (days, limit) in ideas.items():
            for role, value in (("promiser", days), ("storefront", limit)):
                player = stack.enter_context(httpx.Client(base_url=server.link, timeout=30, trust_env=False))
                joining = {"name": f"{team} {role}", "team": team, "role": role}
                player.post(f"/api/rooms/{code}/join", json=joining)
                players.append((player, value))
        phone = joined_phone(browser, server.link + code, 900)
        server.act(code, "start")
        for number in range(1, 13):
            phone.get_by_text(f"Round {number} of 12").wait_for()
            if number == 5:
                found["class-desk-phone"] = phone.screenshot()
            for player, value in players:
                fields = player.get(f"/api/rooms/{code}/view").json()["fields"]
                values = {field["name"]: min(value, field["high"]) for field in fields}
                player.post(f"/api/rooms/{code}/decide", json={"round": number, "values": values})
            phone.get_by_role("button", name="Decide").click()
        teacher = opened_page(browser, f"{server.link}teacher?token={server.token}", (1120, 900))
        teacher.goto(f"{server.link}debrief/{code}")
        teacher.locator("#page").wait_for()
        found["class-desk"] = teacher.screenshot()
    return found


def book_pictures(browser: Browser, home: Path) -> dict[str, bytes]:
    """An order book of two teams after eight months: a planner's phone, and the debrief."""
    found = {}
    with running(home) as server, contextlib.ExitStack() as stack:
        code = server.opened(game="order-book", teams=["Quay", "Mill"], rounds=8)
        players = []
        for team, role in (("Quay", "planner_b"), ("Mill", "planner_a"), ("Mill", "planner_b")):
            player = stack.enter_context(httpx.Client(base_url=server.link, timeout=30, trust_env=False))
            player.post(f"/api/rooms/{code}/join", json={"name": f"{team} {role[-1]}", "team": team, "role": role})
            players.append((player, 1.0 if team == "Quay" else 2.5))
        phone = joined_phone(browser, server.link + code, 1000)
        server.act(code, "start")
        for number in range(1, 9):
            phone.get_by_text(f"Round {number} of 8").wait_for()
            if number == 6:
                phone.locator("#items-card").scroll_into_view_if_needed()
                found["class-book-phone"] = phone.screenshot()
            for player, months in players:
                seen = player.get(f"/api/rooms/{code}/view").json()
                values = {field["name"]: field["default"] for field in seen["fields"]}
                for name in values if number > 1 else ():
                    item, level = name.split(".")
                    asked = seen["now"][f"demand.{item}"] * months
                    values[name] = min(round(asked if level == "s" else 2 * asked), 5000)
                player.post(f"/api/rooms/{code}/decide", json={"round": number, "values": values})
            phone.get_by_role("button", name="Decide").click()
        teacher = opened_page(browser, f"{server.link}teacher?token={server.token}", (1120, 900))
        teacher.goto(f"{server.link}debrief/{code}")
        teacher.locator("#page").wait_for()
        found["class-book"] = teacher.screenshot()
    return found


def joined_phone(browser: Browser, link: str, height: int, name: str = "Ana") -> Page:
    """The phone of a student who has joined a room by its link and waits for the game."""
    phone = opened_page(browser, link, (390, height))
    phone.locator("#name").fill(name)
    phone.get_by_role("button", name="Join").click()
    phone.locator("#game").wait_for()
    return phone


def opened_page(browser: Browser, address: str, size: tuple[int, int]) -> Page:
    """A page in a browser of its own."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(address)
    return page


def film_picture(browser: Browser, folder: Path) -> dict[str, bytes]:
    """The film of the flash sale."""
    target = folder / "film.html"
    command("film", str(SCENARIO), "--policy", "lean", "--policy", "buffered", "--html", str(target))
    with opened(browser, target, SIZE) as page:
        film(page)
        return {"film": page.screenshot()}


def report_picture(browser: Browser, folder: Path) -> dict[str, bytes]:
    """The report of the flash sale."""
    told = command("run", str(SCENARIO), "--out", str(folder))
    with opened(browser, Path(told.splitlines()[-1].removeprefix("Report: ")), SIZE) as page:
        return {"report": page.screenshot()}


GROUPS: dict[str, Callable[[Browser, Path], dict[str, bytes]]] = {
    "film": film_picture,
    "class": class_pictures,
    "desk": desk_pictures,
    "book": book_pictures,
    "lab": lambda browser, _: lab_pictures(browser),
    "report": report_picture,
}


def main(wanted: Sequence[str]) -> None:
    """Take the pictures of these groups, or every one."""
    if unknown := set(wanted) - set(GROUPS):
        raise SystemExit(f"{', '.join(sorted(unknown))}: no such pictures; there are {', '.join(GROUPS)}")
    PICTURES.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder, chromium() as browser:
        for group in wanted or GROUPS:
            for name, picture in GROUPS[group](browser, Path(folder) / group).items():
                (PICTURES / f"{name}.png").write_bytes(picture)
                print(f"{name}.png: written")


if __name__ == "__main__":
    main(sys.argv[1:])
