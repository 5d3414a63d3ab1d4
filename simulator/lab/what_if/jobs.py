"""What the worker of the page plays: each job takes the state of its process and yields messages for the page."""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, NamedTuple, TypeVar

from simulator.experiment.statistics.measured import labels_of
from simulator.foundation.errors import UserError
from simulator.kernel.lanes import simulate
from simulator.kernel.player import Player
from simulator.kpis.evaluate import evidence_of
from simulator.kpis.kpi import KPIS
from simulator.lab.pages.engine import FILM, in_all_languages
from simulator.lab.server.answers import Refused
from simulator.lab.what_if.controls import SliderKey, controls
from simulator.lab.what_if.measuring import (
    Compared,
    MeasuredReplication,
    Measurements,
    Part,
    described,
    measured,
    number,
    numbers,
    segments,
)
from simulator.lab.what_if.pictures import levels
from simulator.lab.what_if.sides import MOST_REPLICATIONS, Side, side, targets
from simulator.lab.what_if.sources import ScenarioSource
from simulator.lab.what_if.textbook import textbook_value
from simulator.record.order_numbers import number_of
from simulator.record.run import Run
from simulator.record.story import story_lines, when
from simulator.report.interactive.film import DAYS, lane, window
from simulator.report.text.shown_kpis import MAIN_KPIS
from simulator.report.tracking.page import tracking
from simulator.scenario.identity import fingerprint
from simulator.scenario.schema.schema import Scenario

REPLICATIONS = 20
MOST_SCENARIOS, MOST_PLAYERS, MOST_MEASURED, MOST_RUNS = 6, 2, 60, 3
"""What a process keeps."""
MOST_HAPPENED = 2000
"""Lines of text about a lane of the queue."""
State = dict[str, Any]
T = TypeVar("T")


class _Opened(NamedTuple):
    """A scenario with its controls."""

    scenario: Scenario
    controls: dict[str, SliderKey]
    mark: str
    """Fingerprint."""


class PageQuestion(NamedTuple):
    """A request of the page, checked."""

    opened: _Opened
    source: ScenarioSource
    b: Side
    a: Side | None
    n: int
    seed: int
    part: Part


def _recent(state: State, name: str, key: object, make: Any, most: int) -> Any:
    """The kept value of a key; the one that was used longest ago makes room."""
    kept: OrderedDict[object, Any] = state.setdefault(name, OrderedDict())
    if key in kept:
        kept.move_to_end(key)
    else:
        kept[key] = make()
        while len(kept) > most:
            kept.popitem(last=False)
    return kept[key]


def opened(state: State, source: ScenarioSource) -> _Opened:
    """The scenario of a source, read once, and again when its file has changed."""

    def make() -> _Opened:
        scenario = source.load()
        return _Opened(scenario, controls(scenario), fingerprint(scenario))

    found: _Opened = _recent(state, "scenarios", (source, source.changed), make, MOST_SCENARIOS)
    return found


def asked(state: State, source: ScenarioSource, plain: Mapping[str, Any]) -> PageQuestion:
    """The question of a request.

    Raises:
        Refused: it cannot be asked.
    """
    found = opened(state, source)
    own = found.scenario.experiment
    n = _whole(plain, "replications", REPLICATIONS, 1, MOST_REPLICATIONS)
    seed = _whole(plain, "seed", own.seed, 0, 2**53)
    b = side(plain.get("b"), found.scenario, found.controls)
    a = side(plain["a"], found.scenario, found.controls) if plain.get("a") is not None else None
    return PageQuestion(found, source, b, a, n, seed, _part(plain.get("part"), found.scenario))


def _whole(plain: Mapping[str, Any], name: str, default: int, low: int, high: int) -> int:
    value = plain.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise Refused(422, f"{name}: expected a whole number from {low} to {high}.")
    return value


def _part(plain: object, scenario: Scenario) -> Part:
    if plain is None:
        return Part()
    kind, name = (plain.get("kind"), plain.get("name")) if isinstance(plain, Mapping) else (None, None)
    sections: dict[str, Mapping[str, Any]] = {"segment": scenario.customers, "item": scenario.items}
    known = sections.get(str(kind), {})
    if not isinstance(name, str) or name not in known:
        raise Refused(422, "There is no such segment or item.")
    return Part(str(kind), name)


