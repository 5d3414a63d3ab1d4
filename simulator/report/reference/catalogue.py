"""What a scenario can contain and what is measured: the keys of a file, every family with its kinds, the KPIs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, get_args, get_origin

from pydantic import BaseModel

import simulator.kpis.evaluate  # noqa: F401  registers the KPIs
from simulator.foundation.errors import UserError, nearest
from simulator.foundation.plugin import FAMILIES
from simulator.kpis.kpi import KPIS, Kpi
from simulator.report.reference.key_types import default_text, type_text
from simulator.scenario.faults.shape import alternatives, description, family_of, fields_of, is_model
from simulator.scenario.schema.schema import Scenario

SCENARIO, KPI = "scenario", "kpi"
_MEANINGS = {SCENARIO: "The keys of a scenario file, section by section.", KPI: "What is measured."}


@dataclass(frozen=True)
class Key:
    """A key and the values that it takes."""

    type: str
    default: str
    meaning: str


@dataclass(frozen=True)
class Entry:
    """A kind, a section, or a KPI."""

    meaning: str
    fields: dict[str, Key] = field(default_factory=dict)
    example: dict[str, Any] | None = None
    kpi: dict[str, str] | None = None
    """Group, unit, denominator and better direction of a KPI."""

    def to_plain(self) -> dict[str, Any]:
        """Plain data, without fields that do not apply."""
        found = asdict(self)
        return {k: v for k, v in {**found, **(found.pop("kpi") or {})}.items() if v is not None and k != "kpi"}


@dataclass(frozen=True)
class Family:
    """Entries that belong together."""

    name: str
    meaning: str
    entries: dict[str, Entry]

    def to_plain(self) -> dict[str, Any]:
        """Plain data."""
        entries = {name: entry.to_plain() for name, entry in self.entries.items()}
        return {"meaning": self.meaning, "entries": entries}


def family_names() -> list[str]:
    """The names that `family` takes: the scenario's sections, every family of plug-ins, the KPIs."""
    return [SCENARIO, *sorted(FAMILIES), KPI]


def family(name: str) -> Family:
    """A family by its name.

    Raises:
        UserError: there is no such family.
    """
    if name == SCENARIO:
        return Family(name, _MEANINGS[name], dict(_sections(Scenario, "")))
    if name == KPI:
        return Family(name, _MEANINGS[name], {k: _of_kpi(kpi) for k, kpi in KPIS.items()})
    if name not in FAMILIES:
        known = family_names()
        raise UserError(f"no family {name!r}{nearest(name, known)}; families: {', '.join(known)}")
    found = FAMILIES[name]
    kinds = {kind: Entry(k.meaning(), _keys(k), dict(k.example)) for kind, k in found.kinds.items()}
    return Family(name, found.meaning(), kinds)


def looked_up(name: str) -> list[Family]:
    """The family of that name, or else every family with an entry of that name, reduced to that entry.

    Raises:
        UserError: there is no such family, kind or KPI.
    """
    if name in family_names():
        return [family(name)]
    families = [family(f) for f in family_names()]
    found = [Family(f.name, f.meaning, {name: f.entries[name]}) for f in families if name in f.entries]
    if not found:
        known = dict.fromkeys([*family_names(), *(entry for f in families for entry in f.entries)])
        raise UserError(f"no family, kind or KPI {name!r}{nearest(name, known)}; families: {', '.join(family_names())}")
    return found


def _keys(model: type[BaseModel]) -> dict[str, Key]:
    """A kind's own keys first, then those that it shares with its family."""
    shared = {key for parent in model.__mro__[1:] if is_model(parent) for key in fields_of(parent)}
    fields = sorted(fields_of(model).items(), key=lambda pair: pair[0] in shared)
    return {
        key: Key(type_text(f.annotation, f.metadata), default_text(f), description(model, key))
        for key, f in fields
        if key != "kind"
    }


def _of_kpi(kpi: Kpi) -> Entry:
    facts = {"group": kpi.group, "unit": kpi.unit, "denominator": kpi.denominator, "better": kpi.better}
    return Entry(kpi.definition, kpi=facts)


def _sections(
    model: type[BaseModel], path: str, above: tuple[type[BaseModel], ...] = ()
) -> Iterator[tuple[str, Entry]]:
    """The model and every mapping with fixed keys in it, by path.

    A mapping with a `kind` belongs to a family of its own; one that contains itself (the suppliers of a supplier) is
    listed once.
    """
    meaning = " ".join((model.__doc__ or "").split("\n\n")[0].split())
    yield path or "the file", Entry(meaning, _keys(model))
    for key, f in fields_of(model).items():
        here = f"{path}.{key}" if path else key
        for t in alternatives(f.annotation):
            yield from _inside(t, here, (*above, model))


def _inside(t: Any, path: str, above: tuple[type[BaseModel], ...]) -> Iterator[tuple[str, Entry]]:
    origin, arguments = get_origin(t), get_args(t)
    if origin is dict:
        for inner in alternatives(arguments[1]):
            yield from _inside(inner, f"{path}.NAME", above)
    elif origin is list:
        for inner in alternatives(arguments[0]):
            yield from _inside(inner, f"{path}[]", above)
    elif is_model(t) and not family_of(t) and t not in above:
        yield from _sections(t, path, above)
