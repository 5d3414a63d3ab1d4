"""What `backorder compare` and `backorder check` print: what moved, by how much, is it significant; what holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from simulator.experiment.results.check import Checked
from simulator.experiment.results.comparison import Comparison, Move
from simulator.experiment.results.expectations import FAILS, HOLDS, UNCLEAR, Judgement
from simulator.experiment.results.results import Results
from simulator.experiment.statistics.intervals import Difference, Estimate
from simulator.experiment.statistics.verdicts import SAME
from simulator.report.terminal.tables import grid, indented, rendered
from simulator.report.text.numbers import decimals, unit, written

STYLES = {"better": "green", "worse": "red", "unclear": "dim", HOLDS: "green", FAILS: "bold red"}
WORDS = {HOLDS: "holds", FAILS: "FAILS", UNCLEAR: "unclear"}
NOT_SIGNIFICANT = "not significant"


# ----------------------------------------------------------------- compare
def compared(
    a: Results, b: Results, found: Comparison, everything: bool = False, width: int = 100, colour: bool = False
) -> str:
    """Two saved results: where they come from, and policy by policy what moved from the first to the second."""
    parts: list[RenderableType] = [_origin("A", a), _origin("B", b)]
    luck = f"paired by replication (seed {a.seed}, {found.replications} pairs)"
    if not found.paired:
        luck = f"not paired: the seeds differ ({a.seed} and {b.seed}), so small differences stay hidden"
    parts += [Text(luck, "dim")]
    parts += [*_moved(found, b.manifest.currency, everything, ("A", "B")), Text("")]
    for names, where in ((found.left, "A"), (found.new, "B")):
        if names:
            parts.append(Text(f"only in {where}: {', '.join(names)}"))
    return rendered([*parts, *_legend(found, b.confidence)], width, colour)


def _origin(letter: str, results: Results) -> Text:
    code = results.manifest.versions.get("code", "")[:8]
    place = results.folder or Path(results.scenario_name)
    said = f"{results.scenario_name}, {results.replications} replications, code {code}"
    return Text.assemble((letter, "bold"), f"  {place}  ", (said, "dim"))


def _legend(found: Comparison, confidence: float) -> list[RenderableType]:
    looked_at = sum(move.verdict != SAME and move.difference.mean is not None for move in found.moves)
    if not looked_at:
        return []
    said = f"p: of such a difference by chance, adjusted for the {looked_at} that were looked at (Holm)"
    return [indented(Text(f"{said}; significant: p ≤ {(1 - confidence) * 100:g} %", "dim"))]


def _moved(found: Comparison, currency: str, everything: bool, names: tuple[str, str]) -> list[RenderableType]:
    parts: list[RenderableType] = []
    for policy in found.behaviour:
        rows = [m for m in found.of(policy) if everything or m.verdict != SAME]
        parts += [Text(""), Text.assemble((policy, "bold"), f": {_behaviour(found, policy)}")]
        rows.sort(key=lambda m: (not m.significant, m.p))
        if rows:
            header = [Text(h) for h in ("", "", *names, "difference", "p", "")]
            parts.append(grid(header, [_row(m, currency) for m in rows], centred=range(2, 6)))
    return parts


def _behaviour(found: Comparison, policy: str) -> str:
    same, known = found.behaviour[policy]
    moves = found.of(policy)
    moved = sum(m.verdict != SAME for m in moves)
    if found.identical(policy):
        said = f"identical behaviour, fact by fact, in all {known} replications"
        return said + (f"; {moved} KPIs are measured or priced otherwise" if moved else "")
    other = f"other things happened in {known - same} of {known} replications; " if known else ""
    if not moved:
        return other + "no KPI moved"
    significant = sum(m.significant for m in moves)
    return f"{other}{moved} of {len(moves)} KPIs moved, {significant or 'none'} significantly"


def _row(move: Move, currency: str) -> list[Text]:
    how = unit(move.kpi, currency)
    d = move.difference
    places = decimals([d, move.before, move.after] if d.half_width is None else [d], how.factor)
    ends = [_number(e, places, how.factor) for e in (move.before, move.after)]
    size = "–" if d.mean is None else written(d.mean * how.factor, places, sign=True)
    if d.mean is not None and d.half_width is not None:
        size += f" ± {written(d.half_width * how.factor, places)}"
    chance = "" if d.mean is None or move.verdict == SAME else "< 0.1 %" if move.p < 0.001 else f"{move.p * 100:.2g} %"
    word = NOT_SIGNIFICANT if move.verdict == UNCLEAR else move.verdict
    cells = [Text("  " + move.kpi), Text(how.name, "dim"), *map(Text, ends), Text(size), Text(chance)]
    return [*cells, Text(word, STYLES.get(move.verdict, ""))]


def _number(e: Estimate, places: int, factor: float) -> str:
    return "–" if e.mean is None else written(e.mean * factor, places)


# ------------------------------------------------------------------- check
def checks(found: Iterable[Checked], width: int = 100, colour: bool = False) -> str:
    """Scenario by scenario: each expectation with its intervals, and what moved against the baseline."""
    parts: list[RenderableType] = []
    for check in found:
        word = Text("passed", "green") if check.passed else Text("FAILED", "bold red")
        if check.empty and not check.passed:
            word = Text("nothing to check", "bold red")
        title = f"{check.results.scenario_name}, {check.results.replications} replications: "
        parts += [Text.assemble((title, "bold"), word)]
        parts += [_judged(j, check.results.manifest.currency) for j in check.judgements]
        parts += [*_baseline(check), Text("")]
    return rendered(parts[:-1], width, colour)


def _judged(judgement: Judgement, currency: str) -> RenderableType:
    word = Text(f"{WORDS[judgement.outcome]:<7}", STYLES.get(judgement.outcome, "yellow"))
    said = f"{judgement.expectation}: {measured(judgement, currency)}"
    if judgement.outcome == UNCLEAR:
        said += "; the interval lies across, more --replications may decide"
    line = Table.grid(padding=(0, 1, 0, 0))
    line.add_row(word, Text(said))
    return Padding(line, (0, 0, 0, 2), expand=False)


def measured(judgement: Judgement, currency: str) -> str:
    """The intervals that decided: '96.4 % (95.9 to 96.8)', of a comparison also the difference."""
    key = judgement.expectation.kpi
    how = unit(key, currency)
    known = [*judgement.estimates.values(), *([judgement.difference] if judgement.difference else [])]
    places = decimals(known, how.factor)
    said = [
        f"{policy} {interval(e, places, how.factor, how.name)}" if judgement.difference else ""
        for policy, e in judgement.estimates.items()
    ]
    if judgement.difference is not None:
        return f"{interval(judgement.difference, places, how.factor, how.of_difference)}; {', '.join(said)}"
    (alone,) = judgement.estimates.values()
    return interval(alone, places, how.factor, how.name)


def interval(e: Estimate, places: int, factor: float, name: str) -> str:
    """'96.4 % (95.9 to 96.8)'; of a difference with its sign; without an interval the reason."""
    if e.mean is None:
        return f"no value ({e.reason})"
    signed = isinstance(e, Difference)
    said = f"{written(e.mean * factor, places, signed)} {name}"
    if e.low is None or e.high is None:
        return f"{said} ({e.reason})"
    low, high = (written(end * factor, places, signed) for end in (e.low, e.high))
    return f"{said} ({low} to {high})"


def _baseline(check: Checked) -> list[RenderableType]:
    if check.comparison is None:
        if check.updated:
            return [indented(Text(f"baseline written: {check.path}"))]
        missing = f"no baseline at {check.path}"
        return [indented(Text(missing + ("; no `expect:` either" if check.empty else ""), "dim"))]
    found = check.comparison
    parts: list[RenderableType] = [indented(Text(_summary(check, found)))]
    parts += [indented(Text(f"in the baseline and not in the scenario: {', '.join(found.left)}"))] * bool(found.left)
    parts += [indented(Text(f"not in the baseline: {', '.join(found.new)}; --update adds it"))] * bool(found.new)
    if any(m.verdict != SAME for m in found.moves):
        parts += _moved(found, check.results.manifest.currency, False, ("baseline", "now"))
        parts += _legend(found, check.results.confidence)
    return parts


def _summary(check: Checked, found: Comparison) -> str:
    moved = [m for m in found.moves if m.verdict != SAME]
    place = f"baseline {check.path}"
    if not moved and all(map(found.identical, found.behaviour)):
        return f"{place}: identical behaviour in {found.replications} replications"
    if not moved:
        return f"{place}: other things happened, no KPI moved"
    accepted = "; written anew" if check.updated else ""
    significant = sum(m.significant for m in moved)
    said = f"{len(moved)} of {len(found.moves)} KPIs moved, {significant or 'none'} significantly"
    hint = "" if check.updated or significant else "; --update accepts it"
    return f"{place}: {said}{accepted}{hint}"


def failures(check: Checked) -> Sequence[str]:
    """One line for everything that failed, for logs and test reports."""
    lines = [
        f"{WORDS[j.outcome]}: {j.expectation}: {measured(j, check.results.manifest.currency)}"
        for j in check.judgements
        if j.outcome != HOLDS
    ]
    if check.moved and check.comparison is not None:
        lines += [f"in the baseline and not in the scenario: {policy}" for policy in check.comparison.left]
        lines += [moved_line(m, check.results.manifest.currency) for m in check.comparison.moves if m.significant]
    return lines


def moved_line(move: Move, currency: str) -> str:
    """'moved: fill_rate of lean: 91.2 -> 90.1 %, -1.1 ± 0.3 points, p < 0.1 %, worse'."""
    cells = [cell.plain.strip() for cell in _row(move, currency)]
    kpi, name, before, after, size, chance, word = cells
    return f"moved: {kpi} of {move.policy}: {before} -> {after} {name}, {size}, p {chance or '–'}, {word}"
