"""A factorial experiment in plain sentences: the largest effect on each KPI, and interactions that matter."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.experiment.statistics.waitless import left_out
from simulator.experiment.studies.factorial import Effect, Factorial
from simulator.report.text.kpi_names import capital, name_of
from simulator.report.text.numbers import decimals, unit, written
from simulator.report.text.sentences import NO_INTERVAL, joined


def factorial_sentences(made: Factorial, kpis: Sequence[str]) -> list[str]:
    """A sentence for each policy and KPI; none where a point takes no backorders and the KPI looks better for it.

    Args:
        made: the experiment.
        kpis: keys of the KPIs.
    """
    if made.replications < 2:
        return [NO_INTERVAL]
    found = []
    for policy in made.study.policies:
        refusing = [made.study.waitless(point, policy) for point in made.points]
        under = f"under `{policy}`, " if len(made.study.policies) > 1 else ""
        judged = [kpi for kpi in kpis if not any(left_out([kpi], refusing))]
        found += [capital(f"{under}{_of(made, policy, kpi)}") for kpi in judged]
    return found


def _of(made: Factorial, policy: str, kpi: str) -> str:
    """'the largest effect on operating cost is that of demand high: +16,054 EUR.'"""
    clear = {effect: d for effect in made.effects if (d := made.effect(effect, policy, kpi)).significant}
    single = [effect for effect in clear if len(effect.levels) == 1]
    together = [effect for effect in clear if len(effect.levels) > 1]
    name = name_of(kpi)
    if not single:
        text = f"no factor alone has a significant effect on {name}"
    else:
        first = max(single, key=lambda effect: abs(clear[effect].mean or 0.0))
        text = f"the largest effect on {name} is that of {first}: {_size(made, policy, kpi, first)}"
    if together:
        sizes = [f"{effect} ({_size(made, policy, kpi, effect)})" for effect in together[:2]]
        text += f"; factors also act on each other: {joined(sizes)}"
    return f"{text}."


def _size(made: Factorial, policy: str, kpi: str, effect: Effect) -> str:
    how, d = unit(kpi, made.study.manifest.labels), made.effect(effect, policy, kpi)
    return f"{written((d.mean or 0.0) * how.factor, decimals([d], how.factor), sign=True)} {how.of_difference}".strip()
