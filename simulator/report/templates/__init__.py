"""Self-contained pages: templates with style and script, filled with data and written as one file."""

from __future__ import annotations

import json
import re
from html import escape
from importlib.resources import files
from typing import Any

from simulator.report.templates.bundle import bundle_script, bundle_style


def page(name: str, data: Any, title: str) -> str:
    """The page of a template: its HTML, style and script in the common shell, with the data as JSON."""
    place = files(__name__)
    plain = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    parts = {
        "title": escape(title),
        "body": place.joinpath(f"{name}.html").read_text(encoding="utf-8"),
        "style": bundle_style(place.joinpath(f"{name}.css")),
        "script": bundle_script(place.joinpath(f"{name}.js")),
        "data": plain.replace("<", "\\u003c"),
    }
    shell = place.joinpath("shell.html").read_text(encoding="utf-8")
    return re.sub(r"{{(\w+)}}", lambda part: parts[part[1]], shell)
