"""Run a scenario: every policy, every replication, from the scenario to results in memory or in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Unpack

from simulator.experiment.arguments import StudyOptions, StudySettings, between, common, kpis_of, with_kpis
from simulator.experiment.keeping.keep import kinds_to_keep
from simulator.experiment.results.results import Results
from simulator.experiment.running.replicate import replicate, replicate_where_shared
from simulator.experiment.running.runner import run_all
from simulator.experiment.running.selection import WITHIN, PolicySelection
from simulator.experiment.running.stopping import HEADLINES, MOST, PrecisionSearch
from simulator.experiment.storage.fingerprint import fingerprint
from simulator.experiment.storage.item_files import has_items, item_file, kept_replications
from simulator.experiment.storage.kept_files import ORDERS, kept_file
from simulator.experiment.storage.replication import Replication
from simulator.experiment.storage.replication_files import MOST as SERIES
from simulator.experiment.storage.series_files import has_series, series_file
from simulator.experiment.studies.study import Study, opened
from simulator.experiment.uncertain_inputs import input_uncertainty
from simulator.foundation.errors import ResultsLost, UserError
from simulator.kernel.lanes import KeptPlays
from simulator.scenario.loader import Loadable, loaded

POINT = ""
"""Key of the only point of a run."""


class RunOptions(StudyOptions, total=False):
    """Keyword options of `run`."""

    precision: float | None
    """Run until every interval is within this share of its mean, for example 0.02."""
    precise: Sequence[str]
    """The KPIs that `precision` applies to; fill rate and operating cost by default."""
    select: str | None
    """A KPI by which to choose the best policy; clearly inferior policies are dropped and simulated no further. The
    folder's verb is then `select`."""
    within: float | str
    """For `select`, a difference that does not matter, see `PolicySelection`."""
    keep: Sequence[str]
    """What else is written of every replication; needs `out`. `orders`: one row per order line, as Parquet; `facts`:
    every table of the ledger, as Parquet; `events`: event logs for process mining, OCEL 2.0 as JSON and XES;
    `events-sqlite`: OCEL 2.0 as an SQLite database."""
    keep_orders: bool
    """The same as `keep=["orders"]`."""
    light: bool
    """Keep no records of single orders, only sums by item: memory does not grow with the orders, KPIs that need single
    orders have no value, and there are no time series. The folder has a name of its own."""
    verb: str
    """First part of the folder's name; `run` by default."""


def run(
    scenario: Loadable,
    replications: int | None = None,
    policies: Sequence[str] | None = None,
    **options: Unpack[RunOptions],
) -> Results:
    """Simulate the scenario under each policy, with common random numbers.

    Args:
        scenario: the scenario with its policies, or the file that holds it.
        replications: how many; the scenario's own number by default. With `precision` or `select`, the most that are
            run (1000 by default).
        policies: names of the policies to run; all by default. Differences are to the first.
        options: see `RunOptions` and `StudyOptions`: seed, workers, out, progress, confidence, executor, force,
            precision, precise, select, within, keep, light, verb.

    >>> import simulator
    >>> results = simulator.run("steady-shop", 2, ["lean", "safe"], seed=1)
    >>> results
    <Results of 'steady-shop': lean, safe; 2 replications, seed 1, not saved>
    >>> results.estimate("safe", "fill_rate").mean > results.estimate("lean", "fill_rate").mean
    True

    Raises:
        UserError: an argument or the folder is not usable; nothing was simulated.
        AuditError: a replication broke a conservation law.
        WorkerDied: a replication took two worker processes down.
    """
    scenario = loaded(scenario)
    precision, select = options.get("precision"), options.get("select")
    kept = kinds_to_keep([*_as_list(options.get("keep", ())), *[ORDERS] * options.get("keep_orders", False)])
    light = options.get("light", False)
    if kept and light:
        raise UserError("a light run has no records of single orders: give either keep or light")
    if kept and options.get("out") is None:
        raise UserError("keep needs a folder: give `out`")
    if select is not None and (precision is not None or kept):
        raise UserError("select determines the replications of each policy; give neither precision nor keep")
    if replications is None and (precision is not None or select is not None):
        replications = MOST
    needed = with_kpis(common(options, RunOptions), *options.get("precise", ()), *filter(None, [select]))
    settings = replace(StudySettings.resolve(scenario, replications, policies, **needed), light=light)
    verb, mark = options.get("verb", "run"), fingerprint(scenario, settings.seed, settings.policies, light)
    rule: PrecisionSearch | PolicySelection | None = None
    if precision is not None:
        kpis = kpis_of(options.get("precise") or HEADLINES)
        target = between("precision", precision, 0.0, 1.0)
        rule = PrecisionSearch(target, kpis, settings.replications, settings.confidence)
    elif select is not None:
        within = options.get("within", WITHIN)
        rule = PolicySelection(select, settings.policies, within, settings.confidence, settings.replications)
        verb, mark = "select", rule.fingerprint(mark)
    with opened(settings, verb, mark=mark) as study:
        n = _run_all(study, rule, kept)
        manifest = study.manifest.finished(n)
        if isinstance(rule, PolicySelection):
            manifest = replace(manifest, selection=rule.to_plain())
        elif rule is not None:
            manifest = replace(manifest, precision=rule.to_plain())
        results = Results(manifest, scenario.source, study.columns(POINT), study.folder).advised(scenario)
        if scenario.experiment.inputs == "resample" and not isinstance(rule, PolicySelection):
            results.manifest = replace(results.manifest, inputs=input_uncertainty(study, results))
        if study.store is not None:
            results.finish(study.store)
    return results


