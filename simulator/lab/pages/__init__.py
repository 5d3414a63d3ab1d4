"""What the pages of the lab share: look, drawing, texts in two languages.

`texts/*.json` is the table of texts: `{"key": {"en": "…", "es": "…"}}` with places such as `{name}`; where a number
decides the form, a text is `{"one": "{n} unit", "other": "{n} units"}`. The drawing is that of the report
(`simulator/report/templates/shared/`); a script or style names what it includes in its first line.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from simulator.game.texts import texts as game_texts
from simulator.report.templates.bundle import bundle_script, bundle_style

LANGUAGES = ("en", "es")
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


def script(package: str, name: str, heads: Sequence[str] = ()) -> bytes:
    """A page's script with the parts that it includes; the part `texts` holds the table of texts.

    Args:
        package, name: the file.
        heads: what the keys of the texts begin with that the page shows, such as `common.`; all unless given.
    """
    folder = files(package)
    text = bundle_script(folder.joinpath(name), folder, _PLACE)
    shown = {key: text for key, text in texts().items() if not heads or key.startswith(tuple(heads))}
    plain = json.dumps(shown, ensure_ascii=False, separators=(",", ":"))
    return text.replace('"{{texts}}"', plain).encode()


def style(package: str, name: str) -> bytes:
    """A page's style sheet with the parts that it includes."""
    folder = files(package)
    return bundle_style(folder.joinpath(name), folder, _PLACE).encode()
