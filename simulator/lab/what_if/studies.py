"""Questions that take longer, for the worker in the background: what matters most, the best values, the report."""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

from simulator.experiment.results.results import Results
from simulator.experiment.run import run
from simulator.experiment.statistics.intervals import difference
from simulator.experiment.statistics.measured import labels_of
from simulator.experiment.studies.optimise import optimise
from simulator.experiment.studies.search_result import Optimum
from simulator.foundation.errors import UserError
from simulator.kernel.player import Player
from simulator.kpis.kpi import KPIS, Value
from simulator.lab.server.answers import Refused
from simulator.lab.what_if.controls import SliderKey
from simulator.lab.what_if.jobs import PageQuestion, State, asked
from simulator.lab.what_if.sides import Side
from simulator.lab.what_if.sources import ScenarioSource
from simulator.report.page.write import write_report
from simulator.report.text.numbers import decimals, unit
from simulator.report.text.shown_kpis import MAIN_KPIS
from simulator.report.workbook.workbook import write_workbook

TURN = 0.2
"""Share by which the tornado turns a control up and down."""
FEW = 5
"""Replications of each bar of the tornado."""
MOST_BARS = 12
MOST_VARIED = 4
FINALISTS, FRESH, CLOSE = 4, 40, 0.01
"""Of a search: proposals that are played again, how often, and the share of the goal that does not matter."""
FEWEST_TRIALS, MOST_TRIALS = 8, 200
MOST_VALUES = 60
"""Of one key that are searched, at most."""


def gently(_state: State) -> None:
    """Lets the process that answers sliders go first."""
    if hasattr(os, "nice"):
        os.nice(10)


# ------------------------------------------------------------------------------------------------------------- tornado
def tornado(state: State, source: ScenarioSource, plain: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A bar for each of the controls: the change of a KPI when it is turned down and up by a fifth."""
    q = asked(state, source, plain)
    kpi, paths = _kpi(plain), _paths(plain, q, MOST_BARS)
    scenario, n = q.opened.scenario, min(q.n, FEW)
    player = Player(scenario, q.b.policy, n, q.seed)
    before = player.evaluate([kpi], q.b.changes(scenario))[kpi]
    scale = unit(kpi, labels_of(scenario))
    for number, path in enumerate(paths, 1):
        control = q.opened.controls[path]
        now = _now(q.b, control)
        bar: dict[str, Any] = {"path": path, "name": control.name, "number": number, "of": len(paths), "ends": []}
        for share in (-TURN, TURN):
            bar["ends"].append(_end(player, q, control, now * (1 + share), kpi, before, scale.factor))
        bar["unit"] = scale.of_difference
        bar["factor"] = scale.factor
        yield bar


def _end(
    player: Player, q: PageQuestion, control: SliderKey, wanted: float, kpi: str, before: Sequence[Value], factor: float
) -> dict[str, Any]:
    """The change of a KPI when a control has another value."""
    lowest = min(control.low, 0.0) if control.unit == "%" else control.low
    value = min(max(wanted, lowest), 100.0 if control.unit == "%" else wanted)
    value = round(value) if control.whole else float(f"{value:.6g}")
    there = Side(q.b.policy, {**q.b.edits, control.path: control.written(value)}, q.b.trouble)
    try:
        found = player.evaluate([kpi], there.changes(q.opened.scenario))[kpi]
    except UserError as error:
        return {"value": control.written(value), "problem": str(error).splitlines()[0]}
    d = difference(found, before, q.opened.scenario.experiment.confidence)
    return {
        "value": control.written(value),
        "mean": d.mean,
        "half_width": d.half_width,
        "significant": d.significant,
        "places": decimals([d], factor),
    }


def _now(whose: Side, control: SliderKey) -> float:
    """The value of a control on a side."""
    given = whose.edits.get(control.path)
    return control.value if given is None else float(str(given).split()[0])


def _kpi(plain: Mapping[str, Any], name: str = "kpi") -> str:
    found = plain.get(name)
    if found not in MAIN_KPIS:
        raise Refused(422, "There is no such number on the page.")
    return str(found)


def _paths(plain: Mapping[str, Any], q: PageQuestion, most: int) -> list[str]:
    given = plain.get("paths")
    if not isinstance(given, list) or not given:
        raise Refused(422, "No controls are given.")
    if unknown := [path for path in given if not isinstance(path, str) or path not in q.opened.controls]:
        raise Refused(422, f"{str(unknown[0])[:80]} has no control.")
    return list(dict.fromkeys(given))[:most]


# ---------------------------------------------------------------------------------------------------------------- best
class _Left(Exception):
    """The search is not wanted any more."""


def best(state: State, source: ScenarioSource, plain: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Searches for the values of some controls that make a KPI best, with a bound on another one.

    Messages: how many trials are done and the best values so far; at last the chosen values, judged by replications
    that the search has not seen.
    """
    q = asked(state, source, plain)
    goal, paths = _kpi(plain, "goal"), _paths(plain, q, MOST_VARIED)
    trials = plain.get("trials", 40)
    if isinstance(trials, bool) or not isinstance(trials, int) or not FEWEST_TRIALS <= trials <= MOST_TRIALS:
        raise Refused(422, f"trials: expected a whole number from {FEWEST_TRIALS} to {MOST_TRIALS}.")
    better = "higher" if KPIS[goal].better == "higher" else "lower"  # of stock, little
    changes = q.b.changes(q.opened.scenario)
    scenario = q.opened.scenario.edit(changes) if changes else q.opened.scenario
    messages: SimpleQueue[Any] = SimpleQueue()
    wanted = True

    def tell(done: int, values: Mapping[str, Any] | None) -> None:
        if not wanted:
            raise _Left
        messages.put({"done": done, "of": trials, "values": None if values is None else dict(values)})

    def search() -> None:
        try:
            found = optimise(
                scenario,
                {path: _range(q.opened.controls[path], q.b) for path in paths},
                min(q.n, FEW),
                policy=q.b.policy,
                trials=trials,
                finalists=FINALISTS,
                indifference=CLOSE,
                most=FRESH,
                seed=q.seed,
                goals_only=True,
                observer=tell,
                subject_to=_bound(plain),
                **{"minimise" if better == "lower" else "maximise": [goal]},  # type: ignore[arg-type]
            )
            messages.put(found)
        except _Left:
            pass
        except BaseException as error:  # noqa: BLE001 - raised again where the messages are read
            messages.put(error)

    thread = Thread(target=search, daemon=True)
    thread.start()
    try:
        while not isinstance(message := messages.get(), Optimum):
            if isinstance(message, BaseException):
                raise message
            yield message
    finally:
        wanted = False
        thread.join(60)
    yield _chosen(message, q, trials)


def _range(control: SliderKey, whose: Side) -> str:
    """The range that is searched, as `--vary` writes it: from half to twice the value, within the control's ends, in
    round steps, so that what is found is a number that somebody would choose."""
    now = _now(whose, control)
    low, high = max(now / 2, control.low, control.step), min(max(2 * now, 10 * control.step), control.high)
    step = _round_step(max(high - low, control.step) / MOST_VALUES)
    if control.whole:
        step = max(round(step), 1)
    first = math.ceil(low / step - 1e-9)
    last = max(math.floor(high / step + 1e-9), first + 1)
    unit = f" {control.unit}" if control.unit else ""
    return f"{first * step:g}..{last * step:g}{unit} by {step:g}"


def _round_step(width: float) -> float:
    """The smallest of …, 0.1, 0.2, 0.5, 1, 2, 5, … that is not below a width."""
    power = 10.0 ** math.floor(math.log10(width))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= width * (1 - 1e-9))


