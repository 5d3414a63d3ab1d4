"""Results in plain sentences: the best policy by each KPI, its lead, and differences that are not significant."""

from __future__ import annotations

from simulator.experiment.results.results import Results
from simulator.experiment.statistics.intervals import Estimate
from simulator.experiment.statistics.verdicts import direction, verdict
from simulator.report.text.kpi_names import name_of
from simulator.report.text.numbers import decimals, is_exact, unit, written
from simulator.report.text.sentences import NO_INTERVAL, ends, quoted, size
from simulator.report.text.shown_kpis import KpiSelection, keys

HEADLINES = ("fill_rate", "wait_mean", "cancellation_rate", "total_cost", "contribution")
"""KPIs that are put into sentences unless others are named."""
MOST = 5
"""Sentences."""


def conclusion(results: Results, selection: KpiSelection) -> list[str]:
    """A few sentences for readers who skip tables."""
    found = keys(results, selection if selection.named else KpiSelection(HEADLINES, True))
    shown = [k for k in found if direction(k) != "neither" and ranked(results, k)][:MOST]
    if len(results.policies) == 1:
        sentences = [_alone(results, key, key == shown[0]) for key in shown]
    elif results.replications == 1:
        return [NO_INTERVAL]
    else:
        sentences = [_compared(results, key, key == shown[0]) for key in shown]
    return sentences or ["No KPI for which high or low values are better has a value for every policy."]


def ranked(results: Results, key: str) -> list[str]:
    """Policies from the best mean to the worst; empty where one has no value."""
    means = {policy: results.estimate(policy, key).mean for policy in results.policies}
    if None in means.values():
        return []
    return sorted(means, key=lambda p: means[p] or 0.0, reverse=direction(key) == "higher")


def _compared(results: Results, key: str, explain: bool) -> str:
    first, *others = ranked(results, key)
    leads = {p: results.difference(first, p, key, together=len(others)) for p in others}
    close = [p for p, lead in leads.items() if verdict(lead, key) != "better"]
    on = f"On {name_of(key)},"
    if not close:
        lead, second = leads[others[0]], quoted(others[:1])
        amount = size(lead, key, results.manifest.currency)
        ahead = f"is best, {amount} ahead of {second}" if len(others) > 1 else f"beats {second} by {amount}"
        return f"{on} {quoted([first])} {ahead} {_interval(lead, key, results, explain)}.{_caveat(results, key, first)}"
    if len(close) < len(others):
        if all(verdict(leads[p], key) == "same" for p in close):
            return f"{on} {quoted([first, *close])} are the same, and better than the rest."
        return f"{on} {quoted([first])} leads, but not significantly ahead of {quoted(close)}."
    if all(verdict(lead, key) == "same" for lead in leads.values()):
        return f"{on} {'both' if len(others) == 1 else 'all'} policies are the same."
    if len(others) == 1:
        return f"{on} {quoted(results.policies)} do not differ significantly."
    return f"{on} no policy is significantly better than all others."


def _caveat(results: Results, key: str, first: str) -> str:
    """A warning that the cheapest policy also earns significantly less: selling less is a way to cut costs."""
    found = ranked(results, "contribution") if key == "total_cost" and "contribution" in results.kpis else []
    if not found or verdict(results.difference(found[0], first, "contribution"), "contribution") != "better":
        return ""
    return f" However, {quoted([first])} earns less than {quoted(found[:1])}: goods that are not sold cost nothing."


def _alone(results: Results, key: str, explain: bool) -> str:
    how = unit(key, results.manifest.currency)
    found = results.estimate(results.policies[0], key)
    text = f"{name_of(key)} {written((found.mean or 0.0) * how.factor, decimals([found], how.factor))} {how.name}"
    return f"{text[0].upper()}{text[1:]} {_interval(found, key, results, explain)}.".replace(" .", ".")


def _interval(estimate: Estimate, key: str, results: Results, explain: bool) -> str:
    """'(95 % interval 3.8 to 4.4)', or '(3.8 to 4.4)' after the first; without the sign of a difference."""
    if estimate.mean is None or estimate.half_width is None:
        return ""
    if is_exact(estimate):
        return "in every replication"
    level = f"{results.confidence * 100:g} % interval " * explain
    return f"({level}{' to '.join(ends(estimate, key, results.manifest.currency))})"
