"""Input uncertainty of a run: its replications with resampled data, and what they say about each interval."""

from __future__ import annotations

from functools import partial
from typing import Any

from simulator.experiment.results.results import Results
from simulator.experiment.running.resampled import (
    FEWEST,
    PER_SAMPLE,
    replicate_with_other_data,
    sizes_of_data,
)
from simulator.experiment.running.runner import run_all
from simulator.experiment.statistics.input_uncertainty import interval_parts
from simulator.experiment.statistics.intervals import minus
from simulator.experiment.storage.replication import Replication
from simulator.experiment.studies.study import Study

POINT = "resampled inputs"
"""Key of the replications with other data, beside those of the run itself."""


def input_uncertainty(study: Study, results: Results) -> dict[str, Any]:
    """Simulate every sample of the data twice, and split every interval of the results; plain data for the manifest."""
    settings = study.settings
    samples = max(results.replications, FEWEST)
    study.observer = None  # the rule that stops the run does not count these
    missing = study.missing(POINT, samples * PER_SAMPLE)

    def done(batch: list[tuple[int, Replication]]) -> None:
        study.add([(POINT, replication) for _, replication in batch])

    work = partial(
        replicate_with_other_data,
        settings.scenario,
        settings.policies,
        settings.seed,
        lane=settings.lane,
        requested=settings.requested,
        records=not settings.light,
    )
    run_all(work, lambda: missing, done, settings.workers, settings.executor, study.bar)
    columns, n = study.columns(POINT), samples * PER_SAMPLE
    first = results.policies[0]
    policies: dict[str, dict[str, Any]] = {}
    differences: dict[str, dict[str, Any]] = {}
    for kpi in results.kpis:
        if kpi not in columns.kpis:
            continue
        own = {policy: columns.column(policy, kpi, n) for policy in results.policies}
        for policy, values in own.items():
            parts = interval_parts(results.estimate(policy, kpi), values, results.confidence)
            policies.setdefault(policy, {})[kpi] = None if parts is None else parts.to_plain()
            if policy != first:
                apart = [minus(a, b) for a, b in zip(values, own[first], strict=True)]
                parts = interval_parts(results.difference(policy, first, kpi), apart, results.confidence)
                differences.setdefault(policy, {})[kpi] = None if parts is None else parts.to_plain()
    data = sizes_of_data(settings.scenario)
    return {"samples": samples, "data": data, "policies": policies, "differences": differences}
