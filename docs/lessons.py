"""Pictures of the teacher's guide, and its tables of theoretical and measured values: `make lessons`.

All of them come from runs of the scenarios in scenarios/textbook, at fixed seeds.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from simulator.experiment.statistics.intervals import estimate
from simulator.experiment.textbook.verify import CaseCheck, verify
from simulator.kpis.evaluate import evaluate
from simulator.record.run import Run
from simulator.report.terminal.verification import decimals, six_digits
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.textbook import textbook
from simulator.theory import leaving, lots, production
from simulator.world.simulate import simulate

TEACHING = Path(__file__).resolve().parent / "teaching"
BLUE, ORANGE, GREEN, INK = "#0072b2", "#d55e00", "#009e73", "#222222"
WIDTH, HEIGHT = 660, 320

VALUES: dict[str, Sequence[str]] = {
    "1-little": ("little", "base-stock"),
    "2-safety-stock": ("safety-stock",),
    "3-pooling": ("pooling-four-sites", "pooling-one-hub"),
    "4-bullwhip": ("bullwhip",),
    "5-allocation": ("allocation",),
    "6-capacity": ("make-to-stock",),
    "7-impatience": ("impatient",),
    "8-promises": ("promise-quantile",),
    "9-better-forecast": ("better-forecast",),
}
"""Lesson to the textbook cases whose values it shows."""
SHOWN = {"1-little": ("area / waits", "backlog_mean", "wait_mean")}
"""Lesson to the values that it shows, if its cases have more."""
PICTURES: dict[str, Callable[[], alt.TopLevelMixin]] = {}


def picture(name: str) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Registers a function that draws a lesson's picture."""

    def register(draw: Callable[[], Any]) -> Callable[[], Any]:
        PICTURES[name] = draw
        return draw

    return register


# -------------------------------------------------------------------------------------------------------------- tables
def table(name: str) -> str:
    """The lesson's table of theoretical and measured values, in Markdown."""
    wanted = SHOWN.get(name)
    checks = [c for c in verify(VALUES[name]) if wanted is None or c.measure in wanted]
    return "\n".join([*_rows(checks)]) + "\n"


def _rows(checks: Sequence[CaseCheck]) -> Iterator[str]:
    yield from ["| world | value | theory | measured | verdict |", "| --- | --- | ---: | ---: | --- |"]
    for c in checks:
        places = decimals(c)
        world = f"{c.case}, {c.policy}" + (f", {c.label}" if c.label else "")
        width = f" ± {c.half_width:,.{places}f}" if c.half_width else ""
        theory = f"{c.theory:,.{max(places, six_digits(c.theory))}f}"
        yield f"| {world} | `{c.measure}` | {theory} | {c.mean:,.{places}f}{width} | {c.verdict} |"


# ------------------------------------------------------------------------------------------------------------ pictures
def played(name: str, policy: str, changes: dict[str, Any] | None = None, replication: int = 0) -> Run:
    """One replication of a textbook scenario at its own seed."""
    scenario = changed(name, changes)
    return simulate(scenario, policy, scenario.experiment.seed, replication)


def changed(name: str, changes: dict[str, Any] | None = None) -> Scenario:
    """A textbook scenario, with some keys changed."""
    return textbook(name).edit(changes) if changes else textbook(name)


def level(run: Run, name: Any, days: np.ndarray) -> np.ndarray:
    """A level at the given days."""
    path = run.level(name)
    return path.values[np.searchsorted(path.times, days, side="right") - 1]


def measured(
    name: str, policy: str, kpi: str, changes: dict[str, Any], replications: int
) -> tuple[float, float, float]:
    """Mean and both ends of its 95 % interval."""
    scenario = changed(name, changes)
    found = estimate(
        [evaluate(simulate(scenario, policy, scenario.experiment.seed, k), [kpi])[kpi] for k in range(replications)]
    )
    mean, half = found.mean or 0.0, found.half_width or 0.0
    return mean, mean - half, mean + half


