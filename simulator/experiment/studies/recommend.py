"""Whether to take backorders, item by item: paired replications with and without them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Unpack

from simulator.experiment.arguments import StudyOptions, StudySettings, kpis_of, with_kpis
from simulator.experiment.results.results import difference_json
from simulator.experiment.results.tables import csv_pieces
from simulator.experiment.statistics.intervals import Difference, holm
from simulator.experiment.studies.design import Point, as_changes
from simulator.experiment.studies.outcome import study_repr
from simulator.experiment.studies.study import Study, checked, opened
from simulator.foundation.errors import UserError
from simulator.policies.acceptance import Acceptance
from simulator.policies.decisions import decision_for, reach_of
from simulator.scenario.loader import Loadable, loaded
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.tree.paths import dotted, unknown

Verdict = Literal["allow", "block", "no difference found"]
NEVER = {"kind": "never"}
EVERYTHING, NOTHING, ADVISED = "all allowed", "none allowed", "as advised"


@dataclass(frozen=True)
class Advice:
    """The value of taking backorders of one item."""

    item: str
    gain: Difference
    """KPI with backorders of the item minus without, those of all other items taken; paired by replication."""
    verdict: Verdict
    """Adjusted for the number of items (Holm)."""


@dataclass(frozen=True, repr=False)
class Recommendation:
    """Advice for every item, and the gain from following all of it."""

    study: Study
    policy: str
    kpi: str
    replications: int
    advice: tuple[Advice, ...]
    block: dict[str, Any]
    """An `acceptance:` to paste into the policy."""
    gains: dict[str, Difference]
    """The KPI as advised minus the KPI with all allowed, and minus that with none allowed."""

    def __repr__(self) -> str:
        counts = Counter(a.verdict for a in self.advice)
        found = ", ".join(f"{verdict} {n}" for verdict, n in counts.items())
        n = len(self.advice)
        return study_repr(self, self.study, f"{n} item{'s' * (n != 1)} ({found}) by {self.kpi}", self.replications)

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "scenario": self.study.scenario.name,
            "policy": self.policy,
            "kpi": self.kpi,
            "replications": self.replications,
            "seed": self.study.manifest.seed,
            "items": {a.item: {**difference_json(a.gain), "verdict": a.verdict} for a in self.advice},
            "acceptance": self.block,
            "as_advised_less": {name: difference_json(gain) for name, gain in self.gains.items()},
            "results": self.study.folder_json,
        }

    def csv_files(self) -> dict[str, Iterable[bytes]]:
        """The advice as a table."""
        rows = ((a.item, self.kpi, a.gain.mean, a.gain.half_width, a.gain.n, a.verdict) for a in self.advice)
        return {"advice.csv": csv_pieces(("item", "kpi", "gain", "half_width", "n", "verdict"), rows)}


def recommend(
    scenario: Loadable,
    policy: str | None = None,
    items: Sequence[str] = (),
    kpi: str = "contribution",
    replications: int | None = None,
    **options: Unpack[StudyOptions],
) -> Recommendation:
    """Simulate the scenario with backorders of every item taken, then with those of one item at a time refused.

    Args:
        scenario: the scenario and its policies, or the file that holds it.
        policy: the policy whose `acceptance` is judged; the first by default.
        items: the items to judge; all by default. Backorders of the others are taken as the policy says.
        kpi: the KPI to maximise.
        replications: of each variant, at least 2; the scenario's own number by default.
        options: see `StudyOptions`.

    >>> import simulator
    >>> scenario = simulator.load("strategies/which-items", ["clock.horizon=120 d"])
    >>> advice = simulator.recommend(scenario, items=["mug"], replications=2).advice
    >>> [found.item for found in advice]
    ['mug']

    Raises:
        UserError: an argument or the folder is not usable.
    """
    scenario = loaded(scenario)
    one = [next(iter(scenario.policies)) if policy is None else policy]
    settings = StudySettings.resolve(scenario, replications, one, fewest=2, **with_kpis(options, kpi))
    (chosen,), n = settings.policies, settings.replications
    (kpi,) = kpis_of([kpi])
    judged = _items(scenario, items)
    usual = _taken(scenario, chosen)
    path = dotted(["policies", chosen, "acceptance"])

    def point(number: int, name: str, acceptance: dict[str, Any]) -> Point:
        return Point(number, {"backorders": name}, as_changes({path: acceptance}))

    every = point(0, EVERYTHING, usual)
    none = point(1, NOTHING, {**usual, **dict.fromkeys(judged, NEVER)})
    without = [point(2 + k, f"without {item}", {**usual, item: NEVER}) for k, item in enumerate(judged)]
    variants = checked(scenario, [every, none, *without])
    with opened(settings, "recommend", {"items": judged, "kpi": kpi}, points=len(variants)) as study:
        study.play(variants, n)
        advice = tuple(_advice(study, kpi, judged, every, without))
        block = {**usual, **{a.item: NEVER for a in advice if a.verdict == "block"}}
        followed = point(2 + len(judged), ADVISED, block)
        study.play([followed], n)
        gains = {p.values["backorders"]: study.difference((followed, chosen), (p, chosen), kpi) for p in (every, none)}
        made = Recommendation(study, chosen, kpi, n, advice, block, gains)
        study.finish(n, {**study.csv_files([*variants, followed]), **made.csv_files()})
    return made


def _items(scenario: Scenario, items: Sequence[str]) -> list[str]:
    for name in items:
        if name not in scenario.items:
            raise UserError(unknown(name, scenario.items, "item"))
    return list(dict.fromkeys(items)) or list(scenario.items)


def _taken(scenario: Scenario, policy: str) -> dict[str, Any]:
    """The policy's `acceptance` by item, with `always` in place of decisions that refuse all backorders.

    Raises:
        UserError: the decisions differ by segment or date, so that there is not one of each item to advise on.
    """
    chosen = scenario.policies[policy]
    by_segment = any(reach_of(key).segment for key in chosen.acceptance)
    if by_segment or any(entry.acceptance for entry in chosen.schedule):
        raise UserError(
            f"policy {policy!r}: `acceptance` differs by segment or date, and advice is about one decision for each "
            "item; name another policy with --policy, or write one without `segments` and `schedule`"
        )

    def plain_decision(decision: Acceptance | None) -> dict[str, Any]:
        if decision is None or (decision.limit == 0 and not decision.looks_ahead):
            return {"kind": "always"}
        plain: dict[str, Any] = json.loads(decision.model_dump_json(exclude_none=True, exclude_defaults=True))
        return {"kind": getattr(decision, "kind", "always"), **plain}

    own = scenario.policies[policy].acceptance
    found = {"default": plain_decision(own.get("default"))}
    for name in scenario.items:
        here = plain_decision(decision_for(own, name))
        if here != found["default"]:
            found[name] = here
    return found


def _advice(study: Study, kpi: str, items: Sequence[str], every: Point, without: Sequence[Point]) -> Iterator[Advice]:
    (policy,) = study.policies
    gains = [study.difference((every, policy), (other, policy), kpi) for other in without]
    for item, gain, p in zip(items, gains, holm([gain.p for gain in gains]), strict=True):
        sure = gain.mean is not None and p < 1 - study.confidence
        verdict: Verdict = "no difference found"
        if sure:
            verdict = "allow" if (gain.mean or 0.0) > 0 else "block"
        yield Advice(item, gain, verdict)
