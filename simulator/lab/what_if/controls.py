"""The controls of a scenario, derived from its keys: every number with unit, range, step, grade and meaning."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args

from pydantic.fields import FieldInfo

from simulator.foundation.quantities import Sizes, neat
from simulator.report.reference.key_types import default_text, type_text
from simulator.report.reference.pages import GRADE
from simulator.scenario.faults.shape import alternatives, description, family_of, fields_of, is_model, origin_of
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.steps import sizes_of
from simulator.scenario.tree.inherit import with_policies_resolved
from simulator.scenario.tree.nodes import MappingNode, parse, to_plain
from simulator.scenario.tree.paths import KeyPath, dotted, with_changes

QUANTITY = re.compile(
    r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*((?:[smhdwy]|min|%|(?:% *)?/ *(?:[smhdwy]|min))?)\s*"
)
LEFT_OUT = {"name", "title", "description", "sources", "currency", "expect", "experiment", "catalogue", "opening"}
"""Sections and keys without numbers to turn."""
MOST = 400
"""Controls of a scenario."""
MOST_ENTRIES = 40
"""Entries of one mapping, such as items, that get controls."""
FIRST = 8
"""Controls of a policy that are seen at once; the others unfold."""
RANKS = (
    r"policies\..*\.replenishment\b.*\.[sSQ]$",
    r"suppliers\..*\.lead_time(\.mean)?$",
    r"customers\..*\.patience(\.mean)?$",
    r"policies\..*\.acceptance\b.*\.units$",
    r"policies\..*\.(window|acceptance|reservation|promise)\b",
    r"\.expedite\.premium$",
    r"policies\..*\.procurement\b",
    r"\.expedite\.",
    r"customers\..*arrivals\..*(rate|mean)$",
    r"suppliers\..*\.lead_time",
    r"policies\.",
    r"events\.\d+\.(factor|extra|lasts|chance)",
    r"costs\.",
    r"suppliers\.",
)
"""What a planner turns first; other keys follow in the order of the file."""


@dataclass(frozen=True)
class SliderKey:
    """A number of the scenario that can be turned."""

    path: str
    policy: str | None
    """The policy whose key it is; None: every policy plays with it."""
    value: float
    unit: str
    """As in the file: 'd', '/ d', '%', '' for a bare number."""
    low: float
    high: float
    step: float
    whole: bool
    name: str
    type: str
    default: str
    grade: str
    meaning: str
    main: bool = False
    """Whether it is seen at once."""

    def written(self, value: float) -> int | float | str:
        """A value as the file writes it."""
        number = int(value) if value == int(value) else float(f"{value:.6g}")
        return (
            f"{number:g} {self.unit}"
            if self.unit and isinstance(number, float)
            else (f"{number} {self.unit}" if self.unit else number)
        )


def resolved(scenario: Scenario) -> dict[str, Any]:
    """The keys of the scenario as plain data, each policy with those of the policies that it extends."""
    root = parse(scenario.source, "scenario")
    assert isinstance(root, MappingNode)
    found = to_plain(with_policies_resolved(root).root)
    assert isinstance(found, dict)
    return found


def controls(scenario: Scenario) -> dict[str, SliderKey]:
    """The controls by path, the most useful first."""
    found: list[SliderKey] = []
    root = parse(scenario.source, "scenario")
    assert isinstance(root, MappingNode)
    before, sizes = to_plain(with_policies_resolved(root).root), sizes_of(scenario)
    for place in _numbers((Scenario,), resolved(scenario), (), None, "", ""):
        if _can_be_set(place, root, before):
            found.append(_in_steps(place, sizes))
        if len(found) >= MOST:
            break
    found.sort(key=lambda control: _rank(control.path))
    return {control.path: control for control in _chosen(found, tuple(scenario.policies))}


def _in_steps(control: SliderKey, sizes: Sizes) -> SliderKey:
    """The control of a quantity goes in whole steps of its item's granularity, or of the coarsest of all items."""
    if not sizes or control.unit or "units" not in control.type:
        return control
    own = [sizes[name] for name in control.path.split(".") if name in sizes]
    size = own[0] if own else max(sizes.values())
    step, high = (neat(size * math.ceil(value / size - 1e-9)) for value in (control.step, control.high))
    return replace(
        control, low=0.0 if control.low >= 0 else -high, high=high, step=step, whole=control.whole and not own
    )


