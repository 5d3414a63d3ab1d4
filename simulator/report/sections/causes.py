"""Backorder-days by cause, where results of a stress test of the same scenario are found next to the run's."""

from __future__ import annotations

from functools import partial

from simulator.experiment.statistics.intervals import Estimate
from simulator.experiment.studies.causes import MEANING
from simulator.experiment.studies.saved_studies import SavedCauses, saved_causes
from simulator.report.cards.card import text_table
from simulator.report.cards.kpi_tables import cells
from simulator.report.drawing.charts import Dot, dot_chart
from simulator.report.drawing.plot import Plot, Size
from simulator.report.drawing.scale import reach
from simulator.report.sections.section import Figure, Section
from simulator.report.text.view import ReportView


def causes(view: ReportView) -> Section | None:
    """What the backlog comes from: the effect of removing each cause in turn, with common random numbers."""
    folder = view.results.folder
    study = None if folder is None else saved_causes(folder, view.results.source)
    if study is None:
        return None
    policies = [p for p in view.policies if any(c.policy == p for c in study.found)]
    names = list(dict.fromkeys(c.cause for c in study.found if c.policy in policies))
    if not policies or not names:
        return None
    found = {(c.policy, c.cause): Estimate(c.mean, c.half_width, study.replications) for c in study.found}
    rows = [
        [name, *cells(found.get((p, name), Estimate(None, None, 0)) for p in policies), MEANING.get(name, "")]
        for name in names
    ]
    text = (
        "Unit-days on backorder that would be avoided without each cause: the scenario is run again without it, with "
        f"the same random numbers (`backorder stress`, {study.replications} replications, seed {study.seed})."
    )
    figure = Figure("causes", "Backorder-days by cause", partial(_drawn, view, study, policies, names))
    table = text_table(("Cause", *policies, "meaning"), rows, "Backorder-days that each cause accounts for.")
    return Section("causes", "What the backlog comes from", [text], [figure], [table])


def _drawn(view: ReportView, study: SavedCauses, policies: list[str], names: list[str], size: Size) -> Plot:
    mine = [c for c in study.found if c.policy in policies]
    ends = [c.mean + side * (c.half_width or 0.0) for c in mine for side in (-1, 1)]
    # An interval may reach far below 0; the axis shows a quarter of its other side, so that the means stay apart.
    low, high = reach(max(min(ends), -0.25 * max(ends)), max(ends))
    dots = []
    for c in mine:
        arm = c.half_width
        interval = None if arm is None else (max(c.mean - arm, low), min(c.mean + arm, high))
        tooltip = f"{c.policy}, {c.cause}: {c.mean:,.0f} unit-days"
        dots.append(Dot(names.index(c.cause), view.policies.index(c.policy), c.mean, interval, tooltip))
    legend = [(view.policies.index(p), p) for p in policies] if len(policies) > 1 else []
    return dot_chart(size, names, dots, low, high, "unit-days", legend)
