"""Backorder-days by cause, where a stress test of the same scenario lies beside the run."""

from __future__ import annotations

from functools import partial

from simulator.experiment.statistics.intervals import Estimate
from simulator.experiment.studies.causes import MEANING
from simulator.experiment.studies.saved_studies import Causes, causes_beside
from simulator.report.drawing.plot import Axis, Plot, Size
from simulator.report.drawing.scale import Tick, plain_ticks, reach
from simulator.report.sections.section import Figure, Section, Table
from simulator.report.text.view import View, cells


def causes(view: View) -> Section | None:
    """What the backlog comes from: each cause taken out in its turn, under the same luck."""
    folder = view.results.folder
    study = None if folder is None else causes_beside(folder, view.results.source)
    if study is None:
        return None
    policies = [p for p in view.policies if any(c.policy == p for c in study.found)]
    names = list(dict.fromkeys(c.cause for c in study.found if c.policy in policies))
    if not policies or not names:
        return None
    found = {(c.policy, c.cause): Estimate(c.mean, c.half_width, study.replications) for c in study.found}
    rows = [
        [name, *cells([found.get((p, name), Estimate(None, None, 0)) for p in policies]), MEANING.get(name, "")]
        for name in names
    ]
    words = (
        "Unit-days on backorder that would go if nothing of the kind happened, the scenario played again without it "
        f"under the same luck; from `backorder stress`, {study.replications} replications, seed {study.seed}."
    )
    figure = Figure("causes", "Backorder-days by cause", partial(_drawn, view, study, policies, names))
    return Section(
        "causes",
        "What the backlog comes from",
        [words],
        [figure],
        [Table(("Cause", *policies, "which is"), rows, words=True)],
    )


def _drawn(view: View, study: Causes, policies: list[str], names: list[str], size: Size) -> Plot:
    mine = [c for c in study.found if c.policy in policies]
    ends = [c.mean + side * (c.half_width or 0.0) for c in mine for side in (-1, 1)]
    low, high = reach(max(min(ends), -0.25 * max(ends)), max(ends))
    n = len(names)
    y = Axis(-0.6, n - 0.4, [Tick(n - 1 - k, name) for k, name in enumerate(names)])
    x = Axis(low, high, plain_ticks(low, high, 5), "unit-days")
    legend = [(view.policies.index(p), p) for p in policies] if len(policies) > 1 else []
    plot = Plot(size._replace(height=92 + max(27.0, 12.0 * len(policies)) * n), x, y, legend, rows=True)
    spread = 0.6 / max(len(policies) - 1, 1)
    for c in mine:
        k = policies.index(c.policy)
        at = n - 1 - names.index(c.cause) + (0.3 - k * spread if len(policies) > 1 else 0.0)
        interval = None if c.half_width is None else (max(c.mean - c.half_width, low), min(c.mean + c.half_width, high))
        told = f"{c.policy}, {c.cause}: {c.mean:,.0f} unit-days"
        plot.point(view.policies.index(c.policy), c.mean, at, interval, told=told)
    return plot
