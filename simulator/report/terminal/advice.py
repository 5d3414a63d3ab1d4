"""What `backorder recommend` prints: the gain of backorders by item, a verdict, and the block to paste."""

from __future__ import annotations

import yaml

from simulator.experiment.statistics.intervals import Difference
from simulator.experiment.studies.recommend import Recommendation
from simulator.report.cards.card import Block, Card, Cell, Column, Heading, Table, Tone, line
from simulator.report.cards.kpi_tables import numbers
from simulator.report.text.numbers import Unit, unit

TONES: dict[str, Tone] = {"allow": "good", "block": "bad", "no difference found": "faint"}


def advice_card(made: Recommendation) -> Card:
    """What accepting backorders gains, item by item, and the resulting `acceptance:` block."""
    what = unit(made.kpi, made.study.manifest.labels)
    rows: list[list[str | Cell]] = [
        [advice.item, _gain(advice.gain, what), Cell(advice.verdict, TONES[advice.verdict])]
        for advice in sorted(made.advice, key=lambda a: -(a.gain.mean or 0.0))
    ]
    table = Table([Column(), Column(right=True), Column()], rows, indent=2)
    blocks: list[Block] = [line(), table, line()]
    for name, gain in made.gains.items():
        blocks.append(line(f"Advice compared with {name}: {_gain(gain, what)} {what.of_difference}"))
    unsure = [advice.item for advice in made.advice if advice.verdict == "no difference found"]
    if unsure:
        blocks.append(line(f"Items without a significant difference stay as the policy has them: {', '.join(unsure)}"))
    blocks.append(Heading(f"Paste into policy {made.policy!r}:"))
    blocks += map(line, yaml.safe_dump({"acceptance": made.block}, sort_keys=False).splitlines())
    frame = [f"{made.replications} replications", f"seed {made.study.manifest.seed}", "paired, Holm over items"]
    title = f"Backorders by item under {made.policy!r}: {made.kpi} ({what.of_difference}) with backorders minus without"
    return Card(blocks, title, frame)


def _gain(gain: Difference, what: Unit) -> str:
    (found,) = numbers([gain], what.factor)
    return f"{found.mean} {found.interval}".rstrip()