def _bound(plain: Mapping[str, Any]) -> list[str]:
    """The bound of a request: `{"kpi": …, "limit": number as stored}`, at least or at most by what is better."""
    given = plain.get("bound")
    if given is None:
        return []
    if not isinstance(given, Mapping):
        raise Refused(422, "A bound is an object with a KPI and a limit.")
    kpi, limit = _kpi(given), given.get("limit")
    if isinstance(limit, bool) or not isinstance(limit, int | float):
        raise Refused(422, "The limit of a bound is a number.")
    return [f"{kpi}{'<=' if KPIS[kpi].better == 'lower' else '>='}{limit!r}"]


def _chosen(found: Optimum, q: PageQuestion, trials: int) -> dict[str, Any]:
    if not found.chosen:
        return {"done": trials, "of": trials, "chosen": None}
    point = found.chosen[0]
    edits = dict(q.b.edits)
    if point.number:  # 0 is the scenario as it is
        edits.update(point.values)
    return {
        "done": trials,
        "of": trials,
        "chosen": edits,
        "values": dict(point.values) if point.number else {},
        "decided": found.decided,
        "means": {kpi: found.study.estimate(point, found.policy, kpi, found.replications).mean for kpi in found.kpis},
    }


# -------------------------------------------------------------------------------------------------------------- report
def report(state: State, source: ScenarioSource, plain: Mapping[str, Any]) -> Iterator[str]:
    """The report of the scenario as B has it, all policies."""
    with tempfile.TemporaryDirectory(prefix="backorder-lab-") as folder:
        yield write_report(_all_policies(state, source, plain, folder)).page.read_text(encoding="utf-8")


def workbook(state: State, source: ScenarioSource, plain: Mapping[str, Any]) -> Iterator[bytes]:
    """The workbook of the scenario as B has it, all policies."""
    with tempfile.TemporaryDirectory(prefix="backorder-lab-") as folder:
        made = _all_policies(state, source, plain, folder)
        yield write_workbook(made, Path(folder) / "workbook.xlsx").read_bytes()


def _all_policies(state: State, source: ScenarioSource, plain: Mapping[str, Any], folder: str) -> Results:
    q = asked(state, source, plain)
    changes = q.b.changes(q.opened.scenario)
    scenario = q.opened.scenario.edit(changes) if changes else q.opened.scenario
    return run(scenario, max(q.n, 2), out=folder, seed=q.seed)
