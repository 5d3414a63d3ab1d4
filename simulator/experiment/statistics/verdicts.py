"""Which policy is better, with statements that hold simultaneously for many policies."""

from __future__ import annotations

import simulator.kpis.evaluate  # noqa: F401  every KPI is known by its direction
from simulator.experiment.statistics.intervals import Difference
from simulator.experiment.statistics.measured import Measured
from simulator.experiment.statistics.waitless import unjudged
from simulator.kpis.kpi import KPIS, Better

NO_BACKORDERS = "no backorders"
BETTER, WORSE, HIGHER, LOWER, SAME, UNCLEAR = "better", "worse", "higher", "lower", "same", "unclear"


def direction(key: str) -> Better:
    """Whether high or low values of a KPI are better, by its key; 'neither' if this version does not know the KPI."""
    known = KPIS.get(key.split("[")[0])
    return known.better if known else "neither"


def verdict(difference: Difference, key: str, unjudged: bool = False) -> str:
    """One word: better or worse (higher or lower if no direction is better), same, unclear; '' without a difference.

    `unjudged`: one of the two takes no backorders, and the KPI looks better for it.
    """
    if unjudged:
        return NO_BACKORDERS
    if difference.mean is None:
        return ""
    if difference.mean == 0 and difference.half_width == 0:
        return SAME
    if not difference.significant:
        return UNCLEAR
    up = difference.mean > 0
    better = direction(key)
    if better == "neither":
        return HIGHER if up else LOWER
    return BETTER if up == (better == "higher") else WORSE


def against(results: Measured, reference: str, key: str) -> dict[str, Difference]:
    """Every other policy minus `reference`; the intervals hold simultaneously with the confidence of the results."""
    others = [policy for policy in results.policies if policy != reference]
    return {p: results.difference(p, reference, key, together=len(others)) for p in others}


def judged(results: Measured, reference: str, key: str) -> dict[str, tuple[Difference, str]]:
    """The differences of `against`, each with its verdict."""
    none = set(unjudged(results, key))
    found = against(results, reference, key)
    return {p: (d, verdict(d, key, bool({p, reference} & none))) for p, d in found.items()}


def best(results: Measured, key: str) -> str | None:
    """The policy that is significantly better than each other one, with simultaneous intervals; None if there is none.

    A wrong policy is named in at most 1 - confidence of all studies: each of the k - 1 policies that could be mistaken
    for the best one is so with probability (1 - confidence) / (k - 1) / 2. Policies that take no backorders are not
    judged by waits (`unjudged`).
    """
    left_out = unjudged(results, key)
    means = {policy: results.estimate(policy, key).mean for policy in results.policies if policy not in left_out}
    known = {policy: mean for policy, mean in means.items() if mean is not None}
    if len(means) < 2 or not known or direction(key) == "neither":
        return None
    ahead = (max if direction(key) == "higher" else min)(known, key=known.__getitem__)
    leads = against(results, ahead, key)  # others minus the one ahead
    return ahead if all(verdict(leads[policy], key) == WORSE for policy in means if policy != ahead) else None
