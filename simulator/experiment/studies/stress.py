"""Stress: each supplier, carrier and cause knocked out in turn, against the same luck without it."""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from simulator.experiment.results.tables import to_csv
from simulator.experiment.running.runner import progress_bar, run_all
from simulator.experiment.statistics.intervals import Estimate, estimate
from simulator.experiment.storage.files import make_folder, write_whole
from simulator.experiment.storage.fingerprint import fingerprint, versions
from simulator.experiment.studies.causes import knocked_out, present, without
from simulator.foundation.errors import UserError, nearest
from simulator.kpis.evaluate import evaluate
from simulator.kpis.evidence.aftermath import aftermath, difference, recovery, served, short_so_far
from simulator.kpis.kpi import Undefined, Value
from simulator.record.levels import path
from simulator.record.run import Run
from simulator.scenario.identity import slug
from simulator.scenario.schema.schema import Scenario
from simulator.world.simulate import simulate

MEASURES = {
    "time_to_survive": "d",
    "peak": "units",
    "backlog_area": "unit-days",
    "time_to_recover": "d",
    "time_to_clear": "d",
    "units_short": "units",
    "delivery": "d",
    "contribution": "currency",
}
"""What is told of a knock-out, and its unit; all against the same replication without it."""
NEVER_SHORT = Undefined("nothing more was short than without it")
NOT_CLEARED = Undefined("the backlog was not back before the horizon")
NOT_BACK = Undefined("service was not back before the horizon")


class Target(NamedTuple):
    """What is knocked out."""

    family: str
    """suppliers, carriers, or warehouse."""
    name: str

    def __str__(self) -> str:
        return self.name if self.family == "warehouse" else f"{self.family.removesuffix('s')} {self.name}"


@dataclass(frozen=True)
class Test:
    """When things are knocked out, for how long, and which share of units counts as service."""

    at: float
    """Day on which each knock-out begins."""
    lasts: float
    """Days."""
    within: float = 0.0
    """Service is the share of units filled within so many days of the order."""


@dataclass(frozen=True)
class Knock:
    """What one knock-out did under a policy, over replications."""

    policy: str
    target: Target
    measures: dict[str, Estimate]


@dataclass(frozen=True)
class Share:
    """What one cause is answerable for, in unit-days on backorder a replication."""

    policy: str
    cause: str
    last: Estimate
    """Backorder-days that go when this cause alone is taken out of the whole."""
    first: Estimate
    """Backorder-days that come when this cause alone is added to a world without any."""
    part: float | None
    """`last` as a share of all backorder-days; None where there are none."""


@dataclass(frozen=True)
class Stress:
    """The outcome of a stress test."""

    scenario: str
    seed: int
    replications: int
    confidence: float
    test: Test
    knocks: tuple[Knock, ...]
    shares: tuple[Share, ...]
    currency: str
    folder: Path | None = None

    def exposure(self, policy: str) -> list[Knock]:
        """What the company depends on: the policy's knock-outs by the backlog that they leave, the worst first."""
        mine = [knock for knock in self.knocks if knock.policy == policy]
        return sorted(mine, key=lambda knock: -(knock.measures["backlog_area"].mean or 0.0))

    def to_plain(self) -> dict[str, Any]:
        """Plain data for JSON; a mean without a value is null, with a reason."""
        knocks = [
            {"policy": k.policy, "target": str(k.target), **{m: _plain(e, MEASURES[m]) for m, e in k.measures.items()}}
            for k in self.knocks
        ]
        shares = [
            {"policy": s.policy, "cause": s.cause, "last": _plain(s.last), "first": _plain(s.first), "share": s.part}
            for s in self.shares
        ]
        return {
            "scenario": self.scenario,
            "seed": self.seed,
            "replications": self.replications,
            "confidence": self.confidence,
            **asdict(self.test),
            "knock_outs": knocks,
            "backorder_days_by_cause": shares,
            "results": None if self.folder is None else str(self.folder),
        }


def _plain(e: Estimate, unit: str = "unit-days") -> dict[str, Any]:
    found = {"mean": e.mean, "half_width": e.half_width, "n": e.n, "unit": unit}
    return {**found, "reason": e.reason} if e.reason else found


