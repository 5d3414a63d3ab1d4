"""Cost against service, and the paired difference of every policy to the first."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from simulator.experiment.statistics.verdicts import judged
from simulator.report.cards.kpi_tables import cells, differences_table
from simulator.report.drawing.charts import Dot, dot_chart
from simulator.report.drawing.plot import Axis, Plot, Size
from simulator.report.drawing.scale import plain_ticks, reach
from simulator.report.sections.section import Figure, Section
from simulator.report.text.kpi_names import name_of, title_of
from simulator.report.text.numbers import unit
from simulator.report.text.view import Ends, ReportView

COMPARED = (
    "fill_rate", "wait_mean", "cancellation_rate", "lost_at_checkout", "otif_first_promise", "on_hand_mean",
    "operating_cost", "contribution",
)  # fmt: skip


def tradeoff(view: ReportView) -> Section | None:
    """The cost of service, policy by policy."""
    cost = next((k for k in ("operating_cost", "total_cost") if view.defined(k)), None)
    if len(view.policies) < 2 or cost is None or not view.defined("fill_rate"):
        return None
    pairs = [("tradeoff", cost, f"{title_of(cost)} against fill rate")]
    if view.defined("contribution"):
        pairs.append(("tradeoff-contribution", "contribution", "Contribution against fill rate"))
    figures = [
        Figure(key, title, partial(_scatter, view, kpi), "Bars: intervals of the means in both directions.", half=True)
        for key, kpi, title in pairs
    ]
    text = "Further right, more units are filled from stock at once. Policies further down cost less."
    return Section("trade-off", "What service costs", [text], figures)


def _scatter(view: ReportView, key: str, size: Size) -> Plot:
    x_key = "fill_rate"
    xs, ys = ([view.value(p, k) for p in view.policies] for k in (x_key, key))
    xe, ye = ([view.ends(p, k) for p in view.policies] for k in (x_key, key))
    x_low, x_high = reach(*_outmost(xs, xe), 0.12, zero=False)
    y_low, y_high = reach(*_outmost(ys, ye), 0.14, zero=False)
    name = f"{name_of(key)}, {unit(key, view.labels).name}"
    x = Axis(x_low, x_high, plain_ticks(x_low, x_high, 5), "fill rate, %")
    plot = Plot(size, x, Axis(y_low, y_high, plain_ticks(y_low, y_high, 5), name))
    for k, policy in enumerate(view.policies):
        tooltip = f"{policy}: fill rate {xs[k]:.1f} %, {name} {ys[k]:,.0f}"
        plot.point(k, xs[k], ys[k], xe[k], ye[k], policy, tooltip)
    return plot


def _outmost(means: Sequence[float], ends: Sequence[Ends | None]) -> Ends:
    """The lowest and the highest of means and intervals."""
    every = [*means, *(end for pair in ends if pair is not None for end in pair)]
    return min(every), max(every)


def differences(view: ReportView) -> Section | None:
    """Paired by replication: chance that affects both policies alike cancels out."""
    if len(view.policies) < 2 or view.results.replications < 2:
        return None
    first, others = view.policies[0], view.policies[1:]
    shown = [k for k in COMPARED if view.defined(k) and any(view.results.difference(p, first, k).mean for p in others)]
    figures = [
        Figure(
            f"difference-{k.replace('_', '-')}",
            f"{title_of(k)}: difference to {first}",
            partial(_forest, view, k),
            half=True,
        )
        for k in shown
    ]
    caption = f"Each policy less {first}, paired by replication: difference ± half-width of the {view.level} interval."
    table = differences_table(view.results, shown, "The differences as numbers", headed=False, caption=caption)
    text = (
        f"Each policy faces the same customers, deliveries and mishaps as `{first}`, so only the policies differ. Bars "
        f"are {view.level} intervals; a bar that touches the line at 0 shows no significant difference."
    )
    return Section("differences", f"Differences to {first}", [text], figures, [table] if shown else [])


def _forest(view: ReportView, key: str, size: Size) -> Plot:
    how, found = unit(key, view.labels), judged(view.results, view.policies[0], key)
    extremes, dots = [0.0], []
    for k, (policy, (d, word)) in enumerate(found.items()):
        tooltip = f"{policy}: {cells([d], how.factor)[0]} {how.of_difference}, {word}"
        ends = None if d.ends is None else (d.ends[0] * how.factor, d.ends[1] * how.factor)
        dots.append(Dot(k, k + 1, (d.mean or 0.0) * how.factor, ends, tooltip))
        extremes += [dots[-1].value, *(ends or ())]
    low, high = reach(min(extremes), max(extremes), 0.08)
    return dot_chart(size, list(found), dots, low, high, how.of_difference, zero=True)
