"""What `backorder fit` prints: the ranking of distributions, and the text to paste."""

from __future__ import annotations

import numpy as np

from simulator.experiment.fitting.fit import SHARES, Fit, FittedLaw
from simulator.report.cards.card import BEST, Block, Card, Column, Heading, Table, line, notes

TITLES = ("law", "AIC", "BIC", "off by", "mean", "P50", "P95")


def fit_rows(found: Fit) -> list[list[str]]:
    """The cells of the ranking: the values first, then every law."""
    sample = found.sample
    own = [f"{sample.size:,} values", "", "", "", *map(_number, (sample.mean, *map(sample.quantile, SHARES)))]
    return [own, *(_row(found, law) for law in found.laws)]


def _row(found: Fit, law: FittedLaw) -> list[str]:
    p50, p95 = np.ravel(law.quantile(np.array(SHARES))).tolist()
    best = min(other.aic for other in found.laws), min(other.bic for other in found.laws)
    criteria = [
        f"{value:,.1f}" + f" {BEST}" * (value == least) for value, least in zip((law.aic, law.bic), best, strict=True)
    ]
    return [law.name, *criteria, f"{100 * law.distance:.1f} %", *map(_number, (law.mean, p50, p95))]


def _number(value: float) -> str:
    return f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"


def fit_card(found: Fit) -> Card:
    """The ranking, and what was assumed; the distribution to paste follows it."""
    columns = [Column(TITLES[0]), *(Column(title, "point", right=True) for title in TITLES[1:])]
    blocks: list[Block] = [Table(columns, fit_rows(found)), line()]
    blocks += notes([*found.notes, "off by: the largest difference between cumulative probabilities of law and values"])
    if found.warnings:
        blocks += [Heading("Before you use it"), *notes(found.warnings, tone="")]
    return Card([*blocks, Heading("To paste")], f"Distributions of {found.label}")
