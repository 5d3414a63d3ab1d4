"""What `backorder recommend` prints: the gain of backorders by item, a verdict, and the block to paste."""

from __future__ import annotations

import yaml

from simulator.experiment.statistics.intervals import Difference
from simulator.experiment.studies.recommend import Recommendation
from simulator.report.cards.card import Card, Cell, Column, Heading, Line, Table, Tone, line
from simulator.report.cards.terminal import on_terminal
from simulator.report.text.numbers import arms, decimals, unit, written

TONES: dict[str, Tone] = {"allow": "good", "block": "bad", "no difference found": "faint"}


def advice_card(made: Recommendation, width: int = 100, colour: bool = False) -> str:
    """What accepting backorders gains, item by item, and the resulting `acceptance:` block."""
    what = unit(made.kpi, made.study.scenario.currency)
    rows: list[list[str | Cell]] = [
        [advice.item, _gain(advice.gain, what.factor), Cell(advice.verdict, TONES[advice.verdict])]
        for advice in sorted(made.advice, key=lambda a: -(a.gain.mean or 0.0))
    ]
    table = Table([Column(), Column(right=True), Column()], rows, indent=2)
    blocks: list[Line | Heading | Table] = [line(), table, line()]
    for name, gain in made.gains.items():
        blocks.append(line(f"Advice compared with {name}: {_gain(gain, what.factor)} {what.of_difference}"))
    unsure = [advice.item for advice in made.advice if advice.verdict == "no difference found"]
    if unsure:
        blocks.append(line(f"Items without a significant difference stay as the policy has them: {', '.join(unsure)}"))
    blocks.append(Heading(f"Paste into policy {made.policy!r}:"))
    blocks += map(line, yaml.safe_dump({"acceptance": made.block}, sort_keys=False).splitlines())
    frame = [f"{made.replications} replications", f"seed {made.study.manifest.seed}", "paired, Holm over items"]
    title = f"Backorders by item under {made.policy!r}: {made.kpi} ({what.of_difference}) with backorders minus without"
    return on_terminal(Card(title, frame, blocks), width, colour)


def _gain(gain: Difference, factor: float) -> str:
    if gain.mean is None:
        return "–"
    places = decimals([gain], factor)
    return f"{written(gain.mean * factor, places, sign=True)} {arms(gain, places, factor)}"
