"""How the results were obtained: seed, replications, versions, and every definition with its denominator."""

from __future__ import annotations

from simulator.kpis.kpi import KPIS
from simulator.report.cards.card import text_table
from simulator.report.reference.pages import ARROWS, BETTER, DEFINITION
from simulator.report.sections.section import Section
from simulator.report.text.view import ReportView


def method(view: ReportView) -> Section:
    """What is needed to check the run or to repeat it."""
    manifest, results = view.results.manifest, view.results
    facts = [
        ("scenario", f"{manifest.scenario}, fingerprint {manifest.fingerprint[:8]}"),
        ("policies", ", ".join(manifest.policies)),
        ("replications", f"{results.replications:,}"),
        ("seed", str(results.seed)),
        ("intervals", f"{view.level}, Student; differences are paired by replication (common random numbers)"),
    ]
    if (curves := view.curves) is not None:
        counted = f"counted: day {curves.frame.warm_up:g} to {curves.frame.horizon:g}"
        facts.append(("time", counted + (f"; day 0 is {view.day(0)}" if view.start else "")))
        facts.append(("curves", f"{curves.days.size} points, first {curves.replications:,} replications"))
    if manifest.precision is not None:
        reached = "reached" if manifest.precision["reached"] else "not reached"
        facts.append(("precision", f"{manifest.precision['target'] * 100:.3g} % of the mean, {reached}"))
    facts += [(name, version[:12]) for name, version in manifest.versions.items()]
    facts += [("data", f"{name}: SHA-256 {sha[:12]}…") for name, sha in manifest.data.items()]
    facts += [("not portable", law) for law in manifest.not_portable]
    facts += [("warning", text) for text in manifest.warnings]
    shown = {key.split("[")[0] for key in results.kpis}
    definitions = [
        (kpi.id, kpi.unit, kpi.denominator, BETTER[kpi.better], kpi.definition)
        for kpi in KPIS.values()
        if kpi.id in shown
    ]
    text = (
        "The same scenario, seed and version give the same numbers on any number of processes. Orders placed within "
        "the counted period are counted; those still open at its end are counted as open."
    )
    tables = [
        text_table(("", ""), facts, "What is needed to repeat the run."),
        text_table(DEFINITION, definitions, ARROWS, "All definitions with their denominators"),
    ]
    return Section("method", "How it was simulated", [text], (), tables)
