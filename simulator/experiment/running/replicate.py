"""One replication: simulate every policy with common random numbers, audit each run, and compute its KPIs."""

from __future__ import annotations

import math
import platform
from collections.abc import Sequence
from pathlib import Path

from simulator.experiment.keeping.keep import keep
from simulator.experiment.statistics.warm_up import settled
from simulator.experiment.storage.item_files import keep_items, kept_replications
from simulator.experiment.storage.manifest import MANIFEST
from simulator.experiment.storage.replication import Replication
from simulator.experiment.storage.replication_files import MOST
from simulator.experiment.storage.series_files import keep_series
from simulator.foundation.collector import collect_runs, quiet_gc
from simulator.foundation.errors import AuditError, EventStorm, UserError
from simulator.kernel.lanes import KeptPlays, Lane, SharedNumbers, simulate
from simulator.kpis.evaluate import evaluate, evidence_of
from simulator.kpis.evidence.by_item import by_item
from simulator.kpis.evidence.totals import Totals
from simulator.kpis.groups.items import item_kpis, item_values
from simulator.kpis.kpi import Undefined, Value
from simulator.kpis.series.series import measure
from simulator.record.digest import digest
from simulator.record.ledger import Floats
from simulator.scenario.schema.schema import Scenario


@quiet_gc()
def replicate(
    scenario: Scenario,
    policies: Sequence[str],
    seed: int,
    number: int,
    kept: Sequence[str] = (),
    series: Path | None = None,
    lane: Lane = "auto",
    requested: Sequence[str] = (),
    records: bool = True,
    plays: KeptPlays | None = None,
) -> Replication:
    """Simulate all policies with common random numbers. The result depends on the arguments only.

    Args:
        kept: the kinds of records that are written to the results folder, see `keeping.keep`.
        series: the results folder for records, and for time series and items of the first replications; None writes
            none.
        lane: who plays; the result does not depend on it.
        requested: keys of KPIs by item that are worked out as well.
        records: keep every fact until the KPIs are known; without, only sums by item, and there are no files.
        plays: those of other replications in this process; this one goes on with them.

    Raises:
        AuditError: a conservation law does not hold, or a KPI is not finite; names policy, seed and replication.
    """
    collect_runs()
    values, measured = {}, {}
    items: dict[str, Floats] = {}
    facts: dict[str, str] = {}
    days: dict[str, float] = {}
    shared = SharedNumbers() if len(policies) > 1 else None
    for policy in policies:
        where = f"policy {policy!r}, seed {seed}, replication {number}"
        try:
            run = simulate(scenario, policy, seed, number, records, lane, shared, plays)
            run.audit()
            facts[policy] = digest(run)
            if (after := settled(run)) is not None:
                days[policy] = after
            if kept and series is not None:
                keep(run, series, kept)
            evidence = evidence_of(run)
            known = len(dict.fromkeys(item.name for item in run.world.items))
            if series is not None and number < kept_replications(known, len(policies)):
                if not isinstance(evidence, Totals):  # they follow from records of single orders
                    items[policy] = item_values(evidence, where)
            found = evaluate(run, evidence=evidence, also=requested)
            values[policy] = {kpi: sound(value, kpi, where) for kpi, value in found.items()}
            if series is not None and number < MOST:
                measured[policy] = measure(evidence)
        except EventStorm as storm:
            raise storm.at(where) from None
        except Exception as error:
            error.add_note(f"in {where}")
            raise
    if series is not None and measured:
        events = [event.name or event.key(lambda _, name: name) for event in scenario.all_events()]
        keep_series(series, seed, number, run.world, events, measured)
    if series is not None and items:
        keep_items(series, seed, number, list(item_kpis(run.world)), by_item(evidence).names, items)
    return Replication(number, values, facts, days)


def replicate_where_shared(
    scenario: Scenario,
    policies: Sequence[str],
    seed: int,
    number: int,
    kept: Sequence[str],
    series: Path,
    lane: Lane = "auto",
    requested: Sequence[str] = (),
) -> Replication:
    """`replicate` on another machine, which writes to the results folder of this one.

    Raises:
        UserError: that machine does not have the folder.
    """
    if not (series / MANIFEST).is_file():
        raise UserError(
            f"the worker on {platform.node()} does not see {series}: give --out a folder that all machines share"
        )
    return replicate(scenario, policies, seed, number, kept, series, lane, requested)


def sound(value: Value, kpi: str, where: str) -> Value:
    """The value as it is kept.

    Raises:
        AuditError: it is not finite; the message says where.
    """
    if isinstance(value, Undefined):
        return value
    number = float(value) + 0.0  # -0.0 becomes 0.0
    if not math.isfinite(number):
        raise AuditError(f"{where}: {kpi} is {number}; expected a finite number or a reason")
    return number
