"""The built site: no warnings, no requests to the network, no unrendered Markdown."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.journeys.browser import DESKTOP, PHONE, chromium, fits, opened

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the site, built with warnings as errors."""
    folder = tmp_path_factory.mktemp("site")
    strictly = ("--builder", "html", "--fail-on-warning", "--keep-going", "--quiet")
    build = [sys.executable, "-m", "sphinx", *strictly, "docs", str(folder), "--doctree-dir", str(folder / ".doctrees")]
    built = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, timeout=250)
    assert (built.returncode, built.stderr) == (0, "")
    return folder


class Loads(HTMLParser):
    """Collects what a browser loads without a click: everything but links."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            by_itself = name in {"src", "srcset", "poster", "data"} or (tag == "link" and name == "href")
            if by_itself and value:
                self.found.append(value)


def test_no_page_loads_anything_from_the_network(site):
    pages = list(site.rglob("*.html"))
    assert len(pages) > 20
    for page in pages:
        loads = Loads()
        loads.feed(page.read_text(encoding="utf-8"))
        assert not [url for url in loads.found if re.match(r"(?:\w+:)?//", url)], page
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert not re.findall(r"(?:@import\s+|url\()['\"]?(?:\w+:)?//[^)'\"]*", text), sheet


def test_every_page_is_linked_and_rendered(site):
    home = (site / "index.html").read_text(encoding="utf-8")
    for source in (ROOT / "docs").rglob("*.md"):
        if source.parent.name == "values":  # parts of the lessons
            continue
        page = source.relative_to(ROOT / "docs").with_suffix(".html")
        text = (site / page).read_text(encoding="utf-8")
        assert "<h1>" in text, page
        assert "```" not in text, page
        assert page.as_posix() in home or page.parent.name in {"decisions", "teaching"} or page.name == "index.html", (
            page
        )


def test_the_site_works_in_a_browser_without_a_network(site):
    """The first page, a page by its link, the search, light and dark, wide and narrow."""
    with chromium() as browser:
        for size, scheme in ((DESKTOP, "light"), (PHONE, "dark")):
            with opened(browser, site / "index.html", size, scheme) as page:
                assert "Backorder simulator" in page.locator("h1").inner_text()
                assert fits(page)
            with opened(browser, site / "reference/kinds.html", size, scheme) as page:
                assert page.locator("h1").count() == 1
                assert fits(page)
        with opened(browser, site / "index.html") as page:
            page.locator("article").get_by_role("link", name="tutorial").first.click()
            assert "from nothing to a decision" in page.locator("h1").inner_text()
        with opened(browser, site / "search.html") as page:
            page.goto(f"{page.url}?q=denominators")
            page.wait_for_selector("#search-results li a")
