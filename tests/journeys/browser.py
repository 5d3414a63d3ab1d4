"""A real browser for the pages that we write, watched: what it asks for, what its console says."""

import contextlib
import os
import shutil
from pathlib import Path

import pytest

# The first one draws the same pages without windows, in two thirds of the time.
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)
# Functions of the browser that nobody asked for: guesses and offers; and the list below its address line, which is a
# page of its own in every window and takes longer to start than most pages that are tested.
UNUSED = ("MediaRouter", "OptimizationHints", "Translate", "WebUIOmniboxAimPopup", "WebUIOmniboxPopup")
QUIET = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    f"--disable-features={','.join(UNUSED)}",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
"""As root there is no sandbox; and nothing but the page itself may be looked up."""
DESKTOP, PHONE = (1280, 900), (390, 844)


@contextlib.contextmanager
def chromium():
    """The browser, or a skip that says why."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: `make` brings it")
    if CHROMIUM is None:
        pytest.skip("no Chromium found: install it, or name it in the variable CHROMIUM")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


@contextlib.contextmanager
def opened(browser, path, size=DESKTOP, scheme="light"):
    """A page of a file; in the end its console must have been silent and nothing else may have been asked for."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(Path(path).resolve().as_uri())
    yield page
    elsewhere = [url for url in asked if not url.startswith(("file:", "data:", "blob:"))]
    assert (said, elsewhere) == ([], [])
    context.close()


def fits(page):
    """Nothing sticks out to the right."""
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