def _run_all(study: Study, rule: PrecisionSearch | PolicySelection | None, kept: Sequence[str]) -> int:
    """Run what is missing until the stopping rule is satisfied; the number of replications."""
    settings = study.settings
    folder = None if study.folder is None else study.folder.absolute()  # a worker may have another working directory
    if rule is not None:
        study.observer = rule.add

    def goal() -> int:
        return settings.replications if rule is None else rule.goal

    def complete(number: int) -> bool:
        """Whether the files of records, series and items exist, if there are any; otherwise the replication is run
        again."""
        place = folder or Path()
        wanted = [kept_file(place, kind, policy, number) for policy in settings.policies for kind in kept]
        wanted += [series_file(place, number)] * (with_series and number < SERIES)
        wanted += [item_file(place, number)] * (with_items and number < listed)
        return all(path.exists() for path in wanted)

    with_series, with_items = (folder is not None and has(folder) for has in (has_series, has_items))
    listed = kept_replications(len(settings.scenario.items), len(settings.policies))
    numbers: list[int] = []

    def wanted() -> list[int]:
        # Loading saved replications feeds the stopping rule, which may then ask for more.
        while study.requested(POINT) < goal():
            numbers.extend(study.missing(POINT, goal(), complete))
        return numbers

    def done(batch: list[tuple[Any, Replication]]) -> None:
        study.add([(POINT, replication) for _, replication in batch])

    run_here = partial(run_all, on_done=done, workers=settings.workers, executor=settings.executor, bar=study.bar)
    lane, requested = settings.lane, settings.requested
    play = partial(replicate, lane=lane, requested=requested, records=not settings.light, plays=KeptPlays())
    if isinstance(rule, PolicySelection):
        scenario, seed, turn = settings.scenario, settings.seed, rule.turn
        run_here(lambda t: play(scenario, t.policies, seed, t.number), lambda: list(map(turn, wanted())))
    elif folder is None or settings.light:
        run_here(partial(play, settings.scenario, settings.policies, settings.seed), wanted)
    else:
        shared = partial(replicate_where_shared, lane=lane, requested=requested)
        work = play if settings.executor is None else shared
        simulate = partial(work, settings.scenario, settings.policies, settings.seed, kept=kept, series=folder)
        run_here(simulate, wanted)
        with_series, with_items = has_series(folder), has_items(folder)
        if lost := sum(not complete(number) for number in range(goal())):
            raise ResultsLost(
                f"{folder}: files of records, time series or items of {lost} replications were removed while this "
                "command was running; run the same command again"
            )
    return goal()


def _as_list(names: Sequence[str] | str) -> list[str]:
    return [names] if isinstance(names, str) else list(names)
