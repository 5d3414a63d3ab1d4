"""The words of the games in every language: one table of keys, which pages resolve."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "es")


@cache
def texts() -> dict[str, dict[str, Any]]:
    """Key -> language -> text; `{name}` in a text stands for a value of the message. Where the value `n` decides the
    form, a text is `{"one": …, "other": …}`."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(Path(__file__).parent.glob("texts*.json")):
        found |= json.loads(path.read_text(encoding="utf-8"))
    return found


def sentence(key: str, language: str = "en", **values: Any) -> str:
    """The text of a key in a language, with its values.

    >>> sentence("error.paused")
    'The game is paused.'
    >>> sentence("desk.told.overdue", n=1)
    '1 lamp is past its date.'
    """
    said_first = {
        name: sentence(value["text"], language, **value["values"]) if isinstance(value, dict) else value
        for name, value in values.items()
    }
    text = texts()[key][language]
    if isinstance(text, dict):
        text = text["one" if values.get("n") == 1 else "other"]
    return str(text.format_map(said_first))


def said(key: str, **values: Any) -> dict[str, Any]:
    """A message as pages get it: the key of its text, and its values."""
    return {"text": key, "values": values}
