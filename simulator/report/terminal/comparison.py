"""What `backorder compare` and `backorder check` print: which KPIs moved, by how much, and whether significantly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from simulator.experiment.results.check import CheckResult
from simulator.experiment.results.comparison import Comparison, KpiChange
from simulator.experiment.results.expectations import FAILS, HOLDS, UNCLEAR, ExpectationResult
from simulator.experiment.results.results import Results
from simulator.experiment.statistics.intervals import Difference, Estimate
from simulator.experiment.statistics.measured import Labels
from simulator.experiment.statistics.verdicts import SAME
from simulator.report.cards.card import Block, Card, Cell, Column, Line, Table, Tone, line, notes
from simulator.report.text.numbers import decimals, unit, written

TONES: dict[str, Tone] = {"better": "good", "worse": "bad", "unclear": "faint", HOLDS: "good", FAILS: "failed"}
OUTCOMES = {HOLDS: "holds", FAILS: "FAILS", UNCLEAR: "unclear"}
NOT_SIGNIFICANT = "not significant"
Blocks = Iterator[Line | Table]


# ----------------------------------------------------------------- compare
def comparison_card(a: Results, b: Results, found: Comparison, everything: bool = False) -> Card:
    """Two saved results: their origins and, policy by policy, what moved from the first to the second."""
    pairing = f"paired by replication (seed {a.seed}, {found.replications} pairs)"
    if not found.paired:
        pairing = f"not paired, as the seeds differ ({a.seed} and {b.seed}): small differences cannot be detected"
    only = {"A": found.left, "B": found.new}
    return Card(
        [
            *(_origin("A", a), _origin("B", b), line(pairing, "faint")),
            *_moves(found, b.manifest.labels, everything, ("A", "B")),
            line(),
            *(line(f"only in {side}: {', '.join(names)}") for side, names in only.items() if names),
            *_legend(found, b.confidence),
        ]
    )


def _origin(letter: str, results: Results) -> Line:
    code = results.manifest.versions.get("code", "")[:8]
    place = results.folder or Path(results.scenario_name)
    what = f"{results.scenario_name}, {results.replications} replications, code {code}"
    return Line([Cell(letter, "strong"), Cell(f"  {place}  "), Cell(what, "faint")])


def _legend(found: Comparison, confidence: float) -> list[Line]:
    tested = sum(move.verdict != SAME and move.difference.mean is not None for move in found.moves)
    what = f"p: probability of such a difference by chance, adjusted for the {tested} differences tested (Holm)"
    return notes([f"{what}; significant: p ≤ {(1 - confidence) * 100:g} %"] * bool(tested))


def _moves(found: Comparison, labels: Labels, everything: bool, names: tuple[str, str]) -> Blocks:
    for policy in found.behaviour:
        yield from (line(), Line([Cell(policy, "strong"), Cell(f": {_behaviour(found, policy)}")]))
        moves = [m for m in found.of(policy) if everything or m.verdict != SAME]
        moves.sort(key=lambda m: (not m.significant, m.p))
        if moves:
            titles = (Column(name) for name in (*names, "difference", "p"))
            yield Table([Column(), Column(), *titles, Column()], [_row(m, labels) for m in moves], indent=2)


def _behaviour(found: Comparison, policy: str) -> str:
    same, known = found.behaviour[policy]
    moves = found.of(policy)
    moved = sum(m.verdict != SAME for m in moves)
    if found.identical(policy):
        identical = f"identical behaviour, fact by fact, in all {known} replications"
        return identical + (f"; {moved} KPIs are measured or priced differently" if moved else "")
    other = f"different behaviour in {known - same} of {known} replications; " if known else ""
    return other + (_moved(moved, moves) if moved else "no KPI moved")


def _moved(moved: int, moves: Sequence[KpiChange]) -> str:
    return f"{moved} of {len(moves)} KPIs moved, {sum(m.significant for m in moves) or 'none'} significantly"


def _row(move: KpiChange, labels: Labels) -> list[Cell]:
    how, d = unit(move.kpi, labels), move.difference
    places = decimals([d, move.before, move.after] if d.half_width is None else [d], how.factor)
    ends = ("–" if e.mean is None else written(e.mean * how.factor, places) for e in (move.before, move.after))
    size = "–" if d.mean is None else written(d.mean * how.factor, places, sign=True)
    if d.mean is not None and d.half_width is not None:
        size += f" ± {written(d.half_width * how.factor, places)}"
    p = "" if d.mean is None or move.verdict == SAME else percent(move.p)
    word = NOT_SIGNIFICANT if move.verdict == UNCLEAR else move.verdict
    cells = (Cell(move.kpi), Cell(how.name, "faint"), *map(Cell, ends), Cell(size), Cell(p))
    return [*cells, Cell(word, TONES.get(move.verdict, ""))]


def percent(p: float) -> str:
    """A probability in two digits.

    >>> percent(0.00001), percent(0.0123), percent(1.0)
    ('< 0.1 %', '1.2 %', '100 %')
    """
    return "< 0.1 %" if p < 0.001 else f"{p * 100:.{0 if p >= 0.0995 else 2}{'f' if p >= 0.0995 else 'g'}} %"


# ------------------------------------------------------------------- check
def check_card(found: Iterable[CheckResult]) -> Card:
    """Scenario by scenario: each expectation with its intervals, and what moved against the baseline."""
    blocks: list[Block] = []
    for check in found:
        word = Cell("passed", "good") if check.passed else Cell("FAILED", "failed")
        if check.empty and not check.passed:
            word = Cell("nothing to check", "failed")
        title = f"{check.results.scenario_name}, {check.results.replications} replications: "
        rows = [_judged(j, check.results.manifest.labels) for j in check.judgements]
        blocks += [line()] * bool(blocks)
        blocks += [Line([Cell(title, "strong"), word])]
        blocks += [Table([Column(), Column(kind="text")], rows, indent=2, gap=1)] * bool(rows)
        blocks += _baseline(check)
    return Card(blocks)


def _judged(judgement: ExpectationResult, labels: Labels) -> list[Cell]:
    text = f"{judgement.expectation}: {measured(judgement, labels)}"
    if judgement.outcome == UNCLEAR:
        text += "; the interval includes the bound: more --replications may decide"
    return [Cell(f"{OUTCOMES[judgement.outcome]:<7}", TONES.get(judgement.outcome, "unsure")), Cell(text)]


def measured(judgement: ExpectationResult, labels: Labels) -> str:
    """The intervals that decided: '96.4 % (95.9 to 96.8)'; for a comparison the difference and both estimates."""
    how, d = unit(judgement.expectation.kpi, labels), judgement.difference
    places = decimals([*judgement.estimates.values(), *([d] if d else [])], how.factor)
    found = {policy: interval(e, places, how.factor, how.name) for policy, e in judgement.estimates.items()}
    if d is None:
        return "".join(found.values())
    sides = ", ".join(f"{policy} {text}" for policy, text in found.items())
    return f"{interval(d, places, how.factor, how.of_difference)}; {sides}"


def interval(e: Estimate, places: int, factor: float, name: str) -> str:
    """'96.4 % (95.9 to 96.8)'; a difference with its sign; the reason where there is no interval."""
    if e.mean is None:
        return f"no value ({e.reason})"
    signed = isinstance(e, Difference)
    mean = f"{written(e.mean * factor, places, signed)} {name}"
    if e.low is None or e.high is None:
        return f"{mean} ({e.reason})"
    low, high = (written(end * factor, places, signed) for end in (e.low, e.high))
    return f"{mean} ({low} to {high})"


def _baseline(check: CheckResult) -> Blocks:
    found = check.comparison
    if found is None:
        missing = f"no baseline at {check.path}" + ("; no `expect:` either" if check.empty else "")
        yield from notes([f"baseline written: {check.path}"], "") if check.updated else notes([missing])
        return
    yield from notes([_summary(check, found)], "")
    yield from notes([f"in the baseline but not in the scenario: {', '.join(found.left)}"] * bool(found.left), "")
    yield from notes([f"not in the baseline: {', '.join(found.new)}; --update adds it"] * bool(found.new), "")
    if any(m.verdict != SAME for m in found.moves):
        yield from _moves(found, check.results.manifest.labels, False, ("baseline", "now"))
        yield from _legend(found, check.results.confidence)


def _summary(check: CheckResult, found: Comparison) -> str:
    moved = [m for m in found.moves if m.verdict != SAME]
    place = f"baseline {check.path}"
    if not moved and all(map(found.identical, found.behaviour)):
        return f"{place}: identical behaviour in {found.replications} replications"
    if not moved:
        return f"{place}: different behaviour, but no KPI moved"
    significant = any(m.significant for m in moved)
    end = "; rewritten" if check.updated else "" if significant else "; --update accepts it"
    return f"{place}: {_moved(len(moved), found.moves)}{end}"


def failures(check: CheckResult) -> Sequence[str]:
    """One line for everything that failed, for logs and test reports."""
    labels = check.results.manifest.labels
    lines = [
        f"{OUTCOMES[j.outcome]}: {j.expectation}: {measured(j, labels)}" for j in check.judgements if j.outcome != HOLDS
    ]
    if check.moved and check.comparison is not None:
        lines += [f"in the baseline but not in the scenario: {policy}" for policy in check.comparison.left]
        lines += [_moved_line(m, labels) for m in check.comparison.moves if m.significant]
    return lines


def _moved_line(move: KpiChange, labels: Labels) -> str:
    """'moved: fill_rate of lean: 91.2 -> 90.1 %, -1.1 ± 0.3 points, p < 0.1 %, worse'."""
    kpi, name, before, after, size, p, word = (cell.text for cell in _row(move, labels))
    return f"moved: {kpi} of {move.policy}: {before} -> {after} {name}, {size}, p {p or '–'}, {word}"
