"""Builds the page: all sections that apply to the run, in the order of a reader's questions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from simulator.experiment.results.results import Results
from simulator.experiment.storage.series_files import read_curves
from simulator.kpis.kpi import KPIS
from simulator.report.drawing.plot import HEAD, NARROW, WIDE, svg
from simulator.report.drawing.style import FAMILY, figure_rules, marker, number
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
from simulator.report.sections.section import Figure, Section
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
    from jinja2 import Environment, FileSystemLoader
    from markupsafe import Markup

    environment = Environment(loader=FileSystemLoader(PARTS), autoescape=True, trim_blocks=False)
    environment.filters["coded"] = lambda text: Markup(_coded(text))
    manifest = view.results.manifest
    look = {"rules": figure_rules(literal=True), "family": FAMILY, "head": HEAD}
    compared = len(view.policies) > 1 and view.results.replications > 1
    return environment.get_template("page.html").render(
        title=manifest.title or manifest.scenario,
        name=manifest.scenario,
        description=" ".join(str(view.scenario.get("description") or "").split()),
        answer=answer(view),
        story=conclusion(view.results, select_kpis()) if compared else [],
        frame=" · ".join(run_frame(view.results)),
        policies=[
            {"name": p, "title": view.title_of(p), "look": f"p{number(k)}", "swatch": _swatch(k)}
            for k, p in enumerate(view.policies)
        ],
        titles={p: view.title_of(p) for p in view.policies},
        sections=[s._asdict() | {"figures": [_figure(f) for f in s.figures]} for s in found],
        meanings={kpi.id: kpi.definition for kpi in KPIS.values()},
        source=view.results.source,
        source_lines=f"{len(view.results.source.splitlines()):,}",
        slug=slug(manifest.scenario),
        figures=json.dumps(look).replace("<", "\\u003c"),
        style=Markup(_style()),
        script=Markup(bundle_script(PARTS / "page.js")),
    )


def figures(found: list[Section]) -> Iterator[tuple[str, str]]:
    """Every figure as a separate SVG: name and text."""
    for section in found:
        for figure in section.figures:
            yield figure.key, svg(figure.draw(NARROW if figure.half else WIDE), figure.title, alone=True)


def _figure(figure: Figure) -> dict[str, Any]:
    sizes = (NARROW,) if figure.half else (WIDE, NARROW)
    drawn = "".join(svg(figure.draw(size), figure.title, key=figure.key) for size in sizes)
    reading = None if figure.reading is None else json.dumps(figure.reading.to_plain()).replace("<", "\\u003c")
    return figure._asdict() | {"drawn": drawn, "reading": reading}


def _swatch(place: int) -> str:
    return (
        f'<svg viewBox="0 0 30 14" aria-hidden="true"><g class="p{number(place)}"><path class="ln" d="M1 7h28"/>'
        f'<path class="dt" d="{marker(place, 15, 7, 4.5)}"/></g></svg>'
    )


def _coded(text: str) -> str:
    """HTML in which names between backticks are code, and numbers are kept together with their units."""
    together = re.sub(r"(\d) (%|d\b|[A-Z]{3}\b)", "\\1\u00a0\\2", text)
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(together, quote=False))


def _style() -> str:
    hidden = "".join(f':root[data-hidden~="p{k}"] .s.p{k}{{display:none}}' for k in range(8))
    return hidden + bundle_style(PARTS / "page.css")
