"""What `backorder optimise` prints: the finalists, the best of them, how sure that is, and the command that runs it."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from simulator.experiment.statistics.waitless import left_out
from simulator.experiment.studies.design import Point
from simulator.experiment.studies.search_result import Optimum
from simulator.report.cards.card import BEST, Card, Cell, Heading, line, notes, summary
from simulator.report.terminal.study_tables import Option, legend, options_table, short_names
from simulator.report.text.levels import options_without_waits
from simulator.report.text.numbers import decimals, unit, written
from simulator.report.text.sentences import joined

BROKEN = "✗"


def optimum_card(made: Optimum) -> Card:
    """The search: its finalists and its conclusion."""
    study, manifest = made.study, made.study.manifest
    kpis = list(dict.fromkeys(made.kpis))
    frame = [
        f"policy {made.policy}",
        f"{len(made.trials)} trials of {made.replications} replications by {made.sampler}",
        f"seed {manifest.seed}",
        f"{study.confidence * 100:g} % intervals",
        ", ".join(map(str, made.goals)) + (f" with {', '.join(map(str, made.bounds))}" if made.bounds else ""),
    ]
    titles = short_names([f.path for f in made.factors])

    def mark(option: Option) -> Cell:
        if option[0] in made.chosen:
            return Cell(BEST, "best")
        return Cell(" ") if made.kept(option[0]) else Cell(BROKEN, "bad")

    options = [(point, made.policy) for point in made.finalists]
    table = options_table(study, options, kpis, titles, mark, first=made.replications)
    heading = Heading("Finalists, judged by replications that the search has not used")
    blocks = [*legend(titles), heading, table, line(), *notes(_notes(made)), *summary(_conclusion(made))]
    return Card(blocks, manifest.title or manifest.scenario, frame)


def best_command(made: Optimum, file: Path) -> list[str]:
    """The line with the command that runs the best point of the scenario in `file`; none if that is the file itself."""
    if not made.chosen or not made.chosen[0].number:
        return []
    settings = " ".join(f"--set {shlex.quote(f'{k}={_yaml(v)}')}" for k, v in made.chosen[0].values.items())
    return [f"  backorder run {shlex.quote(str(file))} --policy {shlex.quote(made.policy)} {settings}"]


def _yaml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {_yaml(v)}" for k, v in value.items()) + "}"
    return "[" + ", ".join(map(_yaml, value)) + "]" if isinstance(value, list) else str(value)


def _notes(made: Optimum) -> list[str]:
    best = "no other finalist beats it" if len(made.goals) > 1 else "the best of the finalists"
    broken = f"; {BROKEN} violates a bound" if made.bounds else ""
    found = [f"{BEST} {best}{broken}; point 0 is the scenario as given in the file"]
    played = [p for p in made.points if not p.problem]
    out = left_out((goal.kpi for goal in made.goals), [made.study.waitless(p, made.policy) for p in played])
    found += [
        f"{text} They are left out of the search."
        for text in options_without_waits(
            made.study, [(p, made.policy) for p, left in zip(played, out, strict=True) if left]
        )
    ]
    lost = [point for point in made.trials if point.problem]
    if lost:
        example = f"for example point {lost[0].number}: {lost[0].problem}"
        found.append(f"{len(lost)} of {len(made.trials)} proposals are not valid scenarios, {example}")
    if len({made.study.estimate(p, made.policy, made.goals[0].kpi, made.replications).n for p in made.finalists}) > 1:
        found.append("runs: clearly inferior finalists are dropped early, so compare only means over equally many runs")
    return found


def _conclusion(made: Optimum) -> list[str]:
    if not made.finalists:
        return ["No proposal takes backorders, so there are no waits to compare."]
    if not made.chosen:
        return ["No finalist keeps every bound in the new replications: widen the ranges, or relax the bounds."]
    study, labels = made.study, made.study.manifest.labels
    if len(made.goals) > 1:
        return [f"No other finalist beats {len(made.chosen)} of the {len(made.finalists)} finalists."]
    goal, best = made.goals[0], made.chosen[0]
    how = unit(goal.kpi, labels)
    places = decimals([study.estimate(best, made.policy, goal.kpi, made.replications)], how.factor)
    small = f"{written(made.indifference * how.factor, max(places, 1))} {how.of_difference}".strip()
    sure = f"{study.confidence * 100:g} %"
    who = f"Of the finalists within the bounds, point {best.number}" if made.bounds else f"Point {best.number}"
    found = [
        f"{who} has the {goal}: with {sure} confidence it is the best of them, or within {small} of it."
        if made.decided
        else f"{who} has the {goal} so far, but this is not decided to within {small}: raise --most."
    ]
    found += _alike(made, best)
    base = made.points[0]
    if best is base:
        return [*found, "That is the scenario as given in the file: the search found nothing better."]
    if base in made.finalists:
        d = study.difference((best, made.policy), (base, made.policy), goal.kpi, made.replications)
        if d.mean is not None and d.half_width is not None:
            places = decimals([d], how.factor)
            size = f"{written(d.mean * how.factor, places, sign=True)} ± {written(d.half_width * how.factor, places)}"
            word = "" if d.significant else " (not significant)"
            broken = "" if made.kept(base) else ", which violates a bound"
            found.append(f"Compared with the scenario as given in the file{broken}: {size} {how.of_difference}{word}.")
    return found


def _alike(made: Optimum, best: Point) -> list[str]:
    """The finalists that the replications cannot tell apart from the best one."""
    kpi, first = made.goals[0].kpi, made.replications
    same: list[str] = []
    close: list[str] = []
    rivals = [p for p in made.finalists if p is not best and made.kept(p)]
    for point in rivals:
        d = made.study.difference((point, made.policy), (best, made.policy), kpi, first)
        if d.mean is not None and not d.significant:
            (same if d.mean == 0 and d.half_width == 0 else close).append(str(point.number))
    found = []
    if same:
        found.append(
            f"Point{'s' * (len(same) > 1)} {joined(same)} cannot be told apart from it: equal in all replications."
        )
    if close:
        end = "differences are" if len(close) > 1 else "difference is"
        found.append(
            f"Point{'s' * (len(close) > 1)} {joined(close)} cannot be told apart from it: the {end} not significant."
        )
    return found