def steps(data: pd.DataFrame, **channels: Any) -> alt.Chart:
    """A step line."""
    return alt.Chart(data).mark_line(interpolate="step-after", strokeWidth=2.5).encode(**channels)


@picture("1-little")
def _little() -> Any:
    run = played("base-stock", "base", {"policies.base.replenishment.S": 10, "clock.horizon": "400 d"})
    path = run.level("backlog")
    ends = np.flatnonzero((path.values == 0) & (np.append(0.0, path.values[:-1]) > 0))
    starts = np.flatnonzero((path.values > 0) & (np.append(0.0, path.values[:-1]) == 0))[: ends.size]
    longest = int(np.argmax(path.times[ends] - path.times[starts]))
    start, end = path.times[starts[longest]] - 0.3, path.times[ends[longest]] + 0.3
    asked = _cumulated(run.demand.times[run.backordered["order"].astype(int)], run.backordered["units"], start, end)
    filled = _cumulated(run.fills["time"], run.fills["units"], start, end)
    days = np.linspace(start, end, 500)
    a, d = (units[np.searchsorted(times, days, side="right") - 1] for times, units in (asked, filled))
    data = pd.DataFrame({"day": days - start, "ordered": a, "filled": d})
    k = int(np.argmax(a - d)) + 4
    middle = days[k]
    unit = int((a[k] + d[k]) // 2) + 1
    came, went = asked[0][np.searchsorted(asked[1], unit)], filled[0][np.searchsorted(filled[1], unit)]
    x, y = alt.X("day:Q", title="days"), alt.Y("ordered:Q", title="cumulative units that had to wait")
    area = alt.Chart(data).mark_area(interpolate="step-after", color=BLUE, opacity=0.15).encode(x=x, y=y, y2="filled:Q")
    long = data.melt("day", var_name="curve", value_name="units")
    curves = steps(
        long,
        x=x,
        y=alt.Y("units:Q"),
        color=colour("curve", ["ordered", "filled"]),
        strokeDash=dash("curve", ["ordered", "filled"]),
    )
    gaps = pd.DataFrame(
        {
            "x": [middle - start, came - start],
            "x2": [middle - start, went - start],
            "y": [d[k], unit - 0.5],
            "y2": [a[k], unit - 0.5],
            "text": [f"backlog: {a[k] - d[k]:.0f} units", f"wait of this unit: {went - came:.1f} d"],
        }
    )
    lines = alt.Chart(gaps).mark_rule(color=INK, strokeWidth=2).encode(x="x:Q", x2="x2:Q", y="y:Q", y2="y2:Q")
    texts = [
        alt.Chart(gaps.iloc[[0]])
        .mark_text(align="right", dx=-6, dy=-18, fontSize=13)
        .encode(x="x:Q", y="y2:Q", text="text:N"),
        alt.Chart(gaps.iloc[[1]])
        .mark_text(align="left", dx=6, dy=16, fontSize=13)
        .encode(x="x2:Q", y="y:Q", text="text:N"),
    ]
    return alt.layer(area, curves, lines, *texts)


def _cumulated(times: np.ndarray, units: np.ndarray, start: float, end: float) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(times, kind="stable")
    times, total = times[order], np.cumsum(units[order])
    inside = (times >= start) & (times < end)
    before = total[times < start][-1] if (times < start).any() else 0.0
    return np.append(start, times[inside]), np.append(0.0, total[inside] - before)


@picture("2-safety-stock")
def _safety_stock() -> Any:
    run = played("safety-stock", "both_variances")
    on_hand, backlog = run.level("on_hand"), run.level("backlog")
    at = np.unique(run.receipts["time"])
    net = sum(
        sign * path.values[np.searchsorted(path.times, at, side="left") - 1]
        for sign, path in ((1, on_hand), (-1, backlog))
    )
    needed = pd.DataFrame({"units": 1517 - net})
    bars = (
        alt.Chart(needed)
        .mark_bar(color=BLUE, opacity=0.55)
        .encode(
            x=alt.X("units:Q", bin=alt.Bin(step=100), title="demand until the goods arrive, units"),
            y=alt.Y("count()", title="cycles"),
        )
    )
    points = pd.DataFrame(
        {
            "units": [1156, 1517],
            "text": ["s = 1156: ignores the lead time's variance", "s = 1517: includes both variances"],
        }
    )
    rules = (
        alt.Chart(points)
        .mark_rule(strokeWidth=3, strokeDash=[7, 4])
        .encode(x="units:Q", color=colour("text", list(points["text"])))
    )
    return bars + rules


@picture("3-pooling")
def _pooling() -> Any:
    days = np.arange(10, 130) + 0.5
    apart, hub = (
        level(played(name, "base"), "backlog", days) / 100 for name in ("pooling-four-sites", "pooling-one-hub")
    )
    data = pd.DataFrame({"day": days, "four sites": apart, "one hub": hub}).melt(
        "day", var_name="who", value_name="units"
    )
    who = ["four sites", "one hub"]
    return steps(
        data,
        x=alt.X("day:Q", title="day"),
        y=alt.Y("units:Q", title="units on backorder"),
        color=colour("who", who),
        row=alt.Row("who:N", title=None, sort=who, header=alt.Header(labels=False)),
    ).properties(height=HEIGHT / 2)


@picture("4-bullwhip")
def _bullwhip() -> Any:
    days = np.arange(300, 360)
    names = {"average": "orders, average of 5 days", "average_20": "orders, average of 20 days"}
    rows = {"demand": None} | {text: policy for policy, text in names.items()}
    data = []
    for text, policy in rows.items():
        run = played("bullwhip", policy or "given", {"clock.horizon": "400 d"})
        times, units = (
            (run.demand.times, run.demand.quantities)
            if policy is None
            else (run.purchases["time"], run.purchases["units"])
        )
        by_day = np.bincount(np.floor(times + 1e-9).astype(int), weights=units, minlength=400)
        data.append(pd.DataFrame({"day": days, "units": by_day[days], "what": text}))
    return steps(
        pd.concat(data),
        x=alt.X("day:Q", title="day"),
        y=alt.Y("units:Q", title="units a day", scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=4)),
        color=colour("what", list(rows)),
        row=alt.Row("what:N", title=None, sort=list(rows), header=alt.Header(labels=False)),
    ).properties(height=110)


