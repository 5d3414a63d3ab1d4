"""How it was simulated: seed, replications, versions, every definition with its denominator, the scenario itself."""

from __future__ import annotations

from simulator.kpis.kpi import KPIS
from simulator.report.sections.section import Section, Table
from simulator.report.text.view import View

BETTER = {"higher": "↑", "lower": "↓", "neither": ""}


def method(view: View) -> Section:
    """What somebody needs who wants to check it or run it again."""
    manifest, results = view.results.manifest, view.results
    facts = [
        ("scenario", f"{manifest.scenario}, fingerprint {manifest.fingerprint[:8]}"),
        ("policies", ", ".join(manifest.policies)),
        ("replications", f"{results.replications:,}"),
        ("seed", str(results.seed)),
        ("intervals", f"{view.level}, Student; differences are paired by replication (common random numbers)"),
    ]
    if view.curves is not None:
        counted = f"counted: day {view.curves.frame.warm_up:g} to {view.curves.frame.horizon:g}"
        facts.append(("time", counted + (f"; day 0 is {view.day(0)}" if view.start else "")))
        facts.append(("curves", f"{view.curves.days.size} points, first {view.curves.replications:,} replications"))
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
    words = (
        "The same scenario, seed and version give the same numbers on any number of processes. Orders placed in the "
        "counted window are counted; what is still open at its end is counted as open."
    )
    header = ("KPI", "unit", "share or mean of", "better", "definition")
    tables = [
        Table(("", ""), facts, words=True),
        Table(
            header,
            definitions,
            "↑ higher is better, ↓ lower is better.",
            "Every definition, with its denominator",
            True,
        ),
    ]
    return Section("method", "How it was simulated", [words], (), tables)
