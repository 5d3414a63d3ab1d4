"""Distributions as a scenario writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def shortened(words: Mapping[str, Any], digits: int = 5) -> dict[str, Any]:
    """Parameters with so many digits."""

    def short(value: Any) -> Any:
        if isinstance(value, Mapping):
            return shortened(value, digits)
        if isinstance(value, list):
            return [short(inner) for inner in value]
        return float(f"{value:.{digits}g}") if isinstance(value, float) else value

    return {key: short(value) for key, value in words.items()}


def flow(value: Any) -> str:
    """Plain data as YAML on one line.

    >>> flow({"kind": "gamma", "mean": 12.5, "cv": 0.4})
    '{kind: gamma, mean: 12.5, cv: 0.4}'
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return f"{value:g}" if isinstance(value, float) and abs(value) < 1e5 else str(value)
