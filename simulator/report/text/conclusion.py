"""What results say in plain words: who is best by which KPI, by how much, and what is too close to call."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.experiment.results.results import Results
from simulator.experiment.statistics.intervals import Difference, Estimate
from simulator.experiment.statistics.verdicts import direction, verdict
from simulator.report.text.kpi_names import name_of
from simulator.report.text.numbers import decimals, is_exact, unit, written
from simulator.report.text.shown_kpis import Choice, keys

HEADLINES = ("fill_rate", "wait_mean", "cancellation_rate", "total_cost", "contribution")
"""KPIs that are put into words unless others are named."""
MOST = 5
"""Sentences."""


def conclusion(results: Results, choice: Choice) -> list[str]:
    """A few sentences for readers who skip tables."""
    found = keys(results, choice if choice.named else Choice(HEADLINES, True))
    told = [k for k in found if direction(k) != "neither" and _ranked(results, k)][:MOST]
    if len(results.policies) == 1:
        sentences = [_alone(results, key, key == told[0]) for key in told]
    elif results.replications == 1:
        return ["One replication has no interval, so no difference can be judged; --replications 10 helps."]
    else:
        sentences = [_compared(results, key, key == told[0]) for key in told]
    return sentences or ["Nothing that is better high or low was measured for every policy."]


def _ranked(results: Results, key: str) -> list[str]:
    """Policies from the best mean to the worst; none where one has no value."""
    means = {policy: results.estimate(policy, key).mean for policy in results.policies}
    if None in means.values():
        return []
    return sorted(means, key=lambda p: means[p] or 0.0, reverse=direction(key) == "higher")


def _compared(results: Results, key: str, explain: bool) -> str:
    first, *others = _ranked(results, key)
    leads = {p: results.difference(first, p, key, together=len(others)) for p in others}
    close = [p for p, lead in leads.items() if verdict(lead, key) != "better"]
    on = f"On {name_of(key)}"
    if not close:
        size, interval = _size(leads[others[0]], key, results), _interval(leads[others[0]], key, results, explain)
        second = _quoted(others[:1])
        lead = f"is best, {size} ahead of {second}" if len(others) > 1 else f"beats {second} by {size}"
        return f"{on} {_quoted([first])} {lead} {interval}.{_all_the_same(results, key, first)}"
    if len(close) < len(others):
        if all(verdict(leads[p], key) == "same" for p in close):
            return f"{on} {_quoted([first, *close])} are the same, and better than the rest."
        return f"{on} {_quoted([first])} leads, but not significantly ahead of {_quoted(close)}."
    if all(verdict(lead, key) == "same" for lead in leads.values()):
        return f"{on} {'both' if len(others) == 1 else 'all'} policies are the same."
    if len(others) == 1:
        return f"{on} {_quoted(results.policies)} do not differ significantly."
    return f"{on} no policy is significantly better than all others."


def _all_the_same(results: Results, key: str, first: str) -> str:
    """Costs are least where least is sold: said where the policy with the least costs earns significantly less."""
    if key != "total_cost" or "contribution" not in results.kpis:
        return ""
    found = _ranked(results, "contribution")
    if not found or verdict(results.difference(found[0], first, "contribution"), "contribution") != "better":
        return ""
    return (
        f" All the same {_quoted([first])} earns less than {_quoted(found[:1])}: what is not sold need not be bought."
    )


def _alone(results: Results, key: str, explain: bool) -> str:
    how = unit(key, results.manifest.currency)
    found = results.estimate(results.policies[0], key)
    said = f"{name_of(key)} {written((found.mean or 0.0) * how.factor, decimals([found], how.factor))} {how.name}"
    said = said[0].upper() + said[1:]
    return f"{said} {_interval(found, key, results, explain)}.".replace(" .", ".")


def _size(difference: Difference, key: str, results: Results) -> str:
    """'4.1 points'."""
    how = unit(key, results.manifest.currency)
    places = decimals([difference], how.factor)
    return f"{written(abs(difference.mean or 0.0) * how.factor, places)} {how.of_difference}"


def _interval(estimate: Estimate, key: str, results: Results, explain: bool) -> str:
    """'(95 % interval 3.8 to 4.4)', or '(3.8 to 4.4)' where the reader knows; of a difference its size."""
    if estimate.mean is None or estimate.half_width is None:
        return ""
    if is_exact(estimate):
        return "in every replication"
    factor = unit(key, results.manifest.currency).factor
    places = decimals([estimate], factor)
    ends = [estimate.low or 0.0, estimate.high or 0.0]
    if isinstance(estimate, Difference) and estimate.mean < 0:
        ends = [-ends[1], -ends[0]]
    low, high = (written(end * factor, places) for end in ends)
    return f"({f'{results.confidence * 100:g} % interval ' * explain}{low} to {high})"


def _quoted(policies: Sequence[str]) -> str:
    *most, last = [f"`{p}`" for p in policies]
    return f"{', '.join(most)} and {last}" if most else last
