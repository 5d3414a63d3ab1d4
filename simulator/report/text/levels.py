"""The levels of a KPI under two policies in words: '84 % of units ship at once instead of 71 %'."""

from __future__ import annotations

import re
from collections.abc import Sequence

from simulator.experiment.results.results import Results
from simulator.experiment.statistics.waitless import REFUSED
from simulator.experiment.studies.design import Point
from simulator.experiment.studies.study import Study
from simulator.report.text.kpi_names import name_of, title_of
from simulator.report.text.numbers import MOST_DECIMALS, NOISE, decimals, unit, written
from simulator.report.text.sentences import joined, quoted

PHRASES = {
    "fill_rate": "{new} of units ship at once instead of {old}",
    "fill_rate_lines": "{new} of lines ship at once instead of {old}",
    "fill_rate_orders": "{new} of orders ship at once instead of {old}",
    "otif_first_promise": "{new} of the orders taken arrive in full by the first promise instead of {old}",
    "lost_at_checkout": "{new} of units are lost at checkout instead of {old}",
}
"""Whole clauses; other KPIs rise or fall."""
HEAD = re.compile(r" (?:per|of|by|at|to) ")
"""What follows qualifies the name, as in 'notices per order'."""
CLOSE = 0.05
"""A mean within this share of the old one from its half is said to halve; within twice the share, to double."""


def levels(results: Results, key: str, policies: Sequence[str]) -> list[str]:
    """The means of some policies as texts with their unit, with just the decimals that show how they differ."""
    how = unit(key, results.manifest.labels)
    found = [results.estimate(p, key) for p in policies]
    means = [(e.mean or 0.0) * how.factor for e in found]
    gap = max(means) - min(means)
    places = decimals(found, how.factor)
    if gap > NOISE * max(map(abs, means)):
        places = next((p for p in range(MOST_DECIMALS) if 0.5 * 10**-p <= 0.1 * gap), MOST_DECIMALS)
    return [f"{written(mean, places)} {how.name}".strip() for mean in means]


def changed(results: Results, key: str, policy: str, other: str) -> str:
    """A clause with the level under a policy, and the one under another that it is compared with."""
    new, old = levels(results, key, (policy, other))
    if key in PHRASES:
        return PHRASES[key].format(new=new, old=old)
    name = name_of(key)
    verb = _verb(results.estimate(policy, key).mean or 0.0, results.estimate(other, key).mean or 0.0)
    if is_plural(name):
        return f"{name} {verb} ({old} to {new})"
    article = "" if name.endswith("cost") else "the "
    return f"{article}{name} {verb}s from {old} to {new}"


def is_plural(name: str) -> bool:
    """Whether the name of a KPI takes a verb in the plural.

    >>> is_plural("notices per order"), is_plural("units lost at checkout"), is_plural("95th percentile of waits")
    (True, True, False)
    """
    head = HEAD.split(name)[0].split()
    return any(word.endswith("s") and not word.endswith("ss") for word in (head[0], head[-1])) and "rate" not in head


def _verb(new: float, old: float) -> str:
    ratio = new / old if old > 0 else 0.0
    if abs(ratio - 0.5) <= CLOSE:
        return "halve"
    if abs(ratio - 2) <= 2 * CLOSE:
        return "double"
    return "rise" if new > old else "fall"


def without_waits(results: Results, policies: Sequence[str]) -> list[str]:
    """A sentence for each of these policies, which take no backorders."""
    return [no_waits(f"`{p}`", (results.estimate(p, REFUSED).mean or 0.0,)) for p in policies]


def no_waits(who: str, refused: Sequence[float], several: bool = False) -> str:
    """'`strict` has no waits because it takes no backorders; 19.9 % of units were refused.'"""
    low, high = (f"{share * 100:.1f} %" for share in (min(refused), max(refused)))
    shares = low if low == high else f"{low} to {high}"
    why = "have no waits because they take" if several else "has no waits because it takes"
    return f"{who} {why} no backorders; {shares} of units were refused."


def options_without_waits(study: Study, options: Sequence[tuple[Point, str]], first: int = 0) -> list[str]:
    """A sentence about the options of a study that take no backorders; none without such options."""
    found = [(point, policy) for point, policy in options if study.waitless(point, policy, first)]
    if not found:
        return []
    several = len(study.policies) > 1
    names = [f"{point.number}{f' of `{policy}`' if several else ''}" for point, policy in found]
    shown = joined(names) if len(names) <= 6 else f"{', '.join(names[:5])} and {len(names) - 5} more"
    refused = [study.estimate(point, policy, REFUSED, first).mean or 0.0 for point, policy in found]
    return [no_waits(f"Point{'s' * (len(names) > 1)} {shown}", refused, len(names) > 1)]


def each(results: Results, key: str) -> str:
    """The levels of all policies, and the reason where there is none."""
    known = [p for p in results.policies if results.estimate(p, key).mean is not None]
    missing = [p for p in results.policies if p not in known]
    reasons = list(dict.fromkeys(results.estimate(p, key).reason for p in missing))
    are, have, they = ("are", "have", "they") if is_plural(name_of(key)) else ("is", "has", "it")
    absent = f"{have} no value with {quoted(missing)}: {'; '.join(reasons)}" if missing else ""
    if not known:
        return f"{title_of(key)} {absent}."
    texts = [f"{level} with `{p}`" for level, p in zip(levels(results, key, known), known, strict=True)]
    return f"{title_of(key)} {are} {joined(texts)}{f'; {they} {absent}' if absent else ''}."