@picture("5-allocation")
def _allocation() -> Any:
    grid = np.linspace(0, 6, 241)
    rules = {
        "fifo": "first come, first served",
        "lifo": "last come, first served",
        "priority": "the higher class first",
    }
    data = []
    for policy, text in rules.items():
        run = played("allocation", policy)
        waits = np.sort(run.fills["time"] - run.fills["placed"])
        longer = (waits.size - np.searchsorted(waits, grid, side="right")) / len(run.demand.times)
        mean = waits.sum() / len(run.demand.times)
        data.append(pd.DataFrame({"days": grid, "share": longer, "rule": f"{text}: mean {mean:.4f} d"}))
    names = [frame["rule"].iloc[0] for frame in data]
    every = pd.concat(data)
    return (
        alt.Chart(every[every["share"] > 1e-5])
        .mark_line(strokeWidth=2.5)
        .encode(
            x=alt.X("days:Q", title="days"),
            y=alt.Y(
                "share:Q",
                title="share of customers who wait longer",
                scale=alt.Scale(type="log"),
                axis=alt.Axis(format="%", values=[0.1, 0.01, 0.001, 0.0001]),
            ),
            color=colour("rule", names),
            strokeDash=dash("rule", names),
        )
    )


@picture("6-capacity")
def _capacity() -> Any:
    loads = np.linspace(0.2, 0.93, 100)
    theory = pd.DataFrame({"load": loads, "days": [production.make_to_stock(x, 1.0, 0)["wait_mean"] for x in loads]})
    points = []
    for load in (0.3, 0.5, 0.7, 0.8, 0.9):
        changes = {"customers.all.arrivals.rate": load, "clock.warm_up": "200 d", "clock.horizon": "4200 d"}
        points.append((load, *measured("make-to-stock", "to_order", "wait_mean", changes, 10)))
    return _curve_and_points(
        theory, points, "load", "share of time that the line is busy", "days", "mean wait, days", percent=True
    )


