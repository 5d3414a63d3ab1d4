"""The advice on backorders as text for a terminal: items, verdicts, and the block to paste."""

from __future__ import annotations

import yaml
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from simulator.experiment.statistics.intervals import Difference
from simulator.experiment.studies.recommend import Recommendation
from simulator.report.terminal.tables import GAP, rendered
from simulator.report.text.numbers import arms, decimals, unit, written

COLOURS = {"allow": "green", "block": "red", "no difference found": "dim"}


def advice_card(made: Recommendation, width: int = 100, colour: bool = False) -> str:
    """What backorders of each item are worth, and an allow-list."""
    what = unit(made.kpi, made.study.scenario.currency)
    head = f"Backorders by item under {made.policy!r}: {made.kpi} ({what.of_difference}) with them less without"
    frame = f"{made.replications} replications · seed {made.study.manifest.seed} · paired, Holm over items"
    table = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False, show_header=False)
    for advice in sorted(made.advice, key=lambda a: -(a.gain.mean or 0.0)):
        style = COLOURS[advice.verdict]
        table.add_row(
            Text(f"  {advice.item}"),
            Text(_gain(advice.gain, what.factor), justify="right"),
            Text(advice.verdict, style),
        )
    parts: list[RenderableType] = [Text(head, "bold"), Text(frame, "dim"), "", table, ""]
    for name, gain in made.gains.items():
        parts.append(Text(f"Following the advice, against {name}: {_gain(gain, what.factor)} {what.of_difference}"))
    unsure = [advice.item for advice in made.advice if advice.verdict == "no difference found"]
    if unsure:
        parts.append(Text(f"No difference found leaves an item as the policy has it: {', '.join(unsure)}"))
    parts += ["", Text(f"Paste into policy {made.policy!r}:", "bold")]
    parts += [Text(line) for line in yaml.safe_dump({"acceptance": made.block}, sort_keys=False).splitlines()]
    return rendered(parts, width, colour)


def _gain(gain: Difference, factor: float) -> str:
    if gain.mean is None:
        return "–"
    places = decimals([gain], factor)
    return f"{written(gain.mean * factor, places, sign=True)} {arms(gain, places, factor)}"
