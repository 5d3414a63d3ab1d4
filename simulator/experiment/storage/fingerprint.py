"""The fingerprint of an experiment: one hash of scenario, data, seed, policies, code and plug-ins."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from pydantic import BaseModel

from simulator.foundation.extensions import IN_USE
from simulator.randomness.distribution import Distribution
from simulator.scenario.identity import fingerprint_data
from simulator.scenario.schema.schema import Scenario

FORMAT = 3
"""Format of the results folder; increased when its files change their meaning."""
PACKAGE = Path(__file__).parents[2]
WITHOUT_SAY = frozenset({"cli", "testing", "lab", "report", "game", "experiment"})
"""Layers that present and repeat, and so cannot change the values of a replication."""


def fingerprint(scenario: Scenario, seed: int, policies: Sequence[str], light: bool = False) -> str:
    """SHA-256 of everything that a replication depends on, except its number; `light` where it keeps no records.

    The number of replications and the confidence are not included: more replications extend a folder.
    """
    world = fingerprint_data(scenario)
    world["scenario"] = {k: v for k, v in world["scenario"].items() if k != "experiment"}
    parts = {
        "format": FORMAT,
        "world": world,
        "seed": seed,
        "policies": list(policies),
        "version": _version("backorder-simulator"),
        "code": code_digest(),
        **({"light": True} if light else {}),
        **({"plugins": {name: found.digest for name, found in sorted(IN_USE.items())}} if IN_USE else {}),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@cache
def code_digest() -> str:
    """SHA-256 of the code that produces the values: commits with different code never share a results folder."""
    digest = hashlib.sha256()
    layers = [path for path in PACKAGE.iterdir() if path.is_dir() and path.name not in WITHOUT_SAY]
    found = [Path(folder, name) for layer in layers for folder, _, names in os.walk(layer) for name in names]
    for path in sorted(path for path in found if path.suffix in (".py", ".c", ".h")):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(PACKAGE).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def versions() -> dict[str, str]:
    """Versions of the simulator, and of the packages and plug-ins that its results depend on."""
    packages = {"simulator": "backorder-simulator", "numpy": "numpy", "simpy": "simpy"}
    found = {name: _version(package) for name, package in packages.items()}
    plugins = {f"plugin {name}": found.label for name, found in sorted(IN_USE.items())}
    return {**found, "python": platform.python_version(), "code": code_digest(), **plugins}


@cache
def _version(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version  # importing it takes 5 % of the start

    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


def unportable(scenario: Scenario) -> list[str]:
    """Keys with distributions whose draws may differ in the last bit on another kind of CPU: 'key.path (kind)'."""
    return sorted(_unportable(scenario, ""))


def _unportable(value: object, place: str) -> Iterator[str]:
    if isinstance(value, Distribution):
        if not value.portable:
            yield f"{place} ({value.kind})"  # type: ignore[attr-defined]
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _unportable(getattr(value, name), f"{place}.{name.rstrip('_')}".lstrip("."))
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _unportable(inner, f"{place}.{key}")
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from _unportable(inner, f"{place}[{number}]")
