"""The KPIs that are shown: the main ones, those named, or all; and why some have no value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from simulator.experiment.arguments import kpis_of
from simulator.experiment.results.results import Results
from simulator.foundation.errors import UserError, nearest
from simulator.kpis.kpi import KPIS, Kpi

MAIN_KPIS = (
    "fill_rate",
    "fill_rate_orders",
    "otif_first_promise",
    "wait_mean",
    "wait_p95",
    "backlog_mean",
    "cancellation_rate",
    "lost_at_checkout",
    "on_hand_mean",
    "turns",
    "operating_cost",
    "contribution",
)
"""Shown unless KPIs are named."""


class KpiSelection(NamedTuple):
    """KPI identifiers to show."""

    names: tuple[str, ...]
    named: bool
    """True when each was asked for by name."""


def select_kpis(names: Sequence[str] = (), everything: bool = False) -> KpiSelection:
    """The named KPIs, all of them, or the main ones.

    Raises:
        UserError: there is no such KPI.
    """
    if names:
        return KpiSelection(tuple(dict.fromkeys(kpis_of(names))), True)
    return KpiSelection(tuple(KPIS) if everything else MAIN_KPIS, False)


def keys(results: Results, selection: KpiSelection) -> list[str]:
    """The keys of the selected KPIs in the order of the reports; a KPI with parts has a key for each.

    Raises:
        UserError: a part was named that these results do not have.
    """
    wanted = set(selection.names)
    for name in selection.names:
        if "[" in name:
            results.request(name)
        if "[" in name and name not in results.kpis:
            known = [key for key in results.kpis if key.split("[")[0] == name.split("[")[0]]
            raise UserError(
                f"no {name!r} in these results{nearest(name, known)}; there are {', '.join(known) or 'none of them'}"
            )
    return [key for key in results.kpis if key in wanted or key.split("[")[0] in wanted]


def defined(results: Results, found: Iterable[str]) -> list[str]:
    """The keys that have a value for at least one policy."""
    return [k for k in found if any(results.estimate(p, k).mean is not None for p in results.policies)]


def grouped(found: Iterable[str]) -> dict[str, list[str]]:
    """Keys by the group of their KPI, in the order in which the groups appear."""
    groups: dict[str, list[str]] = {}
    for key in found:
        known: Kpi | None = KPIS.get(key.split("[")[0])
        groups.setdefault(known.group if known else "other", []).append(key)
    return groups


def missing(results: Results, found: Iterable[str]) -> list[str]:
    """A line for each reason why KPIs have no value: which, for which policies, why."""
    where: dict[str, dict[str, None]] = {}  # by reason; a dict keeps each name once and in order
    for key in found:
        name = key.split("[")[0]
        estimates = {policy: results.estimate(policy, key) for policy in results.policies}
        nowhere = all(e.mean is None for e in estimates.values())
        # First the policies without any value, then those without a value in some replications.
        for policy, e in sorted(estimates.items(), key=lambda pair: pair[1].mean is not None):
            if e.mean is None or e.n < results.replications:
                where.setdefault(e.reason, {})[name if nowhere else f"{name} of {policy}"] = None
    return [f"{', '.join(names)}: {reason}" for reason, names in where.items()]
