"""The gallery of scenarios: `make gallery` runs every shipped scenario and writes questions, answers and figures.

`python -m docs.gallery NAME ...` renews the named scenarios only.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

import simulator
from simulator.report.drawing.plot import svg
from simulator.report.page.page import NARROW, sections, view_of
from simulator.report.sections.answer import answer

DOCS = Path(__file__).resolve().parent
SCENARIOS = DOCS.parent / "scenarios"
PICTURES = DOCS / "pictures" / "gallery"
ANSWERS = PICTURES / "answers.yaml"
"""The first sentence of each report, by name of the scenario."""
PAGE = DOCS / "gallery.md"
REPLICATIONS = 5
FIGURES = ("backlog-over-time", "tradeoff")
"""The figures of the report that are shown, where the report has them."""
GROUPS = {
    ".": ("Shops, sales and suppliers", "Where to begin."),
    "kinds": ("Kinds of backorders", "The same shop with one kind of backorder at a time."),
    "causes": ("Why backorders happen", "One cause at a time: forecasts, stock records, plants, transport."),
    "strategies": ("What a company can do", "One decision at a time, against the same customers."),
    "money": ("Money and trust", "Who pays when, and what a delay costs later."),
    "sensitivity": ("Assumptions that matter", "How much the answer depends on what is hard to measure."),
}


def scenarios() -> list[Path]:
    """Every shipped scenario that is a question of its own, by group."""
    return [path for folder in GROUPS for path in sorted((SCENARIOS / folder).glob("*.yaml"))]


def name(path: Path) -> str:
    """The name of a scenario's pictures and of its answer, such as 'strategies-kits'."""
    return "-".join(path.relative_to(SCENARIOS).with_suffix("").parts)


def renew(path: Path) -> str:
    """Run a scenario and write its figures; the first sentence of its report."""
    for old in PICTURES.glob(f"{name(path)}.*"):
        old.unlink()
    with TemporaryDirectory() as folder:
        results = simulator.run(path, replications=REPLICATIONS, out=folder)
        view = view_of(results)
        figures = {figure.key: figure for section in sections(view) for figure in section.figures}
        for key in filter(figures.__contains__, FIGURES):
            drawn = svg(figures[key].draw(NARROW), figures[key].title, alone=True)
            (PICTURES / f"{name(path)}.{key}.svg").write_text(drawn, encoding="utf-8")
        return answer(view)[0]


def answers() -> dict[str, str]:
    """The answers that have been written, by name of the scenario."""
    return yaml.safe_load(ANSWERS.read_text(encoding="utf-8")) if ANSWERS.exists() else {}


def page() -> str:
    """The page, from the scenario files and from what `renew` has written."""
    lines = [
        "# Gallery of scenarios",
        "",
        f"Every scenario that comes with the simulator: its question, the answer of {REPLICATIONS} replications,",
        "and two figures of its report. `backorder run FILE` prints the whole scorecard and writes the report.",
        "",
    ]
    said = answers()
    for folder, (title, text) in GROUPS.items():
        lines += [f"## {title}", "", text, ""]
        for path in sorted((SCENARIOS / folder).glob("*.yaml")):
            lines += _entry(path, said)
    return "\n".join(lines).rstrip() + "\n"


def _entry(path: Path, said: dict[str, str]) -> Iterator[str]:
    scenario = simulator.load(path)
    shown = path.relative_to(SCENARIOS.parent).as_posix()
    yield from [f"### {scenario.title or scenario.name}", "", f"`backorder run {shown}`", ""]
    if scenario.description:
        yield from [" ".join(scenario.description.split()), ""]
    if name(path) in said:
        yield from [f"**{said[name(path)]}**", ""]
    found = [PICTURES / f"{name(path)}.{key}.svg" for key in FIGURES]
    pictures = [
        f"![{scenario.title or scenario.name}: {key.replace('-', ' ')}]({drawn.relative_to(DOCS).as_posix()})"
        for key, drawn in zip(FIGURES, found, strict=True)
        if drawn.exists()
    ]
    if pictures:
        yield from [" ".join(pictures), ""]


def main(names: Sequence[str]) -> None:
    """Renew the named scenarios, or all of them, and the page."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    found = answers()
    for path in scenarios():
        if not names or name(path) in names:
            found[name(path)] = renew(path)
            print(f"{name(path)}: written", flush=True)
            ANSWERS.write_text(yaml.safe_dump(found, allow_unicode=True, width=120), encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
