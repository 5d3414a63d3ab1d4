"""A sweep in plain sentences: today's point, the best option by each KPI, the ends of the frontier, the key that
matters most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simulator.experiment.statistics.intervals import difference
from simulator.experiment.statistics.verdicts import BETTER, SAME, direction, verdict
from simulator.experiment.statistics.waitless import left_out
from simulator.experiment.studies.design import Point
from simulator.experiment.studies.study import shown
from simulator.experiment.studies.sweep import Sweep
from simulator.foundation.errors import UserError
from simulator.report.text.kpi_names import capital, name_of
from simulator.report.text.numbers import decimals, unit, written
from simulator.report.text.sentences import NO_INTERVAL, joined
from simulator.scenario.differences import written_at
from simulator.scenario.identity import fingerprint

MOST_VALUES = 50
"""Values of a key that are compared with the file's own."""
MOST_NAMED = 4
"""Options that are named one by one."""
Option = tuple[Point, str]


def sweep_sentences(made: Sweep, titles: Mapping[str, str]) -> list[str]:
    """A few sentences for readers who skip tables.

    Args:
        made: the sweep.
        titles: the keys' short names by path.
    """
    today = todays_point(made)
    found = [_today(made, titles, today)]
    if made.replications < 2:
        return [*found, NO_INTERVAL]
    found += [text for kpi in made.against if (text := _best(made, titles, kpi, today))]
    found += _frontier(made, titles)
    if len(titles) > 1 and len(made.study.policies) == 1:
        found += _most(made, titles)
    return found


def todays_point(made: Sweep) -> Point | None:
    """The point that is the scenario as given in the file, whatever the notation of its values."""
    scenario, own = made.study.scenario, fingerprint(made.study.scenario)
    same: dict[str, list[str]] = {}
    for factor in made.factors:
        values = {str(p.values[factor.path]): p.values[factor.path] for p in made.points}
        if len(values) > MOST_VALUES:
            return None
        same[factor.path] = []
        for text, value in values.items():
            try:
                if fingerprint(scenario.edit({factor.path: value})) == own:
                    same[factor.path].append(text)
            except UserError:  # not valid alone: then it is not the file's value
                continue
    played = (point for point in made.points if not point.problem)
    return next((p for p in played if all(str(p.values[path]) in texts for path, texts in same.items())), None)


def _today(made: Sweep, titles: Mapping[str, str], today: Point | None) -> str:
    if today is not None:
        return f"{capital(_named(made, titles, (today, '')))} is today's: the scenario as given in the file."
    values = {path: written_at(made.study.scenario, path) for path in titles}
    if not all(values.values()):
        return "No point is today's, the scenario as given in the file."
    return f"No point is today's: the file has {joined([f'{titles[path]} {value}' for path, value in values.items()])}."


def _best(made: Sweep, titles: Mapping[str, str], kpi: str, today: Point | None) -> str:
    """The option with the best mean, its level beside today's, and the options that are not clearly worse."""
    study = made.study
    out = left_out([kpi], [study.waitless(*option) for option in made.options])
    judged = [option for option, left in zip(made.options, out, strict=True) if not left]
    known = [(mean, option) for option in judged if (mean := study.estimate(*option, kpi).mean) is not None]
    if len(known) < 2 or direction(kpi) == "neither":
        return ""
    _, first = (max if direction(kpi) == "higher" else min)(known, key=lambda pair: pair[0])
    others = [option for _, option in known if option is not first]
    close: list[Option] = []
    same: list[Option] = []
    for other in others:
        lead = difference(study.column(*first, kpi), study.column(*other, kpi), study.confidence, len(others))
        if (word := verdict(lead, kpi)) != BETTER:
            (same if word == SAME else close).append(other)
    if len(same) == len(others):
        return f"On {name_of(kpi)}, all options are the same: {_level(made, kpi, first)}."
    instead = ""
    if today is not None and today is not first[0]:
        instead = f" instead of {_level(made, kpi, (today, first[1]))} today"
    ahead = [f"the same as {_several(made, same)}"] if same else []
    ahead += [f"not significantly ahead of {_several(made, close)}"] if close else []
    who, level = _named(made, titles, first), _level(made, kpi, first)
    if ahead:
        return f"On {name_of(kpi)}, {who} leads with {level}{instead}, but is {joined(ahead)}."
    return f"On {name_of(kpi)}, {who} is best, significantly ahead of every other: {level}{instead}."


def _frontier(made: Sweep, titles: Mapping[str, str]) -> list[str]:
    """The two ends of a frontier of two KPIs, or that a single option has both of the best means."""
    best: list[Option] = [o for o in made.options if made.frontier.get((o[0].number, o[1])) == "frontier"]
    if len(made.against) != 2 or not best or len(made.frontier) < 2:
        return []
    kpi, other = made.against
    if len(best) == 1:
        who = _named(made, titles, best[0])
        return [f"There is no trade-off: {who} has the best means of both {name_of(kpi)} and {name_of(other)}."]
    ends = sorted(best, key=lambda o: made.study.estimate(o[0], o[1], kpi).mean or 0.0)
    ends = ends[::-1] if direction(kpi) == "higher" else ends  # the best by the first KPI is named first
    a, b = ends[0], ends[-1]
    moves = [f"{name_of(k)} goes from {_level(made, k, a)} to {_level(made, k, b)}" for k in (kpi, other)]
    ways = f"from one end, {_named(made, titles, a)}, to the other, {_named(made, titles, b)}, {joined(moves)}"
    return [f"{len(best)} of {len(made.options)} options are on the frontier; {ways}."]


def _most(made: Sweep, titles: Mapping[str, str]) -> list[str]:
    """The key that accounts for most of the spread of each KPI."""
    found = []
    for kpi in made.against:
        shares = made.sensitivity(made.study.policies[0], kpi)
        if isinstance(shares, str):
            continue
        means = {path: e.mean for path, e in zip(titles, shares.first, strict=True) if e.mean is not None}
        if means:
            path = max(means, key=means.__getitem__)
            found.append(f"{titles[path]} accounts for {means[path] * 100:.0f} % of the spread in {name_of(kpi)}")
    return [f"Alone, {joined(found)}."] if found else []


def _named(made: Sweep, titles: Mapping[str, str], option: Option) -> str:
    """'point 3 (s 10, S 30) under `lean`'; without a policy where there is one, or none is given."""
    point, policy = option
    values = ", ".join(f"{title} {shown(point.values[path])}" for path, title in titles.items())
    return f"point {point.number} ({values}){_under(made, policy)}"


def _several(made: Sweep, options: Sequence[Option]) -> str:
    """'points 1 and 2', or how many they are."""
    if len(options) > MOST_NAMED:
        return f"{len(options)} others"
    names = [f"{point.number}{_under(made, policy)}" for point, policy in options]
    return f"point{'s' * (len(names) > 1)} {joined(names)}"


def _under(made: Sweep, policy: str) -> str:
    return f" under `{policy}`" if policy and len(made.study.policies) > 1 else ""


def _level(made: Sweep, kpi: str, option: Option) -> str:
    """'44,725 EUR'."""
    how, e = unit(kpi, made.study.manifest.labels), made.study.estimate(*option, kpi)
    return f"{written((e.mean or 0.0) * how.factor, decimals([e], how.factor))} {how.name}".strip()
