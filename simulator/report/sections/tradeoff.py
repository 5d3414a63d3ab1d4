"""Cost against service, and the paired difference of every policy to the first."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from simulator.experiment.statistics.verdicts import against, verdict
from simulator.report.drawing.plot import Axis, Plot, Size
from simulator.report.drawing.scale import Tick, plain_ticks, reach
from simulator.report.sections.section import Figure, Section, Table
from simulator.report.text.kpi_names import name_of, title_of
from simulator.report.text.numbers import unit
from simulator.report.text.view import Ends, View, cells

COMPARED = (
    "fill_rate",
    "wait_mean",
    "cancellation_rate",
    "lost_at_checkout",
    "otif_first_promise",
    "on_hand_mean",
    "total_cost",
    "contribution",
)


def tradeoff(view: View) -> Section | None:
    """What service costs, policy by policy."""
    if len(view.policies) < 2 or not all(view.defined(k) for k in ("fill_rate", "total_cost")):
        return None
    pairs = [("tradeoff", "total_cost", "Total cost against fill rate")]
    if view.defined("contribution"):
        pairs.append(("tradeoff-contribution", "contribution", "Contribution against fill rate"))
    figures = [
        Figure(key, title, partial(_scatter, view, kpi), "Bars: intervals of the means, both ways.", half=True)
        for key, kpi, title in pairs
    ]
    words = ["To the right: more units filled from stock at once. A policy that lies lower costs less."]
    return Section("trade-off", "What service costs", words, figures)


def _scatter(view: View, key: str, size: Size) -> Plot:
    x_key = "fill_rate"
    xs, ys = ([view.value(p, k) for p in view.policies] for k in (x_key, key))
    xe, ye = ([view.ends(p, k) for p in view.policies] for k in (x_key, key))
    x_low, x_high = reach(*_outmost(xs, xe), 0.12, zero=False)
    y_low, y_high = reach(*_outmost(ys, ye), 0.14, zero=False)
    name = f"{name_of(key)}, {unit(key, view.currency).name}"
    x = Axis(x_low, x_high, plain_ticks(x_low, x_high, 5), "fill rate, %")
    plot = Plot(size, x, Axis(y_low, y_high, plain_ticks(y_low, y_high, 5), name))
    for k, policy in enumerate(view.policies):
        told = f"{policy}: fill rate {xs[k]:.1f} %, {name} {ys[k]:,.0f}"
        plot.point(k, xs[k], ys[k], xe[k], ye[k], policy, told)
    return plot


def _outmost(means: Sequence[float], ends: Sequence[Ends | None]) -> Ends:
    """The lowest and the highest of means and intervals."""
    every = [*means, *(end for pair in ends if pair is not None for end in pair)]
    return min(every), max(every)


def differences(view: View) -> Section | None:
    """Replication by replication: the luck that both had drops out."""
    if len(view.policies) < 2 or view.results.replications < 2:
        return None
    first = view.policies[0]
    shown = [k for k in COMPARED if view.defined(k) and _differs(view, k)]
    figures = [
        Figure(
            f"difference-{k.replace('_', '-')}",
            f"{title_of(k)}: difference to {first}",
            partial(_forest, view, k),
            half=True,
        )
        for k in shown
    ]
    rows = []
    for key in shown:
        found = list(against(view.results, first, key).values())
        said = [
            f"{c} {verdict(d, key)}" for c, d in zip(cells(found, unit(key, view.currency).factor), found, strict=True)
        ]
        rows.append([key, unit(key, view.currency).of_difference, *said])
    table = Table(("KPI", *view.policies[1:]), rows, "", "The differences as numbers", units=True)
    words = (
        f"Each policy met the same customers, deliveries and mishaps as `{first}`, so what differs is the policy's own "
        f"doing. Bars are {view.level} intervals; one that touches the line at 0 shows no difference that can be told "
        "from chance."
    )
    return Section("differences", f"Differences to {first}", [words], figures, [table] if rows else [])


def _differs(view: View, key: str) -> bool:
    return any(view.results.difference(p, view.policies[0], key).mean for p in view.policies[1:])


def _forest(view: View, key: str, size: Size) -> Plot:
    how, first = unit(key, view.currency), view.policies[0]
    found = against(view.results, first, key)
    ends = [0.0]
    for d in found.values():
        ends += [end * how.factor for end in (d.low, d.high, d.mean) if end is not None]
    low, high = reach(min(ends), max(ends), 0.08)
    rows = len(found)
    flat = size._replace(height=64 + 30.0 * rows)
    y = Axis(-0.5, rows - 0.5, [Tick(rows - 1 - k, p) for k, p in enumerate(found)])
    plot = Plot(flat, Axis(low, high, plain_ticks(low, high, 4), f"{how.of_difference}"), y, rows=True)
    plot.upright(0.0)
    for k, (policy, d) in enumerate(found.items()):
        text = f"{policy}: {cells([d], how.factor)[0]} {how.of_difference}, {verdict(d, key)}"
        ends_ = None if d.low is None or d.high is None else (d.low * how.factor, d.high * how.factor)
        plot.point(k + 1, (d.mean or 0.0) * how.factor, rows - 1 - k, ends_, told=text)
    return plot