def stress(
    scenario: Scenario,
    policies: Sequence[str] | None = None,
    replications: int | None = None,
    seed: int | None = None,
    at: float | None = None,
    lasts: float = 30.0,
    within: float = 0.0,
    workers: int = 1,
    out: str | os.PathLike[str] | None = None,
    progress: bool = False,
) -> Stress:
    """Plays every replication as it is, with each supplier, carrier and the warehouse knocked out in turn, and with
    each cause of backorders taken out in turn, all under the same luck.

    Args:
        policies: names of those to test, the first of the file unless given.
        at: day on which each knock-out begins; half-way between warm-up and horizon unless given.
        lasts: days of each knock-out.
        within: service is the share of units filled within so many days of the order.
        out: the folder under which tables are saved as `<out>/<scenario>/stress-<fingerprint>`; None saves nothing.

    Raises:
        UserError: an argument does not fit the scenario.
        AuditError: a replication broke a law of conservation.
    """
    settings, clock = scenario.experiment, scenario.clock
    chosen = _policies(scenario, policies)
    n = settings.replications if replications is None else replications
    seed = settings.seed if seed is None else seed
    test = Test((clock.warm_up + clock.horizon) / 2 if at is None else at, lasts, within)
    if not clock.warm_up <= test.at < clock.horizon:
        raise UserError(f"at: day {test.at:g} is not in the counted window, {clock.warm_up:g} to {clock.horizon:g} d")
    if lasts <= 0:
        raise UserError(f"lasts: {lasts:g} d; more than 0 is due")
    found: dict[int, dict[str, Played]] = {}
    with progress_bar(progress, n, "replication") as bar:
        work = partial(_replicate, scenario, chosen, seed, test)
        run_all(work, lambda: range(n), found.update, workers, bar=bar)
    rows = [found[number] for number in range(n)]
    outcome = Stress(
        scenario.name,
        seed,
        n,
        settings.confidence,
        test,
        tuple(k for p in chosen for k in _knocks(scenario, p, [row[p] for row in rows], settings.confidence)),
        tuple(s for p in chosen for s in _shares([row[p] for row in rows], p, settings.confidence)),
        scenario.currency,
    )
    return outcome if out is None else _saved(outcome, scenario, Path(out), chosen)


def targets(scenario: Scenario) -> list[Target]:
    """All that can be knocked out."""
    return [
        *(Target("suppliers", name) for _, name, _ in scenario.all_suppliers()),
        *(Target("carriers", name) for name in scenario.carriers),
        Target("warehouse", "warehouse"),
    ]


class Played(NamedTuple):
    """What one replication of one policy has shown."""

    knocks: dict[Target, dict[str, Value]]
    days: dict[str, float]
    """Backorder-days by what was taken out: "" nothing, "*" every cause, "-cause" that one, "+cause" all but that."""


def _replicate(scenario: Scenario, policies: Sequence[str], seed: int, test: Test, number: int) -> dict[str, Played]:
    return {policy: _play(scenario, policy, seed, test, number) for policy in policies}


def _play(scenario: Scenario, policy: str, seed: int, test: Test, number: int) -> Played:
    def run(changed: Scenario) -> Run:
        played = simulate(changed, policy, seed, number)
        played.audit()
        return played

    usual = run(scenario)
    knocks = {}
    for target in targets(scenario):
        changed = knocked_out(scenario, target.family, target.name, test.at, test.lasts)
        knocks[target] = compared(usual, run(changed), test)
    causes = present(scenario, policy)
    days = {"": backorder_days(usual)}
    if causes:
        days["*"] = backorder_days(run(without(scenario, policy, causes)))
    for cause in causes:
        days[f"-{cause}"] = backorder_days(run(without(scenario, policy, [cause])))
        others = [other for other in causes if other != cause]
        days[f"+{cause}"] = backorder_days(run(without(scenario, policy, others)))
    return Played(knocks, days)


def backorder_days(run: Run) -> float:
    """Unit-days on backorder in the counted window."""
    days = evaluate(run, ["backorder_days"])["backorder_days"]
    assert isinstance(days, float)
    return days