# ------------------------------------------------------------------------------------------------------------ describe
def warm(source: ScenarioSource | None, state: State) -> None:
    """Reads the first scenario while the browser opens the page."""
    if source is not None:
        with contextlib.suppress(UserError, Refused):  # told when the page asks for it
            opened(state, source)


def describe(state: State, source: ScenarioSource) -> Iterator[dict[str, Any]]:
    """What the page needs to know about a scenario before anything is played."""
    found = opened(state, source)
    scenario = found.scenario
    start = scenario.clock.start
    yield {
        "id": source.id,
        "text": source.text,
        "name": scenario.name,
        "title": scenario.title or scenario.name,
        "description": scenario.description,
        "fingerprint": found.mark,
        "currency": scenario.currency,
        "start": None if start is None else start.isoformat(),
        "horizon": scenario.clock.horizon,
        "warm_up": scenario.clock.warm_up,
        "policies": list(scenario.policies),
        "segments": list(scenario.customers),
        "items": list(scenario.items)[:500],
        "targets": {kind: names[:50] for kind, names in targets(scenario).items()},
        "replications": min(REPLICATIONS, max(scenario.experiment.replications, 2)),
        "seed": scenario.experiment.seed,
        "confidence": scenario.experiment.confidence,
        "controls": [asdict(control) for control in found.controls.values()],
        "kpis": described(labels_of(scenario)),
        "sources": {str(k): str(v) for k, v in scenario.sources.items()},
        "warnings": [str(problem) for problem in scenario.warnings][:10],
    }


