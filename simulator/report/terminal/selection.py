"""What `backorder run --select` prints: who was chosen, with which guarantee, and what it took."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from simulator.experiment.results.results import Results
from simulator.experiment.statistics.intervals import Estimate
from simulator.report.terminal.tables import grid, indented, rendered
from simulator.report.text.numbers import decimals, unit, written


def chosen(results: Results, width: int = 100, colour: bool = False) -> str:
    """The contestants in the order of their means, and the statement that holds."""
    found: Mapping[str, Any] = results.manifest.selection or {}
    how = unit(found["kpi"], results.manifest.currency)
    margin = found["indifference"] * how.factor
    finest = [Estimate(mean, found["indifference"] / 2, 1) for mean in found["means"].values()]
    places = decimals(finest, how.factor)
    order = sorted(found["means"], key=lambda p: (-found["played"][p], p != found["best"]))
    rows = [_row(policy, found, written(found["means"][policy] * how.factor, places)) for policy in order]
    header = [Text(""), Text(f"mean {found['kpi']}, {how.name}"), Text("replications"), Text("")]
    runs, all_of_all = sum(found["played"].values()), len(order) * max(found["played"].values())
    parts: list[RenderableType] = [
        Text(results.manifest.title or results.scenario_name, "bold"),
        Text(""),
        grid(header, rows),
        Text(""),
        indented(_statement(found, f"{written(margin, max(places, 0))} {how.of_difference}")),
    ]
    if runs < all_of_all:
        parts.append(indented(Text(f"{runs} runs; with every policy in every replication {all_of_all}.", "dim")))
    return rendered(parts, width, colour)


def _row(policy: str, found: Mapping[str, Any], mean: str) -> list[Text]:
    if policy in found["dropped"]:
        fate = Text(f"out after {found['dropped'][policy]}", "dim")
    else:
        fate = Text("★ chosen", "bold green") if found["decided"] else Text("still in")
    return [Text(policy), Text(mean, justify="right"), Text(str(found["played"][policy]), justify="right"), fate]


def _statement(found: Mapping[str, Any], margin: str) -> Text:
    level = f"{found['confidence'] * 100:g} %"
    if found["decided"]:
        said = f"with {level} confidence it is the best on {found['kpi']}, or within {margin} of it"
        return Text(f"`{found['best']}` is chosen: {said} (Kim & Nelson's procedure, common random numbers).")
    left = [f"`{p}`" for p in found["means"] if p not in found["dropped"]]
    return Text(
        f"Not decided after {max(found['played'].values())} replications: {', '.join(left)} are too close. Allow more "
        "--replications, or a wider --within; there is no guarantee yet."
    )
