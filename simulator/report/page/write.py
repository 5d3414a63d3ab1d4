"""Writes the report of saved results, the page and its figures; measured data are never changed."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from simulator.experiment.results.results import Results
from simulator.experiment.storage.files import make_folder, write_whole
from simulator.foundation.errors import UserError
from simulator.report import drawing
from simulator.report.drawing.style import FAMILY
from simulator.report.page.page import figures, page, sections, view_of

PAGE = "report.html"
PLOTS = "plots"
SCALE = 2.0
"""Pixels of a PNG per pixel of the figure."""
FONT = "Backorder Sans"
FONTS = sorted((Path(drawing.__file__).parent / "fonts").glob("*.ttf"))
"""Fonts for PNG, where the reader's own cannot be used: Latin, Greek, Cyrillic, and signs."""


class Written(NamedTuple):
    """What was written."""

    page: Path
    plots: int


def write_report(results: Results, png: bool = False) -> Written:
    """`report.html` and `plots/*.svg` (and PNG) in the folder of the results, from which they can be made again.

    >>> import simulator, tempfile
    >>> made = simulator.run("textbook/base-stock", 2, out=tempfile.mkdtemp())
    >>> simulator.write_report(made).page.name
    'report.html'

    Raises:
        UserError: the results are not saved, or the folder cannot be written.
    """
    if results.folder is None:
        raise UserError("the report needs saved results; run with `out`")
    view = view_of(results)
    found = sections(view)
    plots = results.folder / PLOTS
    make_folder(plots)
    drawn = {name: text.encode() for name, text in figures(found)}
    kept = {f"{name}.{ending}" for name in drawn for ending in ("svg", "png")}
    for old in [*plots.glob("*.svg"), *plots.glob("*.png")]:
        if old.name not in kept:
            old.unlink()
    write_whole({plots / f"{name}.svg": text for name, text in drawn.items()}, durable=False)
    if png:
        write_whole({plots / f"{name}.png": to_png(text.decode()) for name, text in drawn.items()}, durable=False)
    target = results.folder / PAGE
    write_whole({target: page(view, found).encode()}, durable=False)
    return Written(target, len(drawn))


def to_png(text: str, scale: float = SCALE) -> bytes:
    """An SVG as PNG, with the same fonts everywhere; signs that they lack are taken from fonts of the system."""
    import resvg_py

    own = text.replace(FAMILY, FONT)
    found: bytes = resvg_py.svg_to_bytes(
        svg_string=own, zoom=scale, font_files=[str(path) for path in FONTS], font_family=FONT, sans_serif_family=FONT
    )
    return found
