"""The words of the games in every language: one table of keys, which pages resolve."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "es")


@cache
def texts() -> dict[str, dict[str, str]]:
    """Key -> language -> text; `{name}` in a text stands for a value of the message."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(Path(__file__).parent.glob("texts*.json")):
        found |= json.loads(path.read_text(encoding="utf-8"))
    return found


def sentence(key: str, language: str = "en", **values: Any) -> str:
    """The text of a key in a language, with its values.

    >>> sentence("error.paused")
    'The game is paused.'
    """
    said_first = {
        name: sentence(value["text"], language, **value["values"]) if isinstance(value, dict) else value
        for name, value in values.items()
    }
    return texts()[key][language].format_map(said_first)


def said(key: str, **values: Any) -> dict[str, Any]:
    """A message as pages get it: the key of its text, and its values."""
    return {"text": key, "values": values}
