"""Workbooks of sweeps, factorial experiments, searches, recommendations and stress tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import yaml

from simulator.experiment.studies.design import Point
from simulator.experiment.studies.factorial import Factorial
from simulator.experiment.studies.recommend import Recommendation
from simulator.experiment.studies.search_result import Optimum
from simulator.experiment.studies.stress import MEASURES, Stress
from simulator.experiment.studies.study import Study
from simulator.experiment.studies.sweep import Sweep
from simulator.report.cards.card import BEST, Cell
from simulator.report.text.numbers import unit
from simulator.report.workbook.common import (
    ESTIMATE,
    REASON,
    definitions,
    estimate_cells,
    origin,
    places_of,
    scenario_sheet,
    share_of,
    uniform,
    value_cell,
    value_columns,
)
from simulator.report.workbook.sheet import Amount, Book, BookSheet, Content, SheetColumn

UNIT_DAYS = "unit-days"


def _book(study: Study, replications: int, facts: Iterable[tuple[str, Content]], sheets: Sequence[BookSheet]) -> Book:
    title = study.manifest.title or study.manifest.scenario
    source = scenario_sheet(study.scenario.source)
    return Book(title, [*origin(study.manifest, replications), *facts], (), [*sheets, source])


# ------------------------------------------------------------------ points
def _factors(points: Sequence[Point]) -> tuple[list[SheetColumn], dict[int, list[Content]]]:
    """A column for each factor, and the values of each point by its number."""
    columns: list[SheetColumn] = []
    values: dict[int, list[Content]] = {point.number: [] for point in points}
    for name in points[0].values if points else ():
        how, cells = uniform([point.values[name] for point in points])
        columns.append(SheetColumn(name, how))
        for point, cell in zip(points, cells, strict=True):
            values[point.number].append(cell)
    return columns, values


def _of_points(study: Study, points: Sequence[Point]) -> list[BookSheet]:
    """Points with their values, every KPI by point and policy, every replication, definitions."""
    names, values = _factors(points)
    labels, kpis = study.manifest.labels, study.kpis
    played = [point for point in points if not point.problem]

    def estimates() -> Iterator[Sequence[Content]]:
        for point in played:
            for policy in study.policies:
                for kpi in kpis:
                    e = study.estimate(point, policy, kpi)
                    yield point.number, *values[point.number], policy, kpi, *estimate_cells(kpi, e, labels), e.reason

    def replications() -> Iterator[Sequence[Content]]:
        for point in played:
            for policy in study.policies:
                columns = [study.column(point, policy, kpi) for kpi in kpis]
                for number, row in enumerate(zip(*columns, strict=True)):
                    yield point.number, policy, number, *map(value_cell, kpis, row)

    number, policy = SheetColumn("point"), SheetColumn("policy")
    problem = SheetColumn("problem", wide=True)
    rows = [(point.number, *values[point.number], point.problem) for point in points]
    head = [number, *names, policy, SheetColumn("KPI"), *ESTIMATE, REASON]
    wide = [number, policy, SheetColumn("replication"), *value_columns(kpis, labels)]
    return [
        BookSheet("Points", "The values of the varied keys at each point.", [number, *names, problem], rows),
        BookSheet("KPIs", "Every KPI at every point, one to a row, with its interval.", head, estimates()),
        BookSheet("Replications", "Every KPI in every replication of every point.", wide, replications(), fixed=3),
        definitions(kpis),
    ]


# ------------------------------------------------------------------ sweeps
def sweep_book(made: Sweep) -> Book:
    """The workbook of a sweep."""
    study, labels = made.study, made.study.manifest.labels
    names, values = _factors(made.points)

    def options() -> Iterator[Sequence[Content]]:
        for point, policy in made.options:
            cells: list[Content] = []
            for kpi in made.against:
                e = study.estimate(point, policy, kpi)
                places, share = places_of(kpi, [e]), share_of(kpi)
                cells += [Amount(e.mean, places, share), Amount(e.half_width, places, share)]
            place = made.frontier.get((point.number, policy), "")
            mark = Cell(place, "best" if place == "frontier" else "")
            yield point.number, *values[point.number], policy, mark, *cells

    def shares() -> Iterator[Sequence[Content]]:
        for policy in study.policies:
            for kpi in made.against:
                found = made.sensitivity(policy, kpi)
                if isinstance(found, str):
                    yield policy, kpi, None, None, None, None, None, found
                    continue
                for order, estimates in (("first", found.first), ("total", found.total or ())):
                    for f, e in zip(made.factors, estimates, strict=bool(estimates)):
                        ends = Amount(e.mean, 1, share=True), Amount(e.half_width, 1, share=True)
                        yield policy, kpi, f.path, order, *ends, found.method, e.reason

    kpis = [SheetColumn(f"{kpi}{end}", unit(kpi, labels).name) for kpi in made.against for end in ("", " ±")]
    columns = [SheetColumn("point"), *names, SheetColumn("policy"), SheetColumn("place"), *kpis]
    wanted = " and ".join(made.against)
    about = f"Every option. On the frontier, no other option is better in {wanted}; close: not significantly beaten."
    heads = [SheetColumn(title) for title in ("policy", "KPI", "key", "order")]
    heads += [SheetColumn("share of the variance", "%"), SheetColumn("half_width", "%"), SheetColumn("method"), REASON]
    sheets = [
        BookSheet("Options", about, columns, options(), fixed=1),
        BookSheet("Sensitivity", "How much of the variation of each KPI each key accounts for.", heads, shares()),
        *_of_points(study, made.points),
    ]
    return _book(study, made.replications, [("design", made.design)], sheets)


def factorial_book(made: Factorial) -> Book:
    """The workbook of a factorial experiment."""
    study, labels = made.study, made.study.manifest.labels

    def effects() -> Iterator[Sequence[Content]]:
        for policy in study.policies:
            for kpi in study.kpis:
                for effect in made.effects:
                    d = made.effect(effect, policy, kpi)
                    named = policy, kpi, str(effect), len(effect.levels)
                    yield *named, *estimate_cells(kpi, d, labels), d.significant, d.reason

    columns = [SheetColumn(title) for title in ("policy", "KPI", "effect", "order")]
    columns += [*ESTIMATE, SheetColumn("significant"), REASON]
    about = "Main effects and interactions of the factors, from the first level of each."
    sheets = [BookSheet("Effects", about, columns, effects(), fixed=3), *_of_points(study, made.points)]
    return _book(study, made.replications, [("design", "factorial")], sheets)


# ---------------------------------------------------------------- searches
def optimum_book(made: Optimum) -> Book:
    """The workbook of a search."""
    study, labels, first = made.study, made.study.manifest.labels, made.replications
    names, values = _factors(made.points)
    kpis = list(dict.fromkeys(made.kpis))

    def finalists() -> Iterator[Sequence[Content]]:
        for point in made.finalists:
            for kpi in kpis:
                e = study.estimate(point, made.policy, kpi, first)
                mark = Cell(BEST if point in made.chosen else "", "best")
                named = point.number, *values[point.number], mark, made.kept(point)
                yield *named, kpi, *estimate_cells(kpi, e, labels), made.dropped.get(point.key)

    def trials() -> Iterator[Sequence[Content]]:
        for number, point in enumerate(made.trials):
            cells: list[Content] = [None for _ in kpis]
            if not point.problem:
                means = [study.mean(point, made.policy, kpi, first) for kpi in kpis]
                cells = [value_cell(kpi, mean) for kpi, mean in zip(kpis, means, strict=True)]
            yield number, point.number, *values[point.number], *cells, point.problem

    number, problem = SheetColumn("point"), SheetColumn("problem", wide=True)
    judged = [SheetColumn(title) for title in ("best", "bounds kept", "KPI")]
    goals = ", ".join(map(str, made.goals))
    sheets = [
        BookSheet(
            "Finalists",
            "The best proposals, judged by replications that the search has not used.",
            [number, *names, *judged, *ESTIMATE, SheetColumn("dropped after", "replications")],
            finalists(),
        ),
        BookSheet(
            "Trials",
            "Every proposal in the order in which it was tried, with the means that the search saw.",
            [SheetColumn("trial"), number, *names, *value_columns(kpis, labels), problem],
            trials(),
        ),
        *_of_points(study, made.points),
    ]
    facts: list[tuple[str, Content]] = [
        ("goal", goals),
        ("bounds", ", ".join(map(str, made.bounds))),
        ("sampler", made.sampler),
        ("decided", "yes" if made.decided else "no"),
    ]
    return _book(study, first, facts, sheets)


def recommendation_book(made: Recommendation) -> Book:
    """The workbook of advice on taking backorders."""
    study, labels = made.study, made.study.manifest.labels
    tones = {"allow": "good", "block": "bad"}

    def advice() -> Iterator[Sequence[Content]]:
        for a in made.advice:
            verdict = Cell(a.verdict, tones.get(a.verdict, "faint"))  # type: ignore[arg-type]
            yield a.item, made.kpi, *estimate_cells(made.kpi, a.gain, labels), verdict, a.gain.reason

    gains = [
        (f"as advised less {name}", made.kpi, *estimate_cells(made.kpi, gain, labels))
        for name, gain in made.gains.items()
    ]
    block = yaml.safe_dump({"acceptance": made.block}, sort_keys=False, allow_unicode=True)
    columns = [SheetColumn("item"), SheetColumn("KPI"), *ESTIMATE, SheetColumn("verdict"), REASON]
    about = "What taking backorders of each item gains, all else unchanged; verdicts are adjusted for all items (Holm)."
    sheets = [
        BookSheet("Advice", about, columns, advice()),
        BookSheet("Gains", "What following all of the advice gains.", [SheetColumn("gain"), *columns[1:8]], gains),
        scenario_sheet(block, "Acceptance", "The block to paste into the policy."),
    ]
    return _book(study, made.replications, [("judged by", made.kpi)], sheets)


# ------------------------------------------------------------ stress tests
def stress_book(made: Stress) -> Book:
    """The workbook of a stress test."""
    study, labels = made.study, made.study.manifest.labels
    units = {name: labels.currency if how == "currency" else how for name, how in MEASURES.items()}

    def knock_outs() -> Iterator[Sequence[Content]]:
        for policy in study.policies:
            for k in made.exposure(policy):
                cells = [
                    Amount(value, places_of("", [e])) for e in k.measures.values() for value in (e.mean, e.half_width)
                ]
                yield (
                    policy,
                    str(k.target),
                    *cells,
                    "; ".join(f"{m}: {e.reason}" for m, e in k.measures.items() if e.reason),
                )

    def causes() -> Iterator[Sequence[Content]]:
        for s in made.shares:
            days = [Amount(v, places_of("", [e])) for e in (s.last, s.first) for v in (e.mean, e.half_width)]
            yield (
                s.policy,
                s.cause,
                *days,
                *(Amount(v, 1, share=True) for v in (s.part.mean, s.part.half_width)),
                s.last.n,
            )

    head = [SheetColumn("policy"), SheetColumn("knocked out")]
    measures = [SheetColumn(f"{name}{end}", how) for name, how in units.items() for end in ("", " ±")]
    parts = [("removed alone", UNIT_DAYS), ("added alone", UNIT_DAYS), ("share", "%")]
    days = [SheetColumn(f"{name}{end}", how) for name, how in parts for end in ("", " ±")]
    about = "What each knock-out does, compared with the same replication without it; the largest backlog first."
    why = "Backorder-days that each cause accounts for, removed alone and added alone."
    sheets = [
        BookSheet("Knock-outs", about, [*head, *measures, REASON], knock_outs(), fixed=2),
        BookSheet("Causes", why, [head[0], SheetColumn("cause"), *days, SheetColumn("n")], causes(), fixed=2),
    ]
    test = made.test
    facts: list[tuple[str, Content]] = [
        ("knocked out on day", test.at),
        ("for days", test.lasts),
        ("served within days", test.within),
    ]
    return _book(study, study.settings.replications, facts, sheets)
