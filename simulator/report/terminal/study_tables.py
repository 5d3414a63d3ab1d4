"""Studies of many points: options with their KPIs, the frontier, effects of factors, and what causes the spread."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from simulator.experiment.statistics.intervals import Estimate
from simulator.experiment.statistics.measured import Labels
from simulator.experiment.statistics.waitless import left_out, rewards_refusals
from simulator.experiment.studies.design import Point
from simulator.experiment.studies.factorial import Factorial
from simulator.experiment.studies.study import Study, shown
from simulator.experiment.studies.sweep import Sweep
from simulator.report.cards.card import (
    BEST,
    Block,
    Card,
    Cell,
    Column,
    Heading,
    Line,
    Number,
    Phrases,
    Table,
    line,
    notes,
    summary,
)
from simulator.report.cards.kpi_tables import numbers
from simulator.report.text.factorial_summary import factorial_sentences
from simulator.report.text.frame import study_frame
from simulator.report.text.levels import options_without_waits
from simulator.report.text.numbers import unit
from simulator.report.text.sentences import joined
from simulator.report.text.sweep_summary import sweep_sentences
from simulator.scenario.tree.nodes import Place
from simulator.scenario.tree.paths import dotted, steps

CLOSE, SIGNIFICANT = "~", "*"
MOST_ROWS = 40
"""Options that are shown unless all are asked for."""
Option = tuple[Point, str]
"""A point of the study, and a policy."""


def sweep_card(made: Sweep, kpis: Sequence[str] = (), everything: bool = False) -> Card:
    """The options of a sweep, or those on the frontier where they are many, and what each key accounts for.

    Args:
        made: the sweep.
        kpis: shown in addition to those of the frontier.
        everything: show every option.
    """
    study = made.study
    keys = list(dict.fromkeys([*made.against, *map(study.known, kpis)]))
    options = list(made.options)
    cut = len(options) > MOST_ROWS and not everything
    if cut:
        options = [o for o in options if made.frontier.get((o[0].number, o[1])) == "frontier"][:MOST_ROWS]
    marks = {"frontier": Cell(BEST, "best"), "close": Cell(CLOSE, "faint")}

    def mark(option: Option) -> Cell:
        return marks.get(made.frontier.get((option[0].number, option[1]), ""), Cell(" "))

    titles = short_names([f.path for f in made.factors])
    texts = [f"{BEST} no other option is better in {' and '.join(made.against)}; {CLOSE} beaten, but not significantly"]
    if cut:
        texts.append(f"{len(made.options) - len(options)} further options: --all shows them, summary.csv holds them")
    if any(map(rewards_refusals, keys)):
        out = any(left_out(made.against, [study.waitless(*option) for option in made.options]))
        end = " They are not on the frontier." if out else ""
        texts += [text + end for text in options_without_waits(study, made.options)]
    if wrong := [point for point in made.points if point.problem]:
        one = "point is not a valid scenario and was" if len(wrong) == 1 else "points are not valid scenarios and were"
        texts.append(f"{len(wrong)} {one} not run, for example {wrong[0].number}: {wrong[0].problem}")
    blocks: list[Block] = [
        *legend(titles),
        line(),
        options_table(study, options, keys, titles, mark),
        line(),
        *notes(texts),
    ]
    if len(made.factors) > 1:  # a single key accounts for all of the spread
        blocks += [Heading("Share of the spread that each key accounts for"), *_sensitivities(made)]
    blocks += summary(sweep_sentences(made, titles))
    frame = [made.design, f"{len(made.points)} points", *_frame(study, made.replications)]
    return Card(blocks, study.manifest.title or study.manifest.scenario, frame)


def factorial_card(made: Factorial, kpis: Sequence[str]) -> Card:
    """The combinations of a factorial experiment, and the effects on each KPI."""
    study = made.study
    keys = list(dict.fromkeys(map(study.known, kpis)))
    blocks: list[Block] = [line()]
    if len(made.points) * len(study.policies) <= MOST_ROWS:
        blocks.append(options_table(study, made.options, keys, {name: name for name in made.factors}))
    refusing = {policy: [study.waitless(p, policy) for p in made.points] for policy in study.policies}
    hidden = {policy: [any(left_out([kpi], mine)) for kpi in keys] for policy, mine in refusing.items()}
    for policy in study.policies:
        blocks.append(Heading(f"Effects{f' under {policy}' if len(study.policies) > 1 else ''}"))
        effects = [[made.effect(e, policy, kpi) for kpi in keys] for e in made.effects]
        names = {"effect": [str(e) for e in made.effects]}
        blocks.append(_table(names, keys, effects, study.manifest.labels, signed=True, unjudged=hidden[policy]))
    first = ", ".join(f"{name} {levels[0]}" for name, levels in made.factors.items())
    texts = [
        f"effects are relative to {first}; an interaction is half the difference of an effect between two levels",
        f"{SIGNIFICANT} significant: the {study.confidence * 100:g} % interval, paired by replication, excludes 0",
    ]
    if any(map(rewards_refusals, keys)):
        unmarked = [kpi for k, kpi in enumerate(keys) if any(mine[k] for mine in hidden.values())]
        end = f" Effects on {joined(unmarked)} are not marked." if unmarked else ""
        texts += [text + end for text in options_without_waits(study, made.options)]
    frame = ["factorial", f"{len(made.points)} combinations", *_frame(study, made.replications)]
    blocks += [line(), *notes(texts), *summary(factorial_sentences(made, keys))]
    return Card(blocks, study.manifest.title or study.manifest.scenario, frame)


def options_table(
    study: Study,
    options: Sequence[Option],
    kpis: Sequence[str],
    titles: dict[str, str],
    mark: Callable[[Option], Cell] | None = None,
    first: int = 0,
) -> Table:
    """A row per option: mark, point, values of the factors, policy, KPIs.

    Args:
        study, options, kpis: what is shown.
        titles: the factors' names by path.
        mark: the cell before an option.
        first: the replication with which the estimates begin.
    """
    names: dict[str, list[str]] = {"point": [str(p.number) for p, _ in options]}
    for path, title in titles.items():
        names[title] = [str(shown(p.values[path])) for p, _ in options]
    if len(study.policies) > 1:
        names["policy"] = [policy for _, policy in options]
    runs = [study.estimate(p, policy, kpis[0], first).n for p, policy in options]
    if len(set(runs)) > 1:
        names["runs"] = list(map(str, runs))
    estimates = [[study.estimate(p, policy, kpi, first) for kpi in kpis] for p, policy in options]
    marks = [mark(option) for option in options] if mark else None
    return _table(names, kpis, estimates, study.manifest.labels, marks=marks)


def _table(
    names: dict[str, list[str]],
    kpis: Sequence[str],
    estimates: Sequence[Sequence[Estimate]],
    labels: Labels,
    signed: bool = False,
    marks: Sequence[Cell] | None = None,
    unjudged: Sequence[bool] = (),
) -> Table:
    """Columns of names and of estimates, after a column of marks; `signed` for effects, which are marked if they are
    significant, but for columns that are `unjudged`."""
    values: list[list[Number]] = []
    titles = []
    for k, kpi in enumerate(kpis):
        how, found = unit(kpi, labels), [row[k] for row in estimates]
        starred = signed and not any(unjudged[k : k + 1])
        stars = [Cell(SIGNIFICANT if starred and getattr(e, "significant", False) else "") for e in found]
        values.append(numbers(found, how.factor, stars))
        name = how.of_difference if signed else how.name
        titles.append(Column(f"{kpi} ({name})" if name else kpi, "number"))
    columns = [Column(), *(Column(title, tone="faint") for title in names), *titles]
    cells = zip(marks or [Cell(" ")] * len(estimates), *names.values(), *values, strict=True)
    return Table(columns, [list(row) for row in cells])


def short_names(paths: Sequence[str]) -> dict[str, str]:
    """The shortest ends of dotted paths that tell them apart.

    >>> short_names(["policies.lean.replenishment.s", "policies.lean.replenishment.S"])
    {'policies.lean.replenishment.s': 's', 'policies.lean.replenishment.S': 'S'}
    """
    found = {}
    for path in paths:
        parts = steps(path, Place(path, 1, 1))
        ends = (dotted(parts[-k:]) for k in range(1, len(parts) + 1))
        found[path] = next(e for e in ends if sum(p == e or p.endswith(f".{e}") for p in paths) == 1 or e == path)
    return found


def legend(titles: dict[str, str]) -> list[Line]:
    """The paths behind short names."""
    return [line(f"{title}: {path}", "faint") for path, title in titles.items() if title != path]


def _frame(study: Study, replications: int) -> list[str]:
    policy = [f"policy {study.policies[0]}"] if len(study.policies) == 1 else []
    return [*policy, *study_frame(replications, study.manifest.seed, study.confidence, " each")]


def _sensitivities(made: Sweep) -> list[Block]:
    """For each policy a table: keys down, the KPIs of the frontier across."""
    titles = short_names([f.path for f in made.factors])
    blocks: list[Block] = []
    for policy in made.study.policies:
        columns: list[tuple[str, list[Number]]] = []
        methods = []
        for kpi in made.against:
            shares = made.sensitivity(policy, kpi)
            if isinstance(shares, str):
                methods.append(f"{kpi}: not known, {shares}")
                continue
            columns.append((f"{kpi} alone", [_share(e) for e in shares.first]))
            if shares.total is not None:
                columns.append(("with others", [_share(e) for e in shares.total]))
            methods.append(f"{kpi}: {shares.method}")
        head = [Column(policy if len(made.study.policies) > 1 else ""), *(Column(t, "number") for t, _ in columns)]
        rows = list(zip(titles.values(), *(cells for _, cells in columns), strict=True))
        blocks += [Table(head, rows, indent=2)] * bool(columns)
        blocks.append(Phrases(methods, tone="faint", indent=2))
    return blocks


def _share(e: Estimate) -> Number:
    if e.mean is None:
        return Number("–")
    return Number(f"{e.mean * 100:.1f}", "%" if e.half_width is None else f"± {e.half_width * 100:.1f} %")
