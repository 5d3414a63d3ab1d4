"""What the page asks about: a policy, changes of keys, and trouble on the time axis, checked against the scenario."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from simulator.lab.server.answers import Refused
from simulator.lab.what_if.controls import SliderKey, read
from simulator.lab.what_if.sources import ScenarioSource
from simulator.report.interactive.play import quoted, setting
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.tree.nodes import parse, to_plain

MOST_EDITS, MOST_TROUBLE, MOST_REPLICATIONS = 60, 20, 100
TROUBLE = ("late", "demand", "count", "carrier")
"""What can be dragged onto the time axis."""
LASTS = 14.0
"""Days that a trouble lasts."""
EXTRA = 30.0
"""Days by which the supplier is late."""
FACTOR = 5.0
"""Multiple of the demand."""
COUNT_DAYS = 5.0
"""Days of an item's demand that a wrong count shows too much."""
FEWEST_WRONG = 10
"""Units that a wrong count shows too much at least."""


@dataclass(frozen=True)
class Trouble:
    """Something that goes wrong from a day on."""

    kind: str
    day: float
    target: str = ""
    """The supplier, item or carrier; the first one if empty."""


@dataclass(frozen=True)
class Side:
    """One of the two things that are compared: A is pinned, B is what the page shows now."""

    policy: str
    edits: Mapping[str, Any] = field(default_factory=dict)
    trouble: tuple[Trouble, ...] = ()

    def changes(self, scenario: Scenario) -> dict[str, Any]:
        """All of it as {dotted path: value}, as for `Scenario.edit` and `--set`."""
        found = dict(self.edits)
        if self.trouble:
            here = to_plain(parse(scenario.source, "scenario")).get("events") or []
            before = json.loads(json.dumps(here, default=str))
            found["events"] = [*before, *(_event(scenario, t, k) for k, t in enumerate(self.trouble, 1))]
        return found

    @property
    def key(self) -> str:
        """A text that two sides share exactly if they play the same."""
        trouble = [(t.kind, t.day, t.target) for t in self.trouble]
        return json.dumps([self.policy, sorted(self.edits.items()), trouble], ensure_ascii=False, default=str)

    def command(self, scenario: Scenario, source: ScenarioSource, replications: int, seed: int) -> str:
        """The command that repeats its numbers."""
        words = ["backorder run", *map(shlex.quote, source.words), "--policy", shlex.quote(self.policy)]
        for path, value in self.changes(scenario).items():
            words += ["--set", quoted(setting(path, value))]
        return " ".join([*words, "--replications", str(replications), "--seed", str(seed)])


def side(plain: object, scenario: Scenario, known: Mapping[str, SliderKey]) -> Side:
    """The side that a request describes: `{"policy": …, "edits": {path: value}, "trouble": [{kind, day, target}]}`.

    Only numbers that have a control can be changed, and only to other numbers of the same unit: a request can name no
    file.

    Raises:
        Refused: the request asks for anything else.
    """
    if not isinstance(plain, Mapping):
        raise Refused(422, "A side is an object with a policy, edits and trouble.")
    policy, edits, trouble = plain.get("policy"), plain.get("edits") or {}, plain.get("trouble") or []
    if not isinstance(policy, str) or policy not in scenario.policies:
        raise Refused(422, "There is no such policy.")
    if not isinstance(edits, Mapping) or not isinstance(trouble, Sequence) or isinstance(trouble, str):
        raise Refused(422, "Edits are an object, and trouble is a list.")
    if len(edits) > MOST_EDITS or len(trouble) > MOST_TROUBLE:
        raise Refused(422, f"At most {MOST_EDITS} edits and {MOST_TROUBLE} troubles.")
    return Side(
        policy,
        {path: _value(path, value, known) for path, value in edits.items()},
        tuple(_trouble(t, scenario) for t in trouble),
    )


def _value(path: str, value: object, known: Mapping[str, SliderKey]) -> Any:
    control = known.get(path)
    if control is None:
        raise Refused(422, f"{path[:80]} has no control.")
    quantity = read(value)
    if quantity is None or quantity[1].replace(" ", "") != control.unit.replace(" ", ""):
        raise Refused(422, f"{path[:80]}: expected a number{' of ' + control.unit if control.unit else ''}.")
    if control.whole and quantity[0] != int(quantity[0]):
        raise Refused(422, f"{path[:80]}: expected a whole number.")
    return control.written(quantity[0])


def _trouble(plain: object, scenario: Scenario) -> Trouble:
    if not isinstance(plain, Mapping):
        raise Refused(422, "A trouble has a kind and a day.")
    kind, day, target = plain.get("kind"), plain.get("day"), plain.get("target", "")
    if kind not in TROUBLE:
        raise Refused(422, f"A trouble is one of {', '.join(TROUBLE)}.")
    if isinstance(day, bool) or not isinstance(day, int | float) or not math.isfinite(day):
        raise Refused(422, "The day of a trouble is a number.")
    if not 0 <= day < scenario.clock.horizon:
        raise Refused(422, f"The day of a trouble lies between 0 and {scenario.clock.horizon:g}.")
    names = targets(scenario)[kind]
    if not names:
        raise Refused(422, "The scenario has nothing that this trouble can happen to.")
    if target and target not in names:
        raise Refused(422, "The trouble names something that the scenario does not have.")
    return Trouble(kind, round(float(day), 2), str(target))


def targets(scenario: Scenario) -> dict[str, list[str]]:
    """What each trouble can happen to."""
    items = [name for name, item in scenario.items.items() if not item.kit]
    return {
        "late": list(scenario.suppliers),
        "demand": list(scenario.customers),
        "count": items,
        "carrier": list(scenario.carriers),
    }


def _event(scenario: Scenario, trouble: Trouble, number: int) -> dict[str, Any]:
    """The event of the scenario file."""
    every = targets(scenario)[trouble.kind]
    one = trouble.target or every[0]
    head = {"name": f"lab {number}", "at": f"{trouble.day:g} d"}
    if trouble.kind == "late":
        return {"kind": "supplier_delay", **head, "lasts": f"{LASTS:g} d", "supplier": one, "extra": f"{EXTRA:g} d"}
    if trouble.kind == "demand":
        whom = trouble.target or every
        return {"kind": "demand_spike", **head, "lasts": f"{LASTS:g} d", "customers": whom, "factor": FACTOR}
    if trouble.kind == "carrier":
        return {"kind": "knock_out", **head, "lasts": f"{LASTS:g} d", "carrier": one}
    demand = scenario.items[one].demand or 0.0
    units = max(FEWEST_WRONG, round(COUNT_DAYS * demand))
    return {"kind": "record_error", **head, "lasts": "1 d", "items": one, "units": units}