def compared(usual: Run, struck: Run, test: Test) -> dict[str, Value]:
    """What a knock-out did, against the same replication without it; see `MEASURES`."""
    start, end, horizon = test.at, min(test.at + test.lasts, usual.world.horizon), usual.world.horizon
    more = difference(path(struck, "backlog", None), path(usual, "backlog", None))
    after = aftermath(more, start, end, horizon)
    short = difference(short_so_far(struck), short_so_far(usual))
    first = next(
        (float(t) for t, units in zip(short.times, short.values, strict=True) if t >= start and units > 0), None
    )
    times, asked, filled = served(usual, test.within)
    inside = times >= usual.world.warm_up
    service = float(filled[inside].sum() / asked[inside].sum()) if asked[inside].sum() else 1.0
    back = recovery(struck, start, end, test.within, service)
    both = [evaluate(run, ["contribution", "delivery_mean"]) for run in (struck, usual)]
    found: dict[str, Value] = {
        "time_to_survive": NEVER_SHORT if first is None else first - start,
        "peak": after.peak,
        "backlog_area": after.area,
        "time_to_recover": NOT_BACK if back is None else back,
        "time_to_clear": NOT_CLEARED if after.clear is None else after.clear,
        "units_short": float(short.values[-1]),
        "delivery": _less(*(kpis["delivery_mean"] for kpis in both)),
        "contribution": _less(*(kpis["contribution"] for kpis in both)),
    }
    return found


def _less(struck: Value, usual: Value) -> Value:
    if isinstance(struck, Undefined):
        return struck
    return usual if isinstance(usual, Undefined) else struck - usual


def _knocks(scenario: Scenario, policy: str, rows: Sequence[Played], confidence: float) -> Iterable[Knock]:
    for target in targets(scenario):
        columns = {m: [row.knocks[target][m] for row in rows] for m in MEASURES}
        yield Knock(policy, target, {m: estimate(column, confidence) for m, column in columns.items()})


def _shares(rows: Sequence[Played], policy: str, confidence: float) -> Iterable[Share]:
    causes = [key[1:] for key in rows[0].days if key.startswith("-")]
    whole = [row.days[""] for row in rows]
    none = [row.days.get("*", row.days[""]) for row in rows]
    last = {c: [row.days[""] - row.days[f"-{c}"] for row in rows] for c in causes}
    first = {c: [row.days[f"+{c}"] - row.days["*"] for row in rows] for c in causes}
    explained = [a - b for a, b in zip(whole, none, strict=True)]
    if len(causes) > 1:
        for sums in (last, first):
            columns = [sums[c] for c in causes]
            sums["together"] = [e - math.fsum(parts) for e, *parts in zip(explained, *columns, strict=True)]
    last["ordinary"] = first["ordinary"] = none
    total = math.fsum(whole)
    for cause in last:
        part = math.fsum(last[cause]) / total if total else None
        yield Share(policy, cause, estimate(last[cause], confidence), estimate(first[cause], confidence), part)


def _policies(scenario: Scenario, names: Sequence[str] | None) -> tuple[str, ...]:
    known = tuple(scenario.policies)
    if not names:
        return known[:1]
    for name in names:
        if name not in known:
            raise UserError(f"no policy {name!r}{nearest(name, known)}; policies: {', '.join(known)}")
    return tuple(dict.fromkeys(names))


def _saved(outcome: Stress, scenario: Scenario, out: Path, policies: Sequence[str]) -> Stress:
    parts = [fingerprint(scenario, outcome.seed, policies), *asdict(outcome.test).values(), outcome.replications]
    mark = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:8]
    folder = out / slug(scenario.name) / f"stress-{mark}"
    make_folder(folder)
    saved = Stress(**{**vars(outcome), "folder": folder})
    header = ["policy", "target", "measure", "unit", "mean", "half_width", "n"]
    knocks = [
        [k.policy, str(k.target), m, MEASURES[m], e.mean, e.half_width, e.n]
        for k in outcome.knocks
        for m, e in k.measures.items()
    ]
    causes = [
        [s.policy, s.cause, s.last.mean, s.last.half_width, s.first.mean, s.first.half_width, s.part, s.last.n]
        for s in outcome.shares
    ]
    columns = ["policy", "cause", "last", "last_half_width", "first", "first_half_width", "share", "n"]
    plain = {**saved.to_plain(), "versions": versions()}
    write_whole(
        {
            folder / "knock_outs.csv": to_csv(header, knocks),
            folder / "causes.csv": to_csv(columns, causes),
            folder / "stress.json": (json.dumps(plain, indent=1, allow_nan=False) + "\n").encode(),
            folder / "scenario.yaml": scenario.source.encode(),
        }
    )
    return saved
