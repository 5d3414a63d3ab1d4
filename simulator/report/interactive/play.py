"""The interactive page of a sweep: a slider for each key, and the KPIs of the point with their intervals."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from simulator.experiment.statistics.intervals import t_quantile
from simulator.experiment.studies.design import FactorLevels, FactorRange, Point
from simulator.experiment.studies.factorial import Factorial
from simulator.experiment.studies.study import shown
from simulator.experiment.studies.sweep import AGAINST, Sweep
from simulator.foundation.errors import UserError
from simulator.kpis.kpi import Undefined, Value, describe
from simulator.report.cards.kpi_tables import numbers
from simulator.report.templates import page
from simulator.report.terminal.study_tables import Option, short_names
from simulator.report.text.kpi_names import title_of
from simulator.report.text.numbers import unit
from simulator.report.text.shown_kpis import MAIN_KPIS
from simulator.scenario.tree.nodes import parse, to_plain

MOST_VALUES = 300_000
"""Values of single replications that a page holds; for a larger sweep it shows intervals but no differences."""
DIGITS = 9
"""Significant digits of such a value."""
Numbers = tuple[float | None, float | None, float | None, str, str]
"""Mean and ends of the interval, then the mean and the interval as the terminal shows them."""
_QUANTITY = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(.*?)\s*")


def play(made: Sweep | Factorial, kpis: Sequence[str] = (), command: str = "backorder run FILE") -> str:
    """The page, self-contained.

    Args:
        made: the sweep or the factorial experiment.
        kpis: shown in addition to those of the frontier and the main ones.
        command: the command that runs the unchanged scenario; the page appends the changes.

    Raises:
        UserError: these results have no such KPI.
    """
    study = made.study
    found = made.options
    keys = _kpis(made, found, kpis)
    paired = len(found) * len(keys) * made.replications <= MOST_VALUES
    factors = _factors(made)
    title = study.manifest.title or study.manifest.scenario
    data = {
        "title": title,
        "command": command,
        "design": made.design if isinstance(made, Sweep) else "factorial",
        "grid": isinstance(made, Factorial) or made.design == "grid",
        "replications": made.replications,
        "seed": study.manifest.seed,
        "confidence": round(study.confidence * 100, 6),
        "t": [t_quantile((1 + study.confidence) / 2, df) for df in range(1, made.replications)] if paired else [],
        "policies": list(study.policies),
        "quoted": {policy: shlex.quote(policy) for policy in study.policies},
        "factors": factors,
        "points": [_point(point, factors) for point in made.points],
        "against": list(_against(made)),
        "kpis": [_kpi(made, key) for key in keys],
        "options": [
            _option(made, option, values, keys if paired else ())
            for option, values in zip(found, _numbers(made, found, keys), strict=True)
        ],
    }
    return page("play", data, f"{title}: sweep")


# ------------------------------------------------------------------------------------------------------ what is varied
def _factors(made: Sweep | Factorial) -> list[dict[str, Any]]:
    """Every key: its short name, and its values as positions on a line if they are numbers of one unit."""
    if isinstance(made, Factorial):
        return [
            {"path": "", "name": name, "levels": [{"text": level, "at": None} for level in levels]}
            for name, levels in made.factors.items()
        ]
    short = short_names([f.path for f in made.factors])
    found = []
    for f in made.factors:
        head: dict[str, Any] = {"path": f.path, "name": short[f.path]}
        if isinstance(f, FactorRange) and made.design != "grid":
            found.append({**head, "low": f.low, "high": f.high, "unit": f.unit, "whole": f.whole})
            continue
        values = f.values if isinstance(f, FactorLevels) else range(int(f.low), int(f.high) + 1)
        places = on_a_line(values)
        levels = [{"text": _said(v), "at": at} for v, at in zip(values, places, strict=True)]
        found.append({**head, "levels": levels if None in places else sorted(levels, key=lambda level: level["at"])})
    return found


def on_a_line(values: Sequence[Any]) -> list[float | None]:
    """The numbers of the values if all have the same unit; otherwise None for each.

    >>> on_a_line(["7 d", "14 d"]), on_a_line(["7 d", "2 w"])
    ([7.0, 14.0], [None, None])
    """
    matches = [None if isinstance(value, bool) else _QUANTITY.fullmatch(str(shown(value))) for value in values]
    known = [match for match in matches if match is not None]
    if len(known) < len(values) or len({match[2] for match in known}) > 1:
        return [None] * len(values)
    return [float(match[1]) for match in known]


def _said(value: Any) -> str:
    """A value of a scenario as written in YAML: {kind: gamma, mean: 12 d}."""
    return re.sub(r'"([\w][\w ./%-]*)"', r"\1", str(shown(value)))


def _point(point: Point, factors: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    texts = [_said(value) for value in point.values.values()]
    places: list[float | None] = []
    for text, f in zip(texts, factors, strict=True):
        if "levels" in f:
            places.append(next(k for k, level in enumerate(f["levels"]) if level["text"] == text))
        else:
            places += on_a_line([text])
    settings = " ".join(f"--set {quoted(setting(p, v))}" for p, v in json.loads(point.changes).items())
    return {"number": point.number, "texts": texts, "at": places, "set": settings, "problem": point.problem}


def setting(path: str, value: Any) -> str:
    """The argument of `--set` for a change of the scenario.

    >>> setting("a.b", "7 d"), setting("a.b", "yes: no"), setting("a.b", True)
    ('a.b=7 d', 'a.b="yes: no"', 'a.b=true')
    """
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    try:
        same = bool(to_plain(parse(text, path)) == value)
    except UserError:
        same = False
    return f"{path}={text if same else json.dumps(value, ensure_ascii=False)}"


def quoted(text: str) -> str:
    """A word for the shell, always in quotes.

    >>> print(quoted("it's"))
    'it'"'"'s'
    """
    found = shlex.quote(text)
    return found if found.startswith("'") else f"'{found}'"


# ------------------------------------------------------------------------------------------------------ what came of it
def _against(made: Sweep | Factorial) -> tuple[str, ...]:
    return made.against if isinstance(made, Sweep) else AGAINST


def _kpis(made: Sweep | Factorial, options: Sequence[Option], asked: Sequence[str]) -> list[str]:
    """KPIs of the frontier, those asked for, and the main ones that have a value at some point."""
    study = made.study
    wanted = [*_against(made), *map(study.known, asked)]
    main = [kpi for kpi in MAIN_KPIS if kpi in study.kpis]
    valued = [kpi for kpi in main if any(study.estimate(*option, kpi).mean is not None for option in options)]
    return list(dict.fromkeys([*wanted, *valued]))


def _kpi(made: Sweep | Factorial, key: str) -> dict[str, Any]:
    how, known = unit(key, made.study.manifest.labels), describe(key)
    return {
        "key": key,
        "name": title_of(key),
        "meaning": known.definition,
        "better": known.better,
        "unit": how.name,
        "factor": how.factor,
        "of_difference": how.of_difference,
    }


def _option(made: Sweep | Factorial, option: Option, kpis: Sequence[Numbers], paired: Sequence[str]) -> dict[str, Any]:
    """The results of a policy at a point; each replication for the KPIs in `paired`."""
    point, policy = option
    place = made.frontier.get((point.number, policy), "") if isinstance(made, Sweep) else ""
    columns = [[_short(v) for v in made.study.column(point, policy, key)] for key in paired]
    return {"point": point.number, "policy": policy, "place": place, "kpis": kpis, "values": columns}


def _short(value: Value) -> float | None:
    return None if isinstance(value, Undefined) else float(f"{value:.{DIGITS}g}")


def _numbers(made: Sweep | Factorial, options: Sequence[Option], keys: Sequence[str]) -> list[tuple[Numbers, ...]]:
    """By option and KPI; a KPI has the same decimals everywhere."""
    columns = []
    for key in keys:
        estimates = [made.study.estimate(*option, key) for option in options]
        found = numbers(estimates, unit(key, made.study.manifest.labels).factor)
        texts = [(n.mean, n.interval or e.reason) for n, e in zip(found, estimates, strict=True)]
        columns.append([(e.mean, e.low, e.high, *pair) for e, pair in zip(estimates, texts, strict=True)])
    return list(zip(*columns, strict=True))