# ---------------------------------------------------------------------------------------------------------------- play
def play(state: State, source: ScenarioSource, plain: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Replication after replication of B, and of A where it is not known yet: numbers, then the verdict."""
    q = asked(state, source, plain)
    yield from _measured(state, q, q.b, show=True)
    if q.a is not None and q.a.key != q.b.key:
        for _ in _measured(state, q, q.a, show=False):
            yield _message(state, q, min(q.n, len(_measurements(state, q, q.a))), done=False)
    message = _message(state, q, q.n, done=True)
    message["command"] = q.b.command(q.opened.scenario, source, q.n, q.seed)
    message["levels"] = {"B": levels(first_run(state, q, q.b), q.part)}
    if q.a is not None:
        message["levels"]["A"] = levels(first_run(state, q, q.a), q.part)
    yield message


def _measurements(state: State, q: PageQuestion, whose: Side) -> Measurements:
    key = (q.opened.mark, q.seed, whose.key)
    found: Measurements = _recent(state, "measured", key, Measurements, MOST_MEASURED)
    return found


def _measured(state: State, q: PageQuestion, whose: Side, show: bool) -> Iterator[dict[str, Any]]:
    """Plays what is missing of a side; a message after each replication."""
    found = _measurements(state, q, whose)
    if len(found) >= q.n:
        return
    done = len(found)  # played before with fewer replications
    for count, replication in enumerate(_replications(state, q, whose, done), done + 1):
        found.add(replication)
        message = _message(state, q, count, done=False) if show else {}
        if show and count == done + 1:
            message["levels"] = {"B": levels(first_run(state, q, whose), q.part)}
        yield message


def _replications(state: State, q: PageQuestion, whose: Side, done: int) -> Iterator[MeasuredReplication]:
    """The replications that are not done; the run of the first is kept, with all its facts."""
    scenario, changes = q.opened.scenario, whose.changes(q.opened.scenario)
    kept = state.setdefault("kept", {})  # dropped if a job is interrupted while it plays
    make = lambda: Player(scenario, whose.policy, q.n, q.seed)  # noqa: E731 - called at once
    player: Player = _recent(kept, "players", (q.opened.mark, whose.policy, q.n, q.seed), make, MOST_PLAYERS)
    if not done:
        run = next(player.play(changes))
        _keep_run(state, q, whose, run)
        yield measured(run, evidence_of(run))
    yield from player.measured(measured, changes, max(done, 1))


def _keep_run(state: State, q: PageQuestion, whose: Side, run: Run) -> None:
    key = (q.opened.mark, q.seed, whose.key)
    state.get("runs", {}).pop(key, None)
    _recent(state, "runs", key, lambda: run, MOST_RUNS)


def first_run(state: State, q: PageQuestion, whose: Side) -> Run:
    """The first replication of a side."""

    def make() -> Run:
        scenario = q.opened.scenario
        changes = whose.changes(scenario)
        return simulate(scenario.edit(changes) if changes else scenario, whose.policy, q.seed, 0)

    found: Run = _recent(state, "runs", (q.opened.mark, q.seed, whose.key), make, MOST_RUNS)
    return found


def _message(state: State, q: PageQuestion, n: int, done: bool) -> dict[str, Any]:
    """The numbers after n replications."""
    b = _measurements(state, q, q.b)
    a = None if q.a is None else _measurements(state, q, q.a)
    if a is not None and len(a) < n:
        a = None
    scenario = q.opened.scenario
    compared = Compared(b, a, n, scenario.experiment.confidence)
    found: dict[str, Any] = {"n": n, "of": q.n, "done": done, "kpis": numbers(compared, q.part, labels_of(scenario))}
    if n == 1 or done:
        found["segments"] = segments(compared, scenario.customers)
        found["worst"] = {"B": b.worst(n), **({} if a is None else {"A": a.worst(n)})}
    return found


# -------------------------------------------------------------------------------------------------- film, order, number
def film(state: State, source: ScenarioSource, plain: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The queue of both sides in a window of days, as the film shows it."""
    q = asked(state, source, plain)
    runs = [first_run(state, q, whose) for whose in (q.b, q.a) if whose is not None]
    start, days = plain.get("from"), plain.get("days", DAYS)
    for value in (start, days):
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise Refused(422, "Days are numbers.")
    fullest = max(runs, key=lambda run: run.level("backlog").peak(0.0))
    first, end = window(fullest, None if start is None else float(start), min(float(days), 90.0))
    world = runs[0].world
    yield {
        "start": None if world.start is None else world.start.isoformat(),
        "from": first,
        "to": end,
        "segments": [segment.name for segment in world.segments],
        "items": [item.name for item in world.items],
        "lanes": [_short(lane(run, first, end)) for run in runs],
    }


def _short(found: dict[str, Any]) -> dict[str, Any]:
    """A lane, in all languages, without the texts of single orders and parcels where there are very many."""
    if len(found["happened"]) > MOST_HAPPENED:
        rare = [happened for happened in found["happened"] if happened[1] not in ("order", "parcel")]
        found["happened"] = rare[:MOST_HAPPENED]
    found["happened"] = [[day, kind, in_all_languages(text, FILM)] for day, kind, text in found["happened"]]
    return found


def order(state: State, source: ScenarioSource, plain: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The story of an order under both sides."""
    q = asked(state, source, plain)
    found = {}
    for name, whose in (("A", q.a), ("B", q.b)):
        if whose is not None:
            run = first_run(state, q, whose)
            found[name] = [
                {
                    "when": in_all_languages(" ".join(when(run, line.time).split())),
                    "what": line.what,
                    "text": in_all_languages(line.text),
                }
                for line in story_lines(run, number_of(run, str(plain.get("order", ""))[:60]))
            ]
    yield {"order": str(plain.get("order", ""))[:60], "stories": found}


def tracking_page(state: State, source: ScenarioSource, plain: Mapping[str, Any]) -> Iterator[str]:
    """The tracking page of an order under B."""
    q = asked(state, source, plain)
    run = first_run(state, q, q.b)
    decisions = q.opened.scenario.policies[q.b.policy].communication.values()
    offered = list(dict.fromkeys(option for decision in decisions for option in decision.options))
    number = number_of(run, str(plain.get("order", ""))[:60])
    yield tracking(run, number, q.opened.scenario.title or q.opened.scenario.name, offered)


def explain(state: State, source: ScenarioSource, plain: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What a number means, and its textbook value where the world of B permits one."""
    q = asked(state, source, plain)
    name = plain.get("kpi")
    if name not in MAIN_KPIS:
        raise Refused(422, "There is no such number on the page.")
    for _ in _measured(state, q, q.b, show=False):
        pass
    changes = q.b.changes(q.opened.scenario)
    scenario = q.opened.scenario.edit(changes) if changes else q.opened.scenario
    known = KPIS[str(name)]
    measured = Compared(_measurements(state, q, q.b), None, q.n, scenario.experiment.confidence)
    theory = textbook_value(scenario, q.b.policy, str(name))
    yield {
        "kpi": name,
        "definition": in_all_languages(known.definition),
        "denominator": in_all_languages(known.denominator),
        "better": known.better,
        "number": number(measured, str(name), labels_of(scenario)),
        "replications": q.n,
        "textbook": None if theory is None else {**theory._asdict(), "formula": in_all_languages(theory.formula)},
    }
