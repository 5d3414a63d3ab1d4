"""The JSON Schema (draft 2020-12) of scenario files, for completion and error marking in editors."""

from __future__ import annotations

import copy
from typing import Any

from simulator.foundation.plugin import whole_json_schema
from simulator.scenario.schema.schema import Scenario

Schema = dict[str, Any]

PART = "Part"
"""Suffix of the definitions with only optional keys: a mapping that extends another gives only the differences."""

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
    parts = {f"{name}.{PART}": _part(schema) for name, schema in copy.deepcopy(whole).items()}
    policies = whole["Scenario"]["properties"]["policies"]
    policies["additionalProperties"] = _either(_has("extends"), f"Policy.{PART}", "Policy")
    partial = {"anyOf": [_has("extends"), {"not": _has("name")}]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Scenario",
        "description": root["description"],
        "type": "object",
        **_either(partial, f"Scenario.{PART}", "Scenario"),
        "$defs": {**whole, **parts},
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
            found["required"] = ["kind", *schema.get("required", [])]
    if "patternProperties" in schema:
        found["additionalProperties"] = False
    limits = {_LIMITS[key]: schema[key] for key in _LIMITS if key in schema}
    for branch in found.get("anyOf", [found]) if limits else []:
        if branch.get("type") in {"number", "integer"}:
            branch.update(limits)
    return found


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
        found["$ref"] = f"{schema['$ref']}.{PART}"
    if "properties" in schema:  # user-defined keys, which may be called `required` or `oneOf`
        found["properties"] = {key: _part(value) for key, value in schema["properties"].items()}
    return found
