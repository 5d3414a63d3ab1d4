"""What `backorder verify` prints: theory beside measured with its interval, case by case, and the verdicts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from simulator.experiment.textbook.case import Case
from simulator.experiment.textbook.verify import AGREES, DIFFERS, VAGUE, Check
from simulator.report.terminal.tables import grid, indented, rendered

COLOURS = {AGREES: "green", DIFFERS: "bold red", VAGUE: "yellow"}
HEADER = ("", "theory", "measured", "verdict")


def verification(cases: Sequence[Case], checks: Iterable[Check], width: int, colour: bool = False) -> str:
    """A table for each case, and the count of verdicts."""
    checks = list(checks)
    known = {case.name: case for case in cases}
    parts: list[RenderableType] = []
    for name, found in groupby(checks, key=lambda check: check.case):
        parts += [Text(f"{name}  ", "bold").append(known[name].title, "not bold"), Text(known[name].source, "dim")]
        parts += [Padding(_table(list(found)), (0, 0, 0, 2), expand=False), Text()]
    return rendered([*parts, *_ending(checks)], width, colour)


def _table(checks: list[Check]) -> RenderableType:
    rows = []
    for (policy, label), found in groupby(checks, key=lambda check: (check.policy, check.label)):
        rows.append([Text(policy + (f", {label}" if label else "")), Text(), Text(), Text()])
        for check in found:
            places = decimals(check)
            measured = f"{check.mean:,.{places}f}"
            if check.half_width:
                measured += f" ± {check.half_width:,.{places}f}"
            elif check.grain:
                measured += f" (steps: {check.grain * 100:g} %)"
            verdict = Text(check.verdict, COLOURS[check.verdict])
            value = Text(f"{check.theory:,.{max(places, six_digits(check.theory))}f}")
            rows.append([Text(f"  {check.measure}"), value, Text(measured), verdict])
    _flush([row[1] for row in rows])
    _flush([row[2] for row in rows])
    return grid([Text(head) for head in HEADER], rows)


def _flush(cells: list[Text]) -> None:
    """Decimal points below each other."""
    heads = [len(cell.plain.split(" ")[0].split(".")[0]) for cell in cells]
    for cell, head in zip(cells, heads, strict=True):
        if cell.plain:
            cell.plain = " " * (max(heads) - head) + cell.plain


def decimals(check: Check) -> int:
    """The interval gets two digits; a value without one gets six."""
    if check.half_width:
        return min(max(1 - math.floor(math.log10(check.half_width)), 0), 7)
    return six_digits(check.mean)


def six_digits(value: float) -> int:
    """Decimals for six digits; none for a whole number."""
    return 0 if abs(value - round(value)) < 1e-9 else max(5 - math.floor(math.log10(abs(value))), 0)


def _ending(checks: list[Check]) -> list[RenderableType]:
    count = Counter(check.verdict for check in checks)
    said = [f"{count[AGREES]} of {len(checks)} values agree with theory within four standard errors."]
    if count[VAGUE]:
        said.append(f"{count[VAGUE]} are vague: the interval is too wide to say much; more replications narrow it.")
    if count[DIFFERS]:
        names = ", ".join(dict.fromkeys(f"{c.case} {c.measure}" for c in checks if c.verdict == DIFFERS))
        said.append(f"{count[DIFFERS]} DIFFER: {names}.")
    return [Text(line) for line in said]


def case_list(cases: Iterable[Case], width: int, colour: bool = False) -> str:
    """Every case with its title and source."""
    parts: list[RenderableType] = []
    for case in cases:
        parts += [Text(f"{case.name}  ", "bold").append(case.title, "not bold"), indented(Text(case.source, "dim"))]
    return rendered(parts, width, colour)
