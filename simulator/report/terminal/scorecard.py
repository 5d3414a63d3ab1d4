"""The scorecard: every policy's KPIs with their intervals, paired differences to the first policy, and a conclusion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from simulator.experiment.results.results import Results
from simulator.experiment.statistics.intervals import Difference, Estimate
from simulator.experiment.statistics.verdicts import against, best, verdict
from simulator.report.terminal.tables import blocks, filled, grid, indented, rendered, widest
from simulator.report.text.conclusion import conclusion
from simulator.report.text.numbers import arms, decimals, unit, written
from simulator.report.text.shown_kpis import TELLING, Choice, chosen_kpis, defined, grouped, keys, missing
from simulator.scenario.tree.nodes import parse, to_plain

STAR = "★"
COLOURS = {"better": "green", "worse": "red", "unclear": "dim", "same": "dim"}
INDENT = "  "


def scorecard(results: Results, choice: Choice | None = None, width: int = 100, colour: bool = False) -> str:
    """The results as text; `choice` says which KPIs, the telling ones unless given."""
    choice = choice or chosen_kpis()
    found = keys(results, choice)
    shown = defined(results, found)
    title = Text(results.manifest.title or results.scenario_name, "bold")
    parts: list[RenderableType] = [title, *map(Text, filled(frame_words(results), " · ", width)), ""]
    parts += _estimates(results, shown, width)
    if len(results.policies) > 1 and results.replications > 1:
        first = results.policies[0]
        parts += ["", Text(f"Difference to {first}, replication by replication", "bold")]
        parts += _differences(results, shown, width)
    notes = [*legend(results), *missing(results, found), *results.manifest.advice]
    if not choice.named and set(choice.names) == set(TELLING):
        further = len(defined(results, results.kpis)) - len(shown)
        notes.append(f"{further} more KPI{'s' * (further != 1)}: --all shows all, --kpi NAME picks some")
    parts += ["", *(indented(Text(note, "dim")) for note in notes)]
    parts += ["", Text("In short", "bold"), *map(indented, conclusion(results, choice))]
    return rendered(parts, width, colour)


# ------------------------------------------------------------------- frame
def frame_words(results: Results) -> list[str]:
    """What stands behind the numbers: time, replications, seed, confidence."""
    clock = _clock(results.source)
    said = []
    if "horizon" in clock:
        warm_up = f", the first {_days(clock['warm_up'])} not counted" if clock.get("warm_up") else ""
        start = f" from {clock['start']}" if clock.get("start") else ""
        said.append(f"{_days(clock['horizon'])}{start}{warm_up}")
    n = results.replications
    return [
        *said,
        f"{n} replication{'s' * (n != 1)}",
        f"seed {results.seed}",
        *[f"{results.confidence * 100:g} % intervals"] * (n > 1),
    ]


def _clock(source: str) -> dict[str, Any]:
    """The section as the user wrote it; results are told apart by their scenario, whatever made them."""
    scenario = to_plain(parse(source, "scenario.yaml")) if source.strip() else None
    clock = scenario.get("clock") if isinstance(scenario, dict) else None
    return clock if isinstance(clock, dict) else {}


def _days(duration: object) -> str:
    return str(duration) if isinstance(duration, str) else f"{duration:,g} d"


def legend(results: Results) -> list[str]:
    """What the marks and words of the tables mean; nothing where there is nothing to compare."""
    if len(results.policies) < 2 or results.replications < 2:
        return []
    level, others = f"{results.confidence * 100:g} %", len(results.policies) - 1
    same = "identical behaviour, fact by fact, in every replication"
    return [
        *(f"{', '.join(group)}: {same}" for group in results.alike()),
        f"{STAR} better than every other policy",
        f"unclear: no difference found, its {level} interval includes 0",
        *[f"the {others} differences of a row are judged together: all their intervals hold with {level}"]
        * (others > 1),
    ]


# -------------------------------------------------------------- two tables
def _estimates(results: Results, shown: Sequence[str], width: int) -> list[RenderableType]:
    names, units, columns = [], [], {policy: _Column() for policy in results.policies}
    for key in shown:
        how = unit(key, results.manifest.currency)
        row = {policy: results.estimate(policy, key) for policy in results.policies}
        places = decimals(row.values(), how.factor)
        winner = best(results, key)
        names.append(key)
        units.append(how.name)
        for policy, estimate in row.items():
            mark = Text(STAR, "bold green") if policy == winner else Text(" " * (len(row) > 1))
            columns[policy].add(estimate, places, how.factor, mark)
    return _laid_out(names, units, columns, width)


def _differences(results: Results, shown: Sequence[str], width: int) -> list[RenderableType]:
    first, *others = results.policies
    names, units, columns = [], [], {policy: _Column() for policy in others}
    for key in shown:
        how = unit(key, results.manifest.currency)
        row = against(results, first, key)
        places = decimals(row.values(), how.factor)
        names.append(key)
        units.append(how.of_difference)
        for policy, difference in row.items():
            word = verdict(difference, key)
            columns[policy].add(difference, places, how.factor, Text(word, COLOURS.get(word, "")))
    return _laid_out(names, units, columns, width)


class _Column:
    """A policy's cells, set so that the ± stand below each other."""

    def __init__(self) -> None:
        self.means: list[str] = []
        self.widths: list[str] = []
        self.marks: list[Text] = []

    def add(self, estimate: Estimate, places: int, factor: float, mark: Text) -> None:
        known, sign = estimate.mean is not None, isinstance(estimate, Difference)
        self.means.append(written((estimate.mean or 0.0) * factor, places, sign) if known else "–")
        has_width = known and estimate.half_width is not None
        self.widths.append(arms(estimate, places, factor) if has_width else "")
        self.marks.append(mark)

    def cells(self) -> list[Text]:
        mean, half, mark = widest(self.means), widest(self.widths), widest(self.marks)
        found = []
        for left, right, sign in zip(self.means, self.widths, self.marks, strict=True):
            text = Text(f"{left:>{mean}} {right:<{half}}" if half else f"{left:>{mean}}")
            if sign.style == "dim":
                text.stylize("dim")
            if mark:
                text.append(" ").append_text(sign)
                text.pad_right(mark - widest([sign]))
            found.append(text)
        return found


def _laid_out(
    names: Sequence[str], units: Sequence[str], columns: dict[str, _Column], width: int
) -> list[RenderableType]:
    """As many policies beside each other as the width bears, each block under its own header."""
    policies = list(columns)
    cells = [columns[policy].cells() for policy in policies]
    spans = [max(widest(column), widest([policy])) for policy, column in zip(policies, cells, strict=True)]
    found: list[RenderableType] = []
    for block in blocks([widest(names) + len(INDENT), widest(units)], spans, width):
        header = [Text(""), Text(""), *(Text(policies[k]) for k in block)]
        rows = []
        for group, members in grouped(names).items():
            rows.append([Text(group, "bold"), Text("")])
            for key in members:
                row = names.index(key)
                rows.append([Text(INDENT + key), Text(units[row], "dim"), *(cells[k][row] for k in block)])
        found += [*([""] if found else []), grid(header, rows, centred=range(2, len(header)))]
    return found
