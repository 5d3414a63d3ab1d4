"""The parts of the report page as HTML: links, answer, chips of the policies, sections with figures and tables."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from simulator.report.cards.card import BEST, Table
from simulator.report.drawing.plot import NARROW, WIDE, svg
from simulator.report.drawing.style import marker, number
from simulator.report.sections.section import Figure, Section

_SIGNS = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("'", "&#39;"), ('"', "&#34;"))


def escaped(text: str) -> str:
    """Text in HTML, within an element or an attribute.

    >>> escaped('5 < 6 & "so on"')
    '5 &lt; 6 &amp; &#34;so on&#34;'
    """
    for sign, name in _SIGNS:
        text = text.replace(sign, name)
    return text


def coded(text: str) -> str:
    """HTML in which names between backticks are code, and numbers are kept together with their units.

    >>> coded("`fill_rate` of 5 & more")
    '<code>fill_rate</code> of 5 &amp; more'
    """
    together = re.sub(r"(\d) (%|d\b|[A-Z]{3}\b)", "\\1\u00a0\\2", text)
    for sign, name in _SIGNS[:3]:
        together = together.replace(sign, name)
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", together)


def links(sections: Iterable[Section]) -> str:
    """Entries of the list of contents."""
    return "".join(f'<li><a href="#{s.key}">{escaped(s.title)}</a></li>\n' for s in sections)


def answer(sentences: Sequence[str], description: str, frame: str, story: Sequence[str]) -> str:
    """The headline with the sentences after it, what the scenario is about, its frame, and the points of the story."""
    first, *others = sentences
    told = "".join(f"<li>{coded(sentence)}</li>" for sentence in story)
    return (
        f'<p class="headline">{coded(first)}</p>\n'
        + _paragraphs(others)
        + (f'<p class="about">{coded(description)}</p>\n' if description else "")
        + f'<p class="frame">{escaped(frame)}</p>\n'
        + (f'<ul class="story">{told}</ul>\n' if story else "")
    )


def chips(titles: Mapping[str, str]) -> str:
    """A button for each policy, by name and title, that shows and hides it; none if there is only one."""
    if len(titles) < 2:
        return ""
    buttons = "".join(
        f'<button type="button" class="chip" data-policy="p{number(k)}" aria-pressed="true">{_swatch(k)}'
        f"{escaped(name)}{f' <small>{escaped(title)}</small>' if title else ''}</button>\n"
        for k, (name, title) in enumerate(titles.items())
    )
    return (
        '<div class="policies" role="group" aria-label="Policies shown in the charts">\n'
        f'<span aria-hidden="true">Policies</span>\n{buttons}</div>\n'
    )


def section(found: Section, titles: Mapping[str, str], meaning: Callable[[str], str]) -> str:
    """A section.

    Args:
        found: its texts, figures and tables.
        titles: titles of the policies by name, which stand below their names.
        meaning: the definition of a KPI by its key, shown where it is pointed at; '' for other words.
    """
    figures = "".join(map(_figure, found.figures))
    tables = [_table(table, place, found.title, titles, meaning) for place, table in enumerate(found.tables, 1)]
    return (
        f'<section id="{found.key}" aria-labelledby="h-{found.key}">\n'
        f'<h2 id="h-{found.key}">{escaped(found.title)}</h2>\n'
        + _paragraphs(found.paragraphs)
        + (f'<div class="figures">\n{figures}</div>\n' if figures else "")
        + "".join(tables)
        + "</section>\n"
    )


def _paragraphs(texts: Iterable[str]) -> str:
    return "".join(f"<p>{coded(text)}</p>\n" for text in texts)


def _figure(figure: Figure) -> str:
    sizes = (NARROW,) if figure.half else (WIDE, NARROW)
    drawn = "".join(svg(figure.draw(size), figure.title, key=figure.key) for size in sizes)
    values = focus = ""
    if figure.reading is not None:
        data = json.dumps(figure.reading.to_plain()).replace("<", "\\u003c")
        values = (
            f'<script type="application/json">{data}</script>\n<output class="readout" aria-live="polite"></output>\n'
        )
        focus = f' tabindex="0" role="group" aria-label="{escaped(figure.title)}: arrow keys read the values"'
    caption = f"<figcaption>{coded(figure.caption)}</figcaption>\n" if figure.caption else ""
    half = ' class="half"' if figure.half else ""
    return (
        f'<figure{half} id="f-{figure.key}">\n<h3>{coded(figure.title)}</h3>\n'
        f'<div class="chart"{focus}>{drawn}</div>\n{values}{caption}</figure>\n'
    )


def _table(table: Table, place: int, title: str, titles: Mapping[str, str], meaning: Callable[[str], str]) -> str:
    folded, units = escaped(table.folded), table.has("unit")
    words = ' class="words"' if table.has("text") else ""
    rows = "".join(_row(row, len(table.columns) - units, units, meaning) for row in table.plain)
    return (
        (f"<details><summary>{folded}</summary>" if folded else "")
        + f'\n<div class="wide-table" tabindex="0" role="region" aria-label="{folded or escaped(title)}, table">'
        + f'<table{words} data-number="{place}">\n'
        + f"<caption>{escaped(table.caption or table.folded or title)}</caption>\n"
        + _header(table, titles)
        + f"<tbody>\n{rows}</tbody></table></div>\n"
        + ("</details>" if folded else "")
        + "\n"
    )


def _header(table: Table, titles: Mapping[str, str]) -> str:
    if not any(table.header):
        return ""
    cells = []
    for column in table.columns:
        if column.kind != "unit":
            below = titles.get(column.title, "") if column.kind == "number" else ""
            small = f'<span class="title">{escaped(below)}</span>' if below else ""
            cells.append(f'<th scope="col">{escaped(column.title)}{small}</th>')
    return f"<thead><tr>{''.join(cells)}</tr></thead>\n"


def _row(row: Sequence[str], width: int, units: bool, meaning: Callable[[str], str]) -> str:
    name = escaped(row[0])
    if len(row) == 1:
        return f'<tr class="group"><th scope="rowgroup" colspan="{width}">{name}</th></tr>\n'
    said = meaning(row[0])
    hint = f' title="{escaped(said)}"' if said else ""
    unit = f" <small>{escaped(row[1])}</small>" if units else ""
    best = ' class="best"'
    cells = [f"<td{best if text.endswith(BEST) else ''}>{escaped(text)}</td>" for text in row[1 + units :]]
    return f'<tr><th scope="row"{hint}>{name}{unit}</th>{"".join(cells)}</tr>\n'


def _swatch(place: int) -> str:
    return (
        f'<svg viewBox="0 0 30 14" aria-hidden="true"><g class="p{number(place)}"><path class="ln" d="M1 7h28"/>'
        f'<path class="dt" d="{marker(place, 15, 7, 4.5)}"/></g></svg>'
    )
