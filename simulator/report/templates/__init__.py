"""Pages that work without a network: templates with style and script, filled with data and written as one file."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any


def page(name: str, data: Any, title: str) -> str:
    """The page of a template: its HTML with the common style, its own style and script, and the data as JSON."""
    place = files(__name__)

    def text(file: str) -> str:
        return place.joinpath(file).read_text(encoding="utf-8")

    plain = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    parts = {
        "title": _escaped(title),
        "style": text("common.css") + text(f"{name}.css"),
        "script": text(f"{name}.js"),
        "data": plain.replace("<", "\\u003c"),
    }
    found = text(f"{name}.html")
    for key, value in parts.items():
        head, mark, tail = found.partition("{{" + key + "}}")
        assert mark, f"{name}.html has no place for {key}"
        found = head + value + tail
    return found


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
