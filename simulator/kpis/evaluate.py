"""All KPIs of one run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from pkgutil import iter_modules

from simulator.foundation.errors import AuditError
from simulator.kpis import groups
from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.evidence.totals import NeedsRecordsError, Totals
from simulator.kpis.kpi import KPIS, Kpi, Undefined, Value, describe, reported
from simulator.model.nouns import World
from simulator.record.run import Run

ORDER = (
    "service",
    "waiting",
    "opening",
    "leaving",
    "promises",
    "messages",
    "segments",
    "items",
    "stock",
    "forecasting",
    "money",
    "payments",
    "suppliers",
    "loyalty",
    "disruption",
)
"""Order of the files of `groups/` in the reports; others follow by name."""


def in_order(names: Iterable[str]) -> list[str]:
    """Names of files of `groups/` in the order of the reports.

    >>> in_order(["money", "our_own", "service"])
    ['service', 'money', 'our_own']
    """
    rank = {name: place for place, name in enumerate(ORDER)}
    return sorted(names, key=lambda name: (rank.get(name, len(ORDER)), name))


def group_together(kpis: dict[str, Kpi]) -> None:
    """Moves the KPIs of each group behind its first one: a group may have several files."""
    order = [kpi.group for kpi in kpis.values()]
    for name in sorted(kpis, key=lambda name: order.index(kpis[name].group)):
        kpis[name] = kpis.pop(name)


for file in in_order(module.name for module in iter_modules(groups.__path__)):
    import_module(f"{groups.__name__}.{file}")
group_together(KPIS)

ROUNDING = 1e-9
"""Shares beyond 0 or 1 by no more than this are rounding errors."""


def _in_units(key: str, value: Value, world: World) -> Value:
    return value if isinstance(value, Undefined) else reported(value, describe(key).unit, world)


def _usual(world: World) -> list[str]:
    """The KPIs that a run reports unless others are asked for."""
    kpis = KPIS.values()
    return [kpi.id for kpi in kpis if not kpi.on_request and (kpi.applies is None or kpi.applies(world))]


def evidence_of(run: Run) -> Evidence:
    """What the KPIs of a run are computed from; pass it to several calls so that they share what it has computed."""
    return run.totals if isinstance(run.totals, Totals) else Evidence(run)


def evaluate(
    run: Run, only: Iterable[str] | None = None, evidence: Evidence | None = None, also: Sequence[str] = ()
) -> dict[str, Value]:
    """Computes every KPI (or those named); a small table gives one entry for each part, `id[part]`.

    KPIs `on_request` are left out unless they are named in `only`; `also` names single parts of them, such as
    `fill_rate_by_item[mug]`.

    Raises:
        AuditError: a share is not within [0, 1]; the message names the KPI, the policy, the replication and the seed.
    """
    evidence = evidence or evidence_of(run)
    found: dict[str, Value] = {}
    file = ""
    for name in _usual(run.world) if only is None else only:
        if file != (file := KPIS[name].function.__module__):  # what KPIs share, they share within a file
            evidence.trim()
        try:
            value = KPIS[name].function(evidence)
        except NeedsRecordsError:
            reason = Undefined("the replication kept no records of single orders")
            found.update(dict.fromkeys(KPIS[name].keys(run.world), reason))
            continue
        keyed = {f"{name}[{part}]": v for part, v in value.items()} if isinstance(value, Mapping) else {name: value}
        if KPIS[name].unit == "share":
            _check_shares(keyed, run)
        found.update(keyed)
    if run.world.grain != 1.0:
        found = {key: _in_units(key, value, run.world) for key, value in found.items()}
    if also:
        wanted = evaluate(run, dict.fromkeys(key.split("[")[0] for key in also), evidence)
        found.update({key: wanted[key] for key in also})
    return found


def _check_shares(values: Mapping[str, Value], run: Run) -> None:
    for key, value in values.items():
        if isinstance(value, float) and not -ROUNDING <= value <= 1 + ROUNDING:
            where = f"policy {run.policy!r}, replication {run.replication}, seed {run.seed}"
            raise AuditError(f"shares lie in [0, 1]: {key} is {value:g} ({where})")
