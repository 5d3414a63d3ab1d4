"""What `backorder run --select` prints: the selected policy, the guarantee that holds, and the runs it took."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.experiment.results.results import Results
from simulator.experiment.statistics.intervals import Estimate
from simulator.experiment.statistics.waitless import unjudged
from simulator.report.cards.card import BEST, Card, Cell, Column, Table, line, notes
from simulator.report.text.levels import without_waits
from simulator.report.text.numbers import decimals, unit, written


def selection_card(results: Results) -> Card:
    """The policies in the order of their replications, and the statement that holds."""
    found: Mapping[str, Any] = results.manifest.selection or {}
    how, played = unit(found["kpi"], results.manifest.labels), found["played"]
    margin = found["indifference"] * how.factor
    # A mean gets the decimals of the difference that matters: finer ones decide nothing.
    finest = [Estimate(mean, found["indifference"] / 2, 1) for mean in found["means"].values()]
    places = decimals(finest, how.factor)
    rows = [
        [policy, written(found["means"][policy] * how.factor, places), str(played[policy]), _status(policy, found)]
        for policy in sorted(found["means"], key=lambda p: (-played[p], p != found["best"]))
    ]
    titles = (f"mean {found['kpi']}, {how.name}", "replications")
    table = Table([Column(), *(Column(title, right=True) for title in titles), Column()], rows)
    texts = [_statement(found, f"{written(margin, max(places, 0))} {how.of_difference}")]
    beside = unjudged(results, found["kpi"])
    texts += [
        f"{text} It cannot be compared by {found['kpi']}: leave it out (--policy), or select by contribution."
        for text in without_waits(results, beside)
    ]
    runs, all_of_all = sum(played.values()), len(rows) * max(played.values())
    if runs < all_of_all:
        texts.append(f"{runs} runs instead of {all_of_all} with every policy in every replication.")
    title = results.manifest.title or results.scenario_name
    return Card([line(), table, line(), *notes(texts, tone="")], title)


def _status(policy: str, found: Mapping[str, Any]) -> Cell:
    if policy in found["dropped"]:
        return Cell(f"dropped after {found['dropped'][policy]}", "faint")
    return Cell(f"{BEST} selected", "best") if found["decided"] else Cell("still in")


def _statement(found: Mapping[str, Any], margin: str) -> str:
    if found["decided"]:
        level = f"{found['confidence'] * 100:g} %"
        best = f"with {level} confidence it is the best on {found['kpi']}, or within {margin} of the best"
        return f"`{found['best']}` is selected: {best} (Kim & Nelson's procedure, common random numbers)."
    left = [f"`{p}`" for p in found["means"] if p not in found["dropped"]]
    return (
        f"Not decided after {max(found['played'].values())} replications: {', '.join(left)} are too close. Allow more "
        "--replications or a wider --within; until then nothing is guaranteed."
    )
