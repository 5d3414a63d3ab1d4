"""Results in plain sentences: the best policy by each KPI, its lead, and differences that are not significant."""

from __future__ import annotations

from simulator.experiment.results.results import Results
from simulator.experiment.statistics.intervals import Estimate
from simulator.experiment.statistics.verdicts import direction, verdict
from simulator.experiment.statistics.waitless import rewards_refusals, unjudged, waitless
from simulator.report.text.kpi_names import name_of, title_of
from simulator.report.text.levels import each, levels, without_waits
from simulator.report.text.numbers import decimals, is_exact, unit, written
from simulator.report.text.sentences import NO_INTERVAL, ends, quoted, size
from simulator.report.text.shown_kpis import KpiSelection, keys

HEADLINES = ("fill_rate", "wait_mean", "cancellation_rate", "operating_cost", "contribution", "contribution_with_ltv")
"""KPIs that are put into sentences unless others are named; the last one only where customers remember delays."""
COSTS = ("operating_cost", "total_cost")


def conclusion(results: Results, selection: KpiSelection) -> list[str]:
    """A few sentences for readers who skip tables: one for each KPI that was named, or for the headlines."""
    headlines = [k for k in HEADLINES if k != "contribution_with_ltv" or loyal(results)]
    found = keys(results, selection if selection.named else KpiSelection(tuple(headlines), True))
    judged = [k for k in found if direction(k) != "neither" and ranked(results, k)]
    shown = found if selection.named else judged
    if len(results.policies) > 1 and results.replications == 1:
        return [*(each(results, key) for key in shown if selection.named), NO_INTERVAL]
    sentence = _alone if len(results.policies) == 1 else _compared
    sentences = [sentence(results, k, k == judged[0]) if k in judged else each(results, k) for k in shown]
    if any(map(rewards_refusals, shown)):
        sentences += without_waits(results, waitless(results))
    return sentences or ["No KPI for which high or low values are better has a value for every policy."]


def loyal(results: Results) -> bool:
    """Whether customers remember what they went through, so that a policy is also judged by what they will buy."""
    key = "lifetime_value_change"
    return key in results.kpis and any(results.estimate(p, key).mean for p in results.policies)


def ranked(results: Results, key: str) -> list[str]:
    """Policies from the best mean to the worst, of those that the KPI judges; empty where one has no value."""
    left_out = unjudged(results, key) if len(results.policies) > 1 else []
    means = {policy: results.estimate(policy, key).mean for policy in results.policies if policy not in left_out}
    if None in means.values():
        return []
    return sorted(means, key=lambda p: means[p] or 0.0, reverse=direction(key) == "higher")


def _compared(results: Results, key: str, explain: bool) -> str:
    first, *others = ranked(results, key)
    on = f"On {name_of(key)},"
    if not others:
        return f"{on} there is nothing to compare: it is {levels(results, key, [first])[0]} with {quoted([first])}."
    leads = {p: results.difference(first, p, key, together=len(others)) for p in others}
    close = [p for p, lead in leads.items() if verdict(lead, key) != "better"]
    if not close:
        lead, second = leads[others[0]], quoted(others[:1])
        amount = size(lead, key, results.manifest.labels)
        ahead = f"is best, {amount} ahead of {second}" if len(others) > 1 else f"beats {second} by {amount}"
        new, old = levels(results, key, (first, others[0]))
        lead_in = f"{on} {quoted([first])} {ahead} {_interval(lead, key, results, explain)}".rstrip()
        return f"{lead_in}: {new} instead of {old}.{_caveat(results, key, first)}"
    if len(close) < len(others):
        if all(verdict(leads[p], key) == "same" for p in close):
            return f"{on} {quoted([first, *close])} are the same, and better than the rest."
        level = levels(results, key, [first, *close])[0]
        return f"{on} {quoted([first])} leads with {level}, but not significantly ahead of {quoted(close)}."
    if all(verdict(lead, key) == "same" for lead in leads.values()):
        every = "both" if len(others) == 1 else "all"
        whom = f"{every} policies" if len(others) + 1 == len(results.policies) else quoted([first, *others])
        return f"{on} {whom} are the same ({levels(results, key, [first])[0]})."
    if len(others) == 1:
        low, high = levels(results, key, (first, others[0]))
        return f"{on} {quoted([first, *others])} do not differ significantly ({low} and {high})."
    return f"{on} no policy is significantly better than all others."


def _caveat(results: Results, key: str, first: str) -> str:
    """A warning that the cheapest policy also earns significantly less: selling less is a way to cut costs."""
    found = ranked(results, "contribution") if key in COSTS and "contribution" in results.kpis else []
    if not found or verdict(results.difference(found[0], first, "contribution"), "contribution") != "better":
        return ""
    nothing = "nothing" if key == "total_cost" else "nothing to hold and ship"
    return f" However, {quoted([first])} earns less than {quoted(found[:1])}: goods that are not sold cost {nothing}."


def _alone(results: Results, key: str, explain: bool) -> str:
    how = unit(key, results.manifest.labels)
    found = results.estimate(results.policies[0], key)
    text = f"{title_of(key)} {written((found.mean or 0.0) * how.factor, decimals([found], how.factor))} {how.name}"
    return f"{text} {_interval(found, key, results, explain)}.".replace(" .", ".")


def _interval(estimate: Estimate, key: str, results: Results, explain: bool) -> str:
    """'(95 % interval 3.8 to 4.4)', or '(3.8 to 4.4)' after the first; without the sign of a difference."""
    if estimate.mean is None or estimate.half_width is None:
        return ""
    if is_exact(estimate):
        return "in every replication"
    level = f"{results.confidence * 100:g} % interval " * explain
    return f"({level}{' to '.join(ends(estimate, key, results.manifest.labels))})"
