"""The JSON Schema (draft 2020-12) of scenario files, for completion and error marking in editors."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from simulator.foundation.plugin import whole_json_schema
from simulator.scenario.schema.schema import Scenario

Schema = dict[str, Any]

PART = "_"
"""Suffix of the definitions with only optional keys: a mapping that extends another gives only the differences."""
HINTS = {"description", "default", "title"}
"""What a schema says beside what it allows."""
NAMED = {"properties", "patternProperties"}
"""Mappings whose keys are names and whose values are schemas."""
WORTH_SHARING = 40
"""Characters of a schema that is written once and referred to."""

_LIMITS = {"gt": "exclusiveMinimum", "ge": "minimum", "lt": "exclusiveMaximum", "le": "maximum"}
_EXTENDS = {
    "type": "string",
    "description": "Another file, relative to this one; this file's keys win, mappings are merged.",
}


def json_schema() -> Schema:
    """The schema of a scenario file.

    A file with `extends`, or without `name` (made to be extended), can leave out any key; so can a policy that extends
    another. Faults beyond a schema (references, plausibility, keys of a parent file) are found by `validate`.
    """
    root = whole_json_schema(Scenario)
    definitions: dict[str, Schema] = root.pop("$defs")
    definitions["Scenario"] = root
    root["properties"] = {"extends": _EXTENDS, **root["properties"]}
    whole = {name: _tidy(schema, name) for name, schema in definitions.items()}
    demanding = _demanding(whole)
    parts = {f"{name}{PART}": _part(whole[name]) for name in demanding}
    whole = {name: _demands(name, schema, demanding) if name in demanding else schema for name, schema in whole.items()}
    every = {"type": "object", "additionalProperties": _either(_has("extends"), f"Policy{PART}", "Policy")}
    whole["Scenario"]["properties"]["policies"] = every
    partial = {"anyOf": [_has("extends"), {"not": _has("name")}]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Scenario",
        "description": root["description"],
        "type": "object",
        **_either(partial, f"Scenario{PART}", "Scenario"),
        "$defs": _shared(_resolved({**whole, **parts})),
    }


def _has(key: str) -> Schema:
    return {"type": "object", "required": [key]}


def _either(condition: Schema, then: str, otherwise: str) -> Schema:
    return {"if": condition, "then": {"$ref": f"#/$defs/{then}"}, "else": {"$ref": f"#/$defs/{otherwise}"}}


def _tidy(schema: Any, name: str = "") -> Any:
    """The schema with standard keywords only, `kind` required, and titles only for classes."""
    if isinstance(schema, list):
        return [_tidy(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: _tidy(value) for key, value in schema.items() if key not in {"title", "discriminator", *_LIMITS}}
    if name:
        found["title"] = name
    if "properties" in schema:
        found["properties"] = {key: _tidy(value) for key, value in schema["properties"].items()}
        if "const" in schema["properties"].get("kind", {}):
            found["properties"]["kind"] = {"const": schema["properties"]["kind"]["const"]}
            found["required"] = ["kind", *schema.get("required", [])]
    if "patternProperties" in schema:
        found["additionalProperties"] = False
    if found.get("default", ...) is None:
        del found["default"]
    limits = {_LIMITS[key]: schema[key] for key in _LIMITS if key in schema}
    for branch in found.get("anyOf", [found]) if limits else []:
        if branch.get("type") in {"number", "integer"}:
            branch.update(limits)
    return found


def _demanding(definitions: dict[str, Schema]) -> set[str]:
    """The definitions that require a key, at any level: only these differ where a parent may bring it."""
    found = {name for name, schema in definitions.items() if schema.get("required")}
    while more := {name for name in definitions.keys() - found if _targets(definitions[name]) & found}:
        found |= more
    return found


def _targets(schema: Any) -> set[str]:
    """The definitions that a schema refers to."""
    if isinstance(schema, list):
        return set().union(*map(_targets, schema))
    if not isinstance(schema, dict):
        return set()
    own = {schema["$ref"].rpartition("/")[2]} if isinstance(schema.get("$ref"), str) else set()
    return own.union(*map(_targets, schema.values()))


def _part(schema: Any) -> Any:
    """The schema with every key optional at all levels; without `kind`, any kind may be meant."""
    if isinstance(schema, list):
        return [_part(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: _part(value) for key, value in schema.items() if key not in {"required", "oneOf"}}
    if "oneOf" in schema:
        found["anyOf"] = _part(schema["oneOf"])
    if "$ref" in schema:
        found["$ref"] = f"{schema['$ref']}{PART}"
    if "properties" in schema:  # user-defined keys, which may be called `required` or `oneOf`
        found["properties"] = {key: _part(value) for key, value in schema["properties"].items()}
    return found


def _demands(name: str, schema: Schema, demanding: set[str]) -> Schema:
    """What a definition asks for beyond its part: keys that are required, here and further down."""
    if "properties" not in schema:  # a choice of others
        return schema
    inner = {key: value for key, value in schema.get("properties", {}).items() if _targets(value) & demanding}
    found: Schema = {"allOf": [{"$ref": f"#/$defs/{name}{PART}"}]}
    if schema.get("required"):
        found["required"] = schema["required"]
    if inner:
        found["properties"] = {key: _bare(value) for key, value in inner.items()}
    return found


def _bare(schema: Any, is_schema: bool = True) -> Any:
    """The schema without hints."""
    if isinstance(schema, list):
        return [_bare(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {k: _bare(v, k not in NAMED) for k, v in schema.items() if not is_schema or k not in HINTS}


def _resolved(definitions: dict[str, Schema]) -> dict[str, Schema]:
    """The definitions, with references to parts that are none because nothing in them is required."""

    def turned(value: Any) -> Any:
        if isinstance(value, list):
            return [turned(part) for part in value]
        if not isinstance(value, dict):
            return value
        found = {key: turned(inner) for key, inner in value.items()}
        if isinstance(target := value.get("$ref"), str) and target.rpartition("/")[2] not in definitions:
            found["$ref"] = target.removesuffix(f"{PART}")
        return found

    return {name: turned(schema) for name, schema in definitions.items()}


def _shared(definitions: dict[str, Schema]) -> dict[str, Schema]:
    """The same definitions with schemas that stand in several places written once; other hints stay where they are."""
    times: Counter[str] = Counter()
    names: dict[str, str] = {}
    found: dict[str, Schema] = {}

    def count(schema: Any, is_schema: bool) -> None:
        if isinstance(schema, list):
            for part in schema:
                count(part, True)
        elif isinstance(schema, dict):
            times.update({_text(schema), _text(_without_hints(schema))} if is_schema else ())
            for key, value in schema.items():
                count(value, key not in NAMED)

    def shared(schema: Any, is_schema: bool) -> Any:
        if isinstance(schema, list):
            return [shared(part, True) for part in schema]
        if not isinstance(schema, dict):
            return schema
        for part in (schema, _without_hints(schema)) if is_schema else ():
            if times[key := _text(part)] > 1 and len(key) > WORTH_SHARING:
                if key not in names:
                    names[key] = f"s{len(names)}"
                    found[names[key]] = {}  # keeps its place
                    found[names[key]] = {k: shared(v, k not in NAMED) for k, v in part.items()}
                return {k: v for k, v in schema.items() if k not in part} | {"$ref": f"#/$defs/{names[key]}"}
        return {k: shared(v, k not in NAMED) for k, v in schema.items()}

    for schema in definitions.values():
        for key, value in schema.items():
            count(value, key not in NAMED)
    whole = {name: {k: shared(v, k not in NAMED) for k, v in schema.items()} for name, schema in definitions.items()}
    return whole | found


def _text(schema: Schema) -> str:
    return json.dumps(schema, sort_keys=True)


def _without_hints(schema: Schema) -> Schema:
    return {key: value for key, value in schema.items() if key not in HINTS}
