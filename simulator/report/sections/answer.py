"""The answer in words: what the run means for the decision, in two or three sentences."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.experiment.statistics.intervals import Difference
from simulator.experiment.statistics.verdicts import verdict
from simulator.experiment.statistics.waitless import unjudged
from simulator.report.text.conclusion import conclusion, loyal, ranked
from simulator.report.text.kpi_names import name_of
from simulator.report.text.levels import changed
from simulator.report.text.numbers import is_exact, unit
from simulator.report.text.sentences import CLAUSES, ends, joined, quoted, size
from simulator.report.text.shown_kpis import select_kpis
from simulator.report.text.view import ReportView

DECIDES = ("contribution", "operating_cost", "total_cost", "fill_rate")
"""What policies are judged by: the first of these that was measured for every policy."""
WITH_LTV = "contribution_with_ltv"
"""What they are judged by instead of contribution where customers remember delays."""
SERVICE = "fill_rate"
"""What decides among policies that do not differ significantly by the former."""
FURTHER = ("fill_rate", "cancellation_rate", "lost_at_checkout", "wait_mean", "operating_cost")
"""What else is said of the leader."""
IN_HEADLINE = 2
"""Gains that the headline names."""
VERBS = {
    "contribution": ("earns {} more", "earns {} less"),
    WITH_LTV: ("earns {} more, lifetime value included,", "earns {} less, lifetime value included,"),
    "operating_cost": ("costs {} more to operate", "costs {} less to operate"),
    "total_cost": ("costs {} more", "costs {} less"),
}
"""Phrases that continue with 'than'; these also give the difference relative to the other policy."""


def answer(view: ReportView) -> list[str]:
    """Sentences, the headline first."""
    results = view.results
    decides = (WITH_LTV, *DECIDES) if loyal(results) else DECIDES
    key = next((k for k in decides if view.defined(k)), None)
    if len(view.policies) == 1 or results.replications == 1 or key is None:
        return conclusion(results, select_kpis())
    order = ranked(results, key)
    near = [p for p in order if p == order[0] or _verdict(view, order[0], p, key) != "better"]
    if len(near) > 1 and key != SERVICE and view.defined(SERVICE):
        by_service = [p for p in ranked(results, SERVICE) if p in near]
        leader, other = by_service[0], _other(view, by_service)
        if _verdict(view, leader, other, SERVICE) == "better":
            return [*_sentences(view, leader, other, SERVICE), _others(view, key, leader)]
    leader, other = order[0], _other(view, order)
    better = _verdict(view, leader, other, key) == "better"
    first = _sentences(view, leader, other, key) if better else [_undecided(view, leader, other, key)]
    more = _without_ltv(view, leader, other) if key == WITH_LTV else []
    return [*first, *more, *([_others(view, key, leader)] if len(order) > 2 else [])]


def _other(view: ReportView, order: Sequence[str]) -> str:
    """The policy that the leader is compared with: the first of the file, or the next best where that is the leader."""
    leader, first = order[0], view.policies[0]
    if leader != first:
        return first
    return next((p for p in order if p != leader), next(p for p in view.policies if p != leader))


def _lead(view: ReportView, leader: str, other: str, key: str) -> Difference:
    """One of the differences between the leader and all others, which hold simultaneously."""
    return view.results.difference(leader, other, key, together=len(view.policies) - 1)


def _verdict(view: ReportView, leader: str, other: str, key: str) -> str:
    return verdict(_lead(view, leader, other, key), key, bool({leader, other} & set(unjudged(view.results, key))))


def _sentences(view: ReportView, leader: str, other: str, key: str) -> list[str]:
    """The headline, with the leader's first gains; a second sentence, if there are more of them than fit."""
    found = _lead(view, leader, other, key)
    interval = f"{view.level} interval {' to '.join(ends(found, key, view.labels))}"
    if key in VERBS:
        size_of = f"{size(found, key, view.labels)} ({_share(view, leader, other, key)})"
        text = f"`{leader}` {VERBS[key][(found.mean or 0.0) < 0].format(size_of)} than `{other}`, "
    else:
        text = f"With `{leader}`, {changed(view.results, key, leader, other)} with `{other}`, "
        interval = f"a difference of {size(found, key, view.labels)}, {interval}"
    text += "in every replication" if is_exact(found) else interval
    verdicts = {k: _verdict(view, leader, other, k) for k in FURTHER if k != key and view.defined(k)}
    gains, prices = (
        [changed(view.results, k, leader, other) for k, word in verdicts.items() if word == wanted]
        for wanted in ("better", "worse")
    )
    but = f", but {joined(prices, CLAUSES)}" if prices else ""
    if len(gains) <= IN_HEADLINE:
        return [text + (f": {joined(gains, CLAUSES)}" if gains else "") + but + "."]
    more = joined(gains[IN_HEADLINE:], CLAUSES)
    return [f"{text}: {joined(gains[:IN_HEADLINE], CLAUSES)}.", f"In addition, {more}{but}."]


def _without_ltv(view: ReportView, leader: str, other: str) -> list[str]:
    """What would be said without the lifetime value."""
    key = "contribution"
    if not view.defined(key):
        return []
    word = _verdict(view, leader, other, key)
    if word not in ("better", "worse"):
        return [f"Within the run alone, `{leader}` and `{other}` do not differ significantly in contribution."]
    amount = size(_lead(view, leader, other, key), key, view.labels)
    if word == "better":
        return [f"Within the run alone, `{leader}` earns {amount} more than `{other}`."]
    return [f"Within the run alone, `{other}` would be ahead: `{leader}` earns {amount} less."]


def _share(view: ReportView, leader: str, other: str, key: str) -> str:
    base, change = abs(view.value(other, key)), abs(view.value(leader, key) - view.value(other, key))
    if not base or change / base >= 10:
        return "many times as much"
    return f"{100 * change / base:.2g} %" if change / base < 1 else f"{100 * change / base:.0f} %"


def _others(view: ReportView, key: str, leader: str) -> str:
    """The leader compared with all the others."""
    others = [p for p in view.policies if p != leader]
    verdicts = {p: _verdict(view, leader, p, key) for p in others}
    behind, ahead = ([p for p in others if verdicts[p] == word] for word in ("better", "worse"))
    close = [p for p in others if p not in behind and p not in ahead]
    if len(behind) == len(others) > 1:
        return f"On {name_of(key)}, `{leader}` is better than every other policy."
    groups = {"does not differ significantly from": close, "is better than": behind, "is worse than": ahead}
    parts = [f"{how} {quoted(group)}" for how, group in groups.items() if group]
    return f"On {name_of(key)}, `{leader}` {joined(parts)}."


def _undecided(view: ReportView, leader: str, other: str, key: str) -> str:
    found, what = _lead(view, leader, other, key), name_of(key)
    if found.half_width is None or found.mean is None:
        return f"`{leader}` and `{other}` cannot be compared on {what}."
    if found.mean == 0 and found.half_width == 0:
        return f"`{leader}` and `{other}` are the same on {what}."
    low, high = ends(found, key, view.labels, signed=True)
    return (
        f"No significant difference in {what} between `{leader}` and `{other}`: its {view.level} interval runs from "
        f"{low} to {high} {unit(key, view.labels).of_difference}."
    )
