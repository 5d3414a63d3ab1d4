"""What the pages of the lab share: look, drawing, texts in two languages.

`texts/*.json` is the table of texts: `{"key": {"en": "…", "es": "…"}}` with places such as `{name}`; where a number
decides the form, a text is `{"one": "{n} unit", "other": "{n} units"}`. The drawing is that of the report
(`simulator/report/templates/shared/`); a script or style names what it includes in its first line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from typing import Any

from simulator.game.texts import texts as game_texts
from simulator.report.templates.bundle import bundle_script, bundle_style

LANGUAGES = ("en", "es")
_ATTRIBUTES = {"label": "aria-label", "hint": "title", "example": "placeholder"}
_TAG, _TEXT = re.compile(r"<\w[^<>]*>"), re.compile(r'(<[^<>]*\bdata-text="([\w.-]+)"[^<>]*>)(</)')
_NAMED = re.compile(r'\bdata-(\w+)="([\w.-]+)"')
_PLACE = files(__name__)


def texts() -> dict[str, dict[str, Any]]:
    """The table of texts: language, then text, by key; those of the class games are in `simulator/game`.

    Raises:
        ValueError: a key is in two files.
    """
    found: dict[str, dict[str, Any]] = {**game_texts()}
    for file in sorted(_PLACE.joinpath("texts").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".json"):
            table = json.loads(file.read_text(encoding="utf-8"))
            if twice := found.keys() & table:
                raise ValueError(f"{file.name}: {', '.join(sorted(twice))} in another file of texts, too")
            found |= table
    return found


def script(package: str, name: str, heads: Sequence[str] = (), without: Sequence[str] = ("engine",)) -> bytes:
    """A page's script with the parts that it includes; the part `texts` holds the table of texts.

    Args:
        package, name: the file.
        heads: what the keys of the texts begin with that the page shows, such as `common.`; all unless given.
        without: beginnings of keys that it does not show; those that the server alone uses unless given.
    """
    folder = files(package)
    text = bundle_script(folder.joinpath(name), folder, _PLACE)
    wanted = (pair for pair in texts().items() if not heads or pair[0].startswith(tuple(heads)))
    shown = {key: text for key, text in wanted if not key.startswith(tuple(without))}
    plain = json.dumps(shown, ensure_ascii=False, separators=(",", ":"))
    return text.replace('"{{texts}}"', plain).encode()


def spoken(page: str, language: str) -> str:
    """A page with the texts of a language in it, so that it can be read before its script has run.

    Args:
        page: the HTML; the texts are those that its `data-text`, `data-label`, `data-hint` and `data-example` name.
        language: one of `LANGUAGES`.
    """
    known = {key: escape(text[language]) for key, text in texts().items() if isinstance(text[language], str)}

    def with_attributes(tag: re.Match[str]) -> str:
        named = [(_ATTRIBUTES[what], known.get(key)) for what, key in _NAMED.findall(tag[0]) if what in _ATTRIBUTES]
        more = "".join(f' {name}="{text}"' for name, text in named if text is not None)
        return f"{tag[0][:-1]}{more}>"

    def with_text(tag: re.Match[str]) -> str:
        return f"{tag[1]}{known.get(tag[2], '')}{tag[3]}"

    found = re.sub(
        r'(<[^<>]*\bdata-text="([\w.-]+)"[^<>]*>)(</)', with_text, re.sub(r"<\w[^<>]*>", with_attributes, page)
    )
    return found.replace('<html lang="en">', f'<html lang="{language}">', 1)


def style(package: str, name: str) -> bytes:
    """A page's style sheet with the parts that it includes."""
    folder = files(package)
    return bundle_style(folder.joinpath(name), folder, _PLACE).encode()