@picture("7-impatience")
def _impatience() -> Any:
    patience = np.linspace(1.5, 42, 60)
    theory = pd.DataFrame(
        {
            "patience": patience,
            "share": [leaving.impatient(2.0, 5.0, m, 10)["cancelled_patience"] for m in patience],
            "who": "theory",
        }
    )
    points = []
    for mean in (2, 5, 10, 20, 40):
        changes = {"customers.all.patience.mean": f"{mean} d", "clock.horizon": "2100 d"}
        points.append((mean, *measured("impatient", "base", "cancelled_patience", changes, 10)))
    left = _curve_and_points(theory, points, "patience", "mean patience, days", "share", "orders cancelled").properties(
        width=WIDTH / 2 - 40
    )
    theory = theory.assign(share=[leaving.impatient(2.0, 5.0, m, 10)["backlog_mean"] for m in patience])
    points = []
    for mean in (2, 5, 10, 20, 40):
        changes = {"customers.all.patience.mean": f"{mean} d", "clock.horizon": "2100 d"}
        points.append((mean, *measured("impatient", "base", "backlog_mean", changes, 10)))
    right = _curve_and_points(
        theory, points, "patience", "mean patience, days", "share", "units on backorder"
    ).properties(width=WIDTH / 2 - 40)
    left.layer[0].encoding.y.axis = alt.Axis(format="%")
    return alt.hconcat(left, right, spacing=24)


@picture("8-promises")
def _promises() -> Any:
    late, quoted = [], []
    for p in (50, 75, 90, 95):
        changes = {"policies.half.promise.p": f"{p} %", "clock.horizon": "320 d"}
        late.append((1 - p / 100, *measured("promise-quantile", "half", "promise_late_share", changes, 8)))
        run = played("promise-quantile", "half", changes)
        first = run.promises["date"] - run.promises["time"]
        quoted.append({"p": p / 100, "days": float(first.mean())})
    line = pd.DataFrame({"due": [0.0, 0.55], "late": [0.0, 0.55], "who": "theory: as often as it says"})
    left = _curve_and_points(
        line, late, "due", "1 - p: share that may be late", "late", "share that is late", percent=True
    ).properties(width=WIDTH / 2 - 40)
    left.layer[0].encoding.y.axis = alt.Axis(format="%")
    right = (
        alt.Chart(pd.DataFrame(quoted))
        .mark_line(point=alt.OverlayMarkDef(size=70, color=BLUE), color=BLUE, strokeWidth=2.5)
        .encode(
            x=alt.X("p:Q", title="p: promised probability", axis=alt.Axis(format="%"), scale=alt.Scale(zero=False)),
            y=alt.Y("days:Q", title="mean days quoted", scale=alt.Scale(zero=False)),
        )
        .properties(width=WIDTH / 2 - 40, height=HEIGHT)
    )
    return alt.hconcat(left, right, spacing=24)


