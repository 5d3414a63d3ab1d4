"""How results show themselves in a notebook: one small table that needs nothing but itself."""

from __future__ import annotations

import sys
from html import escape
from typing import TYPE_CHECKING

from simulator.experiment.results.tables import short, unit_of
from simulator.experiment.statistics.intervals import Estimate
from simulator.experiment.statistics.verdicts import BETTER, HIGHER, LOWER, WORSE, against, best, verdict
from simulator.kpis.kpi import KPIS

if TYPE_CHECKING:
    from simulator.experiment.results.results import Results

SIGNS = {BETTER: ("▲", "#1a7f37"), WORSE: ("▼", "#b42318"), HIGHER: ("↑", "inherit"), LOWER: ("↓", "inherit")}
STAR = '<b style="color:#1a7f37" title="better than every other policy">★</b>'
_BOX = "max-height:32em;overflow:auto"
_CELL = 'style="text-align:right;white-space:nowrap"'
_NAME = 'style="text-align:left"'


def in_notebook() -> bool:
    """Whether a notebook's kernel runs this, without loading what is not there."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return "IPKernelApp" in getattr(shell, "config", {})


def as_html(results: Results) -> str:
    """KPIs down, policies across: mean ± half-width, what differs significantly from the first policy, and the best."""
    heads = "".join(f"<th {_CELL}>{escape(policy)}</th>" for policy in results.policies)
    rows: list[str] = []
    group = ""
    for key in results.kpis:
        row = {policy: results.estimate(policy, key) for policy in results.policies}
        if all(e.mean is None for e in row.values()):
            continue
        known = KPIS.get(key.split("[")[0])
        if known is not None and known.group != group:
            group = known.group
            rows.append(f'<tr><th colspan="{len(row) + 2}" {_NAME}>{escape(group)}</th></tr>')
        rows.append(_row(results, key, row))
    n = results.replications
    frame = f"{n} replication{'s' * (n != 1)}, seed {results.seed}, {results.confidence * 100:g} % intervals"
    legend = " ▲▼ significantly better, worse than the first policy, all judged together; ★ better than every other."
    title = escape(results.manifest.title or results.scenario_name)
    return (
        f'<div style="{_BOX}"><table><caption style="text-align:left"><b>{title}</b><br>{frame}.'
        f"{legend if len(results.policies) > 1 else ''}</caption>"
        f"<thead><tr><th></th>{heads}<th></th></tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _row(results: Results, key: str, row: dict[str, Estimate]) -> str:
    definition = KPIS[key.split("[")[0]].definition if key.split("[")[0] in KPIS else ""
    winner = best(results, key)
    differences = against(results, results.policies[0], key)
    cells = []
    for policy, e in row.items():
        sign, colour = SIGNS.get(verdict(differences[policy], key), ("", "")) if policy in differences else ("", "")
        mark = f' <span style="color:{colour}">{sign}</span>' if sign else ""
        cells.append(f"<td {_CELL}>{escape(short(e))}{mark}{STAR if policy == winner else ''}</td>")
    unit = unit_of(key)
    unit = results.manifest.currency if unit == "currency" else unit
    name = f'<td {_NAME} title="{escape(definition, quote=True)}">{escape(key)}</td>'
    return f"<tr>{name}{''.join(cells)}<td {_NAME}>{escape(unit)}</td></tr>"