def _can_be_set(control: SliderKey, root: MappingNode, before: Any) -> bool:
    """Whether a change of this key alone is a change of this number alone.

    A part of a decision that a policy has from the one that it extends may need the rest of the decision, too; writing
    the value that it has would then change the scenario.
    """
    if control.policy is None or to_plain(root)["policies"][control.policy].get("extends") is None:
        return True
    again = with_changes(root, {control.path: control.written(control.value)})
    assert isinstance(again, MappingNode)
    return _same(
        to_plain(with_policies_resolved(again).root)["policies"][control.policy], before["policies"][control.policy]
    )


def _same(a: Any, b: Any) -> bool:
    """Whether two plain values are the same, however their amounts are spaced."""
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_same, a, b))
    return bool(a == b) or (read(a) is not None and read(a) == read(b))


def _chosen(found: Iterable[SliderKey], policies: tuple[str, ...]) -> Iterator[SliderKey]:
    """Marks those that are seen at once, at most `FIRST` under any policy."""
    seen = dict.fromkeys(policies, 0)
    for control in found:
        mine = [control.policy] if control.policy is not None else list(policies)
        main = _rank(control.path) < len(RANKS) - 1 and all(seen.get(policy, FIRST) < FIRST for policy in mine)
        for policy in mine if main else ():
            seen[policy] += 1
        yield SliderKey(**{**vars(control), "main": main})


def _rank(path: str) -> int:
    return next((k for k, pattern in enumerate(RANKS) if re.search(pattern, path)), len(RANKS))


def _numbers(
    types: tuple[Any, ...], plain: Any, path: KeyPath, field: FieldInfo | None, default: str, meaning: str
) -> Iterator[SliderKey]:
    """The controls at a place of the file and below it; `types` are those that the schema allows there."""
    if isinstance(plain, Mapping):
        models = [model for t in types if (model := _model(t, plain)) is not None]
        inner = next((get_args(t)[1] for t in types if origin_of(t) is dict), None)
        families = [family for t in types if (family := family_of(t)) is not None]
        if inner is not None:
            decisions = [family for t in alternatives(inner) if (family := family_of(t)) is not None]
            families += decisions
            if "kind" in plain and decisions:  # one decision for everything, instead of a mapping of decisions
                models, inner = [m for family in decisions if (m := _model(family, plain)) is not None], None
        for number, (key, value) in enumerate(plain.items()):
            if (not path and key in LEFT_OUT) or key in ("kind", "extends"):
                continue
            if number >= MOST_ENTRIES:
                break
            own = next((f for model in models if (f := fields_of(model).get(key)) is not None), None)
            if own is not None:
                model = next(m for m in models if key in fields_of(m))
                yield from _numbers(
                    alternatives(own.annotation), value, (*path, key), own, default_text(own), description(model, key)
                )
            elif inner is not None:
                yield from _numbers(alternatives(inner), value, (*path, key), field, default, meaning)
            elif families and "kind" not in plain:  # a decision for some items, segments or sites
                yield from _numbers(tuple(families), value, (*path, key), field, default, meaning)
    elif isinstance(plain, list):
        inner_types = tuple(a for t in types if origin_of(t) is list for a in alternatives(get_args(t)[0]))
        for number, value in enumerate(plain[:MOST_ENTRIES]):
            if isinstance(value, Mapping):
                yield from _numbers(inner_types, value, (*path, number), field, default, meaning)
    elif path:
        control = _control(plain, path, field, default, meaning)
        if control is not None:
            yield control


def _model(t: Any, plain: Mapping[str, Any]) -> Any:
    """The model that describes a mapping of the file; None where it is none."""
    if family := family_of(t):
        return family.kinds.get(str(plain.get("kind")))
    return t if is_model(t) else None


