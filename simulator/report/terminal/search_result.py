"""A search on the terminal: the finalists with fresh luck, which is best, how sure that is, and how to play it."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from simulator.experiment.studies.design import Point
from simulator.experiment.studies.search_result import Optimum
from simulator.report.terminal.study_tables import ON_FRONTIER, names, options_table
from simulator.report.terminal.tables import filled, indented, rendered
from simulator.report.text.numbers import decimals, unit, written

BROKEN = "✗"


def optimum_card(made: Optimum, file: Path, width: int = 100, colour: bool = False) -> str:
    """The search as text; `file` is the scenario's, for the line that plays the best."""
    study, manifest = made.study, made.study.manifest
    kpis = list(dict.fromkeys([*(goal.kpi for goal in made.goals), *(b.kpi for b in made.bounds)]))
    frame = [
        f"policy {made.policy}",
        f"{len(made.trials)} trials of {made.replications} replications by {made.sampler}",
        f"seed {manifest.seed}",
        f"{study.confidence * 100:g} % intervals",
    ]
    goals = ", ".join(map(str, made.goals)) + (f" with {', '.join(map(str, made.bounds))}" if made.bounds else "")
    titles = names([f.path for f in made.factors])
    parts: list[RenderableType] = [
        Text(manifest.title or manifest.scenario, "bold"),
        *map(Text, filled([*frame, goals], " · ", width)),
        *(Text(f"{title}: {path}", "dim") for path, title in titles.items() if title != path),
        "",
        Text("Finalists, with luck that the search has not seen", "bold"),
    ]

    def mark(option: tuple[Point, str]) -> Text:
        if option[0] in made.chosen:
            return Text(ON_FRONTIER, "bold green")
        return Text(BROKEN, "red") if not made.kept(option[0], made.replications) else Text(" ")

    options = [(point, made.policy) for point in made.finalists]
    parts += options_table(study, options, kpis, titles, width, mark, first=made.replications)
    parts += ["", *(indented(Text(note, "dim")) for note in _notes(made))]
    parts += ["", Text("In short", "bold"), *map(indented, _conclusion(made))]
    if made.chosen and made.chosen[0].number:
        settings = " ".join(f"--set {shlex.quote(f'{k}={_yaml(v)}')}" for k, v in made.chosen[0].values.items())
        run = f"backorder run {shlex.quote(str(file))} --policy {shlex.quote(made.policy)} {settings}"
        return rendered(parts, width, colour) + f"\n  {run}"
    return rendered(parts, width, colour)


def _yaml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {_yaml(v)}" for k, v in value.items()) + "}"
    return "[" + ", ".join(map(_yaml, value)) + "]" if isinstance(value, list) else str(value)


def _notes(made: Optimum) -> list[str]:
    lost = [trial.point for trial in made.trials if trial.point.problem]
    found = []
    if lost:
        example = f"as point {lost[0].number}: {lost[0].problem}"
        found.append(f"{len(lost)} of {len(made.trials)} proposals are no valid scenario, {example}")
    if len({made.study.estimate(p, made.policy, made.goals[0].kpi, made.replications).n for p in made.finalists}) > 1:
        found.append(
            "runs: a finalist that is clearly behind by then plays no further, so compare means of as many runs"
        )
    best = "no other finalist beats it" if len(made.goals) > 1 else "the best of the finalists"
    broken = f"; {BROKEN} breaks a bound" if made.bounds else ""
    return [f"{ON_FRONTIER} {best}{broken}; point 0 is the scenario as its file says", *found]


def _conclusion(made: Optimum) -> list[str]:
    if not made.chosen:
        return ["No finalist keeps every bound with fresh luck: widen the ranges, or ask for less."]
    study, currency = made.study, made.study.manifest.currency
    if len(made.goals) > 1:
        return [f"{len(made.chosen)} of {len(made.finalists)} finalists are beaten by no other one."]
    goal, best = made.goals[0], made.chosen[0]
    how = unit(goal.kpi, currency)
    places = decimals([study.estimate(best, made.policy, goal.kpi, made.replications)], how.factor)
    small = f"{written(made.indifference * how.factor, max(places, 1))} {how.of_difference}".strip()
    sure = f"{study.confidence * 100:g} %"
    said = [
        f"Point {best.number} has the {goal}: with {sure} confidence it is the best finalist, or within {small} of it."
        if made.decided
        else f"Point {best.number} has the {goal} so far; the choice is not decided to within {small}: raise --most."
    ]
    base = made.points[0]
    if best is base:
        return [*said, "That is the scenario as its file says: the search found nothing better."]
    if base in made.finalists:
        d = study.difference((best, made.policy), (base, made.policy), goal.kpi, made.replications)
        if d.mean is not None and d.half_width is not None:
            places = decimals([d], how.factor)
            size = f"{written(d.mean * how.factor, places, sign=True)} ± {written(d.half_width * how.factor, places)}"
            word = "" if d.significant else " (not significant)"
            said.append(f"Against the scenario as its file says: {size} {how.of_difference}{word}.")
    return said
