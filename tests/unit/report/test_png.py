"""Figures as PNG have their text, also where the system has no fonts."""

from functools import partial

import resvg_py

from simulator.report.drawing.style import FAMILY
from simulator.report.page.write import to_png

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="40" font-family="{family}">'
    '<rect width="300" height="40" fill="#fff"/>'
    '<text x="4" y="26" font-size="18" font-weight="{weight}">{text}</text></svg>'
)


def drawn(text, weight=400, family=FAMILY):
    return to_png(SVG.format(text=text, weight=weight, family=family))


def test_text_is_drawn_without_any_font_of_the_system_and_as_with_them(monkeypatch):
    with_fonts = drawn("fill rate ± 0.4 % · Größe → Σ")
    monkeypatch.setattr(resvg_py, "svg_to_bytes", partial(resvg_py.svg_to_bytes, skip_system_fonts=True))
    nothing = drawn("")
    assert drawn("fill rate ± 0.4 % · Größe → Σ") == with_fonts != nothing
    assert drawn("fill rate", weight=600) != drawn("fill rate")
    assert all(drawn(sign) != drawn("棚") for sign in "±×–…≥≤→★€Жλ")


def test_the_fonts_that_figures_name_are_replaced():
    assert drawn("backlog") == drawn("backlog", family="Backorder Sans") != drawn("backlog", family="serif")
