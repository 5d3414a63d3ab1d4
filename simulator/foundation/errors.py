"""What goes wrong, said to the user: file, line, key, what is wrong, what would be right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One thing the user can mend.

    `line` and `column` count from 1; 0 means that the place is not known. `key` is the dotted path in the file.
    """

    file: str
    line: int
    column: int
    key: str
    message: str
    warning: bool = False

    def __str__(self) -> str:
        place = self.file
        if self.line:
            place += f":{self.line}:{self.column}"
        kind = "warning: " if self.warning else ""
        key = f"{self.key}: " if self.key else ""
        return f"{place}: {kind}{key}{self.message}"


class UserError(Exception):
    """The user's mistake (exit status 2): a list of problems, each with its place."""

    exit_code = 2

    def __init__(self, problems: Iterable[Problem] | str) -> None:
        self.problems: tuple[Problem, ...] = () if isinstance(problems, str) else tuple(sorted(problems))
        self.text = problems if isinstance(problems, str) else "\n".join(map(str, self.problems))
        super().__init__(self.text)

    def __reduce__(self) -> tuple[type[UserError], tuple[tuple[Problem, ...] | str]]:
        return type(self), (self.problems or self.text,)


class AuditError(Exception):
    """A law of conservation does not hold in a finished run (exit status 1): a defect of the simulator."""

    exit_code = 1


def nearest(word: str, known: Iterable[str]) -> str:
    """' (did you mean …?)' for the known word most like `word`, or ''.

    >>> nearest("pois", ["poisson", "every"])
    " (did you mean 'poisson'?)"
    """
    import difflib

    found = difflib.get_close_matches(str(word), [str(k) for k in known], 1, 0.5)
    return f" (did you mean {found[0]!r}?)" if found else ""
