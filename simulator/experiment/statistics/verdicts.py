"""Who is better, said so that it holds for many policies at once; every report asks here."""

from __future__ import annotations

import simulator.kpis.evaluate  # noqa: F401  every KPI is known by its direction
from simulator.experiment.statistics.intervals import Difference
from simulator.experiment.statistics.measured import Measured
from simulator.kpis.kpi import KPIS, Better

BETTER, WORSE, HIGHER, LOWER, SAME, UNCLEAR = "better", "worse", "higher", "lower", "same", "unclear"


def direction(key: str) -> Better:
    """Whether high or low values of a KPI are better, by its key; 'neither' for one that this version does not know."""
    known = KPIS.get(key.split("[")[0])
    return known.better if known else "neither"


def verdict(difference: Difference, key: str) -> str:
    """One word: better or worse, higher or lower where neither is good, same, unclear; '' without a difference."""
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
    """Every other policy minus `reference`; all these intervals hold at once with the confidence of the results."""
    others = [policy for policy in results.policies if policy != reference]
    return {p: results.difference(p, reference, key, together=len(others)) for p in others}


def best(results: Measured, key: str) -> str | None:
    """The policy that is better than each other one, all differences being significant together; None if there is none.

    It is wrongly named in at most 1 - confidence of all studies: each of the k - 1 policies that might be taken for
    better than the best one is so, at its level, in a share of (1 - confidence) / (k - 1) / 2.
    """
    means = {policy: results.estimate(policy, key).mean for policy in results.policies}
    known = {policy: mean for policy, mean in means.items() if mean is not None}
    if len(means) < 2 or not known or direction(key) == "neither":
        return None
    ahead = (max if direction(key) == "higher" else min)(known, key=known.__getitem__)
    leads = against(results, ahead, key).values()  # others minus the one ahead
    return ahead if all(verdict(lead, key) == WORSE for lead in leads) else None
