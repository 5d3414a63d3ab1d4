"""The pictures of the README and the documentation: `make pictures` takes them from running pages with Chromium."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from click.testing import CliRunner
from playwright.sync_api import Page

from simulator.cli.main import backorder
from tests.journeys.browser import chromium, opened

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


def as_opened(page: Page) -> None:
    """The page as it opens."""


def main() -> None:
    """Take every picture."""
    PICTURES.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder, chromium() as browser:

        def take(name: str, file: Path, arranged: Callable[[Page], None]) -> None:
            with opened(browser, file, SIZE) as page:
                arranged(page)
                page.screenshot(path=PICTURES / f"{name}.png")
                print(f"{name}.png: written")

        target = Path(folder) / "film.html"
        command("film", str(SCENARIO), "--policy", "lean", "--policy", "buffered", "--out", str(target))
        take("film", target, film)
        told = command("run", str(SCENARIO), "--out", folder)
        take("report", Path(told.splitlines()[-1].removeprefix("Report: ")), as_opened)


if __name__ == "__main__":
    main()
