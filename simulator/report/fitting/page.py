"""The page of a fit as one file, and its Q-Q plot."""

from __future__ import annotations

from simulator.experiment.fitting.fit import Fit
from simulator.report.drawing.plot import NARROW, WIDE, Axis, Plot, Size, svg
from simulator.report.drawing.scale import plain_ticks
from simulator.report.templates import page
from simulator.report.terminal.fitting import TITLES, fit_rows

SHOWN = 3
"""Laws in the plot."""
TITLE = "Quantiles of the values over those of the laws"


def fit_page(found: Fit) -> str:
    """The page, self-contained."""
    data = {
        "title": f"Distributions of {found.label}",
        "figure": "".join(svg(quantile_plot(found, size), TITLE) for size in (WIDE, NARROW)),
        "header": TITLES,
        "rows": fit_rows(found),
        "warnings": found.warnings,
        "notes": found.notes,
        "laws": [[law.name, law.yaml] for law in found.laws],
    }
    return page("fit", data, data["title"])  # type: ignore[arg-type]


def quantile_plot(found: Fit, size: Size) -> Plot:
    """A Q-Q plot of the best laws: values that come from a law lie on the diagonal, 95 % of them in its band."""
    laws = found.laws[:SHOWN]
    pairs = [found.quantiles(law) for law in laws]
    first = pairs[0]
    top = max(float(p.values.max()) for p in pairs) * 1.05
    ticks = plain_ticks(0.0, top, 4 if size.narrow else 8)
    legend = [(k, law.name) for k, law in enumerate(laws)]
    square = size._replace(height=460 if not size.narrow else 380)
    plot = Plot(square, Axis(0.0, top, ticks, "quantile of the law"), Axis(0.0, top, ticks, f"{found.label}"), legend)
    inside = first.law <= top
    if inside.sum() > 1:
        low, high = (ends[inside].clip(0.0, top).tolist() for ends in (first.low, first.high))
        plot.ribbon(0, first.law[inside].tolist(), low, high)
    plot.raw(f'<path class="ax" d="M{plot.x(0):.1f} {plot.y(0):.1f}L{plot.x(top):.1f} {plot.y(top):.1f}"/>')
    for k, (law, p) in reversed(list(enumerate(zip(laws, pairs, strict=True)))):
        for x, y in zip(p.law.tolist(), p.values.tolist(), strict=True):
            if 0 <= x <= top:
                plot.point(k, x, y, tooltip=f"{law.name}: {x:.3g}, values: {y:.3g}")
    return plot