def _control(plain: Any, path: KeyPath, field: FieldInfo | None, default: str, meaning: str) -> SliderKey | None:
    quantity = read(plain)
    if quantity is None:
        return None
    value, unit = quantity
    words = "" if field is None else type_text(field.annotation, field.metadata)
    if words in ("text", "date") or (path[-1] in ("at", "until", "from", "to", "start", "due") and unit == ""):
        return None
    whole = isinstance(plain, int) and ("whole" in words or words.startswith("units"))
    least, most = bounds(field)
    share = ("share" in words and (most == 1 or words != "share")) or words.startswith("amount")
    low, high, step = span(value, unit, whole, least, most, share)
    policy = str(path[1]) if path[0] == "policies" and len(path) > 2 else None
    grades = ", ".join(dict.fromkeys(GRADE.findall(meaning)))
    return SliderKey(
        dotted(path), policy, value, unit, low, high, step, whole, label(path), words, default, grades, meaning
    )


def read(plain: Any) -> tuple[float, str] | None:
    """Number and unit of a value of the file; None where it is none.

    >>> read("12 d"), read(5), read("40 / d"), read("5 %"), read("web"), read(True)
    ((12.0, 'd'), (5.0, ''), (40.0, '/ d'), (5.0, '%'), None, None)
    """
    if isinstance(plain, bool) or not isinstance(plain, int | float | str):
        return None
    match = QUANTITY.fullmatch(str(plain)[:60])
    if match is None or (isinstance(plain, str) and not match[2]):
        return None
    value = float(match[1])
    return (value, match[2]) if math.isfinite(value) else None


def bounds(field: FieldInfo | None) -> tuple[float | None, float | None]:
    """The least and the greatest value that the schema allows, as far as it says so."""
    least: float | None = None
    most: float | None = None
    for mark in () if field is None else field.metadata:
        for inner in (mark, *(mark.metadata if isinstance(mark, FieldInfo) else ())):
            least = next((float(v) for name in ("ge", "gt") if (v := getattr(inner, name, None)) is not None), least)
            most = next((float(v) for name in ("le", "lt") if (v := getattr(inner, name, None)) is not None), most)
    return least, most


def span(
    value: float, unit: str, whole: bool, least: float | None, most: float | None, share: bool
) -> tuple[float, float, float]:
    """Lower end, upper end and step of a slider around a value.

    >>> span(18.0, "d", False, 0.0, None, False), span(0.5, "", False, None, None, True)
    ((0.0, 60.0, 0.5), (0.0, 1.0, 0.01))
    """
    if share and (unit == "%" or (not unit and -1 <= value <= 1)):
        most, step = (100.0, 1.0) if unit == "%" else (1.0, 0.01)
        return -most if value < 0 else 0.0, max(most, nice(abs(value))), step
    if value < 0:
        high = nice(-3 * value)
        return -high, high, max(1.0, round_step(high / 100)) if whole else round_step(high / 100)
    high = nice(3 * value) if value else 10.0
    step = round_step(high / 100)
    if most is not None:
        high = min(high, most)
    return least if least is not None and least > 0 else 0.0, high, max(1.0, step) if whole else step


def round_step(value: float) -> float:
    """The next of 1, 2, 5 times a power of ten, downwards."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(float(f"{k * power:.6g}") for k in (5, 2, 1) if k * power <= value * (1 + 1e-9))


def nice(value: float) -> float:
    """The next of 1, 2, 5 times a power of ten, or 1.5, 3, 4, 6, 8 times one, upwards."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(float(f"{k * power:.6g}") for k in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if k * power >= value * (1 - 1e-9))


LEVELS = {"s": "reorder point s", "S": "order-up-to level S", "Q": "lot Q", "R": "review period R"}
"""Names of the parameters of replenishment."""


def label(path: KeyPath) -> str:
    """A path for readers.

    >>> label(("policies", "lean", "replenishment", "s")), label(("suppliers", "pottery", "lead_time", "mean"))
    ('reorder point s', 'pottery · lead time')
    """
    start = 2 if path[0] == "policies" else 1 if len(path) > 2 or path[0] in ("clock", "warehouse") else 0
    steps = [str(step) for step in path[start:] if step != "default"]
    if path[0] == "policies" and steps[0] == "replenishment" and steps[-1] in LEVELS:
        steps = [*steps[1:-1], LEVELS[steps[-1]]]
    if steps[-1] == "mean" and len(steps) > 1:
        del steps[-1]
    return " · ".join(step.replace("_", " ") for step in steps)
