"""Studies of many points on the terminal: options and their KPIs, the frontier, what matters, effects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from rich.console import RenderableType
from rich.text import Text

from simulator.experiment.statistics.intervals import Estimate
from simulator.experiment.studies.design import Point
from simulator.experiment.studies.factorial import Factorial
from simulator.experiment.studies.study import Study, shown
from simulator.experiment.studies.sweep import Sweep
from simulator.report.terminal.tables import blocks, filled, grid, indented, rendered, widest
from simulator.report.text.numbers import decimals, unit, written

ON_FRONTIER, CLOSE = "★", "~"
MOST_ROWS = 40
"""Options that are shown unless all are asked for."""
Option = tuple[Point, str]


def sweep_card(
    made: Sweep, kpis: Sequence[str] = (), everything: bool = False, width: int = 100, colour: bool = False
) -> str:
    """A sweep as text: the options, or those on the frontier where they are many; and what each factor accounts for."""
    study = made.study
    keys = list(dict.fromkeys([*made.against, *map(study.known, kpis)]))
    options = list(made.options)
    cut = len(options) > MOST_ROWS and not everything
    if cut:
        options = [o for o in options if made.frontier.get((o[0].number, o[1])) == "frontier"][:MOST_ROWS]
    marks = {"frontier": Text(ON_FRONTIER, "bold green"), "close": Text(CLOSE, "dim")}

    def mark(option: Option) -> Text:
        return marks.get(made.frontier.get((option[0].number, option[1]), ""), Text(" "))

    frame = [made.design, f"{len(made.points)} points", *_frame(study, made.replications)]
    parts: list[RenderableType] = [
        *_head(study, frame, width),
        *_legend(names([f.path for f in made.factors])),
        Text(""),
    ]
    parts += options_table(study, options, keys, names([f.path for f in made.factors]), width, mark)
    against = " and ".join(made.against)
    notes = [f"{ON_FRONTIER} no other option is better in {against}; {CLOSE} beaten, but not significantly"]
    if cut:
        notes.append(f"{len(made.options) - len(options)} further options: --all shows them, summary.csv holds them")
    parts += ["", *(indented(Text(note, "dim")) for note in [*notes, *_problems(made.points)])]
    if made.replications:
        parts += ["", Text("Share of the spread that each key accounts for", "bold"), *_sensitivities(made, width)]
    return rendered(parts, width, colour)


def factorial_card(made: Factorial, kpis: Sequence[str], width: int = 100, colour: bool = False) -> str:
    """A factorial experiment as text: its combinations, and the effects on each KPI."""
    study = made.study
    keys = list(dict.fromkeys(map(study.known, kpis)))
    frame = ["factorial", f"{len(made.points)} combinations", *_frame(study, made.replications)]
    parts: list[RenderableType] = [*_head(study, frame, width), Text("")]
    if len(made.points) * len(study.policies) <= MOST_ROWS:
        options = [(point, policy) for point in made.points for policy in study.policies]
        parts += options_table(study, options, keys, {name: name for name in made.factors}, width)
    for policy in study.policies:
        of = f" under {policy}" if len(study.policies) > 1 else ""
        parts += ["", Text(f"Effects{of}", "bold")]
        rows = {str(e): [made.effect(e, policy, kpi) for kpi in keys] for e in made.effects}
        parts += _table({"effect": list(rows)}, keys, list(rows.values()), study.manifest.currency, width, signed=True)
    first = ", ".join(f"{name} {levels[0]}" for name, levels in made.factors.items())
    notes = [
        f"effects are against {first}; an interaction is half the difference of an effect between two levels",
        f"{STAR} significant: the {study.confidence * 100:g} % interval, paired by replication, excludes 0",
    ]
    parts += ["", *(indented(Text(note, "dim")) for note in notes)]
    return rendered(parts, width, colour)


STAR = "*"


def options_table(
    study: Study,
    options: Sequence[Option],
    kpis: Sequence[str],
    titles: dict[str, str],
    width: int,
    mark: Callable[[Option], Text] | None = None,
    first: int = 0,
) -> list[RenderableType]:
    """One row a (point, policy): the values of its factors, and the KPIs in replications first, first + 1, …"""
    left: dict[str, list[str]] = {"point": [str(p.number) for p, _ in options]}
    for path, title in titles.items():
        left[title] = [str(shown(p.values[path])) for p, _ in options]
    if len(study.policies) > 1:
        left["policy"] = [policy for _, policy in options]
    runs = [study.estimate(p, policy, kpis[0], first).n for p, policy in options]
    if len(set(runs)) > 1:
        left["runs"] = list(map(str, runs))
    rows = [[study.estimate(p, policy, kpi, first) for kpi in kpis] for p, policy in options]
    marks = [mark(option) for option in options] if mark else None
    return _table(left, kpis, rows, study.manifest.currency, width, marks=marks)


def _table(
    left: dict[str, list[str]],
    kpis: Sequence[str],
    rows: Sequence[Sequence[Estimate]],
    currency: str,
    width: int,
    signed: bool = False,
    marks: Sequence[Text] | None = None,
) -> list[RenderableType]:
    """Rows of estimates behind columns of words; KPI columns that do not fit stand in a block of their own."""
    cells = [_cells([row[k] for row in rows], kpi, currency, signed) for k, kpi in enumerate(kpis)]
    heads = [_title(kpi, currency, signed) for kpi in kpis]
    spans = [max(widest(column), widest([head])) for column, head in zip(cells, heads, strict=True)]
    words = [max(widest(column), widest([title])) for title, column in left.items()]
    found: list[RenderableType] = []
    for block in blocks([1, *words], spans, width):
        header = [Text(""), *(Text(title, "dim") for title in left), *(Text(heads[k]) for k in block)]
        lines = [
            [
                marks[r] if marks else Text(" "),
                *(Text(column[r]) for column in left.values()),
                *(Text(cells[k][r]) for k in block),
            ]
            for r in range(len(rows))
        ]
        found += [*([""] if found else []), grid(header, lines)]
    return found


def _title(kpi: str, currency: str, signed: bool) -> str:
    how = unit(kpi, currency)
    name = how.of_difference if signed else how.name
    return f"{kpi} ({name})" if name else kpi


def _cells(estimates: Sequence[Estimate], kpi: str, currency: str, signed: bool) -> list[str]:
    factor = unit(kpi, currency).factor
    places = decimals(estimates, factor)
    means = ["–" if e.mean is None else written(e.mean * factor, places, signed) for e in estimates]
    halves = ["" if e.half_width is None else f"± {written(e.half_width * factor, places)}" for e in estimates]
    stars = [f" {STAR}" if signed and getattr(e, "significant", False) else "" for e in estimates]
    mean, half = widest(means), widest(halves)
    return [f"{m:>{mean}} {h:<{half}}{s}".rstrip() for m, h, s in zip(means, halves, stars, strict=True)]


def names(paths: Sequence[str]) -> dict[str, str]:
    """The shortest ends of dotted paths that tell them apart.

    >>> names(["policies.lean.replenishment.s", "policies.lean.replenishment.S"])
    {'policies.lean.replenishment.s': 's', 'policies.lean.replenishment.S': 'S'}
    """
    found = {}
    for path in paths:
        parts = path.split(".")
        for k in range(1, len(parts) + 1):
            end = ".".join(parts[-k:])
            if sum(other == end or other.endswith(f".{end}") for other in paths) == 1:
                break
        found[path] = end
    return found


def _head(study: Study, frame: Iterable[str], width: int) -> list[RenderableType]:
    title = Text(study.manifest.title or study.manifest.scenario, "bold")
    return [title, *map(Text, filled(frame, " · ", width))]


def _frame(study: Study, replications: int) -> list[str]:
    said = [f"{replications} replication{'s' * (replications != 1)} each", f"seed {study.manifest.seed}"]
    policy = [f"policy {study.policies[0]}"] if len(study.policies) == 1 else []
    return [*policy, *said, *[f"{study.confidence * 100:g} % intervals"] * (replications > 1)]


def _legend(titles: dict[str, str]) -> list[RenderableType]:
    return [Text(f"{title}: {path}", "dim") for path, title in titles.items() if title != path]


def _problems(points: Sequence[Point]) -> list[str]:
    wrong = [point for point in points if point.problem]
    if not wrong:
        return []
    word = "point makes" if len(wrong) == 1 else "points make"
    return [f"{len(wrong)} {word} no valid scenario and did not run, for example {wrong[0].number}: {wrong[0].problem}"]


def _sensitivities(made: Sweep, width: int) -> list[RenderableType]:
    """For each policy a table: keys down, the KPIs of the frontier across."""
    titles = names([f.path for f in made.factors])
    found: list[RenderableType] = []
    for policy in made.study.policies:
        columns: dict[str, list[str]] = {}
        notes = []
        for kpi in made.against:
            shares = made.sensitivity(policy, kpi)
            if isinstance(shares, str):
                notes.append(f"{kpi}: not known, {shares}")
                continue
            columns[f"{kpi} alone"] = [_share(e) for e in shares.first]
            if shares.total is not None:
                columns["with others"] = [_share(e) for e in shares.total]
            notes.append(f"{kpi}: {shares.method}")
        of = [policy] if len(made.study.policies) > 1 else []
        rows = [
            [Text("  " + title), *(Text(c[k]) for c in columns.values())] for k, title in enumerate(titles.values())
        ]
        header = [Text(f"  {''.join(of)}"), *map(Text, columns)]
        found += [grid(header, rows)] if columns else []
        found += [indented(Text(line, "dim")) for line in filled(notes, " · ", width - 4)]
    return found


def _share(estimate: Estimate) -> str:
    if estimate.mean is None:
        return "–"
    half = "" if estimate.half_width is None else f" ± {estimate.half_width * 100:.1f}"
    return f"{estimate.mean * 100:.1f}{half} %"
