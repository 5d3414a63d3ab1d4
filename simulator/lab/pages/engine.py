"""Texts of the simulation in the languages of the pages: definitions, reasons and stories, which it writes in English.

The keys of the table of texts that begin with `engine.` (`engine-film.` for the queue) hold the sentences and parts of
sentences that it writes; what stands in a place of one is itself translated, if it is in the table, and otherwise left:
names, dates, numbers.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple

from simulator.lab.pages import LANGUAGES, texts

HEAD, FILM = "engine.", "engine-film."
_PLACE = re.compile(r"{(\w+)}")
_NUMBER = re.compile(r"\d+\.\d+")


class _Sentence(NamedTuple):
    """A text with places: what it looks like in English, and what it is in another language."""

    pattern: re.Pattern[str]
    translated: str


def in_all_languages(text: str, head: str = HEAD) -> dict[str, str]:
    """A text of the simulation by language.

    Args:
        text: in English.
        head: what the keys of the table begin with that are looked up.

    >>> in_all_languages("promised again: delivery by 2025-03-01")["es"]
    'prometido de nuevo: entrega hasta el 2025-03-01'
    """
    return {language: text if language == "en" else translated(text, language, head) for language in LANGUAGES}


@lru_cache(4096)
def translated(text: str, language: str, head: str = HEAD) -> str:
    """A text of the simulation in a language; in English what is not in the table."""
    for sentence in _sentences(language, head):
        if found := sentence.pattern.fullmatch(text):
            parts = {name: translated(part, language, head) for name, part in found.groupdict().items()}
            return sentence.translated.format_map(parts)
    return text.replace(".", ",") if language == "es" and _NUMBER.fullmatch(text) else text


@cache
def _sentences(language: str, head: str) -> tuple[_Sentence, ...]:
    """The sentences under these keys, those with the longest fixed part first."""
    found = [text for key, text in texts().items() if key.startswith(head)]
    found.sort(key=lambda text: -len(_PLACE.sub("", text["en"])))
    return tuple(_Sentence(_pattern(text["en"]), text[language]) for text in found)


def _pattern(text: str) -> re.Pattern[str]:
    parts = _PLACE.split(text)  # fixed text and names of places, in turn
    return re.compile("".join(f"(?P<{part}>.+)" if k % 2 else re.escape(part) for k, part in enumerate(parts)))
