"""Sections that are tables of KPIs: the scorecard, stock, segments, messages, disruptions."""

from __future__ import annotations

from functools import partial

from simulator.experiment.statistics.waitless import waitless
from simulator.kpis.kpi import KPIS
from simulator.report.cards.card import BEST, Table, text_table
from simulator.report.cards.inputs_table import TITLE, data_sentence, inputs_table
from simulator.report.cards.kpi_tables import estimates_table
from simulator.report.drawing.charts import Dot, dot_chart
from simulator.report.drawing.plot import Plot, Size
from simulator.report.drawing.scale import reach
from simulator.report.sections.section import Figure, Section
from simulator.report.text.levels import without_waits
from simulator.report.text.numbers import unit
from simulator.report.text.shown_kpis import MAIN_KPIS, defined, keys, missing, select_kpis
from simulator.report.text.view import ReportView


def scores(view: ReportView) -> Section:
    """The scorecard: policies side by side, the main KPIs open, all others folded up."""
    results = view.results
    main, every = defined(results, keys(results, select_kpis())), defined(results, results.kpis)
    several = results.replications > 1
    what = f"the mean ± half-width of the {view.level} interval" if several else "of one replication"
    paragraphs = [f"Each number is {what}."]
    if len(view.policies) > 1 and several:
        paragraphs.append(f"{BEST} marks a policy that is significantly better than every other.")
        paragraphs += without_waits(results, waitless(results))
    each = f"by policy: {what}" if several else "by policy, in one replication"
    tables = [estimates_table(results, main, caption=f"The main KPIs {each}.")]
    if len(every) > len(main):
        tables.append(estimates_table(results, every, f"All {len(every)} numbers", caption=f"Every KPI {each}."))
    if without := missing(results, keys(results, select_kpis(MAIN_KPIS))):
        rows = [text.split(": ", 1) for text in without]
        tables.append(
            text_table(("Not measured", "why"), rows, "What was not measured, and why.", "KPIs without a value")
        )
    return Section("scorecard", "Scorecard", paragraphs, (), tables)


def from_data(view: ReportView) -> Section | None:
    """How much of the intervals comes from having only so many data, if the scenario asks."""
    results = view.results
    if results.manifest.inputs is None:
        return None
    main = defined(results, keys(results, select_kpis()))
    return Section("data", TITLE, [data_sentence(results)], (), [inputs_table(results, main)])


def stock(view: ReportView) -> Section | None:
    """How fast the stock turns over."""
    figures = [
        Figure(key.replace("_", "-"), title, partial(_dots, view, key), half=True)
        for key, title in (("turns", "Inventory turns"), ("on_hand_mean", "Mean stock on hand"))
        if view.defined(key)
    ]
    table = group_table(view, "stock and supply")
    return Section("stock", "Stock and supply", (), figures, [table]) if table else None


def by_segment(view: ReportView) -> Section | None:
    """How well each segment is served."""
    text = "A mean over all customers hides who waits; here each segment is shown on its own."
    several = len(view.scenario.get("customers") or {}) > 1
    return _of_group(view, "by segment", "segments", "Customer segments", text) if several else None


def opening(view: ReportView) -> Section | None:
    """What becomes of the orders that were open at the start."""
    text = (
        "These orders were open when the run started, and their waits count from the day on which they were placed. "
        "Shares and means over orders, lines and units leave them out; levels over time, parcels and cash hold them. "
        "`backorder outlook` has a day for each."
    )
    return _of_group(view, "open at the start", "open-at-the-start", "Orders open at the start", text)


def by_site(view: ReportView) -> Section | None:
    """What the customers of each site get, and what each site keeps and sends."""
    text = (
        "Service and waits are those of a site's own customers, wherever their goods lie; stock, backlog and costs are "
        "those of the site."
    )
    several = len(view.scenario.get("warehouses") or {}) > 1
    return _of_group(view, "by site", "sites", "Sites", text) if several else None


def talk(view: ReportView) -> Section | None:
    """Messages to customers, and their questions."""
    return _of_group(view, "talk", "talk", "Messages and questions")


def disruption(view: ReportView) -> Section | None:
    """How the company withstands and recovers from disruptions."""
    text = "From the start of an event to the first unit short because of it, and from its end to full recovery."
    return _of_group(view, "disruption", "disruption", "Disruptions", text)


def _of_group(view: ReportView, group: str, key: str, title: str, *paragraphs: str) -> Section | None:
    table = group_table(view, group)
    return Section(key, title, paragraphs, (), [table]) if table else None


def group_table(view: ReportView, group: str) -> Table | None:
    """All KPIs of a group of which a policy has a value other than 0; None where there is none."""
    found = [k for k in view.results.kpis if (kpi := KPIS.get(k.split("[")[0])) and kpi.group == group]
    shown = [k for k in found if view.nonzero(k)]
    if not shown:
        return None
    caption = f"KPIs of the group “{group}” by policy: mean ± half-width of the {view.level} interval."
    return estimates_table(view.results, shown, marked=False, headed=False, caption=caption)


def _dots(view: ReportView, key: str, size: Size) -> Plot:
    low, high = reach(0.0, view.most([key]), 0.08)
    name = unit(key, view.labels).name
    dots = [
        Dot(k, k, view.value(p, key), view.ends(p, key), f"{p}: {view.value(p, key):,.2f} {name}")
        for k, p in enumerate(view.policies)
    ]
    return dot_chart(size, view.policies, dots, low, high, name)
