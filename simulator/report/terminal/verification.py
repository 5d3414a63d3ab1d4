"""What `backorder verify` prints: theory beside simulation with its interval, case by case, and the verdicts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

from simulator.experiment.textbook.case import Case
from simulator.experiment.textbook.verify import AGREES, DIFFERS, VAGUE, CaseCheck
from simulator.report.cards.card import Block, Card, Cell, Column, Line, Table, Tone, line, notes

TONES: dict[str, Tone] = {AGREES: "good", DIFFERS: "failed", VAGUE: "unsure"}
COLUMNS = (Column(), Column("theory", "point"), Column("measured", "point"), Column("verdict"))


def verification(cases: Sequence[Case], checks: Iterable[CaseCheck]) -> Card:
    """A table for each case, and the count of verdicts."""
    checks = list(checks)
    known = {case.name: case for case in cases}
    blocks: list[Block] = []
    for name, found in groupby(checks, key=lambda check: check.case):
        blocks += [_title(known[name]), line(known[name].source, "faint"), _table(list(found)), line()]
    return Card([*blocks, *map(line, _ending(checks))])


def _title(case: Case) -> Line:
    return Line([Cell(f"{case.name}  ", "strong"), Cell(case.title)])


def _table(checks: list[CaseCheck]) -> Table:
    rows: list[list[str | Cell]] = []
    for (policy, label), found in groupby(checks, key=lambda check: (check.policy, check.label)):
        rows.append([policy + (f", {label}" if label else "")])
        for check in found:
            places = decimals(check)
            measured = f"{check.mean:,.{places}f}"
            if check.half_width:
                measured += f" ± {check.half_width:,.{places}f}"
            elif check.grain:
                measured += f" (steps: {check.grain * 100:g} %)"
            theory = f"{check.theory:,.{max(places, six_digits(check.theory))}f}"
            rows.append([check.measure, theory, measured, Cell(check.verdict, TONES[check.verdict])])
    return Table(COLUMNS, rows, indent=2)


def decimals(check: CaseCheck) -> int:
    """Decimals of a measured value: two digits of its interval, six of a value without one."""
    if check.half_width:
        return min(max(1 - math.floor(math.log10(check.half_width)), 0), 7)
    return six_digits(check.mean)


def six_digits(value: float) -> int:
    """Decimals for six digits; none for a whole number."""
    return 0 if abs(value - round(value)) < 1e-9 else max(5 - math.floor(math.log10(abs(value))), 0)


def _ending(checks: list[CaseCheck]) -> list[str]:
    count = Counter(check.verdict for check in checks)
    found = [f"{count[AGREES]} of {len(checks)} values agree with theory within four standard errors."]
    if count[VAGUE]:
        found.append(f"{count[VAGUE]} are vague: the interval is too wide for a verdict; more replications narrow it.")
    if count[DIFFERS]:
        names = ", ".join(dict.fromkeys(f"{c.case} {c.measure}" for c in checks if c.verdict == DIFFERS))
        found.append(f"{count[DIFFERS]} DIFFER: {names}.")
    return found


def case_list(cases: Iterable[Case]) -> Card:
    """Every case with its title and source."""
    return Card([part for case in cases for part in (_title(case), *notes([case.source], ""))])
