"""Errors for the user: file, line, key, what is wrong, and what would be right."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate

MOST_LINES = 20
"""Number of problems that are printed; the rest is counted."""
LONGEST_WORD = 60
"""Length of the longest name that is compared or shown in full."""
QUOTES = "'\""
MANY_WORDS = 500
"""Number of names that are compared one by one."""
LONGEST_LIST = 160
"""Characters of a list of names."""
LONGEST_ECHO = 160
"""Characters of a text of the user that a message shows."""
_HIDDEN = (
    *(0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x180E, 0x2028, 0x2029, 0x3164, 0xFEFF, 0xFFA0),
    *range(0x200B, 0x2010),  # zero width, direction
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    *range(0xFFF9, 0xFFFC),
)
_ESCAPES = (
    {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}
    | {code: f"\\u{code:04x}" for code in (*_HIDDEN, *range(0xD800, 0xE000))}
    | {code: f"\\U{code:08x}" for code in range(0xE0000, 0xE0080)}
)
_LONG = re.compile(rf"(?<!\w)'[^'\n]{{{LONGEST_ECHO},}}'|(?<!\w)\"[^\"\n]{{{LONGEST_ECHO},}}\"|\S{{{LONGEST_ECHO},}}")
_HEAD = 40
"""Characters of a long path that are shown before its end, which tells more."""


def visible(text: str, keep: str = "") -> str:
    r"""The text with control characters, and those without width or that change the direction, as escapes.

    >>> print(visible("a\x1b[31mb"))
    a\x1b[31mb
    """
    return text.translate(_escapes(keep))


@cache
def _escapes(keep: str) -> dict[int, str]:
    return {code: escape for code, escape in _ESCAPES.items() if chr(code) not in keep}


def short(text: str) -> str:
    """The text with long words and long quotations cut: what a user wrote is recognised by its beginning, and a path by
    its end."""
    return _LONG.sub(lambda m: _cut(m[0]), text)


def _cut(word: str) -> str:
    if word[0] in QUOTES:
        return f"{word[: LONGEST_ECHO - 20]}…{word[0]}"
    head = _HEAD if "/" in word else LONGEST_ECHO - 20
    return f"{word[:head]}…{word[len(word) + head + 20 - LONGEST_ECHO :]}"


CODES = {
    "BO100": "another problem",
    "BO101": "a file cannot be read: it is missing, too large, not text, or in a folder that may not be read",
    "BO102": "the text is not YAML, or not a mapping of keys",
    "BO103": "the parent that `extends` names cannot be used",
    "BO104": "the path of a changed key (`--set`, `--vary`, `edit`) leads nowhere",
    "BO111": "a required key is missing",
    "BO112": "a key is unknown",
    "BO113": "a `kind` is unknown",
    "BO114": "a value is not valid: its type, its unit, its range, or not one of the choices",
    "BO115": "a data file or table, one of its columns, or one of its cells is not valid",
    "BO121": "keys contradict each other, or name something that is not defined",
    "BO122": "a warning: the scenario can run, but something in it is odd",
    "BO123": "a level of the factorial experiment is not a valid scenario",
}
"""What the code of a problem means. Codes are stable: their meaning never changes, and none is used again."""


@dataclass(frozen=True, order=True)
class Problem:
    """One problem that the user can fix.

    `line` and `column` count from 1; 0 means unknown. `key` is the dotted path in the file, `code` one of `CODES`.
    """

    file: str
    line: int
    column: int
    key: str
    message: str
    warning: bool = False
    code: str = field(default="BO100", compare=False)

    def __str__(self) -> str:
        """One line: line breaks and control characters in names are escaped."""
        place = self.file if len(self.file) <= LONGEST_ECHO else _cut(self.file)
        if self.line:
            place += f":{self.line}:{self.column}"
        kind = "warning: " if self.warning else ""
        key = f"{self.key}: " if self.key else ""
        return visible(f"{place}: {kind}{short(key)}{short(self.message)}")


def listing(problems: Sequence[Problem]) -> str:
    """One line per problem, at most 20, and the number of further problems."""
    lines = [str(p) for p in problems[:MOST_LINES]]
    if len(problems) > MOST_LINES:
        lines.append(f"… and {len(problems) - MOST_LINES:,} more")
    return "\n".join(lines)


class UserError(Exception):
    """An error in the user's input (exit status 2): a text, or a list of problems with their places."""

    exit_code = 2

    def __init__(self, problems: Iterable[Problem] | str) -> None:
        self.problems: tuple[Problem, ...] = () if isinstance(problems, str) else tuple(sorted(problems))
        self.text = visible(short(problems), "\n") if isinstance(problems, str) else listing(self.problems)
        super().__init__(self.text)

    def __reduce__(self) -> tuple[type[UserError], tuple[tuple[Problem, ...] | str]]:
        return type(self), (self.problems or self.text,)


class EventStorm(UserError):
    """Simulated time advances too slowly or not at all: the replication would not end."""

    def __init__(self, now: float, horizon: float, events: int, where: str = "") -> None:
        self.now, self.horizon, self.events = now, horizon, events
        place = f"{where}: " if where else ""
        super().__init__(
            f"{place}an event storm: after {events:,} events the clock is at day {now:.6g} of {horizon:g}; "
            "look for a period, a lead time or an interval of (almost) 0. Finished replications are kept"
        )

    def at(self, where: str) -> EventStorm:
        """The same error with policy, seed and replication."""
        return EventStorm(self.now, self.horizon, self.events, where)

    def __reduce__(self) -> tuple[type[EventStorm], tuple[float, float, int, str]]:  # type: ignore[override]
        return type(self), (self.now, self.horizon, self.events, self.text.partition(": an event storm")[0])


class RunError(Exception):
    """A run that cannot go on although its input is right (exit status 1)."""

    exit_code = 1


class AuditError(RunError):
    """A conservation law does not hold in a finished run: a defect of the simulator."""


class ResultsLost(RunError):
    """Saved results were removed or replaced while a command was writing them."""


def is_out_of_memory(error: BaseException | None) -> bool:
    """Whether there was no memory left for data, for a library, or for a thread."""
    return (
        isinstance(error, MemoryError)
        or (isinstance(error, OSError) and error.errno == errno.ENOMEM)
        or (isinstance(error, ImportError) and "failed to map segment" in str(error))
        or (isinstance(error, RuntimeError) and "can't start new thread" in str(error))
        or (isinstance(error, SystemError) and "without exception set" in str(error))  # no memory for a MemoryError
    )


def nearest(word: str, known: Iterable[str]) -> str:
    """' (did you mean …?)' with the known word most similar to `word`, or ''.

    >>> nearest("pois", ["poisson", "every"])
    " (did you mean 'poisson'?)"
    """
    import difflib

    word = str(word)
    if len(word) > LONGEST_WORD:
        return ""
    words = [k for k in map(str, known) if len(k) <= LONGEST_WORD]
    if len(words) > MANY_WORDS:  # comparing all of them would take seconds
        words = [k for k in words if abs(len(k) - len(word)) <= 1 and sum(map(str.__ne__, k, word)) <= 2][:MANY_WORDS]
    alike = [k for k in words if k.casefold() == word.strip().casefold()]
    found = alike or difflib.get_close_matches(word, words, 1, 0.5)
    return f" (did you mean {found[0]!r}?)" if found else ""


def misspelt(word: str, written: Iterable[str]) -> str:
    """' (… did you mean …?)' if one of the written words looks like the expected one, or ''.

    >>> misspelt("kind", ["knd", "mean"])
    " ('knd': did you mean 'kind'?)"
    """
    found = next((w for w in map(str, written) if nearest(w, [word])), None)
    return f" ({found!r}: did you mean {word!r}?)" if found else ""


def some(names: Iterable[str], most: int = 12) -> str:
    """Names as a readable list: at most twelve and about 160 characters, and their total number."""
    words = [name if len(name) <= LONGEST_WORD else name[: LONGEST_WORD - 1] + "…" for name in map(str, names)]
    lengths = accumulate(len(word) + 2 for word in words[:most])
    most = max(1, sum(length <= LONGEST_LIST for length in lengths))
    more = f", … ({len(words):,} in all)" if len(words) > most else ""
    return ", ".join(words[:most]) + more
