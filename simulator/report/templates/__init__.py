"""Self-contained pages: templates with style and script, filled with data and written as one file."""

from __future__ import annotations

import json
import re
from html import escape
from importlib.resources import files
from typing import Any


def page(name: str, data: Any, title: str) -> str:
    """The page of a template: its HTML, style and script in the common shell, with the data as JSON."""
    place = files(__name__)

    def text(file: str) -> str:
        return place.joinpath(file).read_text(encoding="utf-8")

    plain = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    parts = {
        "title": escape(title),
        "body": text(f"{name}.html"),
        "style": text("common.css") + text(f"{name}.css"),
        "script": text(f"{name}.js"),
        "data": plain.replace("<", "\\u003c"),
    }
    return re.sub(r"{{(\w+)}}", lambda place: parts[place[1]], text("shell.html"))