@picture("9-better-forecast")
def _better_forecast() -> Any:
    sizes, rate, lead, review = {2: 0.6, 6: 0.3, 30: 0.1}, 0.2, 7.0, 7.0
    grid = np.linspace(1, 14, 100)
    error = [lots.forecast_error(x, rate * review, sizes) for x in grid]
    backlog = [lots.periodic_up_to(math.ceil(3 * x), review, lead, rate, sizes)["backlog_mean"] for x in grid]
    panels = []
    for kpi, title, values in (
        ("forecast_error", "forecast error, share of demand", error),
        ("backlog_mean", "units on backorder", backlog),
    ):
        points = []
        for units in (2.0, 4.0, 6.0, 8.4, 12.0):
            belief = {"kind": "fixed", "mean": units / review}
            changes = {f"policies.{name}.replenishment.forecast": belief for name in ("fair", "sharp")}
            points.append((units, *measured("better-forecast", "fair", kpi, changes | {"clock.horizon": "6000 d"}, 10)))
        theory = pd.DataFrame({"forecast": grid, "value": values})
        panel = _curve_and_points(theory, points, "forecast", "forecast, units a week", "value", title)
        panels.append(panel.properties(width=WIDTH / 2 - 40, height=HEIGHT))
    panels[0].layer[0].encoding.y.axis = alt.Axis(format="%")
    panels[0].layer[0].encoding.y.scale = alt.Scale(zero=False)
    marks = pd.DataFrame({"forecast": [4.0, 8.4], "text": ["median", "mean"]})
    rules = alt.Chart(marks).mark_rule(color=INK, strokeDash=[5, 4]).encode(x="forecast:Q")
    names = (
        alt.Chart(marks)
        .mark_text(align="left", dx=5, fontSize=13)
        .encode(x="forecast:Q", y=alt.value(12), text="text:N")
    )
    return alt.hconcat(*(panel + rules + names for panel in panels), spacing=24)


def _curve_and_points(
    theory: pd.DataFrame,
    points: list[tuple[float, float, float, float]],
    x: str,
    x_title: str,
    y: str,
    y_title: str,
    percent: bool = False,
) -> alt.LayerChart:
    data = pd.DataFrame(points, columns=[x, y, "low", "high"])
    axis = alt.X(f"{x}:Q", title=x_title, axis=alt.Axis(format="%") if percent else alt.Axis())
    curve = alt.Chart(theory).mark_line(color=ORANGE, strokeWidth=2.5).encode(x=axis, y=alt.Y(f"{y}:Q", title=y_title))
    bars = alt.Chart(data).mark_rule(color=BLUE, strokeWidth=2).encode(x=f"{x}:Q", y="low:Q", y2="high:Q")
    dots = alt.Chart(data).mark_point(color=BLUE, filled=True, size=80, opacity=1).encode(x=f"{x}:Q", y=f"{y}:Q")
    return alt.layer(curve, bars, dots)


def colour(field: str, names: Sequence[str]) -> alt.Color:
    """A colour scale that colour-blind readers can distinguish, with a legend."""
    return alt.Color(
        f"{field}:N",
        scale=alt.Scale(domain=list(names), range=[BLUE, ORANGE, GREEN][: len(names)]),
        sort=list(names),
        legend=alt.Legend(title=None, orient="top", labelLimit=420, symbolStrokeWidth=3),
    )


def dash(field: str, names: Sequence[str]) -> alt.StrokeDash:
    """Dash patterns that go with the colours."""
    return alt.StrokeDash(
        f"{field}:N",
        scale=alt.Scale(domain=list(names), range=[[1, 0], [8, 4], [2, 3]][: len(names)]),
        sort=list(names),
        legend=alt.Legend(title=None, orient="top", labelLimit=420),
    )


def drawn(name: str) -> alt.TopLevelMixin:
    """A picture in the common style."""
    chart = PICTURES[name]()
    if not isinstance(chart, alt.HConcatChart) and chart._get("height") is alt.Undefined:
        chart = chart.properties(height=HEIGHT)
    if not isinstance(chart, alt.HConcatChart):
        chart = chart.properties(width=WIDTH)
    font = "Helvetica, Arial, sans-serif"
    return (
        chart.properties(background="#ffffff", padding=14)
        .configure(font=font)
        .configure_axis(
            labelFontSize=13, titleFontSize=13, titleFontWeight="normal", gridColor="#e3e7ec", titlePadding=8
        )
        .configure_legend(labelFontSize=13)
        .configure_view(stroke=None)
        .configure_facet(spacing=8)
    )


def main(names: Sequence[str]) -> None:
    """Draws and measures the named lessons, or all lessons."""
    for name in names or VALUES:
        drawn(name).save(str(TEACHING / "pictures" / f"{name}.svg"))
        (TEACHING / "values" / f"{name}.md").write_text(table(name), encoding="utf-8")
        print(f"lesson {name}: picture and values written")


if __name__ == "__main__":
    main(sys.argv[1:])
