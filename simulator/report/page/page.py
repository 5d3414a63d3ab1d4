"""Builds the page: all sections that apply to the run, in the order of a reader's questions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from simulator.experiment.results.results import Results
from simulator.experiment.storage.series_files import read_curves
from simulator.kpis.kpi import KPIS
from simulator.report.drawing.plot import HEAD, NARROW, WIDE, svg
from simulator.report.drawing.style import FAMILY, figure_rules
from simulator.report.page import body
from simulator.report.sections.answer import answer
from simulator.report.sections.assumptions import assumptions
from simulator.report.sections.causes import causes
from simulator.report.sections.items import items
from simulator.report.sections.kpis import by_segment, by_site, disruption, from_data, opening, scores, stock, talk
from simulator.report.sections.leaving import leaving
from simulator.report.sections.levels import demand_and_supply, over_time
from simulator.report.sections.method import method
from simulator.report.sections.money import money
from simulator.report.sections.promises import promises
from simulator.report.sections.section import Section
from simulator.report.sections.tradeoff import differences, tradeoff
from simulator.report.sections.waits import waits
from simulator.report.templates.bundle import bundle_script, bundle_style
from simulator.report.text.conclusion import conclusion
from simulator.report.text.frame import run_frame
from simulator.report.text.shown_kpis import select_kpis
from simulator.report.text.view import ReportView
from simulator.scenario.identity import slug

SECTIONS: tuple[Callable[[ReportView], Section | None], ...] = (
    scores,
    tradeoff,
    differences,
    from_data,
    over_time,
    demand_and_supply,
    opening,
    causes,
    waits,
    leaving,
    promises,
    talk,
    by_segment,
    by_site,
    items,
    disruption,
    stock,
    money,
    assumptions,
    method,
)
"""A section is a function of the view; it returns None if it does not apply to the run."""
PARTS = Path(__file__).parent


def view_of(results: Results) -> ReportView:
    """Results with the series saved next to them."""
    return ReportView(results, None if results.folder is None else read_curves(results.folder, results.manifest))


def sections(view: ReportView) -> list[Section]:
    """The sections that apply to the run."""
    return [_drawn_once(found) for section in SECTIONS if (found := section(view)) is not None]


def _drawn_once(section: Section) -> Section:
    """The section with figures that are drawn once for the page and for their own files."""
    return section._replace(figures=[figure._replace(draw=cache(figure.draw)) for figure in section.figures])


def page(view: ReportView, found: list[Section]) -> str:
    """The self-contained page: style, script, charts, numbers; it loads nothing from elsewhere."""
    manifest = view.results.manifest
    look = {"rules": figure_rules(literal=True), "family": FAMILY, "head": HEAD}
    compared = len(view.policies) > 1 and view.results.replications > 1
    titles = {policy: view.title_of(policy) for policy in view.policies}
    about = " ".join(str(view.scenario.get("description") or "").split())
    story = conclusion(view.results, select_kpis()) if compared else []
    parts = {
        "title": body.escaped(manifest.title or manifest.scenario),
        "name": body.escaped(manifest.scenario),
        "slug": body.escaped(slug(manifest.scenario)),
        "links": body.links(found),
        "answer": body.answer(answer(view), about, " · ".join(run_frame(view.results)), story),
        "chips": body.chips(titles),
        "sections": "".join(body.section(each, titles, _meaning) for each in found),
        "source": body.escaped(view.results.source),
        "source_lines": f"{len(view.results.source.splitlines()):,}",
        "figures": json.dumps(look).replace("<", "\\u003c"),
        "style": _style(),
        "script": bundle_script(PARTS / "page.js"),
    }
    shell = (PARTS / "page.html").read_text(encoding="utf-8").removesuffix("\n")
    return re.sub(r"{{(\w+)}}", lambda part: parts[part[1]], shell)


def _meaning(key: str) -> str:
    """The definition of a KPI by its key; '' for other words."""
    known = KPIS.get(key.split("[")[0])
    return "" if known is None else known.definition


def figures(found: list[Section]) -> Iterator[tuple[str, str]]:
    """Every figure as a separate SVG: name and text."""
    for section in found:
        for figure in section.figures:
            yield figure.key, svg(figure.draw(NARROW if figure.half else WIDE), figure.title, alone=True)


def _style() -> str:
    hidden = "".join(f':root[data-hidden~="p{k}"] .s.p{k}{{display:none}}' for k in range(8))
    return hidden + bundle_style(PARTS / "page.css")
